//! A million users in memory.

use std::error::Error;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use fake::faker::address::en::{BuildingNumber, CityName, StateAbbr, StreetName, ZipCode};
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
const ROUNDS: usize = 9;

/// The definition's fields but two: `fake` makes no social security numbers, and a second reference
/// would be more of the same.
#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "users", partial)]
struct User {
    id: i32,
    email: String,
    phone: String,
    first_name: String,
    last_name: String,
    address: String,
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
    #[dummy(faker = "Address")]
    address: String,
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

/// An address in one line, as the definition's generator makes it.
struct Address;

impl Dummy<Address> for String {
    fn dummy_with_rng<R: fake::rand::Rng + ?Sized>(_: &Address, rng: &mut R) -> Self {
        let number: String = BuildingNumber().fake_with_rng(rng);
        let street: String = StreetName().fake_with_rng(rng);
        let city: String = CityName().fake_with_rng(rng);
        let state: String = StateAbbr().fake_with_rng(rng);
        let code: String = ZipCode().fake_with_rng(rng);
        format!("{number} {street}, {city}, {state} {code}")
    }
}

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

/// The variable that tells a process of this benchmark which side to build, once.
const SIDE: &str = "TDATA_BENCH_SIDE";

const OURS: &str = "tdata, build_batch";
const THEIRS: &str = "fake, derive(Dummy)";

/// Builds a side, where the environment names one, and says how many milliseconds it took.
pub(crate) fn run_side() -> bool {
    match std::env::var(SIDE).as_deref() {
        Ok(OURS) => {
            let factory = UserFactory::new();
            // The plan is made once in a process.
            let _first = black_box(UserFactory::new().build());
            println!("{}", timed(|| factory.build_batch(USERS)));
        }
        Ok(THEIRS) => {
            let mut rng = SmallRng::seed_from_u64(42);
            let _first: FakeUser = Faker.fake_with_rng(&mut rng);
            let users =
                || (0..USERS).map(|_| Faker.fake_with_rng::<FakeUser, _>(&mut rng)).collect();
            println!("{}", timed::<Vec<_>>(users));
        }
        _ => return false,
    }
    true
}

/// Builds on both sides in turns, each time in a process of its own, whose memory is as it was given:
/// what one side leaves of it does not slow the other. Returns how many times as fast tdata is.
pub(crate) fn run() -> Result<f64, Box<dyn Error>> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(in_a_process(OURS)?);
        theirs.push(in_a_process(THEIRS)?);
    }
    println!("{:<34}{:>9}   rounds", "a million users of 11 fields, ms", "median");
    print(OURS, &ours);
    print(THEIRS, &theirs);
    Ok(median(&theirs) / median(&ours))
}

fn in_a_process(side: &str) -> Result<f64, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?).env(SIDE, side).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
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
