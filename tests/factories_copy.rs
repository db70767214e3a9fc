//! Batches of factories that are copied: in binary where that can be, with the values that text would have given.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use tdata::{
    CopyRows, Factory, FieldType, Instant, Record, Store, StoreError, TestData, requires_test_data,
};
use tokio_postgres::NoTls;

/// So many records are copied while others are made, in several portions.
const MANY: usize = 900;

/// Passes everything on, and keeps the statements that copy.
struct Listening<S> {
    client: S,
    copies: Vec<String>,
    /// Whether the types of columns are kept from tdata, so that it has to copy text.
    only_text: bool,
}

impl<S: Store> Listening<S> {
    fn to(client: S, only_text: bool) -> Self {
        Self { client, copies: Vec::new(), only_text }
    }

    /// Tells for each copy whether it was in binary.
    fn binary(&self) -> Vec<bool> {
        self.copies.iter().map(|sql| sql.ends_with(" (FORMAT binary)")).collect()
    }
}

impl<S: Store> Store for Listening<S> {
    fn query(&mut self, sql: &str) -> Result<Vec<Option<String>>, StoreError> {
        let row = self.client.query(sql)?;
        let is_types =
            |column: &Option<String>| column.as_ref().is_some_and(|it| it.contains("send"));
        let hidden = |column| if self.only_text && is_types(&column) { None } else { column };
        Ok(row.into_iter().map(hidden).collect())
    }

    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        self.client.execute(sql)
    }

    fn copy(&mut self, sql: &str, rows: &mut CopyRows<'_>) -> Result<(), StoreError> {
        self.copies.push(sql.to_owned());
        self.client.copy(sql, rows)
    }
}

fn text(data: &TestData, sql: &str) -> String {
    data.client().query_one(sql, &[]).unwrap().get(0)
}

/// All rows of a table in text form, without their ids.
fn rows(data: &TestData, table: &str) -> Vec<String> {
    let rows = format!("SELECT (to_jsonb(t) - 'id')::text AS row, id FROM {table} t");
    let sql = format!("SELECT array_agg(row ORDER BY id) FROM ({rows}) AS rows");
    data.client().query_one(&sql, &[]).unwrap().get(0)
}

const EVERY_TYPE: &str = "
CREATE EXTENSION citext;
CREATE TYPE mood AS ENUM ('glad', 'it''s \\fine');
CREATE DOMAIN token AS uuid CHECK (VALUE <> '00000000-0000-0000-0000-000000000000');
CREATE DOMAIN ticket AS token;
CREATE DOMAIN price AS numeric(8,2);
CREATE DOMAIN any_mood AS mood;
CREATE TABLE everything (
  id bigserial PRIMARY KEY,
  small smallint, whole int, large bigint, single real, double double precision, truth boolean,
  as_is text, short varchar(9), padded char(5), folded citext,
  token uuid, ticket ticket, exact numeric, rounded numeric(6,1), price price, written numeric(12,4),
  address inet, network inet, bytes bytea, json json, jsonb jsonb,
  day date, at timestamp, at_zone timestamptz(3), since timestamptz,
  mood mood, any_mood any_mood, maybe int, nothing text
);
";

#[derive(Clone, Copy, Debug, PartialEq, FieldType)]
enum Mood {
    #[field(rename = "glad")]
    Glad,
    #[field(rename = "it's \\fine")]
    Fine,
}

thread_local! {
    /// The number of the first record since the last start.
    static FIRST: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Lets a factory begin from its first record again.
fn start<F: Factory>() {
    FIRST.set(None);
    tdata::__private::factory::reset_sequences::<F>();
}

/// Counts records from 0 on: the numbers that a test gets begin anywhere.
fn place(n: u64) -> u64 {
    let first = FIRST.get().unwrap_or(n);
    FIRST.set(Some(first));
    n - first
}

/// Makes a value of a record's place.
fn of<T>(n: u64, make: impl FnOnce(u64) -> T) -> T {
    make(place(n))
}

/// A whole number of several sizes, signs and digits.
fn number(n: u64) -> i64 {
    let number = (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (n % 60)) as i64 >> 3;
    if n.is_multiple_of(2) { number } else { -number }
}

fn double(n: u64) -> f64 {
    match n % 50 {
        7 => f64::NAN,
        8 => f64::INFINITY,
        9 => -0.0,
        _ => number(n) as f64 / 1000.0,
    }
}

fn address(n: u64) -> IpAddr {
    match n % 2 {
        0 => IpAddr::from([10, 0, 0, n as u8]),
        _ => IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, n as u16]),
    }
}

fn mood(n: u64) -> Mood {
    if n == 0 { Mood::Glad } else { Mood::Fine }
}

#[derive(Clone, Debug, Record, Factory)]
#[record(table = "everything")]
struct Everything {
    id: i64,
    #[factory(sequence = |n| of(n, |n| number(n) as i16))]
    small: i16,
    #[factory(sequence = |n| of(n, |n| number(n) as i32))]
    whole: i32,
    #[factory(sequence = |n| of(n, number))]
    large: i64,
    #[factory(sequence = |n| of(n, |n| number(n) as f32 / 8.0))]
    single: f32,
    #[factory(sequence = |n| of(n, double))]
    double: f64,
    #[factory(sequence = |n| of(n, |n| n % 3 == 0))]
    truth: bool,
    #[factory(sequence = |n| of(n, |n| format!("a\tb\\N\nß {n}")))]
    as_is: String,
    #[factory(sequence = |n| of(n, |n| format!("{n} ü")))]
    short: String,
    #[factory(sequence = |n| of(n, |n| (n % 100).to_string()))]
    padded: String,
    #[factory(sequence = |n| of(n, |n| format!("Word{n}")))]
    folded: String,
    #[factory(sequence = |n| of(n, |n| format!("01234567-89AB-4def-8123-{n:012x}")))]
    token: String,
    #[factory(sequence = |n| of(n, |n| format!("11234567-89ab-4def-8123-{n:012x}")))]
    ticket: String,
    #[factory(sequence = |n| of(n, |n| (number(n) % 1_000_000_000) as f64 / 64.0))]
    exact: f64,
    #[factory(sequence = |n| of(n, |n| (number(n) % 10_000) as f64 / 100.0))]
    rounded: f64,
    #[factory(sequence = |n| of(n, |n| (number(n) % 10_000_000) as f64 / 100.0))]
    price: f64,
    #[factory(sequence = |n| of(n, |n| format!("{}.{:03}", number(n) % 10_000, n % 1000)))]
    written: String,
    #[factory(sequence = |n| of(n, address))]
    address: IpAddr,
    #[factory(sequence = |n| of(n, |n| format!("10.{}.0.0/16", n % 256)))]
    network: String,
    #[factory(sequence = |n| of(n, |n| n.to_be_bytes()[8 - (n % 9) as usize..].to_vec()))]
    bytes: Vec<u8>,
    #[factory(sequence = |n| of(n, |n| format!("{{\"n\": [{n}, \"\\u00df\"]}}")))]
    json: String,
    #[factory(sequence = |n| of(n, |n| format!("{{\"n\": [{n}, null]}}")))]
    jsonb: String,
    #[factory(sequence = |n| of(n, |n| format!("{:04}-02-{:02}", 1 + n * 7 % 9999, 1 + n % 28)))]
    day: String,
    #[factory(sequence = |n| of(n, |n| Instant::from_micros(number(n) % 60_000_000_000_000_000)))]
    at: Instant,
    #[factory(sequence = |n| of(n, |n| Instant::from_micros(number(n) % 60_000_000_000_000_000)))]
    at_zone: Instant,
    #[factory(sequence = |n| of(n, |n| SystemTime::UNIX_EPOCH + Duration::from_micros(n * 1_234_567_891)))]
    since: SystemTime,
    #[factory(sequence = |n| of(n, |n| mood(n % 2)))]
    mood: Mood,
    #[factory(sequence = |n| of(n, |n| mood(n % 3)))]
    any_mood: Mood,
    #[factory(sequence = |n| of(n, |n| (n % 4 == 0).then_some(n as i32)))]
    maybe: Option<i32>,
    #[factory(default = None)]
    nothing: Option<String>,
}

#[requires_test_data(datasets = ["accounts"], volume = 0)]
#[test]
fn binary_gives_what_text_gives(data: TestData) {
    data.client().batch_execute(EVERY_TYPE).unwrap();
    let mut found = Vec::new();
    for only_text in [false, true] {
        data.client().batch_execute("TRUNCATE everything").unwrap();
        start::<EverythingFactory>();
        let mut db = Listening::to(data.client(), only_text);
        EverythingFactory::new().create_batch(MANY, &mut db).unwrap();
        assert_eq!(db.binary(), [!only_text]);
        drop(db);
        found.push(rows(&data, "everything"));
    }
    let (binary, text) = (&found[0], &found[1]);
    assert_eq!(binary.len(), MANY);
    binary.iter().zip(text).for_each(|(one, other)| assert_eq!(one, other));
}

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(table = "lists")]
struct List {
    id: i32,
    #[factory(sequence = |n| of(n, |n| vec![format!("{n},\""), String::new()]))]
    words: Vec<String>,
    #[factory(sequence = |n| of(n, |n| format!("{n} days")))]
    span: String,
}

#[requires_test_data(datasets = ["accounts"], volume = 0)]
#[test]
fn types_without_a_binary_form_here_are_copied_as_text(data: TestData) {
    data.client()
        .batch_execute("CREATE TABLE lists (id serial, words text[], span interval)")
        .unwrap();
    let mut db = Listening::to(data.client(), false);
    let lists = ListFactory::new().create_batch(MANY, &mut db).unwrap();
    assert_eq!(db.binary(), [false]);
    drop(db);
    let stored = data.records::<List>();
    assert!(stored.iter().zip(&lists).all(|(one, other)| one.words == other.words));
    assert_eq!(text(&data, "SELECT count(DISTINCT span)::text FROM lists"), MANY.to_string());
}

const TICKETS: &str = "
CREATE TABLE shows (id serial PRIMARY KEY, name text);
CREATE TABLE tickets (id serial PRIMARY KEY, code uuid, show_id int REFERENCES shows);
";

#[derive(Clone, Debug, Record, Factory)]
#[record(table = "shows")]
struct Show {
    #[record(key)]
    id: i32,
    #[factory(default = "a show")]
    name: String,
}

#[derive(Clone, Debug, Record, Factory)]
#[record(table = "tickets")]
struct Ticket {
    #[record(key)]
    id: i32,
    #[factory(sequence = code)]
    code: String,
    #[factory(association = ShowFactory)]
    show_id: i32,
}

thread_local! {
    /// The code of one ticket, by its number.
    static OTHER: Cell<Option<(u64, &'static str)>> = const { Cell::new(None) };
}

fn code(n: u64) -> String {
    let n = place(n);
    match OTHER.get() {
        Some((number, code)) if number == n => code.to_owned(),
        _ => format!("01234567-89ab-4def-8123-{n:012x}"),
    }
}

/// Lets the ticket of a number have another code.
fn other(number: u64, code: &'static str) {
    start::<TicketFactory>();
    OTHER.set(Some((number, code)));
}

fn tickets(data: &TestData) -> String {
    text(
        data,
        "SELECT count(*) || ' of ' || count(DISTINCT show_id) || ' with ' || count(DISTINCT code) FROM tickets",
    )
}

/// Numbers within the first portion, and behind it.
const PLACES: [u64; 3] = [0, 300, 899];

#[requires_test_data(datasets = ["accounts"], volume = 0)]
#[test]
fn a_text_that_only_postgresql_reads_is_stored_wherever_it_comes(data: TestData) {
    data.client().batch_execute(TICKETS).unwrap();
    let show = ShowFactory::new().create(&mut data.client()).unwrap();
    // With a show to be made there is a transaction, else the copy alone.
    for (batch, shows) in [(TicketFactory::new(), 1), (TicketFactory::new().show(&show), 1)] {
        for place in PLACES {
            other(place, "{01234567-89ab-4def-8123-ffffffffffff}");
            let mut db = Listening::to(data.client(), false);
            let made = batch.clone().create_batch(MANY, &mut db).unwrap();
            assert_eq!(db.binary(), if place == 0 { vec![false] } else { vec![true, false] });
            drop(db);
            assert_eq!(made.len(), MANY);
            assert_eq!(tickets(&data), format!("{MANY} of {shows} with {MANY}"));
            data.client().batch_execute("DELETE FROM tickets").unwrap();

            other(place, "{01234567-89ab-4def-8123-ffffffffffff}");
            let mut client = data.client();
            let mut transaction = client.transaction().unwrap();
            transaction.execute("INSERT INTO shows (name) VALUES ('mine')", &[]).unwrap();
            batch.clone().create_batch(MANY, &mut transaction).unwrap();
            transaction.commit().unwrap();
            drop(client);
            assert_eq!(tickets(&data), format!("{MANY} of {shows} with {MANY}"));
            data.client().batch_execute("DELETE FROM tickets").unwrap();
        }
    }
    assert_eq!(text(&data, "SELECT count(*)::text FROM shows WHERE name = 'mine'"), "6");
}

#[requires_test_data(datasets = ["accounts"], volume = 0)]
#[test]
fn a_wrong_text_is_refused_as_text_is(data: TestData) {
    data.client().batch_execute(TICKETS).unwrap();
    let show = ShowFactory::new().create(&mut data.client()).unwrap();
    for batch in [TicketFactory::new(), TicketFactory::new().show(&show)] {
        for place in PLACES {
            let refused = [true, false].map(|only_text| {
                other(place, "no code");
                let mut db = Listening::to(data.client(), only_text);
                batch.clone().create_batch(MANY, &mut db).unwrap_err()
            });
            assert_eq!(refused[0].sqlstate(), Some("22P02"));
            let [text, binary] = refused.map(|error| error.to_string());
            assert_eq!(text, binary);
            assert!(text.contains(&format!("column code, row index {place}")), "{text}");
            assert!(!text.contains("no code"), "{text}");
            assert_eq!(tickets(&data), "0 of 0 with 0");
        }
    }
    assert_eq!(text(&data, "SELECT count(*)::text FROM shows"), "1");
    // The caller's transaction goes on.
    other(300, "no code");
    let mut client = data.client();
    let mut transaction = client.transaction().unwrap();
    let refused = TicketFactory::new().show(&show).create_batch(MANY, &mut transaction);
    assert_eq!(refused.unwrap_err().sqlstate(), Some("22P02"));
    TicketFactory::new().show(&show).create_batch(10, &mut transaction).unwrap();
    transaction.commit().unwrap();
    drop(client);
    assert_eq!(tickets(&data), "10 of 1 with 10");
}

#[requires_test_data(datasets = ["accounts"], volume = 0)]
#[tokio::test]
async fn an_async_client_copies_again_as_well(data: TestData) {
    let (mut client, connection) = tokio_postgres::connect(data.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(TICKETS).await.unwrap();
    other(300, "{01234567-89ab-4def-8123-ffffffffffff}");
    TicketFactory::new().create_batch_async(MANY, &client).await.unwrap();
    let transaction = client.transaction().await.unwrap();
    other(300, "{01234567-89ab-4def-8123-ffffffffffff}");
    TicketFactory::new().create_batch_async(MANY, &transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let row = client.query_one("SELECT count(*) FROM tickets", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 2 * MANY as i64);
}

#[requires_test_data(datasets = ["accounts"], volume = 0)]
#[test]
fn keys_are_those_of_the_sequence_however_it_counts(data: TestData) {
    data.client().batch_execute(TICKETS).unwrap();
    let show = ShowFactory::new().create(&mut data.client()).unwrap();
    for (sequence, first, step) in [
        ("RESTART 5", 5, 1),
        ("INCREMENT 3 RESTART 10", 10, 3),
        ("INCREMENT -1 MINVALUE -5000 RESTART -7", -7, -1),
        ("INCREMENT 1 MINVALUE -5000 RESTART -1000", -1000, 1),
        ("INCREMENT 1 MINVALUE 1 MAXVALUE 1200 CYCLE RESTART 101", 101, 1),
    ] {
        let sql = format!("DELETE FROM tickets; ALTER SEQUENCE tickets_id_seq {sequence}");
        data.client().batch_execute(&sql).unwrap();
        start::<TicketFactory>();
        let tickets = TicketFactory::new().show(&show).create_batch(MANY, &mut data.client());
        let keys: Vec<i32> = tickets.unwrap().iter().map(|ticket| ticket.id).collect();
        let expected: Vec<i32> = (0..MANY as i32).map(|at| first + at * step).collect();
        assert_eq!(keys, expected, "{sequence}");
    }
    // The next 400 go past the end, and begin again from 1 on.
    start::<TicketFactory>();
    data.client().batch_execute("DELETE FROM tickets").unwrap();
    let tickets = TicketFactory::new().show(&show).create_batch(400, &mut data.client()).unwrap();
    let keys: Vec<i32> = tickets.iter().map(|ticket| ticket.id).collect();
    assert_eq!(keys, (1001..=1200).chain(1..=200).collect::<Vec<_>>());
}
