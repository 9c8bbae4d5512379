#!/usr/bin/env bash
# Serves /data as S3: a folder is a bucket. Takes key, secret and bucket from the environment.
set -euo pipefail
mkdir -p "/data/$S3_BUCKET"
cat >/tmp/s3proxy.properties <<PROPERTIES
s3proxy.endpoint=http://0.0.0.0:8333
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity=$AWS_ACCESS_KEY_ID
s3proxy.credential=$AWS_SECRET_ACCESS_KEY
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir=/data
PROPERTIES
echo '<configuration><appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %p %m%n</pattern></encoder></appender>
<root level="warn"><appender-ref ref="out"/></root></configuration>' >/tmp/logback.xml
exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlogback.configurationFile=/tmp/logback.xml -cp "$(cat /opt/s3proxy/classpath)" \
  org.gaul.s3proxy.Main --properties /tmp/s3proxy.properties
