//! Async clients.

use super::error::StoreError;
use super::step::Steps;

/// An async client that records can be stored through.
#[diagnostic::on_unimplemented(
    message = "records cannot be stored through `{Self}`",
    note = "use `&tokio_postgres::Client` or `&tokio_postgres::Transaction` (of tokio-postgres 0.7)",
    note = "with the feature `sqlx` use `&PgPool`, or `&mut` of a `PgConnection`, a `Transaction` or a \
            `PoolConnection`, of sqlx 0.9; with `sqlx-0_8` those of sqlx 0.8. A type of another version is another type"
)]
pub trait AsyncStore {
    /// Does all steps, on one connection.
    ///
    /// # Errors
    ///
    /// What the database refused.
    fn run(self, steps: &mut dyn Steps) -> impl Future<Output = Result<(), StoreError>>;
}
