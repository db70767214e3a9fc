//! How fast rows are made: generated, masked and written as COPY takes them, on one core, into nothing.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Instant;

use tdata_bench::machine;
use tdata_bench::statistics::median;
use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::diagnostic::Source;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, DatasetPlan, Plan, plan};
use tdata_core::value::Block;

const USERS: &str = include_str!("definitions/users.yaml");
const ACCOUNTS: &str = include_str!("definitions/accounts.yaml");
const ORGANIZATIONS: &str = include_str!("definitions/organizations.yaml");

/// How many rows a round makes.
const ROWS: u64 = 1_000_000;

/// How many rows are made at the most, unless `--most` says so.
const MOST: u64 = 10_000_000;

/// How many rows are made together.
const BLOCK: u64 = 1024;

/// How often each side is run.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}\n", machine::described());
    let peak = growth()?;
    let masked = planned(USERS, ROWS)?;
    let (fields, _) = USERS.split_once("  masking_rules:").ok_or("no masking rules")?;
    let unmasked =
        planned(&fields.replace(", masking: true", "").replace(", pii_category: ssn", ""), ROWS)?;
    let mut rates = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let (seconds, bytes) = rows(users(&masked), ROWS);
        rates[0].push(ROWS as f64 / seconds);
        rates[1].push(bytes as f64 / seconds / 1e6);
        let (seconds, _) = rows(users(&unmasked), ROWS);
        rates[2].push(ROWS as f64 / seconds);
        let (seconds, bytes) = line_items();
        rates[3].push(bytes as f64 / seconds / 1e6);
    }
    let [rate, megabytes, unmasked_rate, peer] = rates.map(|rates| median(&rates));
    println!("{:<24}{:>10}", "a field alone", "ns a row");
    for (at, field) in users(&masked).fields.iter().enumerate() {
        let times = [&masked, &unmasked].map(|plan| nanoseconds(users(plan), at));
        println!("{:<24}{:>10.0}{:>10.0}", field.name, times[0], times[1]);
    }
    println!(
        "\nrows_per_s={rate:.0} unmasked_rows_per_s={unmasked_rate:.0} mb_per_s={megabytes:.0} \
         tpchgen_mb_per_s={peer:.0} tpchgen_ratio={:.2} peak_mb={peak:.0}",
        megabytes / peer
    );
    Ok(())
}

/// Prints how the cost of a row grows with their number. Returns the most memory that the process had, in megabytes.
fn growth() -> Result<f64, Box<dyn Error>> {
    println!("{:<24}{:>10}{:>10}", "rows", "ns a row", "peak MB");
    let most = std::env::args().skip_while(|argument| argument != "--most").nth(1);
    let most = most.map_or(Ok(MOST), |most| most.parse())?;
    for count in std::iter::successors(Some(1_000), |count| Some(count * 10)) {
        if count > most {
            break;
        }
        let (seconds, _) = rows(users(&planned(USERS, count)?), count);
        let peak = machine::peak_megabytes();
        println!("{count:<24}{:>10.0}{peak:>10.0}", seconds * 1e9 / count as f64);
    }
    println!();
    Ok(machine::peak_megabytes())
}

fn planned(users: &str, rows: u64) -> Result<Plan, Box<dyn Error>> {
    let mut library = Library::default();
    for (name, text) in [("users", users), ("accounts", ACCOUNTS), ("organizations", ORGANIZATIONS)]
    {
        library.insert(Source::new(format!("{name}.yaml"), text), name, None);
    }
    let contract = Contract::new(["users"], "2024-05-01".parse()?).volume("users", rows);
    Ok(plan(&contract, &library, &MaskKey::development(), &Catalog::default())?)
}

fn users(plan: &Plan) -> &DatasetPlan {
    plan.dataset("users").unwrap_or(&plan.datasets[0])
}

/// Makes some rows, and returns the seconds it took and the bytes they are.
fn rows(users: &DatasetPlan, count: u64) -> (f64, usize) {
    let Some(binary) = users.copy_binary() else { return (f64::NAN, 0) };
    let (mut blocks, mut out, mut bytes) = (Vec::new(), Vec::new(), 0);
    let start = Instant::now();
    for first in (0..count).step_by(BLOCK as usize) {
        users.fill(first..count.min(first + BLOCK), &mut blocks);
        out.clear();
        if binary.append(&blocks, &mut out).is_err() {
            return (f64::NAN, 0);
        }
        bytes += std::hint::black_box(&out).len();
    }
    (start.elapsed().as_secs_f64(), bytes)
}

fn nanoseconds(users: &DatasetPlan, field: usize) -> f64 {
    let rows: Vec<u64> = (0..BLOCK).collect();
    let mut block = Block::new();
    let rounds = 200;
    let start = Instant::now();
    for _ in 0..rounds {
        block.clear();
        users.fields[field].cells.fill(&rows, &mut block);
        std::hint::black_box(&block);
    }
    start.elapsed().as_secs_f64() * 1e9 / (rounds * BLOCK) as f64
}

/// Makes line items of TPC-H, as text, and returns the seconds it took and the bytes they are.
fn line_items() -> (f64, usize) {
    let (mut out, mut bytes) = (String::new(), 0);
    let start = Instant::now();
    for item in tpchgen::generators::LineItemGenerator::new(0.2, 1, 1).iter() {
        let _ = writeln!(out, "{item}");
        if out.len() > 256 << 10 {
            bytes += std::hint::black_box(&out).len();
            out.clear();
        }
    }
    (start.elapsed().as_secs_f64(), bytes + out.len())
}
