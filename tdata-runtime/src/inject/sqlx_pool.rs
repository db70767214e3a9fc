//! `sqlx::PgPool` as a parameter, of each version that has a feature.

/// Implements it for one version.
macro_rules! pool {
    ($version:ident, $sqlx:ident) => {
        mod $version {
            use $sqlx::PgPool;
            use $sqlx::postgres::PgPoolOptions;

            use crate::error::Error;
            use crate::inject::data::TestData;
            use crate::inject::error::ReadError;
            use crate::inject::from_test_data::{FromTestData, Parameter};
            use crate::inject::on_tokio::{self, MOST_CONNECTIONS};

            const GIVEN: &str = "sqlx::PgPool";

            /// A pool of the test's own, of five connections at most, which are made when they are first needed.
            ///
            /// For another pool take [`DatabaseUrl`](crate::DatabaseUrl).
            impl FromTestData for PgPool {
                fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
                    on_tokio::check(data, GIVEN)?;
                    let options = PgPoolOptions::new().max_connections(MOST_CONNECTIONS.into());
                    let pool = options.connect_lazy(data.url());
                    Ok(pool.map_err(|error| ReadError::not_made(GIVEN, &error))?)
                }
            }
        }
    };
}

#[cfg(feature = "sqlx")]
pool!(v0_9, sqlx);

#[cfg(feature = "sqlx-0_8")]
pool!(v0_8, sqlx_0_8);
