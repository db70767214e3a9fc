//! Synchronous clients.

use super::error::StoreError;
use super::step::{Answer, Step, Steps};

/// A synchronous client that records can be stored through.
///
/// ```
/// use tdata::{Factory, Record, Store, StoreError};
///
/// #[derive(Record, Factory)]
/// #[record(table = "visits")]
/// struct Visit {
///     id: i64,
///     #[factory(generator = "url")]
///     page: String,
/// }
///
/// /// A client that prints what it would do.
/// struct Printer;
///
/// impl Store for Printer {
///     fn query(&mut self, sql: &str) -> Result<Vec<Option<String>>, StoreError> {
///         println!("{sql}");
///         Ok(vec![Some("1".to_owned())])
///     }
///
///     fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
///         println!("{sql}");
///         Ok(())
///     }
///
///     fn copy(&mut self, sql: &str, rows: &[u8]) -> Result<(), StoreError> {
///         println!("{sql}, {} bytes", rows.len());
///         Ok(())
///     }
/// }
///
/// let visit = VisitFactory::new().create(&mut Printer)?;
/// assert_eq!(visit.id, 1);
/// # Ok::<(), StoreError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "records cannot be stored through `{Self}`",
    note = "use `&mut` of `tdata`'s `DataClient`, of `postgres::Client` or of `postgres::Transaction`; async \
            clients take `create_async`"
)]
pub trait Store {
    /// Asks a query that returns one row, whose columns come in text form.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    fn query(&mut self, sql: &str) -> Result<Vec<Option<String>>, StoreError>;

    /// Executes statements that return nothing, all of them or none.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    fn execute(&mut self, sql: &str) -> Result<(), StoreError>;

    /// Copies rows in text format; `sql` is `COPY … FROM STDIN`.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    fn copy(&mut self, sql: &str, rows: &[u8]) -> Result<(), StoreError>;
}

/// Does all steps through a client.
///
/// # Errors
///
/// What the database refused.
pub fn run(store: &mut (impl Store + ?Sized), steps: &mut dyn Steps) -> Result<(), StoreError> {
    let mut answer = Answer::Nothing;
    while let Some(step) = steps.next(answer)? {
        let done = match step {
            Step::Query(sql) => Ok(Answer::row(store.query(&sql))),
            Step::Execute(sql) => store.execute(&sql).map(|()| Answer::Done),
            Step::Copy { sql, rows } => store.copy(&sql, &rows).map(|()| Answer::Done),
        };
        answer = done.unwrap_or_else(Answer::Refused);
    }
    Ok(())
}
