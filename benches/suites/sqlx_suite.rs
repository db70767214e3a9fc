//! 200 tests on `sqlx::test`, with the tables and rows that tdata makes as migration and fixture.

use sqlx::PgPool;
use tdata_bench::shop::{AFTER, BEFORE, COUNTS, INSERT};

// The attribute reads the migration too, but does not tell cargo.
const _: &str = include_str!("migrations/20240501000000_shop.sql");

async fn body(pool: PgPool) -> sqlx::Result<()> {
    let mut db = pool.acquire().await?;
    let mut counted = Vec::new();
    for sql in COUNTS {
        counted.push(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *db).await?);
    }
    assert_eq!(counted, BEFORE);
    assert_eq!(sqlx::query(INSERT).execute(&mut *db).await?.rows_affected(), 1);
    let mut counted = Vec::new();
    for sql in COUNTS {
        counted.push(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *db).await?);
    }
    assert_eq!(counted, AFTER);
    Ok(())
}

macro_rules! tests {
    ($($name:ident)*) => {$(
        #[sqlx::test(
            migrations = "suites/migrations",
            fixtures(path = "fixtures", scripts("shop"))
        )]
        async fn $name(pool: PgPool) -> sqlx::Result<()> {
            body(pool).await
        }
    )*};
}

macro_rules! modules {
    ($($module:ident)*) => {$(
        mod $module {
            use super::*;
            tests!(t0 t1 t2 t3 t4 t5 t6 t7 t8 t9);
        }
    )*};
}

modules!(m00 m01 m02 m03 m04 m05 m06 m07 m08 m09 m10 m11 m12 m13 m14 m15 m16 m17 m18 m19);
