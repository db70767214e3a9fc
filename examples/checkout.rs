//! The main job without a macro: provisions a small shop, shows what was made and what was masked,
//! runs a checkout against it, and cleans up.
//!
//! `cargo run --example checkout`

use std::error::Error;

use postgres::Client;
use tdata::TestData;

fn main() -> Result<(), Box<dyn Error>> {
    let data = TestData::request(["users", "orders", "payments"])
        .volume("users", 50)
        .volume("orders", 200)
        .volume("payments", 200)
        .provision()?;

    println!("PostgreSQL {} ({})\n", data.server().version() / 10_000, data.server().source());
    show_datasets(&data);
    show_masked(&data)?;

    let user: i32 = data.dataset("users")[0].get("id");
    let mut db = data.client();
    let charged = charge_open_orders(&mut db, user)?;
    println!("\nA checkout of user {user} charged {charged} open orders.");
    drop(db);

    println!("\nWhat each stage took:");
    for (stage, time) in data.timings().iter() {
        println!("  {stage:<26} {:>9.1} ms", time.as_secs_f64() * 1000.0);
    }
    println!("  {:<26} {:>9.1} ms", "in all", data.timings().total().as_secs_f64() * 1000.0);

    data.release();
    println!("\nThe database is gone; the server stops a few seconds after this program.");
    Ok(())
}

fn show_datasets(data: &TestData) {
    println!("{:<16}{:>6}  masked fields", "dataset", "rows");
    for dataset in &data.plan().datasets {
        let masked: Vec<&str> = dataset
            .fields
            .iter()
            .filter(|field| field.mask.is_some())
            .map(|field| field.name.as_str())
            .collect();
        println!("{:<16}{:>6}  {}", dataset.name, dataset.rows, masked.join(", "));
    }
}

fn show_masked(data: &TestData) -> Result<(), Box<dyn Error>> {
    println!("\n{:<12}{:<14}{:<20}in the database", "dataset", "field", "masked by");
    let mut db = data.client();
    for name in ["users", "payments"] {
        let Some(dataset) = data.plan().dataset(name) else { continue };
        for field in &dataset.fields {
            let Some(mask) = field.mask else { continue };
            let sql = format!(
                "SELECT left({}::text, 40) FROM {} ORDER BY id LIMIT 1",
                field.name, dataset.table
            );
            let value: String = db.query_one(&sql, &[])?.get(0);
            println!("{name:<12}{:<14}{mask:<20}{value}", field.name);
        }
    }
    Ok(())
}

/// The code under test: pays every order of a user that is still open.
fn charge_open_orders(db: &mut Client, user: i32) -> Result<u64, postgres::Error> {
    let mut transaction = db.transaction()?;
    transaction.execute(
        "INSERT INTO payments (order_id, cardholder, card_number, cvv, amount, paid_at) \
         SELECT id, 'Test Buyer', '4242424242424242', '***', total, now() \
         FROM orders WHERE user_id = $1 AND status = 'pending'",
        &[&user],
    )?;
    let charged = transaction.execute(
        "UPDATE orders SET status = 'paid' WHERE user_id = $1 AND status = 'pending'",
        &[&user],
    )?;
    transaction.commit()?;
    Ok(charged)
}
