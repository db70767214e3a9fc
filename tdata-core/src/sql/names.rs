//! Names of tables and how names are quoted.

use std::fmt;

use super::reserved::is_reserved;
use crate::diagnostic::is_visible;

/// A table's name, with its schema where one is given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema; without one, the first of the search path.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

impl TableName {
    /// Reads `table` or `schema.table`.
    ///
    /// ```
    /// use tdata_core::sql::TableName;
    ///
    /// let table = TableName::parse("billing.invoices").unwrap();
    /// assert_eq!(table.schema.as_deref(), Some("billing"));
    /// assert_eq!(table.to_string(), r#""billing"."invoices""#);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema.to_owned()), name),
            None => (None, text),
        };
        let table = Self { schema, name: name.to_owned() };
        let valid = table.schema.as_deref().is_none_or(is_identifier) && is_identifier(name);
        valid.then_some(table)
    }

    /// Returns the name as a definition writes it.
    pub fn written(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Returns the part of the name that only tables of PostgreSQL's or tdata's own have. PostgreSQL's schemas start
    /// with `pg_`, and so do its tables, which hide others of that name where no schema is given.
    pub(crate) fn system_name(&self) -> Option<&str> {
        let is_system = |name: &&str| {
            name.starts_with("pg_") || ["information_schema", "tdata_guard"].contains(name)
        };
        match &self.schema {
            Some(schema) => Some(schema.as_str()).filter(is_system),
            None => Some(self.name.as_str()).filter(|name| name.starts_with("pg_")),
        }
    }
}

/// Tells whether PostgreSQL takes the text as a name: 1 to 63 bytes, which can be seen.
pub(crate) fn is_identifier(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.contains('.')
        && text.chars().all(|c| is_visible(c) && !c.is_whitespace() && c != '"')
}

/// Writes the name quoted, as SQL takes it.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", quote_identifier(schema))?;
        }
        f.write_str(&quote_identifier(&self.name))
    }
}

/// Quotes a name for SQL.
///
/// ```
/// assert_eq!(tdata_core::sql::quote_identifier("order"), r#""order""#);
/// ```
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Writes a name for SQL, quoted where PostgreSQL would not read it as it is.
///
/// ```
/// use tdata_core::sql::written_identifier;
///
/// assert_eq!(written_identifier("users"), "users");
/// assert_eq!(written_identifier("order"), r#""order""#);
/// assert_eq!(written_identifier("firstName"), r#""firstName""#);
/// ```
pub fn written_identifier(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_word = name.chars().all(is_plain) && !name.starts_with(|c: char| c.is_ascii_digit());
    match is_word && !name.is_empty() && !is_reserved(name) {
        true => name.to_owned(),
        false => quote_identifier(name),
    }
}

/// Quotes a text as an SQL literal.
///
/// ```
/// assert_eq!(tdata_core::sql::quote_literal("it's"), "'it''s'");
/// ```
pub fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}
