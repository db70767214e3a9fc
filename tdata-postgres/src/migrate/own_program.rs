//! What to do about migrations that only a project's own program can run.

/// What to do about migrations that only a project's own program can run.
pub(super) const OWN_PROGRAM: &str = "let the program migrate, in place of `migrations` in tdata.toml: migrate_command = \
    \"cargo run --bin migrate\", and migrate_inputs = [\"migration/src\"] for the files that decide what it does";
