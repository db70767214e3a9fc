# What is left of a server: its programs, and the shared memory of those that were killed.
#
# A server's programs, and whatever they start, have the pipe `life` in its folder open as 9, and the watcher's own
# processes have the file `watcher` open as 8: so they are told from others that have got their numbers since.
#
# `folder` is the server's.

# Lists the processes that have something open under a number.
holders() {
    for process in /proc/[0-9]*
    do
        [ ! "$process/fd/$2" -ef "$1" ] || echo "${process#/proc/}"
    done
    [ -d /proc/self ] || lsof -t -a -d "$2" "$1" 2>/dev/null
}

pause() {
    sleep 0.1 2>/dev/null || sleep 1
}

# Ends the processes of a watcher that was killed.
end_watcher() {
    left=20
    while others=$(holders "$folder/watcher" 8); [ "$others" ] && [ $left -gt 0 ]
    do
        kill -KILL $others 2>/dev/null
        left=$((left - 1))
        pause
    done
}

# Ends the server's programs. Those of initdb come to their end: cut off, they would leave shared memory behind.
end_programs() {
    left=120
    while programs=$(holders "$folder/life" 9); [ "$programs" ] && [ $left -gt 0 ]
    do
        # Of a program that is no server, it is the number with a minus.
        postmaster=$(head -n 1 "$folder/data/postmaster.pid" 2>/dev/null)
        for program in $programs
        do
            if [ $left -le 20 ]
            then
                kill -KILL "$program"
            elif [ "$program" = "$postmaster" ]
            then
                kill -QUIT "$program"
            fi 2>/dev/null
        done
        left=$((left - 1))
        pause
    done
}

# Removes the shared memory of programs that were killed: others leave no file with their number. PostgreSQL finds it
# by the folder of the data, so that has to be the same still. What is in it would be in the way: settings that make no
# sense, and all that the room is full of.
remove_shared_memory() {
    data=$folder/data
    [ ! -e "$data/postmaster.pid" ] || mv "$data/postmaster.pid" "$folder/killed"
    [ -e "$folder/killed" ] && read -r version <"$data/PG_VERSION" || return 0
    rm -rf "$data/base" "$data/pg_wal" "$data"/*.conf
    : >"$data/postgresql.conf"
    case $version in
        13 | 14) check='--boot -x0' ;;
        *) check=--check ;;
    esac
    # initdb has memory of this type, and the server none but in the folder.
    # Programs that Cargo brings have their libraries beside them, and no data of ICU.
    LD_LIBRARY_PATH=$folder/programs/../lib DYLD_LIBRARY_PATH=$folder/programs/../lib \
        OLIPHAUNT_INTERNAL_SKIP_ICU_DISCOVERY=1 "$folder/programs/postgres" $check -F -D "$data" -c dynamic_shared_memory_type=posix </dev/null >/dev/null 2>&1
}
