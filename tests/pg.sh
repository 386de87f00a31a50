#!/bin/sh
# A throw-away PostgreSQL cluster on a Unix socket for one command and whatever it starts.
#
#   tests/pg.sh COMMAND [ARG...]    starts one (unless STAVE_TEST_PG names one), runs, takes it away
#   tests/pg.sh new NAME            inside: makes an empty database, prints its URL
#   tests/pg.sh drop NAME
#
# Sets STAVE_TEST_PG (URL of the maintenance database) and STAVE_TEST_PG_DIR (the socket's folder).
# PG_FSYNC=on writes through to the disk, for measuring.
# PostgreSQL never runs as root: the cluster then belongs to the user postgres.
set -u
die() { echo "tests/pg.sh: $*" >&2; exit 1; }

case "${1-}" in
'') die "which command?" ;;
new | drop)
    [ -n "${STAVE_TEST_PG-}" ] || die "no cluster; run inside tests/pg.sh COMMAND"
    [ $# = 2 ] || die "which database?"
    if [ "$1" = new ]; then
        psql -qX "$STAVE_TEST_PG" -v ON_ERROR_STOP=1 -c "CREATE DATABASE \"$2\" TEMPLATE template0
            ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'" || exit 1
        echo "postgresql://postgres@/$2?host=$STAVE_TEST_PG_DIR"
    else
        psql -qX "$STAVE_TEST_PG" -v ON_ERROR_STOP=1 -c "DROP DATABASE IF EXISTS \"$2\" WITH (FORCE)"
    fi
    exit ;;
esac
[ -z "${STAVE_TEST_PG-}" ] || exec "$@"

for bin in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin ''; do
    [ -x "$bin/initdb" ] && break
done
[ -n "$bin" ] || die "PostgreSQL 15 is not installed: tools/need check"

dir=$(mktemp -d /tmp/spg.XXXXXX) || exit 1
as=
if [ "$(id -u)" = 0 ]; then
    as="setpriv --reuid=postgres --regid=postgres --clear-groups --"
    chown postgres: "$dir" || exit 1
fi
chmod 711 "$dir"
stop() {
    (cd / && $as "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop >/dev/null 2>&1)
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

(cd / && $as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N) \
    > "$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; die "initdb failed"; }
(cd / && $as "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/log" -w -s -o "-c listen_addresses='' \
    -c unix_socket_directories=$dir -c fsync=${PG_FSYNC:-off} -c full_page_writes=${PG_FSYNC:-off} -c max_connections=300 \
    -c shared_buffers=64MB -c log_min_messages=fatal" start) ||
    { cat "$dir/data/log" >&2; die "the cluster does not start"; }

STAVE_TEST_PG="postgresql://postgres@/postgres?host=$dir"
STAVE_TEST_PG_DIR=$dir
export STAVE_TEST_PG STAVE_TEST_PG_DIR
"$@"
