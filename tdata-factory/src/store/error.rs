//! Why records were not stored.

use super::refusal::Refusal;

/// Why records were not stored. It names tables, columns and constraints, and never a value.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StoreError(Box<Kind>);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("{0}")]
    Refused(Refusal),
    #[error("the rows of `{record}` cannot be stored: {refusal}")]
    Rows { record: &'static str, refusal: Refusal },
    #[error(
        "`{record}` has no table to be stored in: give it `#[record(dataset = \"..\")]` or `#[record(table = \"..\")]`"
    )]
    NoTable { record: &'static str },
    #[error("the database answered something else than it was asked for")]
    Answer,
    #[error("not all rows could be made")]
    NotMade,
}

impl StoreError {
    /// Tells what the database refused.
    pub fn refused(refusal: Refusal) -> Self {
        Self(Box::new(Kind::Refused(refusal)))
    }

    pub(crate) fn no_table(record: &'static str) -> Self {
        Self(Box::new(Kind::NoTable { record }))
    }

    pub(crate) fn answer() -> Self {
        Self(Box::new(Kind::Answer))
    }

    pub(crate) fn not_made() -> Self {
        Self(Box::new(Kind::NotMade))
    }

    /// Names the record whose rows were refused.
    pub(crate) fn of_rows(self, record: &'static str) -> Self {
        match *self.0 {
            Kind::Refused(refusal) => Self(Box::new(Kind::Rows { record, refusal })),
            other => Self(Box::new(other)),
        }
    }

    /// Returns PostgreSQL's code, where the database refused.
    pub fn sqlstate(&self) -> Option<&str> {
        match &*self.0 {
            Kind::Refused(refusal) | Kind::Rows { refusal, .. } => refusal.sqlstate(),
            _ => None,
        }
    }
}
