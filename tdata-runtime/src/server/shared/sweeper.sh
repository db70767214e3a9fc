# Removes a server's folder that nobody watches any more, and what is left of the server.
#
# Arguments: the folder.
folder=$1
for helper in $(holders 8)
do
    kill "$helper" 2>/dev/null
done
end_programs
remove_shared_memory
rm -rf "$folder"
