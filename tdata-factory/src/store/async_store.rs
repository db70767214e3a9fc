//! Async clients.

use super::error::StoreError;
use super::step::Steps;

/// An async client that records can be stored through.
#[diagnostic::on_unimplemented(
    message = "records cannot be stored through `{Self}`",
    note = "use `&tokio_postgres::Client` or `&tokio_postgres::Transaction`; with the feature `sqlx` also \
            `&sqlx::PgPool` and `&mut sqlx::PgConnection`"
)]
pub trait AsyncStore {
    /// Does all steps, on one connection.
    ///
    /// # Errors
    ///
    /// What the database refused.
    fn run(self, steps: &mut dyn Steps) -> impl Future<Output = Result<(), StoreError>>;
}
