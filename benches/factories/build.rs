//! A million users in memory.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use fake::faker::boolean::en::Boolean;
use fake::faker::chrono::en::{Date, DateTimeBetween};
use fake::faker::internet::en::SafeEmail;
use fake::faker::name::en::{FirstName, LastName};
use fake::faker::phone_number::en::PhoneNumber;
use fake::rand::SeedableRng as _;
use fake::rand::rngs::SmallRng;
use fake::{Dummy, Fake as _, Faker};
use tdata::{Factory, Record};
use tdata_bench::statistics::median;

const USERS: usize = 1_000_000;

/// How often the sides take turns.
const ROUNDS: usize = 5;

/// Ten of the definition's fields.
#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "users", partial)]
struct User {
    id: i32,
    email: String,
    phone: String,
    first_name: String,
    last_name: String,
    date_of_birth: NaiveDate,
    created_at: NaiveDateTime,
    status: String,
    is_verified: bool,
    account_id: i32,
}

/// The same fields with `fake`.
#[derive(Clone, Debug, Dummy)]
#[expect(dead_code, reason = "building them is all that is measured")]
struct FakeUser {
    #[dummy(faker = "1..2_000_000_000")]
    id: i32,
    #[dummy(faker = "SafeEmail()")]
    email: String,
    #[dummy(faker = "PhoneNumber()")]
    phone: String,
    #[dummy(faker = "FirstName()")]
    first_name: String,
    #[dummy(faker = "LastName()")]
    last_name: String,
    #[dummy(faker = "Date()")]
    date_of_birth: NaiveDate,
    #[dummy(faker = "DateTimeBetween(START, END)")]
    created_at: DateTime<Utc>,
    #[dummy(faker = "Status")]
    status: String,
    #[dummy(faker = "Boolean(70)")]
    is_verified: bool,
    #[dummy(faker = "1..100")]
    account_id: i32,
}

const START: DateTime<Utc> = DateTime::from_timestamp_nanos(1_640_995_200_000_000_000);
const END: DateTime<Utc> = DateTime::from_timestamp_nanos(1_704_067_200_000_000_000);

/// The definition's choices with their weights.
struct Status;

impl Dummy<Status> for String {
    fn dummy_with_rng<R: fake::rand::Rng + ?Sized>(_: &Status, rng: &mut R) -> Self {
        match (0..100).fake_with_rng::<u8, R>(rng) {
            0..80 => "active".to_owned(),
            80..95 => "inactive".to_owned(),
            _ => "suspended".to_owned(),
        }
    }
}

/// Builds on both sides in turns, and returns how many times as fast tdata is.
pub(crate) fn run() -> f64 {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(timed(|| UserFactory::new().build_batch(USERS)));
        theirs.push(timed(|| {
            let mut rng = SmallRng::seed_from_u64(42);
            (0..USERS).map(|_| Faker.fake_with_rng::<FakeUser, _>(&mut rng)).collect::<Vec<_>>()
        }));
    }
    println!("{:<34}{:>9}   rounds", "a million users of ten fields, ms", "median");
    print("tdata, build_batch", &ours);
    print("fake, derive(Dummy)", &theirs);
    median(&theirs) / median(&ours)
}

/// Measures in milliseconds; dropping what was built is not counted.
fn timed<T>(build: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    let built = black_box(build());
    let time: Duration = start.elapsed();
    drop(built);
    time.as_secs_f64() * 1000.0
}

pub(crate) fn print(name: &str, rounds: &[f64]) {
    let all: Vec<String> = rounds.iter().map(|round| format!("{round:.0}")).collect();
    println!("{name:<34}{:>9.0}   {}", median(rounds), all.join("  "));
}
