//! 200 tests that do what a process for each test costs whoever isolates it: nothing at all, or, where
//! `TDATA_BENCH_URL` names a database, one connection to it and the statements of the other suites, rolled
//! back. No test has data of its own.

use postgres::{Client, NoTls};
use tdata_bench::shop::{AFTER, BEFORE, COUNTS, INSERT};

fn body() {
    let Ok(url) = std::env::var("TDATA_BENCH_URL") else { return };
    let mut client = Client::connect(&url, NoTls).unwrap();
    let mut db = client.transaction().unwrap();
    assert_eq!(COUNTS.map(|sql| db.query_one(sql, &[]).unwrap().get::<_, i64>(0)), BEFORE);
    assert_eq!(db.execute(INSERT, &[]).unwrap(), 1);
    assert_eq!(COUNTS.map(|sql| db.query_one(sql, &[]).unwrap().get::<_, i64>(0)), AFTER);
}

macro_rules! tests {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            body();
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
