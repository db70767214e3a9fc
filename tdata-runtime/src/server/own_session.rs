//! The settings of tdata's own sessions: nothing that the role, the database or the URL sets changes what they do.

use tdata_core::sql::quote_literal;
use tdata_postgres::option;

/// How long tdata's own work waits for a lock that others have.
const LOCK_TIMEOUT: &str = "60s";

/// Settings of every version, as a connection's options.
const SETTINGS: &[(&str, &str)] = &[
    ("role", "none"),
    ("statement_timeout", "0"),
    ("lock_timeout", LOCK_TIMEOUT),
    ("idle_in_transaction_session_timeout", "0"),
    ("default_transaction_read_only", "off"),
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_deferrable", "off"),
    ("standard_conforming_strings", "on"),
    ("DateStyle", "ISO,MDY"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("xmloption", "content"),
    ("array_nulls", "on"),
    ("lc_monetary", "C"),
    ("row_security", "on"),
    ("check_function_bodies", "on"),
    ("default_tablespace", ""),
    ("default_table_access_method", "heap"),
    ("transform_null_equals", "off"),
    ("client_min_messages", "warning"),
];

/// Settings that came later, each with the version that has it.
const LATER: &[(u32, &str, &str)] =
    &[(140_000, "idle_session_timeout", "0"), (170_000, "transaction_timeout", "0")];

/// Tells whether tdata's own sessions keep a setting as they have it, whatever a project sets for sessions: it decides what
/// they may do, or how rows are written and read. What triggers make of a zone is the project's own.
pub(crate) fn keeps(name: &str) -> bool {
    let later = LATER.iter().map(|(_, name, _)| name);
    let mut all = SETTINGS.iter().map(|(name, _)| name).chain(later);
    !name.eq_ignore_ascii_case("TimeZone") && all.any(|known| known.eq_ignore_ascii_case(name))
}

/// Returns the options of tdata's own sessions on a server of a version, which is 0 while it is not known.
pub(super) fn options(version: u32) -> String {
    let later = LATER.iter().filter(|(since, ..)| version >= *since);
    let later = later.map(|(_, name, value)| (*name, *value));
    let settings = SETTINGS.iter().copied().chain(later);
    settings.map(|(name, value)| option(name, value)).collect()
}

/// Returns statements that give a transaction of tests the settings of tdata's own, so that it reads and writes rows as
/// those do. `is_set` tells what a project sets for sessions.
pub(crate) fn in_transaction(is_set: impl Fn(&str) -> bool) -> String {
    // Who acts is up to the session; what transactions are, they say when they begin.
    let is_of_rows = |name: &str| name != "role" && !name.starts_with("default_transaction_");
    let own =
        SETTINGS.iter().filter(|(name, _)| is_of_rows(name) && (keeps(name) || !is_set(name)));
    own.map(|(name, value)| format!("SET LOCAL {name} = {};", quote_literal(value))).collect()
}
