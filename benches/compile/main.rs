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

use package::{Cost, Package};
use suites::{Suite, TESTS};
use tables::Table;
use tdata_bench::statistics::median;

/// How often each suite is built after an edit.
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let package = Package::write()?;
    package.prepare()?;
    // Linux only; elsewhere nothing is said.
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load before: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
    let mut first = Vec::new();
    for suite in Suite::ALL {
        first.push(package.build(suite)?);
    }
    let mut edited = [const { Vec::new() }; Suite::ALL.len()];
    for round in 0..ROUNDS {
        for turn in 0..Suite::ALL.len() {
            let place = (round + turn) % Suite::ALL.len();
            package.edit(Suite::ALL[place], round)?;
            edited[place].push(package.build(Suite::ALL[place])?);
        }
    }
    report(&first, &edited);
    Ok(())
}

fn report(first: &[Cost], edited: &[Vec<Cost>]) {
    let time_of =
        |place: usize| median(&edited[place].iter().map(|one| one.time).collect::<Vec<_>>());
    let cpu_of =
        |place: usize| median(&edited[place].iter().map(|one| one.cpu).collect::<Vec<_>>());
    println!("\n{TESTS} tests, {} tables", Table::all().count());
    println!("{:<24}{:>10}{:>10}{:>10}   rounds", "seconds", "first", "edited", "cpu");
    for (place, name) in
        ["#[test]", "#[requires_test_data]", "#[sqlx::test]"].into_iter().enumerate()
    {
        let rounds: Vec<String> =
            edited[place].iter().map(|one| format!("{:.2}", one.time)).collect();
        let (time, cpu) = (time_of(place), cpu_of(place));
        println!(
            "{name:<24}{:>10.2}{time:>10.2}{cpu:>10.2}   {}",
            first[place].time,
            rounds.join("  ")
        );
    }
    println!("\ncompile_ratio of first builds: {:.2}", first[1].time / first[0].time);
    println!("compile_ratio of processor time: {:.2}", cpu_of(1) / cpu_of(0));
    println!("compile_ratio of sqlx::test: {:.2}", time_of(2) / time_of(0));
    println!("\ncompile_ratio={:.2}", time_of(1) / time_of(0));
}
