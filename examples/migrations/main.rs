//! An app with its own SQL migrations: they make the tables, and the definitions are checked against
//! what they made.
//!
//! `cargo run --example migrations`

use std::error::Error;
use std::path::Path;

use tdata::TestData;

fn main() -> Result<(), Box<dyn Error>> {
    // The app is a project of its own within this package: tdata.toml, migrations, definitions.
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/migrations");
    let data = TestData::request(["loans"])
        .volume("readers", 40)
        .volume("books", 60)
        .volume("loans", 300)
        .project(app)
        .provision()?;

    println!("{:<10}{:>6}  made by", "dataset", "rows");
    for dataset in &data.plan().datasets {
        let by = if dataset.table_exists { "a migration" } else { "its definition" };
        println!("{:<10}{:>6}  {by}", dataset.name, dataset.rows);
    }

    let mut db = data.client();
    let sql = "SELECT state::text, count(*) FROM loans GROUP BY state ORDER BY state";
    println!("\nLoans by state, an enum of the app's own:");
    for row in db.query(sql, &[])? {
        println!("  {:<10}{:>6}", row.get::<_, String>(0), row.get::<_, i64>(1));
    }
    let sql = "SELECT count(*) FROM (SELECT DISTINCT book_id, reader_id FROM loans) AS pairs";
    let pairs: i64 = db.query_one(sql, &[])?.get(0);
    println!("\nNo reader has a book twice, as the table demands: {pairs} different pairs.");

    // The app's own serial keys go on behind the rows.
    let sql = "INSERT INTO books (title, shelf) VALUES ('New', 'AA-000') RETURNING id";
    let id: i32 = db.query_one(sql, &[])?.get(0);
    println!("The next book gets the key {id}.");
    drop(db);
    data.release();
    Ok(())
}
