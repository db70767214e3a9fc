//! Through the async client of the crate sqlx.

use sqlx::postgres::{PgConnection, PgDatabaseError, PgPool};
use sqlx::{AssertSqlSafe, Error, Row as _, raw_sql};
use tdata_core::diagnostic::{DatabaseAnswer, with_causes};

use super::async_store::AsyncStore;
use super::error::StoreError;
use super::step::{Answer, Step, Steps};

impl AsyncStore for &PgPool {
    async fn run(self, steps: &mut dyn Steps) -> Result<(), StoreError> {
        // The pool rolls a transaction back that is dropped midway.
        let mut transaction = self.begin().await.map_err(refused)?;
        AsyncStore::run(&mut *transaction, steps).await?;
        transaction.commit().await.map_err(refused)
    }
}

impl AsyncStore for &mut PgConnection {
    async fn run(self, steps: &mut dyn Steps) -> Result<(), StoreError> {
        let mut answer = Answer::Nothing;
        while let Some(step) = steps.next(answer)? {
            let done = match step {
                Step::Query(sql) => query(self, sql).await.map(Answer::Row).map_err(refused),
                Step::Execute(sql) => {
                    let done = raw_sql(AssertSqlSafe(sql)).execute(&mut *self).await;
                    done.map(|_done| Answer::Done).map_err(refused)
                }
                Step::Copy(sql) => copy(self, &sql, steps).await.map(|()| Answer::Done),
            };
            answer = done.unwrap_or_else(Answer::Refused);
        }
        Ok(())
    }
}

async fn query(connection: &mut PgConnection, sql: String) -> Result<Vec<Option<String>>, Error> {
    let row = raw_sql(AssertSqlSafe(sql)).fetch_one(connection).await?;
    (0..row.len()).map(|at| row.try_get(at)).collect()
}

async fn copy(
    connection: &mut PgConnection,
    sql: &str,
    steps: &mut dyn Steps,
) -> Result<(), StoreError> {
    let mut sink = connection.copy_in_raw(sql).await.map_err(refused)?;
    loop {
        match steps.rows() {
            Ok(None) => break,
            Ok(Some(rows)) => drop(sink.send(rows).await.map_err(refused)?),
            Err(error) => {
                // The database repeats what it is told; `error` says more.
                let _ = sink.abort("the rows were not made").await;
                return Err(error);
            }
        }
    }
    sink.finish().await.map(|_rows| ()).map_err(refused)
}

fn refused(error: Error) -> StoreError {
    let answered = error.as_database_error();
    let answered = answered.and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    let Some(refused) = answered else { return StoreError::refused(None, with_causes(&error)) };
    let answer = DatabaseAnswer {
        code: refused.code(),
        message: refused.message(),
        table: refused.table(),
        column: refused.column(),
        constraint: refused.constraint(),
        context: refused.r#where(),
    };
    StoreError::refused(Some(answer.code), answer.without_values())
}
