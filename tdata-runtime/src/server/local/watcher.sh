# Boots a server, waits for the end of its owner, and leaves nothing behind.
#
# The owner holds the other end of standard input. However it ends, also by SIGKILL, the kernel
# closes that end and `read` returns: everything in this process group is told to stop at once, and
# the folder is removed. The shells themselves ignore that signal; PostgreSQL's programs do not.
#
# Arguments: the folder, the folder of the programs, then what to give to `postgres`.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
folder=$1
programs=$2
shift 2

end() {
    trap '' TERM INT HUP
    kill -QUIT 0
    wait
    rm -rf "$folder"
    exit
}
trap '' QUIT
trap end TERM INT HUP

{
    "$programs/initdb" -D "$folder/data" -U tdata --pwfile="$folder/password" \
        --auth="$(cat "$folder/auth")" -E UTF8 --locale=C --no-sync --no-instructions &&
        "$programs/postgres" -D "$folder/data" "$@"
    echo $? >"$folder/exit"
} >"$folder/log" 2>&1 </dev/null &

read -r _
end
