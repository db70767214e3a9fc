//! What to do about migrations that only a project's own program can run.

/// What to do about migrations that only a project's own program can run.
pub(super) const OWN_PROGRAM: &str = "give tdata the SQL that the program runs: `.sql` files, or what `pg_dump --schema-only` writes behind it";
