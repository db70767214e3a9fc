//! What a suite costs to compile.
//!
//! 350 tests about 30 tables are written three times, in 30 modules: with plain `#[test]`, where each
//! body gets its data by a call, with `#[requires_test_data]`, and with `#[sqlx::test]`. The bodies of
//! the first two are the same. Dependencies are built before the clock starts.

mod bodies;
mod package;
mod suites;
mod tables;

use std::error::Error;

use package::Package;
use suites::{Suite, TESTS};
use tables::Table;
use tdata_bench::cost::Cost;
use tdata_bench::statistics::median;

/// How often each suite is built from nothing.
const FIRST_ROUNDS: usize = 3;

/// How often each suite is built after an edit.
const ROUNDS: usize = 9;

/// The costs of all builds, by suite.
type Costs = [Vec<Cost>; Suite::ALL.len()];

fn main() -> Result<(), Box<dyn Error>> {
    let package = Package::write()?;
    package.prepare()?;
    // Linux only; elsewhere nothing is said.
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load before: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
    let mut first = Costs::default();
    for round in 0..FIRST_ROUNDS {
        package.forget()?;
        for place in in_turn(round) {
            first[place].push(package.build(Suite::ALL[place])?);
        }
    }
    let mut edited = Costs::default();
    for round in 0..ROUNDS {
        for place in in_turn(round) {
            package.edit(Suite::ALL[place], round)?;
            edited[place].push(package.build(Suite::ALL[place])?);
        }
    }
    report(&first, &edited);
    Ok(())
}

/// The places of all suites; each round starts with another.
fn in_turn(round: usize) -> impl Iterator<Item = usize> {
    (0..Suite::ALL.len()).map(move |turn| (round + turn) % Suite::ALL.len())
}

fn report(first: &Costs, edited: &Costs) {
    let median_of =
        |costs: &[Cost], of: fn(&Cost) -> f64| median(&costs.iter().map(of).collect::<Vec<_>>());
    println!("\n{TESTS} tests, {} tables", Table::all().count());
    println!("{:<24}{:>8}{:>8}{:>8}{:>8}   rounds", "seconds", "first", "cpu", "edited", "cpu");
    for (suite, (first, edited)) in Suite::ALL.iter().zip(first.iter().zip(edited)) {
        let [first, first_cpu] =
            [|cost: &Cost| cost.time, |cost: &Cost| cost.cpu].map(|of| median_of(first, of));
        let [time, cpu] =
            [|cost: &Cost| cost.time, |cost: &Cost| cost.cpu].map(|of| median_of(edited, of));
        let rounds: Vec<String> = edited.iter().map(|cost| format!("{:.2}", cost.time)).collect();
        println!(
            "{:<24}{first:>8.2}{first_cpu:>8.2}{time:>8.2}{cpu:>8.2}   {}",
            suite.attribute(),
            rounds.join("  ")
        );
    }
    let ratio = |costs: &Costs, suite: Suite, of: fn(&Cost) -> f64| {
        median_of(&costs[suite as usize], of) / median_of(&costs[Suite::Plain as usize], of)
    };
    let tdata = Suite::Tdata;
    println!("\n{} over {}:", tdata.attribute(), Suite::Plain.attribute());
    println!("processor time after an edit: {:.2}", ratio(edited, tdata, |cost| cost.cpu));
    println!("processor time of first builds: {:.2}", ratio(first, tdata, |cost| cost.cpu));
    println!("first builds: {:.2}", ratio(first, tdata, |cost| cost.time));
    println!("sqlx_ratio={:.2}", ratio(edited, Suite::Sqlx, |cost| cost.time));
    println!("\ncompile_ratio={:.2}", ratio(edited, tdata, |cost| cost.time));
}
