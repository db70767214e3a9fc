//! What is done to a database, step by step; whatever client does it.

use super::error::StoreError;

/// One thing for a client to do.
#[derive(Debug)]
pub enum Step {
    /// Asks a query that returns one row.
    Query(String),
    /// Executes statements that return nothing, all of them or none.
    Execute(String),
    /// Copies rows, by `COPY … FROM STDIN` in text format or in binary, as the statement says; the rows come as bytes from
    /// [`Steps::rows`].
    Copy(String),
}

/// What came of a step.
#[derive(Debug)]
pub enum Answer {
    /// There was no step yet.
    Nothing,
    /// It is done.
    Done,
    /// The row that a query returned, in text form.
    Row(Vec<Option<String>>),
    /// The database refused.
    Refused(StoreError),
}

impl Answer {
    /// Returns the answer that a query's row is.
    pub fn row(row: Result<Vec<Option<String>>, StoreError>) -> Self {
        row.map_or_else(Self::Refused, Self::Row)
    }
}

/// Steps that follow one another, each from what came of the one before.
pub trait Steps {
    /// Returns the next step; `None` when all is done.
    ///
    /// # Errors
    ///
    /// What the database refused, once all that was begun is undone.
    fn next(&mut self, answer: Answer) -> Result<Option<Step>, StoreError>;

    /// Returns the next rows to copy; `None` behind the last.
    ///
    /// # Errors
    ///
    /// When there will not be all rows: the copy is to be given up, and the error is its answer.
    fn rows(&mut self) -> Result<Option<Vec<u8>>, StoreError>;
}
