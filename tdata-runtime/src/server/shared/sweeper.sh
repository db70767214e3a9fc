# Removes a server's folder that nobody watches any more, and what is left of the server.
#
# Arguments: the folder.
folder=$1
end_watcher
end_programs
remove_shared_memory
rm -rf "$folder"
