//! Synchronous clients.

use super::error::StoreError;
use super::step::{Answer, Step, Steps};

/// The rows of a `COPY`, in portions; an error says that there will not be all of them.
pub type CopyRows<'a> = dyn Iterator<Item = Result<Vec<u8>, StoreError>> + 'a;

/// A synchronous client that records can be stored through.
///
/// ```
/// use tdata::{CopyRows, Factory, Record, Store, StoreError};
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
///     fn copy(&mut self, sql: &str, rows: &mut CopyRows<'_>) -> Result<(), StoreError> {
///         println!("{sql}");
///         for some in rows {
///             println!("{} bytes", some?.len());
///         }
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
    note = "use `&mut` of `tdata`'s `DataClient`, or of `postgres::Client` or `postgres::Transaction` (of postgres \
            0.19); async clients take `create_async`"
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

    /// Copies rows; `sql` is `COPY … FROM STDIN`, in text format or in binary. The rows come as bytes, in
    /// portions that are made while the database reads those before.
    ///
    /// # Errors
    ///
    /// When the database refuses, or when there will not be all rows: then nothing is copied.
    fn copy(&mut self, sql: &str, rows: &mut CopyRows<'_>) -> Result<(), StoreError>;
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
            Step::Copy(sql) => {
                let mut rows = std::iter::from_fn(|| steps.rows().transpose());
                store.copy(&sql, &mut rows).map(|()| Answer::Done)
            }
        };
        answer = done.unwrap_or_else(Answer::Refused);
    }
    Ok(())
}
