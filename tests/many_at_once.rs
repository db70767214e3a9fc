//! Many tests at once, each with a database of its own: run it with `--test-threads=8`, and again and
//! again.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use tdata::{TestData, requires_test_data};

/// Writes a number of rows that no other test writes, in turns with everyone else, and finds exactly
/// those.
fn writes_and_counts_its_own(data: &TestData, number: i64) {
    let mut db = data.client();
    for row in 0..=number {
        let sql = "INSERT INTO orders (order_number, user_id, total, status, placed_at) \
                   VALUES ($1, 1, 5, 'paid', now())";
        db.execute(sql, &[&format!("ORD-{number}-{row}")]).unwrap();
    }
    let count: i64 = db.query_one("SELECT count(*) FROM orders", &[]).unwrap().get(0);
    assert_eq!(count, 20 + number + 1);
    let own = "SELECT count(*) FROM orders WHERE order_number LIKE $1";
    let own: i64 = db.query_one(own, &[&format!("ORD-{number}-%")]).unwrap().get(0);
    assert_eq!(own, number + 1);
}

macro_rules! tests {
    ($($name:ident = $number:literal),* $(,)?) => {$(
        #[requires_test_data(datasets = ["orders"], volume = { users = 10, orders = 20 })]
        #[test]
        fn $name(data: TestData) {
            writes_and_counts_its_own(&data, $number);
        }
    )*};
}

tests! {
    t00 = 0, t01 = 1, t02 = 2, t03 = 3, t04 = 4, t05 = 5, t06 = 6, t07 = 7,
    t08 = 8, t09 = 9, t10 = 10, t11 = 11, t12 = 12, t13 = 13, t14 = 14, t15 = 15,
    t16 = 16, t17 = 17, t18 = 18, t19 = 19, t20 = 20, t21 = 21, t22 = 22, t23 = 23,
    t24 = 24, t25 = 25, t26 = 26, t27 = 27, t28 = 28, t29 = 29, t30 = 30, t31 = 31,
    t32 = 32, t33 = 33, t34 = 34, t35 = 35, t36 = 36, t37 = 37, t38 = 38, t39 = 39,
    t40 = 40, t41 = 41, t42 = 42, t43 = 43, t44 = 44, t45 = 45, t46 = 46, t47 = 47,
    t48 = 48, t49 = 49, t50 = 50, t51 = 51, t52 = 52, t53 = 53, t54 = 54, t55 = 55,
    t56 = 56, t57 = 57, t58 = 58, t59 = 59, t60 = 60, t61 = 61, t62 = 62, t63 = 63,
}
