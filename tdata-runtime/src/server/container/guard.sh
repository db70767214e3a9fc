# Removes a container whose boot is cut off.
#
# Standard input says `announced` when others see to the end of the container. It ends without a word when
# the process that boots it ends before, also by SIGKILL. Then the engine, whose connection standard error
# is, is told to remove the container, again and again: it may be about to make it just now.
#
# Argument: the container's name.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
trap '' PIPE INT TERM HUP
echo ready
exec >&2 2>/dev/null
read -r announced && exit
for attempt in 1 2 3 4 5
do
    printf 'DELETE /containers/%s?force=true&v=true HTTP/1.1\r\nHost: engine\r\n\r\n' "$1" || exit
    sleep 1
done
