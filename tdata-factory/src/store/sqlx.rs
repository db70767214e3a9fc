//! Through the async client of the crate sqlx.

use sqlx::postgres::{PgConnection, PgDatabaseError, PgPool};
use sqlx::{AssertSqlSafe, Error, Row as _, raw_sql};

use super::async_store::AsyncStore;
use super::error::StoreError;
use super::refusal::{Refusal, Said};
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
                Step::Query(sql) => query(self, sql).await.map(Answer::Row),
                Step::Execute(sql) => {
                    raw_sql(AssertSqlSafe(sql)).execute(&mut *self).await.map(|_done| Answer::Done)
                }
                Step::Copy { sql, rows } => copy(self, &sql, rows).await.map(|()| Answer::Done),
            };
            answer = done.unwrap_or_else(|error| Answer::Refused(refused(error)));
        }
        Ok(())
    }
}

async fn query(connection: &mut PgConnection, sql: String) -> Result<Vec<Option<String>>, Error> {
    let row = raw_sql(AssertSqlSafe(sql)).fetch_one(connection).await?;
    (0..row.len()).map(|at| row.try_get(at)).collect()
}

async fn copy(connection: &mut PgConnection, sql: &str, rows: Vec<u8>) -> Result<(), Error> {
    let mut sink = connection.copy_in_raw(sql).await?;
    sink.send(rows).await?;
    sink.finish().await?;
    Ok(())
}

fn refused(error: Error) -> StoreError {
    let answered = error.as_database_error();
    let answered = answered.and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    StoreError::refused(match answered {
        None => Refusal::on_the_way(&error),
        Some(refused) => Refusal::answered(&Said {
            code: refused.code(),
            message: refused.message(),
            table: refused.table(),
            column: refused.column(),
            constraint: refused.constraint(),
            context: refused.r#where(),
        }),
    })
}
