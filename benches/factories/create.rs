//! 10,000 rows in a table.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::time::Instant;

use chrono::{NaiveDate, NaiveDateTime};
use postgres::Client;
use postgres::types::ToSql;
use tdata::{Factory, Record, TestData, Value};
use tdata_bench::statistics::median;

use crate::build::print;

const ROWS: usize = 10_000;

/// How often the sides take turns.
const ROUNDS: usize = 16;

tdata::records!(organizations, factories = true);

#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "accounts")]
struct Account {
    id: i32,
    public_id: String,
    plan: String,
    credit: f64,
    billing_day: i16,
    signup_ip: std::net::IpAddr,
    signup_agent: String,
    opened_on: NaiveDate,
    closed_at: Option<NaiveDateTime>,
    currency: String,
}

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
    date_of_birth: NaiveDate,
    created_at: NaiveDateTime,
    status: String,
    is_verified: bool,
    #[factory(association = AccountFactory)]
    account_id: i32,
    #[factory(association = OrganizationFactory)]
    organization_id: i32,
}

/// How fast `create_batch` is, for rows without foreign keys.
pub(crate) struct Speed {
    /// How many times as fast as single inserts.
    pub(crate) ratio: f64,
    /// As a share of the speed of `COPY` alone, of text.
    pub(crate) copy_share: f64,
    /// The same, of rows in binary.
    pub(crate) binary_share: f64,
}

/// Stores rows on all ways in turns.
pub(crate) fn run() -> Result<Speed, Box<dyn Error>> {
    println!();
    let speed = sides(
        "10,000 accounts, ms",
        |db| Ok(AccountFactory::new().create_batch(ROWS, db).map(|_created| ())?),
        |_| Ok(AccountFactory::new().build_batch(ROWS)),
        |accounts, db| {
            let insert = db.prepare(
                "INSERT INTO accounts (id, public_id, plan, credit, billing_day, signup_ip, \
                 signup_agent, opened_on, closed_at, currency) VALUES ($1, $2::text::uuid, $3, \
                 $4::float8::numeric, $5, $6, $7, $8, $9, $10)",
            )?;
            for account in accounts {
                let values: [&(dyn ToSql + Sync); 10] = [
                    &account.id,
                    &account.public_id,
                    &account.plan,
                    &account.credit,
                    &account.billing_day,
                    &account.signup_ip,
                    &account.signup_agent,
                    &account.opened_on,
                    &account.closed_at,
                    &account.currency,
                ];
                db.execute(&insert, &values)?;
            }
            Ok(())
        },
    )?;
    println!();
    sides(
        "10,000 users (two keys), ms",
        |db| Ok(UserFactory::new().create_batch(ROWS, db).map(|_created| ())?),
        |db| {
            let account = AccountFactory::new().create(db)?;
            let organization = OrganizationFactory::new().create(db)?;
            let users = UserFactory::new().account(&account).organization(&organization);
            Ok(users.build_batch(ROWS))
        },
        |users, db| {
            let insert = db.prepare(
                "INSERT INTO users (id, email, phone, first_name, last_name, ssn, address, \
                 date_of_birth, created_at, status, is_verified, account_id, organization_id) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            )?;
            for user in users {
                let values: [&(dyn ToSql + Sync); 13] = [
                    &user.id,
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
                ];
                db.execute(&insert, &values)?;
            }
            Ok(())
        },
    )?;
    Ok(speed)
}

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// What is measured, once all that it needs is there.
type Work<'a> = Box<dyn FnOnce(&mut Client) -> Done + 'a>;

/// How rows get into a table: its name, and what gets everything ready in a database.
type Way<'a> = (&'a str, &'a dyn Fn(&mut Client) -> Done<Work<'a>>);

/// Measures all ways for one record.
fn sides<R: Record>(
    title: &str,
    create_batch: impl Fn(&mut Client) -> Done,
    make: impl Fn(&mut Client) -> Done<Vec<R>>,
    insert: impl Fn(&[R], &mut Client) -> Done,
) -> Done<Speed> {
    let bytes = copied_out(&make)?;
    let ways: [Way<'_>; 4] = [
        ("tdata, create_batch", &|_| Ok(Box::new(&create_batch))),
        ("COPY alone", &|db| {
            let text = copy_text(&make(db)?);
            Ok(Box::new(move |db| copy::<R>("", text.as_bytes(), db)))
        }),
        ("COPY alone, binary", &|db| {
            make(db)?;
            Ok(Box::new(|db| copy::<R>(" (FORMAT binary)", &bytes, db)))
        }),
        ("single inserts", &|db| {
            let rows = make(db)?;
            let insert = &insert;
            Ok(Box::new(move |db| insert(&rows, db)))
        }),
    ];
    let mut times = [const { Vec::new() }; 4];
    for round in 0..ROUNDS {
        // All get ready first, so that none starts sooner behind the making of its database than the others.
        let mut ready = Vec::new();
        for ((_, prepare), times) in ways.iter().zip(&mut times) {
            let data = database()?;
            let work = prepare(&mut data.client())?;
            ready.push((data, work, times));
        }
        // Each side is the first as often as the others.
        ready.rotate_left(round % ways.len());
        let mut used = Vec::new();
        for (data, work, times) in ready {
            times.push(measured::<R>(&data, work)?);
            used.push(data);
        }
        // What becomes of the databases is done in the background, beside no side.
        used.iter().for_each(TestData::release);
    }
    println!("{title:<34}{:>9}   rounds", "median");
    for ((name, _), times) in ways.iter().zip(&times) {
        print(name, times);
    }
    let [batch, copy, binary, inserts] = times.map(|times| median(&times));
    println!(
        "create_batch is {:.1} times as fast as single inserts, COPY alone {:.1} times, of binary {:.1} times",
        inserts / batch,
        inserts / copy,
        inserts / binary,
    );
    Ok(Speed { ratio: inserts / batch, copy_share: copy / batch, binary_share: binary / batch })
}

/// Makes tables without rows.
fn database() -> Done<TestData> {
    Ok(TestData::request(["users"]).every_volume(0).provision()?)
}

/// Measures work on tables without rows, in milliseconds.
fn measured<R: Record>(data: &TestData, work: Work<'_>) -> Done<f64> {
    let mut db = data.client();
    let start = Instant::now();
    work(&mut db)?;
    let time = start.elapsed();
    let table = R::DESCRIPTOR.table().unwrap_or_default();
    let stored: i64 = db.query_one(&format!("SELECT count(*) FROM {table}"), &[])?.get(0);
    assert_eq!(stored, ROWS as i64);
    Ok(time.as_secs_f64() * 1000.0)
}

/// Makes rows, as `COPY` takes them in binary.
fn copied_out<R: Record>(make: impl Fn(&mut Client) -> Done<Vec<R>>) -> Done<Vec<u8>> {
    let data = database()?;
    let mut db = data.client();
    let text = copy_text(&make(&mut db)?);
    copy::<R>("", text.as_bytes(), &mut db)?;
    let mut bytes = Vec::new();
    db.copy_out(&format!("COPY {} TO STDOUT (FORMAT binary)", target::<R>()))?
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes rows as `COPY` takes them; none of these values needs an escape.
fn copy_text<R: Record>(rows: &[R]) -> String {
    let field = |value: &Value| match value {
        Value::Null => "\\N".to_owned(),
        value => value.to_string(),
    };
    let line = |row: &R| row.to_values().iter().map(field).collect::<Vec<_>>().join("\t") + "\n";
    rows.iter().map(line).collect()
}

fn copy<R: Record>(options: &str, rows: &[u8], db: &mut Client) -> Done {
    let mut writer = db.copy_in(&format!("COPY {} FROM STDIN{options}", target::<R>()))?;
    writer.write_all(rows)?;
    writer.finish()?;
    Ok(())
}

/// The table of a record, and its columns.
fn target<R: Record>() -> String {
    let columns: Vec<&str> = R::DESCRIPTOR.columns.iter().map(|column| column.name).collect();
    format!("{} ({})", R::DESCRIPTOR.table().unwrap_or_default(), columns.join(", "))
}
