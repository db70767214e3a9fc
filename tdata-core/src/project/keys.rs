//! The keys of `tdata.toml`.

/// The keys that stand at the top.
pub(super) const KEYS: &[&str] = &[
    "definitions",
    "migrations",
    "migrations_layout",
    "migrations_table",
    "migration_placeholders",
    "migrate_command",
    "migrate_inputs",
    "before_migrations",
    "after_migrations",
    "migration_timeout",
    "server",
    "keep_alive",
    "keep",
    "postgres_image",
    "superuser",
    "triggers",
    "session_settings",
    "seed",
    "as_of",
    "shards",
];
