//! Through the async client of the crate sqlx, of each version that has a feature.

/// Implements the store for one version: the module's name, the crate, and how that takes a statement made here.
macro_rules! store {
    ($version:ident, $sqlx:ident, |$sql:ident| $statement:expr) => {
        mod $version {
            use tdata_core::diagnostic::{DatabaseAnswer, with_causes};
            use $sqlx::pool::PoolConnection;
            use $sqlx::postgres::{PgConnection, PgDatabaseError, PgPool};
            use $sqlx::{Error, Postgres, Row as _, Transaction, raw_sql};

            use crate::store::async_store::AsyncStore;
            use crate::store::error::StoreError;
            use crate::store::step::{Answer, Step, Steps};

            impl AsyncStore for &PgPool {
                async fn run(self, steps: &mut dyn Steps) -> Result<(), StoreError> {
                    // The pool rolls a transaction back that is dropped midway.
                    let mut transaction = self.begin().await.map_err(refused)?;
                    AsyncStore::run(&mut *transaction, steps).await?;
                    transaction.commit().await.map_err(refused)
                }
            }

            impl AsyncStore for &mut Transaction<'_, Postgres> {
                async fn run(self, steps: &mut dyn Steps) -> Result<(), StoreError> {
                    AsyncStore::run(&mut **self, steps).await
                }
            }

            impl AsyncStore for &mut PoolConnection<Postgres> {
                async fn run(self, steps: &mut dyn Steps) -> Result<(), StoreError> {
                    AsyncStore::run(&mut **self, steps).await
                }
            }

            impl AsyncStore for &mut PgConnection {
                async fn run(self, steps: &mut dyn Steps) -> Result<(), StoreError> {
                    let mut answer = Answer::Nothing;
                    while let Some(step) = steps.next(answer)? {
                        let done = match step {
                            Step::Query(sql) => {
                                query(self, sql).await.map(Answer::Row).map_err(refused)
                            }
                            Step::Execute($sql) => {
                                let done = raw_sql($statement).execute(&mut *self).await;
                                done.map(|_done| Answer::Done).map_err(refused)
                            }
                            Step::Copy(sql) => copy(self, &sql, steps).await.map(|()| Answer::Done),
                        };
                        answer = done.unwrap_or_else(Answer::Refused);
                    }
                    Ok(())
                }
            }

            async fn query(
                connection: &mut PgConnection,
                $sql: String,
            ) -> Result<Vec<Option<String>>, Error> {
                let row = raw_sql($statement).fetch_one(connection).await?;
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
                let answered =
                    answered.and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
                let Some(refused) = answered else {
                    return StoreError::refused(None, with_causes(&error));
                };
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
        }
    };
}

#[cfg(feature = "sqlx")]
store!(v0_9, sqlx, |sql| sqlx::AssertSqlSafe(sql));

#[cfg(feature = "sqlx-0_8")]
store!(v0_8, sqlx_0_8, |sql| &sql);
