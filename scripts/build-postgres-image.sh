#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: build-postgres-image.sh [--force] [TAG]

Builds a PostgreSQL Docker image from the packages of this machine's Debian
release, through the apt sources set up here, for where no image can be pulled.
It takes the official image's POSTGRES_* variables, PGDATA, arguments and
/docker-entrypoint-initdb.d. The last line on stdout is its name, all else goes
to stderr:

  TDATA_POSTGRES_IMAGE=$(scripts/build-postgres-image.sh)

  TAG      name for the image; default tdata-postgres:MAJOR, where MAJOR is the
           release's version of PostgreSQL
  --force  build even if there is an image of that name
  --help   print this

Needs Docker, and mmdebstrap, which is installed if missing (as root only).
EOF
}

log() { printf 'build-postgres-image: %s\n' "$*" >&2; }
die() { log "$@"; exit 1; }

force=false tag=''
for arg in "$@"; do
  case $arg in
    --force) force=true ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) [[ -z $tag ]] || { usage >&2; exit 2; }; tag=$arg ;;
  esac
done

arch=$(docker version --format '{{.Server.Arch}}') || die 'no Docker engine answers'

updated=false
update_lists() { # $1: what for
  if $updated; then return; fi
  updated=true
  [[ $(id -u) == 0 ]] || die "$1: run this as root, or do it with apt-get first"
  # One broken third-party source must not stop the build: if anything that is
  # needed is missing, the next step says so.
  apt-get update >&2 || log 'apt-get update failed, going on'
}

# The package "postgresql" is empty and depends on the release's own version.
postgres_major() {
  apt-cache show --no-all-versions postgresql 2>/dev/null |
    sed -n 's/^Depends:.*postgresql-\([0-9][0-9]*\).*/\1/p'
}
major=$(postgres_major) || true
if [[ -z $major ]]; then
  update_lists 'apt has no package lists'
  major=$(postgres_major) || true
  [[ -n $major ]] || die 'apt knows no package "postgresql"'
fi
tag=${tag:-tdata-postgres:$major}
[[ ${tag##*/} == *:* ]] || tag+=:latest

if ! $force && docker image inspect "$tag" >/dev/null 2>&1; then
  log "$tag is there already"
  printf '%s\n' "$tag"
  exit 0
fi

if ! command -v mmdebstrap >/dev/null; then
  update_lists 'mmdebstrap is not installed'
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mmdebstrap >&2
fi

# shellcheck source=/dev/null
suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:?}")

# Only the sources of this release: others on the machine (of an editor, say)
# hold nothing that is needed, and are one more thing to fail.
mapfile -t sources < <(grep -lsE "^[^#]*[[:space:]]$suite" \
  /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources})
((${#sources[@]})) || die "no apt source of $suite in /etc/apt"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp" # without root, mmdebstrap's hooks read it as another user

# mmdebstrap does not read the machine's apt settings, but may need its proxy,
# or its word that the mirror is allowed to be an old snapshot.
apt-config dump |
  grep -E '^Acquire::(https?|Retries|Check-Date|Check-Valid-Until|Languages)(::| )' \
  >"$tmp/apt.conf" || true

cat >"$tmp/docker-entrypoint.sh" <<'ENTRYPOINT'
#!/bin/sh
# Does what a user of the official postgres image relies on, and no more.
set -eu

case ${1:-} in -*) set -- postgres "$@" ;; esac
[ "${1:-}" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  chmod 3775 /var/run/postgresql
  find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres:postgres {} +
  export HOME=/var/lib/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

for arg; do
  case $arg in # a question to the binary, which needs no database
    '-?' | --help | --describe-config | -V | --version) exec "$@" ;;
  esac
done
if [ -s "$PGDATA/PG_VERSION" ]; then
  printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  exec "$@"
fi

# Exported for the files of initdb.d.
export POSTGRES_USER="${POSTGRES_USER:-postgres}"
export POSTGRES_DB="${POSTGRES_DB:-$POSTGRES_USER}"
: "${POSTGRES_PASSWORD:=}" "${POSTGRES_HOST_AUTH_METHOD:=}"

if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
  cat >&2 <<'ERROR'
Error: Database is uninitialized and superuser password is not specified.
       Set POSTGRES_PASSWORD to a non-empty value, for example with
       "-e POSTGRES_PASSWORD=password" on "docker run", or set
       POSTGRES_HOST_AUTH_METHOD=trust to let anyone in without a password.
ERROR
  exit 1
fi

# eval: the arguments may be quoted within the variable.
printf '%s\n' "$POSTGRES_PASSWORD" |
  eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=/dev/stdin ${POSTGRES_INITDB_ARGS:-}"

shift # "postgres", put back at the end
auth=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}
printf '\nhost all all all %s\n' "$auth" >>"$PGDATA/pg_hba.conf"

# A server on the socket only, so that no client from outside gets in before
# the database is set up. pg_ctl hands its options to a shell.
quoted() {
  for word; do printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"; done
}
export PGPASSWORD="${PGPASSWORD:-$POSTGRES_PASSWORD}"
pg_ctl -o "$(quoted "$@" -c listen_addresses= -p "${PGPORT:-5432}")" -w start

run_psql() {
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password \
    --username "$POSTGRES_USER" "$@"
}
run_psql --dbname postgres --set db="$POSTGRES_DB" <<'SQL'
SELECT format('CREATE DATABASE %I', :'db')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db') \gexec
SQL

for file in /docker-entrypoint-initdb.d/*; do
  [ -e "$file" ] || continue # the directory is empty
  printf '%s: ' "$0"
  case $file in
    *.sh)
      echo "running $file"
      # The official image sources it in bash if it is not executable.
      if [ -x "$file" ]; then "$file"; else bash -e "$file"; fi ;;
    *.sql) echo "running $file"; run_psql --dbname "$POSTGRES_DB" -f "$file" ;;
    *.sql.gz) echo "running $file"; gunzip -c "$file" | run_psql --dbname "$POSTGRES_DB" ;;
    *) echo "ignoring $file" ;;
  esac
done

pg_ctl -m fast -w stop
unset PGPASSWORD
printf '\nPostgreSQL init process complete; ready for start up.\n\n'
exec postgres "$@"
ENTRYPOINT

# The package must not make a database of its own in the image.
cat >"$tmp/setup" <<'EOF'
#!/bin/sh
set -eu
mkdir -p "$1/etc/postgresql-common"
echo 'create_main_cluster = false' >"$1/etc/postgresql-common/createcluster.conf"
EOF

# Drops what packages need only while they are installed: perl with Debian's
# wrappers written in it, the locales' sources; and what is this machine's own:
# apt's settings (a proxy's may hold a password), ssl-cert's key.
cat >"$tmp/finish" <<'EOF'
#!/bin/sh
set -eu
cd "$1"
install -m 755 "${0%/*}/docker-entrypoint.sh" usr/local/bin/
mkdir docker-entrypoint-initdb.d
# For "docker run --user", where the entry point may not make or chown them.
chroot . install -d -m 1777 -o postgres -g postgres /var/lib/postgresql/data
chroot . install -d -m 3777 -o postgres -g postgres /var/run/postgresql
sed -i "s/^#\(listen_addresses = \)'localhost'/\1'*'/" usr/share/postgresql/*/postgresql.conf.sample
grep -q "^listen_addresses = '\*'" usr/share/postgresql/*/postgresql.conf.sample
chroot . localedef -i en_US -f UTF-8 en_US.UTF-8 # the official image's default
find usr/bin -lname '*pg_wrapper' -delete
rm -rf usr/share/i18n usr/share/perl usr/lib/*/perl usr/lib/*/libperl.so* \
  usr/share/postgresql/*/man etc/apt/apt.conf.d/99mmdebstrap etc/apt/sources.list* \
  etc/ssl/private/*.key etc/ssl/certs/ssl-cert-snakeoil.pem
EOF
chmod 755 "$tmp/setup" "$tmp/finish"

# JIT compilation is left out: libLLVM would be half of the image, and the
# server does without it by itself.
options=(--dpkgopt=force-unsafe-io)
for path in '/usr/share/'{doc,info,lintian,locale,man}'/*' \
  '/usr/lib/postgresql/*/lib/'{bitcode/,llvmjit}'*' '/usr/lib/*/lib'{LLVM,z3}'*'; do
  options+=(--dpkgopt="path-exclude=$path")
done

log "building $tag: PostgreSQL $major of $suite"
mmdebstrap --variant=essential --include="postgresql-$major,locales" --aptopt="$tmp/apt.conf" \
  "${options[@]}" --skip=cleanup/run --setup-hook="$tmp/setup" --customize-hook="$tmp/finish" \
  "$suite" "$tmp/layer.tar" "${sources[@]}" >&2

# "docker load" because "docker import" cannot set the stop signal, and the
# builder may be set up to keep what it builds to itself. SIGINT makes postgres
# end its clients' connections; on the default, SIGTERM, it waits for them.
cat >"$tmp/config.json" <<EOF
{
  "created": "$(date -u +%FT%TZ)", "architecture": "$arch", "os": "linux",
  "config": {
    "Env": [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/lib/postgresql/$major/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "PGDATA=/var/lib/postgresql/data", "LANG=C.UTF-8", "PG_MAJOR=$major"
    ],
    "Volumes": { "/var/lib/postgresql/data": {} },
    "ExposedPorts": { "5432/tcp": {} },
    "Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["postgres"], "StopSignal": "SIGINT"
  },
  "rootfs": { "type": "layers", "diff_ids": ["sha256:$(sha256sum <"$tmp/layer.tar" | cut -d ' ' -f 1)"] },
  "history": [{ "comment": "PostgreSQL $major from the packages of $suite" }]
}
EOF
cat >"$tmp/manifest.json" <<EOF
[{ "Config": "config.json", "RepoTags": ["$tag"], "Layers": ["layer.tar"] }]
EOF
tar -C "$tmp" -c manifest.json config.json layer.tar | docker load >&2
printf '%s\n' "$tag"
