# Runs the server and ends behind its last user.
#
# Whoever uses the server is connected to it. However its process ends, also by SIGKILL, the kernel closes
# the connection; when there has been none for as many seconds as the last one asked for, by the name
# `tdata lease RUN SECONDS`, the server is stopped, and the engine removes the container. A server that
# nobody uses ends ten seconds after it first answered, one that never answers after a minute.
docker-entrypoint.sh "$@" &
pid=$!
trap 'exit 0' INT TERM
left=60
stay=5
seen=
while kill -0 $pid 2>/dev/null
do
    users=$(
        PGPASSWORD=${POSTGRES_PASSWORD-} PGCONNECT_TIMEOUT=5 PGAPPNAME='tdata watcher' \
            psql -XAtw -U "${POSTGRES_USER:-postgres}" -d postgres -c \
            "SELECT CASE count(*) WHEN 0 THEN 'none' ELSE coalesce(max(split_part(application_name, ' ', 4)::int) \
                 FILTER (WHERE application_name LIKE 'tdata lease %')::text, 'some') END \
             FROM pg_stat_activity \
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()" 2>/dev/null
    )
    case $users in
        none)
            [ "$seen" ] || left=10
            seen=1
            left=$((left - 1))
            ;;
        # A server too busy to answer is not one without users.
        '') [ "$seen" ] || left=$((left - 1)) ;;
        some) seen=1 left=$((stay + 1)) ;;
        *) seen=1 stay=$users left=$((stay + 1)) ;;
    esac
    [ $left -gt 0 ] || exit 0
    sleep 1
done
wait $pid
