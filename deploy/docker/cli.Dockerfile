# The command line: topics, submit, watch, fetch and all others.
# Build from the top of the project: docker build -f deploy/docker/cli.Dockerfile .
# BASE_IMAGE: a Java 25 runtime on glibc with bash; a site's own is fine.
ARG BASE_IMAGE=eclipse-temurin:25-jre
ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-25
# What goes into the image. "built": Maven runs in a container. "host": `mvn -Pimage package` ran here before.
ARG ASSEMBLY=built

FROM ${BUILD_IMAGE} AS built
ARG MAVEN_ARGUMENTS=""
COPY . /src
RUN --mount=type=cache,target=/root/.m2 \
    cd /src && mvn -q -B -Dquick -Pimage -DskipTests ${MAVEN_ARGUMENTS} -pl local-runner -am package && mv local-runner/target/image /image

FROM scratch AS host
COPY local-runner/target/image /image

FROM ${ASSEMBLY} AS assembled

# One date for every file, so that the same content is the same layer.
FROM ${BASE_IMAGE} AS dated
COPY --from=assembled /image /image
RUN mkdir -p /image/lib /image/app /var/opt/fissionfusion/work /var/opt/fissionfusion/store \
    && find /image /var/opt/fissionfusion -exec touch -h -d @0 {} +

FROM ${BASE_IMAGE}
COPY --from=dated /image/lib /opt/fissionfusion/lib
COPY --from=dated /image/app /opt/fissionfusion/app
COPY --from=dated --chown=10001:0 /var/opt/fissionfusion /var/opt/fissionfusion
ENV HOME=/var/opt/fissionfusion/work \
    DJL_CACHE_DIR=/var/opt/fissionfusion/work/engine \
    DJL_OFFLINE=true OMP_NUM_THREADS=1 GOMP_SPINCOUNT=3000 \
    MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=2000000000 MALLOC_MMAP_MAX_=0 \
    FISSIONFUSION_WORKER_FOLDER=/var/opt/fissionfusion/work/tasks \
    FISSIONFUSION_STORE_URI=/var/opt/fissionfusion/store \
    JDK_JAVA_OPTIONS="-XX:+UseSerialGC -Xmx1g --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dai.djl.offline=true -Dai.djl.pytorch.graph_optimizer=false"
USER 10001
WORKDIR /var/opt/fissionfusion/work
ENTRYPOINT ["java", "-cp", "/opt/fissionfusion/app/*:/opt/fissionfusion/lib/*", "org.fissionfusion.local.Main"]
