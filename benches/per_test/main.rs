//! What a test costs: tdata beside `sqlx::test`.
//!
//! Both sides run the same 200 tests on two threads. A test gets 50 users, 200 orders and 200 payments
//! (and the accounts and organizations these need, 100 each), connects, counts three tables, inserts a
//! row and counts again; nothing of it may be seen by another test. With tdata that is
//! `#[requires_test_data(.., isolation = "full")]`; with sqlx it is `#[sqlx::test(migrations, fixtures)]`,
//! where the migration makes the tables that tdata makes and the fixture inserts the rows that tdata
//! loads. Both files are written from tdata's own data before the suites are built.
//!
//! # What is measured
//!
//! The suites are ordinary test binaries of this package, built and started as `cargo test` would. A
//! run counts from the start of the process to its end, divided by the number of tests: making
//! databases, filling them, the tests, and whatever each side drops before its process ends. For tdata
//! the building of the template is in it; the booting of its server is not, as the server of `sqlx`
//! is there before as well.
//!
//! # Which servers
//!
//! Like is compared with like: the same programs, the same settings, in the same kind of storage.
//! This benchmark lets tdata boot a server, and `sqlx` gets its URL, so `sqlx` has the fast settings too
//! (no fsync and so on), which its users must find out for themselves. tdata runs twice. `own server` is
//! its usual way and the headline: the process finds the server that this one has booted. `by URL` names it,
//! so that tdata takes it for somebody else's: it clones through the log instead of copying files. Where the
//! environment names a server by URL, all is run there and `by URL` is the headline.
//!
//! Each round has a seed of its own, so that tdata builds its template in every one.
//!
//! `nextest` is the same suites with a process for each test, by the account that nextest gives itself. Below them
//! stands what any process for each test costs there: one that does nothing, and one that makes one connection to a
//! database that is there, runs the same statements and rolls them back. What is between that and tdata is what tdata
//! takes to find a database, to prove what was done to it, and to undo that.
//!
//! `plain SQL` is what PostgreSQL itself takes for the same tests where each has a new database: a client that
//! only clones, connects, runs the statements and lets another thread drop. tdata is below it, because it uses
//! databases again.
//!
//! The machine is noisy, so the sides take turns for three rounds, and medians are compared.

mod plain_sql;

use std::error::Error;
use std::time::Duration;

use tdata::{Config, Engine, TestData};
use tdata_bench::report::{self, Stages};
use tdata_bench::shop::{TESTS, THREADS, VOLUMES, request};
use tdata_bench::statistics::{median, quantile};
use tdata_bench::{fixture, suite};

/// How often the sides take turns.
const ROUNDS: usize = 3;

/// The pause before a run: what the one before left to do in the background is done by then.
const PAUSE: Duration = Duration::from_secs(1);

/// Milliseconds per test, one for each round.
#[derive(Default)]
struct Side(Vec<f64>);

impl Side {
    fn add(&mut self, time: Duration, boot: f64) {
        self.0.push((time.as_secs_f64() * 1000.0 - boot) / TESTS as f64);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let optimised = std::env::args().any(|argument| argument == "--release");
    let data = request()?.provision()?;
    fixture::write(&data, &suite::package().join("suites"))?;
    let [tdata, sqlx, floor] =
        suite::build(["tdata_suite", "sqlx_suite", "floor_suite"], optimised)?;
    print_setting(&data, optimised);

    // Another workspace has a server of its own: what others make there, tdata would take for a test's deeds.
    let others = Engine::new(Config::from_environment()?.workspace(suite::package()));
    let guest = others.request(["users"]).volume("users", 1).provision()?;
    let endpoint = guest.server().endpoint();
    let url = endpoint.url(endpoint.maintenance());
    let owned = data.server().is_owned();
    let file = std::env::temp_dir().join(format!("tdata-bench-{}", std::process::id()));
    let report_to = file.to_string_lossy();
    let (mut own, mut by_url, mut theirs, mut plain) = <(Side, Side, Side, Side)>::default();
    let (mut our_nextest, mut their_nextest) = <(Side, Side)>::default();
    let (mut nothing, mut connecting) = <(Side, Side)>::default();
    let mut stages = Vec::new();
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        let seeds = [0, 1, 2].map(|run| (round * 10 + run).to_string());
        let [seed, url_seed, nextest_seed] = seeds.each_ref().map(|seed| ("TDATA_SEED", &**seed));
        let by_name = [("TDATA_DATABASE_URL", url.as_str()), ("TDATA_SERVER", "url")];
        let where_from: &[_] = if owned { &[] } else { &by_name };
        if owned {
            std::thread::sleep(PAUSE);
            let time = tdata.run(&[(report::VARIABLE, &report_to), seed])?;
            let inside = Stages::read(&file)?;
            std::fs::remove_file(&file)?;
            own.add(time, inside.boot());
            stages.push(inside);
        }
        std::thread::sleep(PAUSE);
        theirs.add(sqlx.run(&[("DATABASE_URL", &url)])?, 0.0);
        std::thread::sleep(PAUSE);
        by_url.add(tdata.run(&[by_name[0], by_name[1], url_seed])?, 0.0);
        std::thread::sleep(PAUSE);
        let time = tdata.run_with_nextest(&[where_from, &[nextest_seed]].concat(), optimised)?;
        our_nextest.add(time, 0.0);
        std::thread::sleep(PAUSE);
        let time = sqlx.run_with_nextest(&[("DATABASE_URL", &url)], optimised)?;
        their_nextest.add(time, 0.0);
        nothing.add(floor.run_with_nextest(&[], optimised)?, 0.0);
        let connected = [("TDATA_BENCH_URL", data.url())];
        connecting.add(floor.run_with_nextest(&connected, optimised)?, 0.0);
        std::thread::sleep(PAUSE);
        plain.add(plain_sql::run(&data)?, 0.0);
    }

    println!("\n{:<28}{:>9}   rounds", "ms per test", "median");
    print_side("tdata, own server", &own);
    print_side("tdata, by URL", &by_url);
    print_side("sqlx::test", &theirs);
    print_side("plain SQL", &plain);
    print_side("nextest: tdata", &our_nextest);
    print_side("nextest: sqlx::test", &their_nextest);
    print_side("nextest: nothing", &nothing);
    print_side("nextest: one connection", &connecting);
    print_stages(&stages);

    let headline = if owned { &own } else { &by_url };
    let ratio = |ours: &Side, theirs: &Side| median(&theirs.0) / median(&ours.0);
    println!(
        "\ncargo_ratio={:.2} nextest_ratio={:.2}",
        ratio(headline, &theirs),
        ratio(&our_nextest, &their_nextest)
    );
    Ok(())
}

fn print_setting(data: &TestData, optimised: bool) {
    let rows: u64 = data.counts().values().sum();
    let asked: Vec<String> = VOLUMES.iter().map(|(name, rows)| format!("{rows} {name}")).collect();
    println!(
        "{TESTS} tests on {THREADS} threads; each with {}, {rows} rows in all",
        asked.join(", ")
    );
    println!(
        "PostgreSQL {} ({}); suites in the profile `{}`",
        data.server().version() / 10_000,
        data.server().source(),
        if optimised { "release" } else { "test" },
    );
    // Linux only; elsewhere nothing is said.
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load before: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
}

fn print_side(name: &str, side: &Side) {
    if !side.0.is_empty() {
        let rounds: Vec<String> = side.0.iter().map(|round| format!("{round:.2}")).collect();
        println!("{name:<28}{:>9.2}   {}", median(&side.0), rounds.join("  "));
    }
}

/// What tdata's tests measure within themselves, of all rounds. Times are of one thread, so on two
/// threads half of them count against a test.
fn print_stages(runs: &[Stages]) {
    let Some(first) = runs.first() else { return };
    println!("\n{:<28}{:>9}{:>9}{:>9}", "tdata's stages, ms", "median", "p90", "most");
    for (index, (stage, _)) in first.of_every_test().enumerate() {
        let times: Vec<f64> = runs
            .iter()
            .filter_map(|run| run.of_every_test().nth(index))
            .flat_map(|(_, times)| times.iter().copied())
            .collect();
        let quantiles = [0.5, 0.9, 1.0].map(|share| quantile(&times, share));
        let [middle, high, most] = quantiles;
        println!("{stage:<28}{middle:>9.2}{high:>9.2}{most:>9.2}");
    }
    let once = |of: fn(&Stages) -> f64| median(&runs.iter().map(of).collect::<Vec<_>>());
    println!("{:<28}{:>9.2}", "once: the template", once(Stages::template));
    println!("{:<28}{:>9.2}   not counted", "once: the server", once(Stages::boot));
}
