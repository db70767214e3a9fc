# Runs the server and ends behind its last user.
#
# Whoever uses the server holds an idle connection named `tdata lease RUN SECONDS`. However its process
# ends, also by SIGKILL, the kernel closes that connection; when there has been none for as many seconds
# as the last one asked for the server is stopped, and the engine removes the container. A server that
# nobody takes a lease of ends ten seconds after it first answered, one that never answers after a minute.
docker-entrypoint.sh "$@" &
pid=$!
trap 'exit 0' INT TERM
left=60
seen=
while kill -0 $pid 2>/dev/null
do
    seconds=$(
        PGPASSWORD=${POSTGRES_PASSWORD-} PGCONNECT_TIMEOUT=5 PGAPPNAME='tdata watcher' \
            psql -XAtw -U "${POSTGRES_USER:-postgres}" -d postgres -c \
            "SELECT coalesce(max(split_part(application_name, ' ', 4)::int), -1) \
             FROM pg_stat_activity WHERE application_name LIKE 'tdata lease %'" 2>/dev/null
    )
    case $seconds in
        -1)
            [ "$seen" ] || left=10
            seen=1
            left=$((left - 1))
            ;;
        # A server too busy to answer is not one without users.
        '') [ "$seen" ] || left=$((left - 1)) ;;
        *) seen=1 left=$((seconds + 1)) ;;
    esac
    [ $left -gt 0 ] || exit 0
    sleep 1
done
wait $pid
