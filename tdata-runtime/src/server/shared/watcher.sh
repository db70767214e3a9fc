# Boots a server, keeps it up while anybody uses it, and leaves nothing behind.
#
# It makes the server's folder itself, so that whoever started it may be killed at any moment: either
# there is no folder, or somebody who removes it. Once all is on its way, it says `ready`.
#
# Whoever uses the server has the pipe in its folder open. However a process ends, also by SIGKILL, the
# kernel closes that: once nobody has it open, and nobody has come for as long as the last one asked
# for, the announcement is withdrawn, everything in this process group is told to stop at once, and the
# folder is removed. Who has opened the pipe writes a line first of all: one that came just before the
# announcement was withdrawn is seen, and the announcement comes back. The shells themselves ignore the
# signal that stops; PostgreSQL's programs do not.
#
# A server that runs elsewhere, in a container, stays up while this shell has a connection to it, and
# nobody else has that: the kernel closes it with this shell. Another one tells when the server ends.
#
# Lines of the pipe: `user SECONDS` from a process, `until TIME` from one that lets data stay for so long (in seconds
# since 1970), `idle NUMBER` from a timer, `made` from initdb, `dead` from the server.
#
# A pipe that nobody reads tells that this shell was killed. Then no server is started any more, and whoever finds the
# pipe like that removes what is left.
#
# Arguments: the folder; where a server is to be booted, the folder of the programs, then what to give
# to `postgres`. Then `password` and `auth` are the password, if it is to be set now, and how it is checked. `sum` is what
# `cksum` says of a kept copy of the data, if there is one: standard input and standard error both read it. If `keeps`
# says so, a copy is to be kept, and standard error writes it.
# Of a server that runs elsewhere, standard input is the connection that holds it up, and standard error the one that
# tells of its end.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
folder=$1
shift
# What a program has to say is no message to a server, and no part of a copy.
exec 4<&0 5<&2 0</dev/null 2>/dev/null
pipe=$folder/alive
seconds=5
until=0
timer=
timers=0
server=
over=

end() {
    trap '' TERM INT HUP
    # So that nobody who writes a last line waits for a reader.
    [ ! -p "$pipe" ] || exec 3<>"$pipe"
    # A server that is not there yet is not wanted any more.
    exec 6>&-
    # A program that starts just now is deaf to it: it is told again until it is gone.
    while kill -QUIT 0 && [ "$server" ] && kill -0 "$server" 2>/dev/null
    do
        pause
    done
    # Timers that were called off in their first moment have not heard of it.
    kill -TERM 0
    wait
    # Some live on if what started them was killed.
    end_programs
    remove_shared_memory
    rm -rf "$folder"
    exit
}

# Says something to the watcher. Opened like this the pipe needs no reader, should that be killed.
say() {
    [ ! -p "$pipe" ] || echo "$1" 1<>"$pipe"
}

# Tells when the server was idle for too long.
start_timer() {
    idle=$seconds
    left=$((until - $(date +%s)))
    [ "$left" -le "${idle%.*}" ] || idle=$left
    timers=$((timers + 1))
    (
        sleep "$idle" &
        trap 'kill $!; exit' TERM INT HUP
        wait $!
        say "idle $timers"
    ) 3<&- 4<&- 6<&- &
    timer=$!
}

# Tells when the server at the other end of a connection is gone.
start_listener() {
    (
        cat <&5 >/dev/null &
        trap 'kill $!; exit' TERM INT HUP
        wait $!
        withdraw
    ) 3<&- 4<&- 6<&- &
    exec 5<&-
}

# Says that the server is gone. Should the watcher be killed, whoever sweeps still reads which one it was.
withdraw() {
    for file in endpoint endpoint.withdrawn
    do
        [ ! -e "$folder/$file" ] || mv "$folder/$file" "$folder/endpoint.gone"
    done
    say dead
}

# Takes the data from a copy that was kept, and checks that it is whole and unchanged. While one program unpacks it,
# another one counts its checksum.
take_copy() {
    [ "$sum" ] || return
    mkdir "$folder/data"
    cksum <&5 >"$folder/sum" &
    tar -xmf - -C "$folder/data" <&4
    unpacked=$?
    wait $!
    [ $unpacked = 0 ] && [ "$(cat "$folder/sum")" = "$sum" ] && [ -s "$folder/data/global/pg_control" ] && return
    : >"$folder/torn"
    rm -rf "$folder/data"
    return 1
}

# Makes the data. Nobody is allowed in over the network before there is a password.
make_data() {
    [ -z "$password" ] || set -- --pwfile="$folder/password"
    $apart "$programs/initdb" -D "$folder/data" -U postgres --auth-local=trust --auth-host="$auth" -E UTF8 --locale=C \
        --wal-segsize=1 --no-sync --no-instructions --no-clean "$@" 4<&- 5<&- || return
    keep_copy
    return 0
}

# Keeps a copy of the data, and says in the folder what its checksum is.
keep_copy() {
    [ "$keeps" ] || return
    tar -cf - -C "$folder/data" . >&5 &
    sum=$(tar -cf - -C "$folder/data" . | cksum) && wait $! && printf %s "$sum" >"$folder/kept"
}

# Boots the server. Out of reach of the signal that stops, initdb comes to its end, and what it started as well. This
# shell may be killed in the meantime, which closes the gate: then no server is started.
start_server() {
    apart=$(command -v setsid)
    mkfifo "$folder/life" "$folder/gate" || exit
    exec 6<>"$folder/gate" 7<"$folder/gate" 9<>"$folder/life"
    (
        status=0
        take_copy || make_data || status=$?
        if [ $status = 0 ]
        then
            say made
            read -r word <&7 || exit
            "$programs/postgres" -D "$folder/data" "$@" 4<&- 5<&- 7<&-
            status=$?
        fi
        echo $status >"$folder/exit"
        withdraw
    ) >"$folder/log" 2>&1 </dev/null 3<&- 6<&- 8<&- &
    server=$!
    exec 4<&- 5<&- 7<&- 9<&-
}

umask 077
mkdir "$folder" || exit
# Whoever started it may be gone when it says `ready`.
trap '' QUIT PIPE
trap end TERM INT HUP EXIT
exec 8>"$folder/watcher"
# Whoever opens it finds a reader, from its first moment on.
mkfifo "$pipe.draft" && exec 3<>"$pipe.draft" && mv "$pipe.draft" "$pipe" || exit
# What processes tell each other of the databases there is in files of these.
(cd "$folder" && mkdir template layer clone instance schemas told locks) || exit

if [ $# -gt 0 ]
then
    [ -z "$password" ] || printf %s "$password" >"$folder/password"
    programs=$1
    shift
    # Whoever removes what is left needs them, too.
    ln -s "$programs" "$folder/programs" || exit
    start_server "$@"
else
    start_listener
fi

echo ready
exec >/dev/null </dev/null
start_timer
while :
do
    # Waits until somebody opens it, then reads until nobody has it open.
    exec 3<"$pipe"
    while read -r word value <&3
    do
        case $word in
            user)
                seconds=$value
                [ -z "$timer" ] || kill "$timer"
                timer=
                [ "$over" = dead ] || over=
                [ ! -e "$folder/endpoint.withdrawn" ] ||
                    mv "$folder/endpoint.withdrawn" "$folder/endpoint"
                ;;
            until)
                [ "$value" -le "$until" ] || until=$value
                # The timer that runs knows nothing of it.
                [ -z "$timer" ] || kill "$timer"
                timer=
                ;;
            # One that was called off may have written all the same: it is deaf in its first moment.
            idle)
                [ "$timer" ] && [ "$value" = "$timers" ] || continue
                timer=
                over=${over:-idle}
                [ ! -e "$folder/endpoint" ] ||
                    mv "$folder/endpoint" "$folder/endpoint.withdrawn"
                ;;
            made) echo go >&6 ;;
            dead) over=dead ;;
        esac
    done
    [ -z "$over" ] || end
    [ "$timer" ] || start_timer
done
