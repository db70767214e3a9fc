//! 10,000 users in a table.

use std::error::Error;
use std::time::Instant;

use postgres::Client;
use tdata::{Factory, Record, TestData};
use tdata_bench::statistics::median;

use crate::build::print;

const USERS: usize = 10_000;

/// How often the sides take turns.
const ROUNDS: usize = 5;

tdata::records!(accounts, organizations, factories = true);

#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "users")]
struct User {
    id: i32,
    email: String,
    phone: String,
    first_name: String,
    last_name: String,
    ssn: String,
    address: String,
    date_of_birth: chrono::NaiveDate,
    created_at: chrono::NaiveDateTime,
    status: String,
    is_verified: bool,
    #[factory(association = AccountFactory)]
    account_id: i32,
    #[factory(association = OrganizationFactory)]
    organization_id: i32,
}

/// Creates on all sides in turns, and returns how many times as fast `create_batch` is as single
/// inserts.
pub(crate) fn run() -> Result<f64, Box<dyn Error>> {
    let (mut batches, mut inserts, mut creates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        batches.push(on_new_tables(|db| {
            UserFactory::new().create_batch(USERS, db)?;
            Ok(())
        })?);
        inserts.push(single_inserts()?);
        creates.push(on_new_tables(|db| {
            let account = AccountFactory::new().create(db)?;
            let organization = OrganizationFactory::new().create(db)?;
            for _ in 0..USERS {
                UserFactory::new().account(&account).organization(&organization).create(db)?;
            }
            Ok(())
        })?);
    }
    println!("\n{:<34}{:>9}   rounds", "10,000 users in a table, ms", "median");
    print("tdata, create_batch", &batches);
    print("single inserts", &inserts);
    print("tdata, single creates", &creates);
    Ok(median(&inserts) / median(&batches))
}

/// Measures work on the tables without rows, in milliseconds.
fn on_new_tables(
    work: impl FnOnce(&mut Client) -> Result<(), Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let data = TestData::request(["users"]).every_volume(0).provision()?;
    let mut db = data.client();
    let start = Instant::now();
    work(&mut db)?;
    let time = start.elapsed();
    let stored: i64 = db.query_one("SELECT count(*) FROM users", &[])?.get(0);
    assert_eq!(stored, USERS as i64);
    drop(db);
    data.release();
    Ok(time.as_secs_f64() * 1000.0)
}

/// Measures the storing of users, one by one, that are made before.
fn single_inserts() -> Result<f64, Box<dyn Error>> {
    let data = TestData::request(["users"]).every_volume(0).provision()?;
    let mut db = data.client();
    let account = AccountFactory::new().create(&mut db)?;
    let organization = OrganizationFactory::new().create(&mut db)?;
    let users = UserFactory::new().account(&account).organization(&organization);
    let users = users.build_batch(USERS);
    let start = Instant::now();
    let insert = db.prepare(
        "INSERT INTO users (email, phone, first_name, last_name, ssn, address, date_of_birth, \
         created_at, status, is_verified, account_id, organization_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )?;
    for user in &users {
        db.execute(
            &insert,
            &[
                &user.email,
                &user.phone,
                &user.first_name,
                &user.last_name,
                &user.ssn,
                &user.address,
                &user.date_of_birth,
                &user.created_at,
                &user.status,
                &user.is_verified,
                &user.account_id,
                &user.organization_id,
            ],
        )?;
    }
    let time = start.elapsed();
    drop(db);
    data.release();
    Ok(time.as_secs_f64() * 1000.0)
}
