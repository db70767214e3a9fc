//! What the published example costs, from nothing to nothing: a server is booted, 10,000 users and 50,000 orders are loaded and
//! checked, and all of it is taken away again.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tdata::{Config, Engine, Isolation, Volume};
use tdata_bench::machine;
use tdata_bench::statistics::median;

/// How often it is measured.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lifecycle");
    if std::env::args().any(|argument| argument == "--child") {
        return lifecycle(&folder);
    }
    println!("{}\n", machine::described());
    println!("{:>8}{:>12}", "round", "seconds");
    let mut times = Vec::new();
    for round in 1..=ROUNDS {
        // Servers are shared within a workspace: this one is nobody else's.
        let own =
            std::env::temp_dir().join(format!("tdata-lifecycle-{}-{round}", std::process::id()));
        std::fs::create_dir(&own)?;
        let mut command = Command::new(std::env::current_exe()?);
        let start = Instant::now();
        let status = command.arg("--child").env("TDATA_BENCH_FOLDER", &own).status()?;
        let time = start.elapsed().as_secs_f64();
        std::fs::remove_dir_all(&own)?;
        if !status.success() {
            return Err("a round failed".into());
        }
        println!("{round:>8}{time:>12.2}");
        times.push(time);
    }
    println!("\nlifecycle_s={:.2}", median(&times));
    Ok(())
}

/// Boots, provisions, looks, and cleans up.
fn lifecycle(folder: &Path) -> Result<(), Box<dyn Error>> {
    let own = std::env::var_os("TDATA_BENCH_FOLDER").ok_or("no folder")?;
    let config = Config::from_environment()?.project(folder).workspace(own);
    let engine = Engine::new(config);
    let request = engine.request(["users", "orders"]).isolation(Isolation::Full);
    let data = request.volume("users", Volume::Full).volume("orders", Volume::Full).provision()?;
    let row = data
        .client()
        .query_one("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM orders)", &[])?;
    let counts: (i64, i64) = (row.get(0), row.get(1));
    if counts != (10_000, 50_000) {
        return Err(format!("{counts:?} rows").into());
    }
    if std::env::var_os("TDATA_BENCH_STAGES").is_some() {
        eprintln!("{:?}", data.timings());
    }
    data.release();
    drop(data);
    engine.close();
    Ok(())
}
