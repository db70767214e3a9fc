//! Settings of servers that tdata owns: their data need not survive anything.

/// The settings, as PostgreSQL names them.
///
/// `wal_level = minimal` lets rows loaded into a new table skip the log. Autovacuum would only
/// disturb data that live for seconds. Without fsync, the rest is what still waits for disks. Shared
/// memory made of files in the data's own folder goes with it, however the server ends. When a backend is killed, the
/// server ends: if it recovered, its unlogged tables would be empty, in templates as well.
pub(super) const SETTINGS: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("checkpoint_timeout", "1h"),
    ("autovacuum", "off"),
    ("restart_after_crash", "off"),
    ("dynamic_shared_memory_type", "mmap"),
    ("jit", "off"),
    ("max_connections", "1000"),
    ("shared_buffers", "128MB"),
    ("log_min_messages", "fatal"),
    ("log_checkpoints", "off"),
    ("timezone", "UTC"),
];

/// The setting, of our own, by which a server says which one it is.
pub(super) const IDENTITY: &str = "tdata.identity";

/// Returns the settings as the server's command line takes them. `room` is what is free where its folder is to be, in
/// bytes.
pub(super) fn arguments(identity: &str, room: Option<u64>) -> Vec<String> {
    let log = format!("{}MB", megabytes_of_log(room));
    let settings =
        SETTINGS.iter().copied().chain([(IDENTITY, identity), ("max_wal_size", log.as_str())]);
    settings.flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]).collect()
}

/// How far the log may grow before a checkpoint cuts it off. A server whose log finds no room stops at once, so the log
/// gets a small part of the room, and the data the rest.
fn megabytes_of_log(room: Option<u64>) -> u64 {
    /// A checkpoint for each few megabytes would slow down all that is written.
    const LEAST: u64 = 64;
    const MOST: u64 = 4096;
    room.map_or(MOST, |room| (room / 8 / (1 << 20)).clamp(LEAST, MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_takes_a_small_part_of_the_room() {
        const GB: u64 = 1 << 30;
        let limits = [0, GB, 8 * GB, 32 * GB, 1000 * GB].map(|room| megabytes_of_log(Some(room)));
        assert_eq!(limits, [64, 128, 1024, 4096, 4096]);
        assert_eq!(megabytes_of_log(None), 4096);
    }
}
