# Runs the server and ends behind its last user.
#
# Whoever uses the server is connected to it. However its process ends, also by SIGKILL, the kernel closes
# the connection. Where a watcher outside holds the server up for processes that are not connected just now,
# its connection is named `tdata hold`: once that and all others are gone, the server is stopped, and the
# engine removes the container. Where there is none, nobody else finds the server: it ends ten seconds after
# the last connection, or after it first answered, and one that never answers after a minute. Who waits for
# its end (`tdata watcher`) does not use it.

# Every connection has the password checked. It is random, and long enough for the older, cheaper check.
case $(postgres --version) in
    *' 13.'* | *' 14.'* | *' 15.'*)
        export POSTGRES_HOST_AUTH_METHOD=md5
        export POSTGRES_INITDB_ARGS="${POSTGRES_INITDB_ARGS-} --auth-host=md5"
        ;;
esac
# The log gets a small part of the room: a server whose log finds none stops at once.
room=$(df -Pk "${PGDATA%/data}" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024 / 8) }')
if [ "${room:-4096}" -lt 4096 ]
then
    [ "$room" -ge 64 ] || room=64
    set -- "$@" -c max_wal_size="${room}MB"
fi
docker-entrypoint.sh "$@" &
pid=$!
trap 'exit 0' INT TERM
left=60
seen=
while kill -0 $pid 2>/dev/null
do
    users=$(
        PGPASSWORD=${POSTGRES_PASSWORD-} PGCONNECT_TIMEOUT=5 PGAPPNAME='tdata watcher' \
            psql -XAtw -U "${POSTGRES_USER:-postgres}" -d postgres -c \
            "SELECT count(*), bool_or(application_name = 'tdata hold') FROM pg_stat_activity \
             WHERE backend_type = 'client backend' AND application_name <> 'tdata watcher'" 2>/dev/null
    )
    case $users in
        # A server too busy to answer is not one without users.
        '') [ "$seen" ] || left=$((left - 1)) ;;
        0*)
            [ "$seen" ] || left=10
            seen=1
            left=$((left - 1))
            ;;
        *t) seen=1 left=2 ;;
        *) seen=1 left=10 ;;
    esac
    [ $left -gt 0 ] || exit 0
    sleep 1
done
wait $pid
