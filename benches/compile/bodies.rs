//! What the tests do. A body is written for the synchronous client, for the async one, or for sqlx; the
//! suites of tdata and of plain tests have the same.

use super::tables::{ROWS, Table};

/// How a test gets at its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// The whole.
    Data,
    /// The whole, and the rows of its table.
    Rows,
    /// The whole, in async code.
    Async,
}

/// A test of any suite.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// Its name.
    pub(crate) name: String,
    /// What it asks for.
    pub(crate) datasets: Vec<Table>,
    /// How it gets at its data.
    pub(crate) takes: Takes,
    /// Whether others may have the same data: it only reads.
    pub(crate) shares: bool,
    /// Its statements on tdata, behind those by which it gets its data.
    pub(crate) body: String,
    /// Its statements on sqlx.
    pub(crate) on_sqlx: String,
}

/// What the tests of a module look at.
#[derive(Clone, Copy)]
enum Subject {
    Count,
    Keys,
    Update,
    Parents,
    Delete,
    States,
    Rollback,
}

const SUBJECTS: [Subject; 7] = [
    Subject::Count,
    Subject::Keys,
    Subject::Update,
    Subject::Parents,
    Subject::Delete,
    Subject::States,
    Subject::Rollback,
];

/// Returns the tests about a table.
pub(crate) fn tests(table: Table, count: usize) -> Vec<Test> {
    (0..count).map(|number| test(table, number)).collect()
}

fn test(table: Table, number: usize) -> Test {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    let subject = match subject {
        Subject::Parents if table.parents().is_empty() => Subject::Count,
        subject => subject,
    };
    let mut datasets = vec![table];
    // Some tests name a parent as well.
    if number % 4 == 3 {
        datasets.extend(table.parents().first());
    }
    let (name, takes, body, on_sqlx) = written(subject, table, number);
    let shares = number % 7 == 3;
    Test { name: format!("{name}_{number}"), datasets, takes, shares, body, on_sqlx }
}

fn written(subject: Subject, table: Table, number: usize) -> (&'static str, Takes, String, String) {
    let name = table.name();
    let low = number + 1;
    match subject {
        Subject::Count => (
            "all_are_there",
            Takes::Data,
            format!(
                "let mut db = data.client();
let count: i64 = db.query_one(\"SELECT count(*) FROM {name}\", &[]).unwrap().get(0);
assert_eq!(count, {ROWS});
let cheap = \"SELECT count(*) FROM {name} WHERE amount < 0\";
let count: i64 = db.query_one(cheap, &[]).unwrap().get(0);
assert_eq!(count, 0, \"no amount is negative\");
"
            ),
            format!(
                "let count: i64 =
    sqlx::query_scalar(\"SELECT count(*) FROM {name}\").fetch_one(&pool).await?;
assert_eq!(count, {ROWS});
let cheap = \"SELECT count(*) FROM {name} WHERE amount < 0\";
let count: i64 = sqlx::query_scalar(cheap).fetch_one(&pool).await?;
assert_eq!(count, 0, \"no amount is negative\");
"
            ),
        ),
        Subject::Keys => (
            "is_found_by_its_key",
            Takes::Rows,
            format!(
                "let id: i32 = {name}[{low}].get(\"id\");
let mut db = data.client();
let row = db.query_one(\"SELECT id, state FROM {name} WHERE id = $1\", &[&id]).unwrap();
assert_eq!(row.get::<_, i32>(\"id\"), id);
assert_eq!(row.get::<_, String>(\"state\"), {name}[{low}].get::<String>(\"state\"));
"
            ),
            format!(
                "let id: i32 = sqlx::query_scalar(\"SELECT max(id) FROM {name}\").fetch_one(&pool).await?;
let row = sqlx::query(\"SELECT id, state FROM {name} WHERE id = $1\")
    .bind(id)
    .fetch_one(&pool)
    .await?;
assert_eq!(row.get::<i32, _>(\"id\"), id);
assert!(!row.get::<String, _>(\"state\").is_empty());
"
            ),
        ),
        Subject::Update => (
            "can_be_closed",
            Takes::Data,
            format!(
                "let mut db = data.client();
let close = \"UPDATE {name} SET state = $1 WHERE id <= $2\";
let closed = db.execute(close, &[&\"closed\", &{low}_i32]).unwrap();
assert_eq!(closed, {low});
let open = \"SELECT count(*) FROM {name} WHERE state <> 'closed' AND id <= $1\";
let open: i64 = db.query_one(open, &[&{low}_i32]).unwrap().get(0);
assert_eq!(open, 0);
"
            ),
            format!(
                "let close = \"UPDATE {name} SET state = $1 WHERE id <= $2\";
let closed = sqlx::query(close).bind(\"closed\").bind({low}_i32).execute(&pool).await?;
assert_eq!(closed.rows_affected(), {low});
let open = \"SELECT count(*) FROM {name} WHERE state <> 'closed' AND id <= $1\";
let open: i64 = sqlx::query_scalar(open).bind({low}_i32).fetch_one(&pool).await?;
assert_eq!(open, 0);
"
            ),
        ),
        Subject::Parents => {
            let parent = table.parents()[0].name();
            let sql = format!(
                "let orphans = \"SELECT count(*) FROM {name} t LEFT JOIN {parent} p ON p.id = t.{parent}_id WHERE p.id IS NULL\";\n"
            );
            (
                "has_a_parent",
                Takes::Data,
                format!(
                    "let mut db = data.client();
{sql}let orphans: i64 = db.query_one(orphans, &[]).unwrap().get(0);
assert_eq!(orphans, 0);
let used: i64 =
    db.query_one(\"SELECT count(DISTINCT {parent}_id) FROM {name}\", &[]).unwrap().get(0);
assert!(used > 0, \"{{used}} of {parent} are used\");
"
                ),
                format!(
                    "{sql}let orphans: i64 = sqlx::query_scalar(orphans).fetch_one(&pool).await?;
assert_eq!(orphans, 0);
let used: i64 = sqlx::query_scalar(\"SELECT count(DISTINCT {parent}_id) FROM {name}\")
    .fetch_one(&pool)
    .await?;
assert!(used > 0, \"{{used}} of {parent} are used\");
"
                ),
            )
        }
        Subject::Delete => (
            "is_gone_when_deleted",
            Takes::Data,
            format!(
                "let mut db = data.client();
let before: i64 = db.query_one(\"SELECT count(*) FROM {name}\", &[]).unwrap().get(0);
let deleted = db.execute(\"DELETE FROM {name} WHERE id = $1\", &[&{low}_i32]).unwrap();
let after: i64 = db.query_one(\"SELECT count(*) FROM {name}\", &[]).unwrap().get(0);
assert_eq!(deleted, 1);
assert_eq!(after, before - 1);
"
            ),
            format!(
                "let before: i64 =
    sqlx::query_scalar(\"SELECT count(*) FROM {name}\").fetch_one(&pool).await?;
let deleted =
    sqlx::query(\"DELETE FROM {name} WHERE id = $1\").bind({low}_i32).execute(&pool).await?;
let after: i64 =
    sqlx::query_scalar(\"SELECT count(*) FROM {name}\").fetch_one(&pool).await?;
assert_eq!(deleted.rows_affected(), 1);
assert_eq!(after, before - 1);
"
            ),
        ),
        Subject::States => (
            "has_a_known_state",
            Takes::Async,
            format!(
                "let db = shop::connect(data.url()).await;
let rows = db.query(\"SELECT id, state FROM {name} ORDER BY id\", &[]).await.unwrap();
assert_eq!(rows.len(), {ROWS});
for row in rows {{
    let state: String = row.get(\"state\");
    assert!([\"open\", \"held\", \"closed\"].contains(&state.as_str()), \"{{state}}\");
}}
"
            ),
            format!(
                "let rows =
    sqlx::query(\"SELECT id, state FROM {name} ORDER BY id\").fetch_all(&pool).await?;
assert_eq!(rows.len(), {ROWS});
for row in rows {{
    let state: String = row.get(\"state\");
    assert!([\"open\", \"held\", \"closed\"].contains(&state.as_str()), \"{{state}}\");
}}
"
            ),
        ),
        Subject::Rollback => (
            "is_back_after_a_rollback",
            Takes::Data,
            format!(
                "let mut db = data.client();
let mut changes = db.transaction().unwrap();
let changed = changes.execute(\"UPDATE {name} SET state = 'held'\", &[]).unwrap();
assert_eq!(changed, {ROWS});
changes.rollback().unwrap();
let others = \"SELECT count(*) FROM {name} WHERE state <> 'held'\";
let others: i64 = db.query_one(others, &[]).unwrap().get(0);
assert!(others > 0, \"{{others}} are in other states\");
"
            ),
            format!(
                "let mut changes = pool.begin().await?;
let changed =
    sqlx::query(\"UPDATE {name} SET state = 'held'\").execute(&mut *changes).await?;
assert_eq!(changed.rows_affected(), {ROWS});
changes.rollback().await?;
let others = \"SELECT count(*) FROM {name} WHERE state <> 'held'\";
let others: i64 = sqlx::query_scalar(others).fetch_one(&pool).await?;
assert!(others > 0, \"{{others}} are in other states\");
"
            ),
        ),
    }
}
