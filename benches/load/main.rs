//! How fast many rows are loaded: made, masked, copied in, with their keys and checks.

mod plans;
mod sides;

use std::error::Error;
use std::path::Path;
use std::process::Command;

use plans::planned;
use postgres::{Client, NoTls};
use sides::{Peer, Way};
use tdata::{Isolation, TestData};
use tdata_bench::machine;

/// How many users and orders are loaded, unless `--rows` says so.
const ROWS: u64 = 10_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str| value(name).map(|value| value.parse::<u64>()).transpose();
    if let Some(url) = value("--child") {
        let rows = number("--rows")?.ok_or("no rows")?;
        let plan = planned(&value("--what").ok_or("nothing to load")?, rows)?;
        let size = |name: &str| number(name).map(|number| number.map(|number| number as usize));
        let (streams, generators, chunk) =
            (size("--streams")?.unwrap_or(1), size("--generators")?, size("--chunk")?);
        let [load, check] = sides::tdata(&url, &plan, Way { streams, generators, chunk })?;
        println!("{load} {check} {}", machine::peak_megabytes());
        return Ok(());
    }
    let rows = number("--rows")?.unwrap_or(ROWS);
    let bench = Bench::begin()?;
    println!("{}", machine::described());
    println!("{}\n", bench.server()?);
    match value("--only").as_deref() {
        Some("tries") => return bench.tries(rows),
        Some("validation") => return bench.validation(rows),
        Some("growth") => return bench.growth(rows),
        _ => {}
    }
    let mut line = String::new();
    if value("--only").is_none_or(|only| only == "users") {
        let (own, text, binary, peak) = bench.compare("users", rows)?;
        line = format!(
            "seconds={own:.1} copy_ratio={:.2} binary_ratio={:.2} peak_mb={peak:.0} ",
            own / text,
            own / binary
        );
    }
    if value("--only").is_none_or(|only| only == "shop") {
        let (own, text, binary, peak) = bench.compare("shop", rows / 2)?;
        line.push_str(&format!(
            "shop_seconds={own:.1} shop_ratio={:.2} shop_binary_ratio={:.2} shop_peak_mb={peak:.0}",
            own / text,
            own / binary
        ));
    }
    println!("\n{}", line.trim());
    Ok(())
}

/// A server that tdata booted, with databases of the benchmark's own.
struct Bench {
    data: TestData,
}

impl Bench {
    fn begin() -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("load");
        let request = TestData::request(["users"]).project(folder).every_volume(1u64);
        Ok(Self { data: request.isolation(Isolation::Full).provision()? })
    }

    fn server(&self) -> Result<String, Box<dyn Error>> {
        let mut client = Client::connect(self.data.url(), NoTls)?;
        let row = client.query_one("SELECT version(), current_setting('data_directory')", &[])?;
        Ok(format!("{} in {}", row.get::<_, &str>(0), row.get::<_, &str>(1)))
    }

    /// Runs something with a database of its own.
    fn with_database<T>(
        &self,
        run: impl FnOnce(&str) -> Result<T, Box<dyn Error>>,
    ) -> Result<T, Box<dyn Error>> {
        let mut client = Client::connect(self.data.url(), NoTls)?;
        client.batch_execute("CREATE DATABASE bench_load TEMPLATE template0")?;
        let url = self.data.url().replace(self.data.database(), "bench_load");
        let result = run(&url);
        client.batch_execute("DROP DATABASE bench_load WITH (FORCE)")?;
        result
    }

    /// Runs tdata's side in a process of its own. Returns the seconds to load and to check, and the megabytes at its peak.
    fn child(&self, what: &str, rows: u64, more: &[&str]) -> Result<[f64; 3], Box<dyn Error>> {
        self.with_database(|url| {
            let rows = rows.to_string();
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["--child", url, "--what", what, "--rows", &rows]).args(more);
            let output = command.output()?;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            if more.is_empty() {
                // What each stage took.
                eprint!("{}", String::from_utf8_lossy(&output.stderr));
            }
            let numbers: Vec<f64> =
                said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            <[f64; 3]>::try_from(numbers)
                .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned().into())
        })
    }

    /// Compares tdata with its peers, and prints what each took. Returns the seconds of tdata, of text at its fastest and of
    /// binary, and tdata's megabytes.
    fn compare(&self, what: &str, rows: u64) -> Result<(f64, f64, f64, f64), Box<dyn Error>> {
        let plan = planned(what, rows)?;
        let files = tempfile(what)?;
        sides::write_files(&files, &plan)?;
        println!("{what}, {rows} rows{:>31}{:>10}{:>8}{:>8}", "load", "check", "all", "MB");
        let print = |name: &str, [load, check]: [f64; 2], peak: Option<f64>| {
            let peak = peak.map(|peak| format!("{peak:>8.0}")).unwrap_or_default();
            println!("{name:<40}{load:>10.2}{check:>10.2}{:>8.2}{peak}", load + check);
            load + check
        };
        let [load, check, peak] = self.child(what, rows, &[])?;
        let own = print("tdata", [load, check], Some(peak));
        let peer = |name: &str, peer| -> Result<f64, Box<dyn Error>> {
            let took = self.with_database(|url| sides::peer(url, &plan, &files, peer))?;
            Ok(print(name, took, None))
        };
        let server = peer("COPY of text, read by the server", Peer::TextOfServer)?;
        let client = peer("COPY of text, sent by a client", Peer::TextOfClient)?;
        let binary = peer("COPY of binary, sent by a client", Peer::BinaryOfClient)?;
        std::fs::remove_dir_all(&files)?;
        Ok((own, server.min(client), binary, peak))
    }

    /// Tries other numbers of streams, threads and bytes than tdata chooses.
    fn tries(&self, rows: u64) -> Result<(), Box<dyn Error>> {
        println!(
            "{:>8}{:>12}{:>10}{:>10}{:>10}{:>8}",
            "streams", "generators", "KB", "load", "check", "MB"
        );
        let try_one = |streams: &str,
                       generators: &str,
                       kilobytes: u64|
         -> Result<(), Box<dyn Error>> {
            let chunk = (kilobytes << 10).to_string();
            let more = ["--streams", streams, "--generators", generators, "--chunk", &chunk];
            let [load, check, peak] = self.child("users", rows, &more)?;
            println!(
                "{streams:>8}{generators:>12}{kilobytes:>10}{load:>10.1}{check:>10.1}{peak:>8.0}"
            );
            Ok(())
        };
        for generators in ["0", "1", "2", "3"] {
            try_one("1", generators, 256)?;
        }
        for kilobytes in [32, 64, 128, 512, 1024] {
            try_one("1", "2", kilobytes)?;
        }
        for streams in ["2", "4"] {
            try_one(streams, "0", 256)?;
            try_one(streams, "1", 256)?;
        }
        Ok(())
    }

    /// Measures how the cost of loading grows.
    fn growth(&self, most: u64) -> Result<(), Box<dyn Error>> {
        println!("{:>12}{:>10}{:>10}{:>14}{:>8}", "users", "load", "check", "us a row", "MB");
        for rows in powers_of_ten(most) {
            // As tdata loads without being told how.
            let [load, check, peak] = self.child("users", rows, &["--streams", "1"])?;
            let microseconds = (load + check) * 1e6 / rows as f64;
            println!("{rows:>12}{load:>10.3}{check:>10.3}{microseconds:>14.2}{peak:>8.0}");
        }
        Ok(())
    }

    /// Measures how the cost of validation grows.
    fn validation(&self, most: u64) -> Result<(), Box<dyn Error>> {
        println!("{:>12}{:>16}{:>12}{:>12}", "orders", "by constraint", "anti-join", "IN");
        for rows in powers_of_ten(most) {
            let keyed = planned("keyed", rows)?;
            let asking = planned("asking", rows)?;
            let times = self.with_database(|url| {
                let [_, proved] =
                    sides::tdata(url, &keyed, Way { streams: 1, generators: None, chunk: None })?;
                let mut client = Client::connect(url, NoTls)?;
                let mut time = |plan| -> Result<f64, Box<dyn Error>> {
                    let start = std::time::Instant::now();
                    tdata_postgres::validate::validate(&mut client, plan)?;
                    Ok(start.elapsed().as_secs_f64())
                };
                let in_subquery = time(&asking)?;
                Client::connect(url, NoTls)?
                    .batch_execute("ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey")?;
                Ok([proved, time(&keyed)?, in_subquery])
            })?;
            println!("{rows:>12}{:>16.3}{:>12.3}{:>12.3}", times[0], times[1], times[2]);
        }
        Ok(())
    }
}

/// Returns 1,000, and ten times as many, as far as `most`.
fn powers_of_ten(most: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(1_000), |rows: &u64| rows.checked_mul(10))
        .take_while(move |rows| *rows <= most)
}

/// A folder for a peer's files, which the server reads, too.
fn tempfile(name: &str) -> Result<std::path::PathBuf, Box<dyn Error>> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = std::env::temp_dir().join(format!("tdata-bench-{name}-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}
