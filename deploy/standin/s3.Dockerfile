# S3Proxy over a folder, the S3 server of the tests; deploy/compose-check.sh puts its libraries into s3/.
ARG BASE_IMAGE=local/jre:25
FROM ${BASE_IMAGE}
COPY s3 /opt/s3proxy
COPY s3.sh /opt/s3.sh
RUN mkdir /data && chown 10001:0 /data
USER 10001
WORKDIR /tmp
ENTRYPOINT ["bash", "/opt/s3.sh"]
