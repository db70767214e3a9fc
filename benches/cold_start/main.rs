//! How long the first test waits for its body.
//!
//! A process with one test of the suite `tdata_suite` is run as a whole, from its start to its end, so that the
//! numbers are upper bounds: besides what comes before the body they hold the body, some milliseconds, and
//! the end of the process.
//!
//! `cold`: there is no server. The process boots one from this machine's programs, makes the tables, loads 650
//! rows into a template, and clones it. Each round boots a server of its own, by a name of its own for the
//! folder of the programs.
//!
//! `warm`: a server is there that `TDATA_KEEP_ALIVE` kept, and so is the template: what a second `cargo test`
//! finds.

use std::error::Error;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tdata_bench::statistics::median;
use tdata_bench::suite;

/// How often each side is run.
const ROUNDS: usize = 7;

/// The test that is run.
const TEST: &str = "m00::t0";

fn main() -> Result<(), Box<dyn Error>> {
    let optimised = std::env::args().any(|argument| argument == "--release");
    let programs = programs().ok_or("no `postgres` on PATH or in TDATA_PG_BIN")?;
    let [suite] = suite::build(["tdata_suite"], optimised)?;
    // Linux only; elsewhere nothing is said.
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load before: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
    let folder = std::env::temp_dir().join(format!("tdata-cold-start-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let measured = measure(&suite, &programs, &folder);
    std::fs::remove_dir_all(&folder)?;
    let (cold, warm) = measured?;

    println!("\n{:<28}{:>9}   rounds", "ms to the end of one test", "median");
    for (name, rounds) in [("cold", &cold), ("warm", &warm)] {
        let all: Vec<String> = rounds.iter().map(|round| format!("{round:.0}")).collect();
        println!("{name:<28}{:>9.0}   {}", median(rounds), all.join("  "));
    }
    println!("\ncold_ms={:.0} warm_ms={:.0}", median(&cold), median(&warm));
    Ok(())
}

fn measure(
    suite: &suite::Suite,
    programs: &Path,
    folder: &Path,
) -> Result<(Vec<f64>, Vec<f64>), Box<dyn Error>> {
    let run = |name: &Path, keep_alive: &str| -> Result<f64, Box<dyn Error>> {
        let name = name.to_string_lossy();
        let variables =
            [("TDATA_SERVER", "local"), ("TDATA_PG_BIN", &*name), ("TDATA_KEEP_ALIVE", keep_alive)];
        Ok(in_ms(suite.run_one(TEST, &variables)?))
    };
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let name = folder.join(round.to_string());
        symlink(programs, &name)?;
        cold.push(run(&name, "30s")?);
        // The last one lets the server go.
        warm.push(run(&name, "0s")?);
    }
    Ok((cold, warm))
}

fn in_ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The folder of this machine's server programs.
fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("TDATA_PG_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find_map(|folder| {
        let program = std::fs::canonicalize(folder.join("postgres")).ok()?;
        program.parent().map(Path::to_owned)
    });
    named.or(on_path)
}
