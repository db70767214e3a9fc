//! What a project waits for before its first test can run: all that it depends on is compiled.
//!
//! A package with one test is built from nothing, with cargo's own profile for tests, as often as there are ways to depend
//! on tdata, and with its peers. Crates are downloaded before the clock starts.

mod project;
mod trees;

use std::error::Error;

use project::Project;
use trees::Tree;

/// How many crates are told of, those that take longest.
const DEAREST: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    // Names of trees, to build only these.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let is_wanted =
        |tree: &&Tree| wanted.is_empty() || wanted.iter().any(|name| *name == tree.name);
    let project = Project::new()?;
    // Linux only; elsewhere nothing is said.
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load before: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
    println!("{:<28}{:>8}{:>8}{:>8}{:>8}", "from nothing", "crates", "seconds", "cpu", "MB");
    let mut cpu = Vec::new();
    for tree in Tree::all().iter().filter(is_wanted) {
        let built = project.build(tree)?;
        println!(
            "{:<28}{:>8}{:>8.1}{:>8.1}{:>8}",
            tree.name,
            built.crates.len(),
            built.cost.time,
            built.cost.cpu,
            built.megabytes
        );
        if tree.is_default {
            let all: f64 = built.crates.iter().map(|(_, seconds)| seconds).sum();
            for (name, seconds) in built.crates.iter().take(DEAREST) {
                println!("    {name:<32}{seconds:>8.1}");
            }
            let shown: f64 = built.crates.iter().take(DEAREST).map(|(_, seconds)| seconds).sum();
            println!("    {:<32}{:>8.1}", "the others", all - shown);
        }
        cpu.push((tree.name, built.cost.cpu));
    }
    let of = |wanted: &str| cpu.iter().find(|(name, _)| *name == wanted).map(|(_, cpu)| cpu);
    if let (Some(tdata), Some(small), Some(sqlx), Some(containers)) =
        (of("tdata"), of("tdata, server"), of("sqlx::test"), of("testcontainers"))
    {
        println!(
            "\nfirst_build_ratio={:.2} small_ratio={:.2} testcontainers_ratio={:.2}",
            sqlx / tdata,
            sqlx / small,
            containers / tdata
        );
    }
    Ok(())
}
