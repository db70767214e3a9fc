//! `sea_orm::DatabaseConnection` as a parameter, of each version that has a feature.

/// Implements it for one version.
macro_rules! connection {
    ($version:ident, $sea_orm:ident) => {
        mod $version {
            use $sea_orm::sqlx::postgres::PgPoolOptions;
            use $sea_orm::{DatabaseConnection, SqlxPostgresConnector};

            use crate::error::Error;
            use crate::inject::data::TestData;
            use crate::inject::error::ReadError;
            use crate::inject::from_test_data::{FromTestData, Parameter};
            use crate::inject::on_tokio::{self, MOST_CONNECTIONS};

            const GIVEN: &str = "sea_orm::DatabaseConnection";

            /// A pool of the test's own, of five connections at most, which are made when they are first needed.
            ///
            /// For another pool take [`DatabaseUrl`](crate::DatabaseUrl).
            impl FromTestData for DatabaseConnection {
                fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
                    on_tokio::check(data, GIVEN)?;
                    let options = PgPoolOptions::new().max_connections(MOST_CONNECTIONS.into());
                    let pool = options.connect_lazy(data.url());
                    let pool = pool.map_err(|error| ReadError::not_made(GIVEN, &error))?;
                    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
                }
            }
        }
    };
}

#[cfg(feature = "sea-orm")]
connection!(v2, sea_orm);

#[cfg(feature = "sea-orm-1")]
connection!(v1, sea_orm_1);
