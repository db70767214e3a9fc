//! What is compared: tdata's own load, and `COPY` from files that were made beforehand.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use postgres::{Client, NoTls};
use tdata_core::plan::{Catalog, DatasetPlan, Plan};
use tdata_core::project::Triggers;
use tdata_core::value::{BINARY_HEADER, BINARY_TRAILER, append_rows};
use tdata_postgres::load::{self, Copying, Ground, Progress};
use tdata_postgres::migrate::Migrations;
use tdata_postgres::validate;

/// How many rows are made together.
const BLOCK: u64 = 1024;

/// How tdata loads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    /// Over how many connections; one is one transaction.
    pub(crate) streams: usize,
    /// How many threads make rows; what tdata chooses, if nothing is said.
    pub(crate) generators: Option<usize>,
    /// How many bytes are sent together; likewise.
    pub(crate) chunk: Option<usize>,
}

/// Loads and validates as tdata does, and returns the seconds of each.
pub(crate) fn tdata(url: &str, plan: &Plan, way: Way) -> Result<[f64; 2], Box<dyn Error>> {
    let mut client = Client::connect(url, NoTls)?;
    let start = Instant::now();
    match way {
        Way { streams: 1, generators: None, chunk: None } => {
            let (all, catalog) = (0..plan.datasets.len(), Catalog::default());
            let mut begun = Vec::new();
            let mut watch = |progress: Progress<'_>| {
                let (stage, dataset) = match progress {
                    Progress::Keys { dataset } => ("keys", dataset),
                    Progress::ForeignKeys { dataset } => ("foreign keys", dataset),
                    Progress::Rows { dataset, .. } => ("rows", dataset),
                    _ => return ControlFlow::Continue(()),
                };
                if begun.last().is_none_or(|(last, of, _)| *last != stage || *of != dataset) {
                    begun.push((stage, dataset.to_owned(), start.elapsed().as_secs_f64()));
                }
                ControlFlow::Continue(())
            };
            let migrations = Migrations::default();
            let ground = Ground { triggers: Triggers::On, owner: None, migrations: &migrations };
            load::load_observed(ground, &mut client, plan, all, &catalog, &mut watch)?;
            let ends = begun.iter().skip(1).map(|(_, _, at)| *at);
            let ends: Vec<f64> = ends.chain([start.elapsed().as_secs_f64()]).collect();
            for ((stage, dataset, at), end) in begun.iter().zip(ends) {
                eprintln!("    {:<36}{:>10.1}", format!("{stage} of {dataset}"), end - at);
            }
        }
        way => in_parts(url, &mut client, plan, way)?,
    }
    validated(&mut client, plan, start)
}

fn validated(client: &mut Client, plan: &Plan, start: Instant) -> Result<[f64; 2], Box<dyn Error>> {
    let loaded = start.elapsed().as_secs_f64();
    validate::validate(client, plan)?;
    Ok([loaded, start.elapsed().as_secs_f64() - loaded])
}

fn go_on(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Loads with the steps that jobs use: in one transaction up to the rows, or over several connections.
fn in_parts(url: &str, client: &mut Client, plan: &Plan, way: Way) -> Result<(), Box<dyn Error>> {
    let migrations = Migrations::default();
    let ground = Ground { triggers: Triggers::On, owner: None, migrations: &migrations };
    let all = 0..plan.datasets.len();
    let mut transaction = client.transaction()?;
    load::make_tables(ground, &mut transaction, plan, all.clone())?;
    let how = |rows: u64| {
        let usual = Copying::of_rows(rows).beside(way.streams);
        let generators = way.generators.unwrap_or(usual.generators);
        Copying { generators, chunk: way.chunk.unwrap_or(usual.chunk), ..usual }
    };
    if way.streams == 1 {
        for dataset in &plan.datasets {
            let how = how(dataset.rows).frozen();
            load::copy_part(&mut transaction, dataset, 0..dataset.rows, how, &mut go_on)?;
        }
        transaction.commit()?;
        return Ok(load::finish(std::slice::from_mut(client), plan, all, &mut go_on)?);
    }
    transaction.commit()?;
    for dataset in &plan.datasets {
        let part = dataset.rows.div_ceil(way.streams as u64).max(1);
        let copied: Vec<Result<(), String>> = std::thread::scope(|scope| {
            let start = |first: u64| {
                scope.spawn(move || -> Result<(), String> {
                    let told = |error: &dyn Error| error.to_string();
                    let mut client = Client::connect(url, NoTls).map_err(|error| told(&error))?;
                    let mut transaction = client.transaction().map_err(|error| told(&error))?;
                    let rows = first..dataset.rows.min(first + part);
                    load::copy_part(&mut transaction, dataset, rows, how(part), &mut go_on)
                        .map_err(|error| told(&error))?;
                    transaction.commit().map_err(|error| told(&error))
                })
            };
            let firsts = (0..dataset.rows).step_by(part as usize);
            let threads: Vec<_> = firsts.map(start).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or(Err("a panic".into())))
                .collect()
        });
        copied.into_iter().collect::<Result<Vec<()>, String>>()?;
    }
    let clients: Result<Vec<Client>, _> =
        (0..way.streams).map(|_| Client::connect(url, NoTls)).collect();
    Ok(load::finish(&mut clients?, plan, all, &mut go_on)?)
}

/// Where a peer's rows are, and how they get to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Text that the server reads.
    TextOfServer,
    /// Text that a client sends.
    TextOfClient,
    /// The binary format, which a client sends.
    BinaryOfClient,
}

/// Writes the rows of all datasets into files.
pub(crate) fn write_files(folder: &Path, plan: &Plan) -> Result<(), Box<dyn Error>> {
    for dataset in &plan.datasets {
        let binary = dataset.copy_binary().ok_or("the rows have no binary form")?;
        let create = |peer| File::create(file(folder, dataset, peer)).map(BufWriter::new);
        let (mut text, mut other) = (create(Peer::TextOfClient)?, create(Peer::BinaryOfClient)?);
        other.write_all(BINARY_HEADER)?;
        let (mut blocks, mut out) = (Vec::new(), Vec::new());
        for first in (0..dataset.rows).step_by(BLOCK as usize) {
            dataset.fill(first..dataset.rows.min(first + BLOCK), &mut blocks);
            out.clear();
            append_rows(&blocks, &mut out);
            text.write_all(&out)?;
            out.clear();
            binary.append(&blocks, &mut out).map_err(|_| "a value is of another kind")?;
            other.write_all(&out)?;
        }
        other.write_all(BINARY_TRAILER)?;
        text.flush()?;
        other.flush()?;
    }
    Ok(())
}

fn file(folder: &Path, dataset: &DatasetPlan, peer: Peer) -> PathBuf {
    let ending = if peer == Peer::BinaryOfClient { "pgcopy" } else { "txt" };
    folder.join(format!("{}.{ending}", dataset.name))
}

/// Loads from files: the same tables, keys, settings and checks, and rows that are frozen, too. Only the rows come from elsewhere.
pub(crate) fn peer(
    url: &str,
    plan: &Plan,
    folder: &Path,
    peer: Peer,
) -> Result<[f64; 2], Box<dyn Error>> {
    let mut client = Client::connect(url, NoTls)?;
    let start = Instant::now();
    let mut transaction = client.transaction()?;
    for dataset in &plan.datasets {
        transaction.batch_execute(&dataset.create_bare_table())?;
        let path = file(folder, dataset, peer);
        let columns: Vec<&str> = dataset.fields.iter().map(|field| field.name.as_str()).collect();
        let into = format!("COPY {} ({})", dataset.table, columns.join(", "));
        match peer {
            Peer::TextOfServer => {
                let path = path.display();
                transaction.batch_execute(&format!("{into} FROM '{path}' (FREEZE)"))?;
            }
            _ => {
                let format = if peer == Peer::BinaryOfClient { "FORMAT binary, " } else { "" };
                let mut writer =
                    transaction.copy_in(&format!("{into} FROM STDIN ({format}FREEZE)"))?;
                let mut file = BufReader::with_capacity(256 << 10, File::open(path)?);
                let mut buffer = vec![0; 256 << 10];
                loop {
                    match file.read(&mut buffer)? {
                        0 => break,
                        read => writer.write_all(&buffer[..read])?,
                    }
                }
                writer.finish()?;
            }
        }
    }
    transaction
        .batch_execute("SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '256MB'")?;
    let keys = plan.datasets.iter().filter_map(DatasetPlan::add_keys);
    let foreign = plan.datasets.iter().flat_map(|dataset| dataset.add_foreign_keys(plan));
    for sql in keys.chain(foreign) {
        transaction.batch_execute(&sql)?;
    }
    transaction.commit()?;
    for dataset in &plan.datasets {
        client.batch_execute(&format!("ANALYZE {}", dataset.table))?;
    }
    validated(&mut client, plan, start)
}
