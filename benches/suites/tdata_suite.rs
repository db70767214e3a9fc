//! 200 tests on tdata. `per_test` runs them beside those of `sqlx_suite`.

use std::time::Instant;

use tdata::{TestData, requires_test_data};
use tdata_bench::report;
use tdata_bench::shop::{AFTER, BEFORE, COUNTS, INSERT};

fn body(data: &TestData) {
    let start = Instant::now();
    let mut db = data.client();
    let connected = Instant::now();
    assert_eq!(COUNTS.map(|sql| db.query_one(sql, &[]).unwrap().get::<_, i64>(0)), BEFORE);
    assert_eq!(db.execute(INSERT, &[]).unwrap(), 1);
    assert_eq!(COUNTS.map(|sql| db.query_one(sql, &[]).unwrap().get::<_, i64>(0)), AFTER);
    drop(db);
    let done = Instant::now();
    data.release();
    let own =
        [("connect", connected - start), ("body", done - connected), ("release", done.elapsed())];
    report::append(data.timings().iter().chain(own)).unwrap();
}

macro_rules! tests {
    ($($name:ident)*) => {$(
        #[requires_test_data(
            datasets = ["users", "orders", "payments"],
            volume = { users = 50, orders = 200, payments = 200 },
            scope = "test_case",
            isolation = "full",
            as_of = "2024-05-01",
        )]
        #[test]
        fn $name(data: TestData) {
            body(&data);
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
