//! The format's published examples, to the letter and in full.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use postgres::Client;
use project::Project;
use tdata::{TestData, Volume};

const USERS: &str = include_str!("published/users.yaml");
const ORDERS: &str = include_str!("published/orders.yaml");

/// The datasets that the examples reference, which were not published.
fn parents(project: Project) -> Project {
    let parent = |name: &str| {
        format!(
            "  volume: {{ count: 40 }}\n  fields:\n    - {{ name: id, type: integer, generator: sequence }}\n    \
             - {{ name: name, type: text, generator: pattern, pattern: '{name} {{{{index}}}}' }}\n"
        )
    };
    project.define("accounts", &parent("account")).define("organizations", &parent("organization"))
}

fn number(db: &mut Client, sql: &str) -> i64 {
    db.query_one(&format!("SELECT ({sql})::bigint"), &[]).unwrap().get(0)
}

/// Proves that about `percent` of a table's rows meet a condition.
fn about(db: &mut Client, table: &str, condition: &str, percent: i64) {
    let rows = number(db, &format!("SELECT count(*) FROM {table}"));
    let met = number(db, &format!("SELECT count(*) FROM {table} WHERE {condition}"));
    // Five standard deviations, at the most that a share can have.
    let most = 5.0 * 0.5 * (rows as f64).sqrt();
    let expected = rows as f64 * percent as f64 / 100.0;
    assert!((met as f64 - expected).abs() <= most, "{condition}: {met} of {rows}");
}

#[test]
fn users_and_orders_are_all_that_their_files_say() {
    let project = Project::with(&[
        ("data_definitions/users.yaml", USERS),
        ("data_definitions/orders.yaml", ORDERS),
    ]);
    let project = parents(project);
    let request = TestData::request(["users", "orders"])
        .volume("users", Volume::Full)
        .volume("orders", Volume::Full)
        .project(project.path());
    let data = request.provision().unwrap();
    assert_eq!((data.counts()["users"], data.counts()["orders"]), (10_000, 50_000));
    let mut db = data.client();
    let none = |db: &mut Client, from: &str| {
        assert_eq!(number(db, &format!("SELECT count(*) FROM {from}")), 0, "{from}");
    };

    // Keys.
    assert_eq!(number(&mut db, "SELECT min(id) FROM users"), 1_000);
    assert_eq!(number(&mut db, "SELECT max(id) FROM users"), 10_999);
    assert_eq!(number(&mut db, "SELECT count(DISTINCT id) FROM users"), 10_000);
    assert_eq!(number(&mut db, "SELECT min(id) FROM orders"), 5_000);
    assert_eq!(number(&mut db, "SELECT count(DISTINCT id) FROM orders"), 50_000);
    none(&mut db, "users u LEFT JOIN accounts a ON a.id = u.account_id WHERE a.id IS NULL");
    none(&mut db, "users u LEFT JOIN organizations o ON o.id = u.org_id WHERE o.id IS NULL");
    none(&mut db, "orders o LEFT JOIN users u ON u.id = o.user_id WHERE u.id IS NULL");
    let rules = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'f' AND \
                 (confrelid, confdeltype) IN (('accounts'::regclass, 'c'), ('organizations'::regclass, 'r'))";
    assert_eq!(number(&mut db, rules), 2);

    // Values.
    none(&mut db, "users WHERE created_at > now() OR created_at < now() - interval '32 days'");
    none(&mut db, "orders WHERE created_at > now() OR created_at < now() - interval '182 days'");
    none(&mut db, "orders WHERE total_amount NOT BETWEEN 10.00 AND 9999.99");
    none(&mut db, r"orders WHERE order_number !~ '^ORD-\d+-\d+$'");
    assert_eq!(number(&mut db, "SELECT count(DISTINCT order_number) FROM orders"), 50_000);
    for (status, percent) in [("active", 70), ("inactive", 20), ("suspended", 10)] {
        about(&mut db, "users", &format!("status = '{status}'"), percent);
    }
    about(&mut db, "users", "is_verified", 80);
    for (status, percent) in
        [("pending", 10), ("processing", 20), ("shipped", 40), ("delivered", 25), ("cancelled", 5)]
    {
        about(&mut db, "orders", &format!("status = '{status}'"), percent);
    }

    // Masks.
    none(&mut db, r"users WHERE email !~ '^user\.[0-9a-z]{26}@example\.com$'");
    assert_eq!(number(&mut db, "SELECT count(DISTINCT email) FROM users"), 10_000);
    none(&mut db, r"users WHERE phone !~ '^\+1-[2-9]\d\d-555-01\d\d$'");
    none(&mut db, r"users WHERE ssn !~ '^[0-9a-z]{11}$'");
    none(&mut db, r"users WHERE address !~ '^\d+ .+, .+, [A-Z]{2} \d{5}$'");
    none(&mut db, "users WHERE email IS NULL OR id IS NULL OR first_name = '' OR last_name = ''");
}

#[test]
fn nothing_of_the_original_values_is_left() {
    let project = Project::with(&[("data_definitions/users.yaml", USERS)]);
    let project = parents(project);
    let request = || TestData::request(["users"]).volume("users", 500).project(project.path());
    let masked = request().provision().unwrap();
    let plain = request().apply_masking(false).provision().unwrap();
    let rows = |data: &TestData| {
        let sql = "SELECT email, phone, ssn, address, first_name FROM users ORDER BY id";
        data.client().query(sql, &[]).unwrap()
    };
    for (masked, plain) in rows(&masked).iter().zip(rows(&plain)) {
        for column in 0..4 {
            assert_ne!(masked.get::<_, String>(column), plain.get::<_, String>(column));
        }
        assert_eq!(masked.get::<_, String>(4), plain.get::<_, String>(4));
    }
}
