//! How long the first test waits for its body.
//!
//! A process with one test of the suite `tdata_suite` is run as a whole, from its start to its end, so that the
//! numbers are upper bounds: besides what comes before the body they hold the body, some milliseconds, and
//! the end of the process.
//!
//! `first`: there is no server, and nothing is kept. The process boots a server from this machine's programs, or from
//! those that Cargo brings: it runs `initdb`, makes the tables, loads 650 rows into a template, and clones it.
//!
//! `cold`: the same, but the cluster that `first` kept is there. Each round boots servers of its own, by names of its own for
//! the folder of the programs. `TDATA_PG_BIN` tells servers apart even where Cargo's programs are taken.
//!
//! `warm`: a server is there that `TDATA_KEEP_ALIVE` kept, and so is the template: what a second `cargo test`
//! finds.
//!
//! `bare`: `initdb` and `postgres` alone, until a connection answers: what a script without tdata waits for, before it
//! has a table.

mod bare;
mod programs;

use std::error::Error;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use programs::Programs;
use tdata_bench::statistics::median;
use tdata_bench::suite;

/// How often each side is run.
const ROUNDS: usize = 7;

/// The test that is run.
const TEST: &str = "m00::t0";

/// Milliseconds of each round, by side.
#[derive(Default)]
struct Measured {
    first: Vec<f64>,
    cold: Vec<f64>,
    warm: Vec<f64>,
    bare: Vec<f64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let optimised = std::env::args().any(|argument| argument == "--release");
    let programs = Programs::find()?;
    let [suite] = suite::build(["tdata_suite"], optimised)?;
    // Linux only; elsewhere nothing is said.
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load before: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
    let folder = std::env::temp_dir().join(format!("tdata-cold-start-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let measured = measure(&suite, &programs, &folder);
    std::fs::remove_dir_all(&folder)?;
    let Measured { first, cold, warm, bare } = measured?;

    println!("\n{:<28}{:>9}   rounds", "ms to the end of one test", "median");
    for (name, rounds) in [("first", &first), ("cold", &cold), ("warm", &warm), ("bare", &bare)] {
        let all: Vec<String> = rounds.iter().map(|round| format!("{round:.0}")).collect();
        println!("{name:<28}{:>9.0}   {}", median(rounds), all.join("  "));
    }
    let [first, cold, warm, bare] = [first, cold, warm, bare].map(|rounds| median(&rounds));
    println!(
        "\ncold_ms={cold:.0} first_ms={first:.0} warm_ms={warm:.0} bare_ms={bare:.0} \
         cold_ratio={:.2} first_ratio={:.2} warm_ratio={:.2}",
        bare / cold,
        bare / first,
        bare / warm
    );
    Ok(())
}

fn measure(
    suite: &suite::Suite,
    programs: &Programs,
    folder: &Path,
) -> Result<Measured, Box<dyn Error>> {
    let run = |name: &Path, cache: &Path, keep_alive: &str| -> Result<f64, Box<dyn Error>> {
        let (name, cache) = (name.to_string_lossy(), cache.to_string_lossy());
        let variables = [
            ("TDATA_SERVER", programs.source),
            ("TDATA_PG_BIN", &*name),
            ("XDG_CACHE_HOME", &*cache),
            ("TDATA_KEEP_ALIVE", keep_alive),
        ];
        Ok(in_ms(suite.run_one(TEST, &variables)?))
    };
    let mut measured = Measured::default();
    for round in 0..ROUNDS {
        let name = |side: &str| -> Result<PathBuf, Box<dyn Error>> {
            let name = folder.join(format!("{side}-{round}"));
            symlink(&programs.folder, &name)?;
            Ok(name)
        };
        let cache = folder.join(format!("cache-{round}"));
        measured.bare.push(in_ms(bare::boot(programs)?));
        measured.first.push(run(&name("first")?, &cache, "0s")?);
        let cold = name("cold")?;
        measured.cold.push(run(&cold, &cache, "30s")?);
        // The last one lets the server go.
        measured.warm.push(run(&cold, &cache, "0s")?);
    }
    Ok(measured)
}

fn in_ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
