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
    ("max_wal_size", "4GB"),
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

/// Returns the settings as the server's command line takes them.
pub(super) fn arguments(identity: &str) -> Vec<String> {
    let settings = SETTINGS.iter().copied().chain([(IDENTITY, identity)]);
    settings.flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]).collect()
}
