//! A server in memory that has no room left: the next one is booted on the disk.

use postgres::error::SqlState;
use tdata_postgres::Refusal;

use super::running::Server;
use super::shared;

impl Server {
    /// Tells whether a refusal came about because the server's folder in memory has no room left. If so all processes are
    /// told: who uses the server may go on, and whoever asks for one finds or boots one on the disk.
    pub(crate) fn leaves_memory(&self, refusal: &Refusal) -> bool {
        let Some(folder) = self.folder().filter(|folder| shared::is_in_memory(folder)) else {
            return false;
        };
        let is_full = refusal.is(SqlState::DISK_FULL.code())
            || refusal.is_connection() && self.log_ends_for_want_of_room();
        if is_full {
            shared::tell_full(folder);
            let free = shared::room(folder.path()).unwrap_or_default() >> 20;
            self.notices().say(format_args!(
                "no room is left for the server in memory ({}, {free} MB free): \
                 a server on the disk takes its place",
                folder.path().display()
            ));
        }
        is_full
    }

    /// Tells whether the server stopped because its log found no room. While this process holds it, its folder stays.
    fn log_ends_for_want_of_room(&self) -> bool {
        let log = self.folder().and_then(|folder| folder.read("log").ok());
        log.is_some_and(|log| log.contains("No space left on device"))
    }
}
