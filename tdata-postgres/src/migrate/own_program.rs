//! What to do about migrations that only a project's own program can run.

/// What to do about migrations that only a project's own program can run.
pub(super) const OWN_PROGRAM: &str =
    "let your program migrate, with `migrate_command = \"cargo run --bin migrate\"` in tdata.toml";
