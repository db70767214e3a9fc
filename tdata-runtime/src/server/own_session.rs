//! The settings of tdata's own sessions: nothing that the role, the database or the URL sets changes what they do.

/// Settings of every version, as a connection's options.
const SETTINGS: &[(&str, &str)] = &[
    ("role", "none"),
    ("statement_timeout", "0"),
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("default_transaction_read_only", "off"),
    ("default_transaction_isolation", "read\\ committed"),
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

/// Returns the options of tdata's own sessions on a server of a version, which is 0 while it is not known.
pub(super) fn options(version: u32) -> String {
    let later = LATER.iter().filter(|(since, ..)| version >= *since);
    let later = later.map(|(_, name, value)| (*name, *value));
    let settings = SETTINGS.iter().copied().chain(later);
    settings.map(|(name, value)| format!(" -c {name}={value}")).collect()
}
