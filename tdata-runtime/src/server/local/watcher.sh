# Boots a server, waits for the end of its owner, and leaves nothing behind.
#
# The owner holds the other end of standard input. However it ends, also by SIGKILL, the kernel
# closes that end and `read` returns: the server is stopped without ceremony and its folder removed.
#
# Arguments: the folder, the folder of the programs, then what to give to `postgres`.
folder=$1
programs=$2
shift 2

if "$programs/initdb" -D "$folder/data" -U tdata --pwfile="$folder/password" \
    --auth="$(cat "$folder/auth")" -E UTF8 --locale=C --no-sync --no-instructions \
    >"$folder/log" 2>&1 </dev/null
then
    {
        "$programs/postgres" -D "$folder/data" "$@" >>"$folder/log" 2>&1 &
        echo $! >"$folder/pid"
        wait $!
        echo $? >"$folder/exit"
    } </dev/null &
else
    echo $? >"$folder/exit"
fi

read -r _

if [ ! -e "$folder/exit" ]
then
    while [ ! -s "$folder/pid" ] && [ ! -e "$folder/exit" ]; do sleep 0.05; done
    kill -QUIT "$(cat "$folder/pid")" 2>/dev/null
fi
wait
rm -rf "$folder"
