//! What must hold for each row.

use crate::diagnostic::Located;
use crate::sql::quote_identifier;

/// A condition over one row of the provisioned table.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// The condition as written: SQL, or the short form `NOT NULL (a, b)`.
    pub text: Located<String>,
    /// What people should know about it.
    pub description: Option<String>,
}

impl Constraint {
    /// Returns the columns of the short form `NOT NULL (a, b)`, if the constraint is one.
    pub(crate) fn not_null_columns(&self) -> Option<Vec<&str>> {
        let mut words = self.text.trim().splitn(2, '(');
        let head = words.next()?.split_whitespace().collect::<Vec<_>>().join(" ");
        if !head.eq_ignore_ascii_case("not null") {
            return None;
        }
        let columns = words.next()?.trim_end().strip_suffix(')')?;
        Some(columns.split(',').map(|column| column.trim().trim_matches('"')).collect())
    }

    /// Returns the SQL condition.
    ///
    /// ```
    /// # use tdata_core::diagnostic::{Located, Origin};
    /// # use tdata_core::spec::Constraint;
    /// let text = Located::new("NOT NULL (id, email)".to_owned(), Origin::named("a check"));
    /// let constraint = Constraint { text, description: None };
    /// assert_eq!(constraint.sql(), r#""id" IS DISTINCT FROM NULL AND "email" IS DISTINCT FROM NULL"#);
    /// ```
    pub fn sql(&self) -> String {
        match self.not_null_columns() {
            None => self.text.value.trim().to_owned(),
            // A composite value of nulls is none itself, as for the columns' own NOT NULL.
            Some(columns) => columns
                .into_iter()
                .map(|column| format!("{} IS DISTINCT FROM NULL", quote_identifier(column)))
                .collect::<Vec<_>>()
                .join(" AND "),
        }
    }
}
