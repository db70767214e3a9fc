//! Definitions changed at random, with PostgreSQL as the judge: what is wrong is told with its place before the first
//! row, and what is planned is loaded as it was planned.
//!
//! CI runs it for two minutes. By hand `TDATA_TEST_MUTATIONS=1800 cargo test --test mutations -- --ignored` goes on for half an hour.
//! Each finding prints its number; `TDATA_TEST_MUTATION=<number>` runs that case alone, and shows its definitions.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chance;
mod mutation;
#[expect(dead_code, reason = "other tests use the rest")]
mod own_server;
mod project;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use mutation::{Case, MIGRATION};
use own_server::OwnServer;
use postgres::Client;
use project::Project;
use tdata::{Config, Engine, Isolation, MaskKey, Notices, TestData};
use tdata_core::contract::{Contract, Volume};
use tdata_core::definition::Files;
use tdata_core::diagnostic::{Diagnostic, Diagnostics, is_visible};
use tdata_core::plan::{Catalog, DatasetPlan, Plan, plan};
use tdata_core::sql::{Scalar, SqlType, quote_identifier};
use tdata_core::value::Value;
use tdata_postgres::load::{self, LoadError};
use tdata_postgres::validate::{self, Finding, ValidateError};

const EMPTY: &str = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";

/// The settings of a project with the migration.
const SETTINGS: (&str, &str) = ("tdata.toml", "migrations = \"migrations\"\n");

/// What the databases of cases have that those of tests need not have.
const EXTENSIONS: [&str; 3] = ["citext", "hstore", "ltree"];

/// How long one case may take before it hangs.
const HANGS: Duration = Duration::from_secs(60);

/// One of so many cases that load goes the whole way of a test, too.
const WHOLE_WAY: u64 = 20;

/// A database that cases are loaded into, one after the other.
struct Database {
    client: Client,
    catalog: Catalog,
    _data: TestData,
}

impl Database {
    fn new(engine: &Engine, files: &[(&str, &str)]) -> Self {
        let project = Project::with(files).define("empty", EMPTY);
        let request = engine.request(["empty"]).project(project.path());
        let data = request.isolation(Isolation::Full).provision().unwrap();
        let mut client = Client::connect(data.url(), postgres::NoTls).unwrap();
        // As on a server of a user's own: what extensions it has is not for planning to know.
        for name in EXTENSIONS {
            client.batch_execute(&format!("CREATE EXTENSION IF NOT EXISTS {name}")).unwrap();
        }
        client.batch_execute("SET statement_timeout = '30s'").unwrap();
        let catalog = match files.is_empty() {
            true => Catalog::default(),
            false => tdata_postgres::catalog::read(&mut client).unwrap(),
        };
        Self { client, catalog, _data: data }
    }

    /// Removes what a plan left.
    fn clear(&mut self, plan: &Plan) {
        let mut sql = String::new();
        for dataset in &plan.datasets {
            let schema = dataset.table.schema.as_deref().filter(|schema| *schema != "public");
            sql.push_str(&match (dataset.table_exists, schema) {
                (true, _) => format!("TRUNCATE {} CASCADE;", dataset.table),
                (false, Some(schema)) if schema != "shop" => {
                    format!("DROP SCHEMA IF EXISTS {} CASCADE;", quote_identifier(schema))
                }
                (false, _) => format!("DROP TABLE IF EXISTS {} CASCADE;", dataset.table),
            });
        }
        self.client.batch_execute(&sql).unwrap();
    }
}

/// What came of a case.
#[derive(Default)]
struct Outcome {
    planned: bool,
    loaded: bool,
    /// What is not as it should be.
    findings: Vec<String>,
    /// What was said.
    said: String,
}

/// Tells what is wrong with a mistake: a place that is missing, or characters that are not to be shown.
fn wrong_with(mistake: &Diagnostic) -> Option<String> {
    let shown = mistake.to_string();
    if !is_readable(&shown) {
        return Some(format!("a message is not to be read: {shown:?}"));
    }
    // What a contract asks for stands in no file.
    let is_placed = mistake.location().is_some() || mistake.code().starts_with("contract::");
    (!is_placed).then(|| format!("a mistake has no place: {shown}"))
}

fn is_readable(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\n' | '\t') || is_visible(c))
}

/// Plans a case as a test does: from its files.
fn planned(project: &Project, case: &Case, catalog: &Catalog) -> Result<Plan, Diagnostics> {
    let files = Files::read(&project.path().join("data_definitions"), "data_definitions")?;
    let library = files.library();
    let names = case.files.iter().map(|(name, _)| name.trim_end_matches(".yaml"));
    let mut contract = Contract::new(names, "2024-05-01".parse().unwrap());
    contract.volumes.every = case.rows.map(Volume::Rows);
    contract.apply_masking = case.apply_masking;
    contract.seed = case.seed;
    plan(&contract, library, &MaskKey::development(), catalog)
}

fn project(case: &Case) -> Project {
    let migration = [SETTINGS, ("migrations/1.sql", MIGRATION)];
    let project = Project::with(if case.migrated { &migration } else { &[] });
    for (name, content) in &case.files {
        std::fs::write(project.path().join("data_definitions").join(name), content).unwrap();
    }
    project
}

/// Plans and loads a case.
fn run(number: u64, case: &Case, engine: &Engine, database: &mut Database) -> Outcome {
    let project = project(case);
    let mut outcome = Outcome::default();
    let plan = match planned(&project, case, &database.catalog) {
        Ok(plan) => plan,
        Err(mistakes) => {
            outcome.findings.extend(mistakes.iter().filter_map(wrong_with));
            outcome.said = mistakes.to_string();
            return outcome;
        }
    };
    outcome.planned = true;
    let count = plan.datasets.len();
    if let Err(error) = load::load(&mut database.client, &plan, 0..count, &database.catalog) {
        outcome.said = error.to_string();
        outcome.findings.extend(wrong_with_load(&plan, &error));
        return outcome;
    }
    outcome.loaded = true;
    if let Err(error) = validate::validate(&mut database.client, &plan) {
        outcome.said = error.to_string();
        outcome.findings.extend(wrong_with_validation(&error));
    }
    for dataset in &plan.datasets {
        outcome.findings.extend(changed_values(&mut database.client, dataset));
    }
    database.clear(&plan);
    if number.is_multiple_of(WHOLE_WAY) && outcome.said.is_empty() {
        outcome.findings.extend(whole_way(&project, case, &plan, engine));
    }
    outcome
}

/// What the server refuses is told with dataset, row index and column, and is what only it can know.
fn wrong_with_load(plan: &Plan, error: &LoadError) -> Option<String> {
    let text = error.to_string();
    let LoadError::Rows { dataset, refusal } = error else {
        return Some(format!("the server refused: {text}"));
    };
    // How much of a long key an index holds depends on how it is compressed.
    if refusal.is("54000") && text.contains(", row index ") {
        return None;
    }
    // Of columns that it computes itself the server does not say which one failed.
    if refusal.is("22003") && text.contains("It may be the generated column `doubled`") {
        return None;
    }
    let column =
        text.split(", column ").nth(1).map(|rest| rest.split(", row index").next().unwrap());
    let field = column.and_then(|column| plan.dataset(dataset)?.field(column));
    let is_placed = field.is_some() && text.contains(", row index ") && text.contains(&**dataset);
    if !is_placed || !is_readable(&text) {
        return Some(format!("a refusal without its place: {text}"));
    }
    let is_the_servers =
        field.is_some_and(|field| is_the_servers(&field.sql_type, field.generator));
    (!is_the_servers).then(|| format!("the server refused a {}: {text}", field.unwrap().sql_type))
}

/// What only the server can know of a value: the checks of a domain, and whether a text that the definition writes is
/// one of a type whose texts tdata does not read.
fn is_the_servers(sql_type: &SqlType, generator: &str) -> bool {
    let written = ["choice", "constant", "pattern", "reference"].contains(&generator);
    match sql_type {
        SqlType::Domain(domain) => {
            domain.name.name == "positive" || is_the_servers(&domain.base, generator)
        }
        // Whether `-` is part of a label depends on the version.
        SqlType::Scalar(Scalar::Ltree) => true,
        SqlType::Scalar(scalar) => written && is_unread(*scalar),
        SqlType::Enum(_) => false,
        _ => written,
    }
}

fn is_unread(scalar: Scalar) -> bool {
    use Scalar::{
        Box, Bytea, Circle, Hstore, JsonPath, Line, MacAddr, MacAddr8, Money, Oid, Path, PgLsn,
        Point, Polygon, Segment, TsQuery, Xml,
    };
    matches!(
        scalar,
        Box | Bytea
            | Circle
            | Hstore
            | JsonPath
            | Line
            | MacAddr
            | MacAddr8
            | Money
            | Oid
            | Path
            | PgLsn
            | Point
            | Polygon
            | Segment
            | TsQuery
            | Xml
    )
}

/// Of the conditions that are checked, only those of the definition itself may fail: they are SQL of the user's own.
fn wrong_with_validation(error: &ValidateError) -> Option<String> {
    let text = error.to_string();
    let ValidateError::Violations(violations) = error else {
        return Some(format!("the rows cannot be checked: {text}"));
    };
    let ours = violations.iter().any(|violation| {
        violation.place.is_none() || matches!(violation.finding, Finding::Count { .. })
    });
    (ours || !is_readable(&text)).then(|| format!("what tdata promises does not hold: {text}"))
}

/// Compares what the database has with what was planned.
fn changed_values(client: &mut Client, dataset: &DatasetPlan) -> Option<String> {
    let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); dataset.fields.len()];
    let mut values = Vec::new();
    for row in 0..dataset.rows {
        dataset.write_row(row, &mut values);
        for (column, value) in columns.iter_mut().zip(&values) {
            column.push((*value != Value::Null).then(|| value.to_string()));
        }
    }
    let types = "SELECT attname, format_type(CASE typtype WHEN 'd' THEN typbasetype ELSE atttypid END, -1)
        FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid WHERE attrelid = $1::text::regclass AND attnum > 0";
    let types = client.query(types, &[&dataset.table.to_string()]).unwrap();
    let types: BTreeMap<String, String> =
        types.iter().map(|row| (row.get::<_, &str>(0).to_owned(), row.get(1))).collect();
    let (mut counts, mut texts, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (at, field) in dataset.fields.iter().enumerate() {
        let (kept, planned) =
            (format!("kept.{}", quote_identifier(&field.name)), format!("planned.v{at}"));
        let differs = match types[&field.name].as_str() {
            "text" | "character varying" | "name" | "citext" => {
                format!("{kept}::text IS DISTINCT FROM {planned}")
            }
            // Blanks at the end do not count.
            "bpchar" => format!("{kept}::text IS DISTINCT FROM rtrim({planned}, ' ')"),
            bare @ ("numeric" | "numeric[]") => {
                format!("{kept} IS DISTINCT FROM {planned}::{bare}")
            }
            // What a number stands for depends on the fields that the type keeps.
            "interval" => format!("({kept} IS NULL) <> ({planned} IS NULL)"),
            bare => format!("{kept}::{bare}::text IS DISTINCT FROM {planned}::{bare}::text"),
        };
        counts.push(format!("count(*) FILTER (WHERE {differs})"));
        texts.push(format!("${}::text[]", at + 1));
        names.push(format!("v{at}"));
    }
    let sql = format!(
        "SELECT {} FROM (SELECT *, row_number() OVER () AS \"row number\" FROM {}) AS kept
         FULL JOIN unnest({}) WITH ORDINALITY AS planned ({}, \"row number\")
         ON kept.\"row number\" = planned.\"row number\"",
        counts.join(", "),
        dataset.table,
        texts.join(", "),
        names.join(", "),
    );
    let parameters: Vec<&(dyn postgres::types::ToSql + Sync)> =
        columns.iter().map(|column| column as &(dyn postgres::types::ToSql + Sync)).collect();
    let row = match client.query_one(&sql, &parameters) {
        Ok(row) => row,
        Err(error) => return Some(format!("values cannot be compared: {error:?}")),
    };
    let differ = dataset.fields.iter().enumerate().find(|(at, _)| row.get::<_, i64>(*at) > 0);
    differ.map(|(_, field)| format!("a {} is not kept as planned: {}", field.sql_type, field.name))
}

/// Provisions a case as a test does, and counts its rows.
fn whole_way(project: &Project, case: &Case, plan: &Plan, engine: &Engine) -> Option<String> {
    let names = plan.datasets.iter().map(|dataset| dataset.name.as_str());
    let isolations = [Isolation::Full, Isolation::Schema];
    let isolation = isolations[plan.datasets.len() % isolations.len()];
    let mut request = engine.request(names).project(project.path()).isolation(isolation);
    if let Some(rows) = case.rows {
        request = request.every_volume(rows);
    }
    match request.apply_masking(case.apply_masking).seed(case.seed).provision() {
        Ok(data) => {
            let counts = data.counts();
            let differ =
                plan.datasets.iter().find(|dataset| counts[dataset.name.as_str()] != dataset.rows);
            differ.map(|dataset| format!("a test finds other rows in {}", dataset.name))
        }
        // Its database has no extensions.
        Err(error) if EXTENSIONS.iter().any(|name| error.to_string().contains(name)) => None,
        Err(error) => Some(format!("a test does not get what can be loaded: {error}")),
    }
}

/// The findings of all cases, by kind.
#[derive(Default)]
struct Report {
    findings: BTreeMap<String, Vec<(u64, String)>>,
    cases: u64,
    planned: u64,
    loaded: u64,
}

impl Report {
    fn add(&mut self, number: u64, outcome: Outcome) {
        self.cases += 1;
        self.planned += u64::from(outcome.planned);
        self.loaded += u64::from(outcome.loaded);
        for finding in outcome.findings {
            // Names, numbers and lines of definitions make no other kind.
            let kind: String = finding
                .lines()
                .next()
                .unwrap_or_default()
                .split('`')
                .step_by(2)
                .collect::<String>()
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .collect();
            self.findings.entry(kind).or_default().push((number, finding));
        }
    }

    /// Prints the findings, the first ones of each kind in full.
    fn print(&self) {
        for (kind, findings) in &self.findings {
            println!("\n=== {} times: {kind}", findings.len());
            for (number, finding) in findings.iter().take(3) {
                println!("TDATA_TEST_MUTATION={number}\n{finding}");
            }
        }
        println!("{} definitions, {} planned, {} loaded", self.cases, self.planned, self.loaded);
    }
}

/// Says what a panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?")
}

/// Runs the cases of all numbers that `next` gives.
fn work(
    engine: &Engine,
    report: &Mutex<Report>,
    current: &Mutex<Option<(u64, Instant)>>,
    next: impl Fn() -> Option<u64>,
) {
    let new = |migrated: bool| {
        let migration = [SETTINGS, ("migrations/1.sql", MIGRATION)];
        Database::new(engine, if migrated { &migration } else { &[] })
    };
    let mut databases = [new(false), new(true)];
    while let Some(number) = next() {
        *current.lock().unwrap() = Some((number, Instant::now()));
        let case = Case::of(number);
        let database = &mut databases[usize::from(case.migrated)];
        let outcome = catch_unwind(AssertUnwindSafe(|| run(number, &case, engine, database)));
        let outcome = outcome.unwrap_or_else(|panic| {
            *database = new(case.migrated);
            let finding = format!("a panic: {}", panic_text(&*panic));
            Outcome { findings: vec![finding], ..Outcome::default() }
        });
        if alone().is_some() {
            for (name, content) in &case.files {
                println!("--- {name}\n{}", String::from_utf8_lossy(content));
            }
            println!("--- rows: {:?}\n{}", case.rows, outcome.said);
        }
        report.lock().unwrap().add(number, outcome);
    }
    *current.lock().unwrap() = None;
}

/// The number of the one case to run.
fn alone() -> Option<u64> {
    std::env::var("TDATA_TEST_MUTATION").ok().map(|number| number.parse().unwrap())
}

#[test]
#[ignore = "takes as long as it is told"]
fn mutated_definitions_are_told_before_the_first_row_or_loaded() {
    let Some(server) = OwnServer::new() else { return };
    let OwnServer::Local { programs, .. } = &server else { return };
    let config = Config::new().server(tdata::ServerChoice::Local).programs(programs);
    let config = config.as_of("2024-05-01".parse().unwrap()).notices(Notices::none());
    let engine = Engine::new(config);
    let seconds =
        std::env::var("TDATA_TEST_MUTATIONS").map_or(5, |seconds| seconds.parse().unwrap());
    let (start, end) = (Instant::now(), Duration::from_secs(seconds));
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let first = alone().unwrap_or(time * 1_000_000);
    println!("from TDATA_TEST_MUTATION={first} on");
    let (number, report) = (AtomicU64::new(first), Mutex::<Report>::default());
    let next = || match alone() {
        Some(_) => (number.fetch_add(1, Ordering::Relaxed) == first).then_some(first),
        None => (start.elapsed() < end).then(|| number.fetch_add(1, Ordering::Relaxed)),
    };
    let running: Vec<Mutex<Option<(u64, Instant)>>> = (0..2).map(|_| Mutex::default()).collect();
    std::thread::scope(|scope| {
        let (engine, report, next) = (&engine, &report, &next);
        let workers: Vec<_> = running
            .iter()
            .map(|current| scope.spawn(move || work(engine, report, current, next)))
            .collect();
        // Nobody can end a thread that hangs: the process ends, and its server with it.
        while !workers.iter().all(|worker| worker.is_finished()) {
            for current in &running {
                let hangs = current.lock().unwrap().filter(|(_, since)| since.elapsed() > HANGS);
                if let Some((number, _)) = hangs {
                    own_server::say(&format!("TDATA_TEST_MUTATION={number} hangs"));
                    std::process::exit(1);
                }
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
    });
    let report = report.into_inner().unwrap();
    report.print();
    assert!(report.loaded > 0 || alone().is_some());
    assert!(report.findings.is_empty(), "{} kinds of findings", report.findings.len());
}
