//! Why records were not stored.

/// Why records were not stored. It names tables, columns and constraints, and never a value.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StoreError(Box<Kind>);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("{text}")]
    Refused { sqlstate: Option<String>, text: String },
    #[error("the rows of `{record}` cannot be stored: {text}")]
    Rows { record: &'static str, sqlstate: Option<String>, text: String },
    #[error(
        "`{record}` has no table to be stored in: give it `#[record(dataset = \"..\")]` or `#[record(table = \"..\")]`"
    )]
    NoTable { record: &'static str },
    #[error("the database answered something else than it was asked for")]
    Answer,
    #[error("{0}")]
    CannotMake(String),
    #[error("not all rows could be made")]
    NotMade,
}

impl StoreError {
    /// Tells what the database refused: PostgreSQL's code, where it answered, and a text without values of the data.
    pub fn refused(sqlstate: Option<&str>, text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Refused { sqlstate: sqlstate.map(str::to_owned), text: text.into() }))
    }

    pub(crate) fn no_table(record: &'static str) -> Self {
        Self(Box::new(Kind::NoTable { record }))
    }

    pub(crate) fn answer() -> Self {
        Self(Box::new(Kind::Answer))
    }

    pub(crate) fn cannot_make(why: String) -> Self {
        Self(Box::new(Kind::CannotMake(why)))
    }

    pub(crate) fn not_made() -> Self {
        Self(Box::new(Kind::NotMade))
    }

    /// Names the record whose rows were refused.
    pub(crate) fn of_rows(self, record: &'static str) -> Self {
        match *self.0 {
            Kind::Refused { sqlstate, text } => {
                Self(Box::new(Kind::Rows { record, sqlstate, text }))
            }
            other => Self(Box::new(other)),
        }
    }

    /// Returns PostgreSQL's code, where the database refused.
    pub fn sqlstate(&self) -> Option<&str> {
        match &*self.0 {
            Kind::Refused { sqlstate, .. } | Kind::Rows { sqlstate, .. } => sqlstate.as_deref(),
            _ => None,
        }
    }
}

#[cfg(feature = "postgres")]
impl From<tdata_postgres::Refusal> for StoreError {
    fn from(refusal: tdata_postgres::Refusal) -> Self {
        Self::refused(refusal.sqlstate(), refusal.to_string())
    }
}
