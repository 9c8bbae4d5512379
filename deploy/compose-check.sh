#!/usr/bin/env bash
# Builds the images, starts the compose file with stand-ins, runs an experiment through it, compares its soups with those
# of the same request run in one process, and takes everything down. Usage: deploy/compose-check.sh [WORK_FOLDER]
# Needs a container engine with compose v2, local/jre:25 and apache/kafka:4.3.1; skipped with its reason elsewhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work="${1:-$(mktemp -d)}"
mkdir -p "$work"
work="$(cd "$work" && pwd)"
export COMPOSE_PROJECT_NAME=fissionfusion-check REQUESTS="$work" KEYED_PARTITIONS=2
compose=(docker compose -f docker-compose.yml -f deploy/compose.standin.yml)

skip() {
  echo "skipped: the compose walk, $*"
  exit 0
}
command -v docker >/dev/null || skip "there is no docker command"
docker info >/dev/null 2>&1 || skip "no container engine answers"
docker compose version >/dev/null 2>&1 || skip "docker has no compose v2"
for image in "${STANDIN_BASE:-local/jre:25}" apache/kafka:4.3.1; do
  docker image inspect "$image" >/dev/null 2>&1 || skip "there is no image $image"
done

tarball="$HOME/.m2/repository/io/apicurio/apicurio-registry-app/3.3.3/apicurio-registry-app-3.3.3-all.tar.gz"
if [ ! -f "$tarball" ]; then
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get -Dtransitive=false \
    -Dartifact=io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all || skip "the schema registry could not be downloaded"
fi
if [ ! -f deploy/standin/registry/quarkus-run.jar ]; then
  mkdir -p deploy/standin/registry
  tar -xzf "$tarball" -C deploy/standin/registry
fi

echo "compose check: building"
mvn -q -B -Dquick -Pimage -DskipTests -DskipITs package
rm -rf deploy/standin/s3
mkdir deploy/standin/s3
tr ':' '\n' <s3-server/target/classes/org/fissionfusion/s3server/classpath >deploy/standin/s3/paths
xargs cp -t deploy/standin/s3 <deploy/standin/s3/paths
sed 's|.*/|/opt/s3proxy/|' deploy/standin/s3/paths | paste -sd : - >deploy/standin/s3/classpath
DOCKER_BUILDKIT=1 "${compose[@]}" build -q

stop() {
  local code=$?
  if [ "$code" -ne 0 ]; then "${compose[@]}" logs --tail 40 || true; fi
  "${compose[@]}" --profile tools down -v -t 30 >/dev/null 2>&1 || true
  exit "$code"
}
trap stop EXIT

echo "compose check: the same request in one process"
./fissionfusion sample "$work/sample" >/dev/null
./fissionfusion run "$work/sample/request.yaml" --out "$work/local" >/dev/null
chmod -R a+rwX "$work"

echo "compose check: starting"
"${compose[@]}" up -d --wait --wait-timeout 300 --scale trainer=2
cli=("${compose[@]}" run --rm -T cli)
"${cli[@]}" submit /requests/sample/request.yaml
timeout 420 "${cli[@]}" watch sample
"${cli[@]}" list
"${cli[@]}" fetch sample --out /requests/fetched

for soup in "$work"/local/soups/*; do
  cmp "$soup" "$work/fetched/soups/$(basename "$soup")"
done
if "${compose[@]}" exec -T souper env | grep -qE '^AWS_|STORE_S3'; then
  echo "the souper knows the store's key" >&2
  exit 1
fi
if "${compose[@]}" exec -T souper bash -c 'exec 3<>/dev/tcp/store/8333' 2>/dev/null; then
  echo "the souper reaches the store" >&2
  exit 1
fi
[ -s "$work/fetched/report.html" ] || { echo "fetch left no report.html" >&2; exit 1; }
size=$(docker image inspect -f '{{.Size}}' fissionfusion/souper)
base=$(docker image inspect -f '{{.Size}}' "${STANDIN_BASE:-local/jre:25}")
echo "compose check: the souper's image is $(((size - base) / 1000000)) MB over its base"
[ $((size - base)) -lt 250000000 ]
echo "compose check: the soups of the cluster are those of the one process, byte for byte"
