//! Migrations that only the project's own program can run: commands, and functions.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod guest;
#[expect(dead_code, reason = "other tests use the rest")]
mod own_server;
mod project;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use guest::Guest;
use own_server::{OwnServer, child, in_containers, wait_until};
use postgres::{Client, NoTls};
use project::Project;
use tdata::{
    Config, Engine, Isolation, Notices, ServerChoice, Stage, TestData, requires_test_data,
};

const TOOLS: &str = "  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: label, type: text, generator: first_name }
";

const TABLE: &str =
    "CREATE TABLE tools (id int PRIMARY KEY, label text, made_by text DEFAULT 'the program');";

/// What migrates with `psql`, and notes each time that it ran beside the project, where it is no input.
const SCRIPT: &str =
    "set -e\necho run >>\"$PWD.runs\"\npsql -qX -v ON_ERROR_STOP=1 -f schema.sql\n";

struct Tools(Project);

impl Tools {
    /// A project that its own program migrates.
    fn new(settings: &str, files: &[(&str, &str)]) -> Self {
        let settings = ("tdata.toml", settings);
        let usual = [("migrate.sh", SCRIPT), ("schema.sql", TABLE), settings];
        let files: Vec<(&str, &str)> = usual.into_iter().chain(files.iter().copied()).collect();
        Self(Project::with(&files).define("tools", TOOLS))
    }

    fn usual() -> Self {
        Self::new(
            "migrate_command = \"sh migrate.sh\"\nmigrate_inputs = [\"*.sh\", \"schema.sql\"]",
            &[],
        )
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn runs_file(&self) -> PathBuf {
        self.path().with_extension("runs")
    }

    /// How often its program ran.
    fn runs(&self) -> usize {
        fs::read_to_string(self.runs_file()).map_or(0, |text| text.lines().count())
    }

    fn provision(&self, isolation: Isolation) -> Result<TestData, tdata::Error> {
        TestData::request(["tools"]).isolation(isolation).project(self.path()).provision()
    }

    fn error(&self) -> String {
        let error = self.provision(Isolation::Full).unwrap_err();
        assert_eq!(error.stage(), Stage::Migrate);
        error.to_string()
    }
}

impl Drop for Tools {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.runs_file());
    }
}

fn ask(data: &TestData, query: &str) -> String {
    data.client().query_one(query, &[]).unwrap().get(0)
}

#[track_caller]
fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn a_command_migrates_under_each_isolation() {
    let tools = Tools::usual();
    for (isolation, runs) in
        [(Isolation::Full, 1), (Isolation::Transaction, 1), (Isolation::Schema, 2)]
    {
        let data = tools.provision(isolation).unwrap();
        assert_eq!(data.dataset("tools").len(), 20);
        assert_eq!(ask(&data, "SELECT min(made_by) FROM tools"), "the program");
        assert_eq!(tools.runs(), runs, "{isolation:?}");
        data.release();
    }
    let data = tools.provision(Isolation::Schema).unwrap();
    assert_ne!(ask(&data, "SELECT current_schema()::text"), "public");
}

#[test]
fn data_are_made_anew_when_what_decides_changes_and_only_then() {
    let tools = Tools::usual();
    let made_by = |expected: &str, runs: usize| {
        let data = tools.provision(Isolation::Full).unwrap();
        assert_eq!(ask(&data, "SELECT min(made_by) FROM tools"), expected);
        assert_eq!(tools.runs(), runs);
    };
    made_by("the program", 1);
    made_by("the program", 1);
    fs::write(tools.path().join("notes.md"), "no input").unwrap();
    made_by("the program", 1);
    fs::write(tools.path().join("schema.sql"), TABLE.replace("the program", "another")).unwrap();
    made_by("another", 2);
    fs::write(tools.path().join("other.sh"), "a new file that a pattern names").unwrap();
    made_by("another", 3);
}

#[test]
fn a_command_may_be_words_and_finds_its_database_by_each_way() {
    let all = "test \"$PGHOST:$PGPORT/$PGDATABASE\" = \"$(echo $DATABASE_URL | sed 's/.*@//; s/?.*//')\"; \
               test -z \"$PGSERVICE$TDATA_DATABASE_URL$CARGO_MANIFEST_DIR\"; \
               env -u PGHOST -u PGPORT -u PGUSER -u PGPASSWORD psql -qX -d \"$DATABASE_URL\" -f schema.sql";
    let settings = format!("migrate_command = [\"sh\", \"-ec\", '''{all}''']\nmigrate_inputs = []");
    for isolation in [Isolation::Full, Isolation::Schema] {
        let data = Tools::new(&settings, &[]).provision(isolation).unwrap();
        assert_eq!(data.dataset("tools").len(), 20);
    }
}

#[test]
fn what_a_command_fails_with_is_told() {
    for (command, parts) in [
        (
            "echo one; echo two >&2; exit 3",
            &["exit 3` (tdata.toml:1) failed with exit code 3", "\n  one\n  two"][..],
        ),
        ("kill -KILL $$", &["failed with signal 9", "wrote nothing"]),
        ("no-such-program", &["failed with exit code 127", "no-such-program"]),
        (
            "psql -qX -v ON_ERROR_STOP=1 -c 'CREATE TABLE tools (id citext)'",
            &["type \"citext\" does not exist", "before_migrations = [\"roles.sql\"]"],
        ),
        (
            "echo $DATABASE_URL $PGPASSWORD; exit 1",
            &["postgresql://postgres:[password]@", " [password]"],
        ),
    ] {
        let settings = format!("migrate_command = '''{command}'''\nmigrate_inputs = []");
        assert_contains(&Tools::new(&settings, &[]).error(), parts);
    }
    let missing = Tools::new("migrate_command = [\"./gone\"]\nmigrate_inputs = []", &[]).error();
    assert_contains(&missing, &["the command `./gone` (tdata.toml:1) cannot be started"]);
}

#[test]
fn a_command_that_takes_too_long_is_stopped_and_may_run_again() {
    let slow = "[ -e fast ] || sleep 600 & wait; sh migrate.sh";
    let settings = format!(
        "migrate_command = \"echo begun; {slow}\"\nmigrate_inputs = []\nmigration_timeout = \"1s\""
    );
    let tools = Tools::new(&settings, &[]);
    let error = tools.error();
    assert_contains(&error, &["time was over: 1 s", "migration_timeout = \"30m\"", "\n  begun"]);
    assert_eq!(tools.runs(), 0);
    let slower = settings.replace("\"1s\"", "\"5m\"");
    fs::write(tools.path().join("tdata.toml"), slower).unwrap();
    fs::write(tools.path().join("fast"), "").unwrap();
    // An engine does not try again what failed.
    assert_eq!(made_by(&engine(&tools, |config| config), Isolation::Full), "the program");
    assert_eq!(tools.runs(), 1);
}

#[test]
fn what_cannot_be_told_apart_or_found_is_told_with_its_place() {
    let both = "migrations = \"db\"\nmigrate_command = \"x\"";
    for (settings, parts) in [
        (
            "migrate_command = \"x\"",
            &["tdata.toml:1 runs `x`", "migrate_inputs = [\"migration/src\"]"][..],
        ),
        (
            "migrate_command = \"x\"\nmigrate_inputs = [\n  \"gone/**/*.rs\"]",
            &["tdata.toml:3 `migrate_inputs` names \"gone/**/*.rs\""],
        ),
        (
            "before_migrations = [\n  \"roles.sql\"]",
            &["tdata.toml:2 `before_migrations` names \"roles.sql\", which cannot be read"],
        ),
        (both, &["tdata.toml:2", "`before_migrations`"]),
        ("migrate_comand = \"x\"", &["did you mean `migrate_command`?"]),
        ("migrate_input = []", &["did you mean `migrate_inputs`?"]),
        ("before_migration = []", &["did you mean `before_migrations`?"]),
        ("after_migrations = [{ comand = \"x\" }]", &["did you mean `command`?"]),
        ("migrate_command = []", &["`migrate_command` must be a command, such as"]),
    ] {
        let error = Tools::new(settings, &[]).provision(Isolation::Full).unwrap_err();
        assert_contains(&error.to_string(), parts);
    }
    let rust =
        Tools::new("migrations = \"migration\"", &[("migration/src/m20240101_000000_a.rs", "")]);
    assert_contains(&rust.error(), &["migrate_command = \"cargo run", "migrate_inputs"]);
}

#[test]
fn each_project_of_a_workspace_runs_its_own_program() {
    let projects = ["one", "two"].map(|name| {
        let tools = Tools::usual();
        fs::write(tools.path().join("schema.sql"), TABLE.replace("the program", name)).unwrap();
        tools
    });
    for (tools, name) in projects.iter().zip(["one", "two"]) {
        let data = tools.provision(Isolation::Full).unwrap();
        assert_eq!(ask(&data, "SELECT min(made_by) FROM tools"), name);
    }
}

/// An engine with a configuration over that of the environment.
fn engine(tools: &Tools, change: impl FnOnce(Config) -> Config) -> Engine {
    let config = Config::from_environment().unwrap().notices(Notices::none());
    Engine::new(change(config.project(tools.path())))
}

fn made_by(engine: &Engine, isolation: Isolation) -> String {
    let data = engine.request(["tools"]).isolation(isolation).provision().unwrap();
    let made_by = ask(&data, "SELECT min(made_by) FROM tools");
    data.release();
    made_by
}

#[test]
fn a_function_migrates_in_place_of_what_settings_say() {
    let tools = Tools::new("migrations = \"gone\"", &[]);
    let runs = Arc::new(AtomicUsize::new(0));
    let of_version = |version: &str| {
        let (runs, table) = (Arc::clone(&runs), TABLE.replace("the program", version));
        engine(&tools, |config| {
            config.migrate_with(version, move |url| -> Result<(), postgres::Error> {
                runs.fetch_add(1, Ordering::Relaxed);
                Client::connect(url, NoTls)?.batch_execute(&table)
            })
        })
    };
    let first = of_version("1");
    for isolation in [Isolation::Full, Isolation::Transaction, Isolation::Full, Isolation::Schema] {
        assert_eq!(made_by(&first, isolation), "1", "{isolation:?}");
    }
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert_eq!(made_by(&of_version("2"), Isolation::Full), "2");
    assert_eq!(runs.load(Ordering::Relaxed), 3);
}

#[test]
fn an_async_function_has_a_runtime() {
    let tools = Tools::new("", &[]);
    let engine = engine(&tools, |config| {
        config.migrate_with_async("1", |url| async move {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            let connection = tokio::spawn(connection);
            client.batch_execute(TABLE).await?;
            drop(client);
            connection.await.unwrap()
        })
    });
    assert_eq!(made_by(&engine, Isolation::Full), "the program");
}

#[test]
fn what_a_function_fails_with_is_told() {
    let tools = Tools::new("", &[]);
    let error = |engine: Engine| engine.request(["tools"]).provision().unwrap_err().to_string();
    let fails = engine(&tools, |config| {
        config.migrate_with("7", |url| Client::connect(url, NoTls)?.batch_execute("SELECT no"))
    });
    let told = error(fails);
    assert_contains(&told, &["(version \"7\") failed", "column \"no\" does not exist"]);
    let doubles = "CREATE TABLE a (email text UNIQUE); INSERT INTO a VALUES ('ada@corp.com'), ('ada@corp.com')";
    let quotes = engine(&tools, |config| {
        config.migrate_with("7", |url| Client::connect(url, NoTls)?.batch_execute(doubles))
    });
    let told = error(quotes);
    assert_contains(&told, &["unique constraint \"a_email_key\" (SQLSTATE 23505), column email"]);
    assert!(!told.contains("ada@"), "{told}");
    let panics = engine(&tools, |config| {
        config.migrate_with("8", |_| -> Result<(), String> { panic!("nothing to migrate") })
    });
    assert_contains(&error(panics), &["(version \"8\") failed: it panicked: nothing to migrate"]);
    let impatient = Tools::new("migration_timeout = \"1s\"", &[]);
    let slow = engine(&impatient, |config| {
        config.migrate_with("9", |url| {
            Client::connect(url, NoTls)?.batch_execute("SELECT pg_sleep(600)")
        })
    });
    assert_contains(&error(slow), &["is not done, and its time is over: 1 s"]);
}

#[test]
fn a_command_and_its_inputs_can_be_configured() {
    let tools = Tools::new("migrations = \"gone\"", &[]);
    let engine = engine(&tools, |config| {
        config.migrate_command(["sh", "migrate.sh"]).migrate_inputs(["schema.sql"])
    });
    assert_eq!(made_by(&engine, Isolation::Full), "the program");
    fs::write(tools.path().join("schema.sql"), TABLE.replace("the program", "another")).unwrap();
    assert_eq!(made_by(&engine, Isolation::Full), "another");
}

#[test]
fn the_environment_can_name_the_command() {
    let tools = Tools::new("migrations = \"gone\"\nmigrate_inputs = [\"schema.sql\"]", &[]);
    let text = run_on(&tools, &[("TDATA_MIGRATE_COMMAND", "sh migrate.sh")]);
    assert_contains(&text, &["made by the program"]);
    let error = Tools::new("migrations = \"gone\"", &[]);
    let output = child_on(&error, &[("TDATA_MIGRATE_COMMAND", "sh migrate.sh")]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_contains(&text, &["TDATA_MIGRATE_COMMAND runs `sh migrate.sh`", "migrate_inputs"]);
}

/// Provisions the data of a project in a process of its own.
#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_migrates() {
    let project = std::env::var("TEST_PROJECT").unwrap();
    let data = TestData::request(["tools"]).project(project).provision().unwrap();
    println!("made by {}", ask(&data, "SELECT min(made_by) FROM tools"));
}

fn child_on(tools: &Tools, environment: &[(&str, &str)]) -> Command {
    let mut command = child("a_child_that_migrates", environment);
    command.env("TEST_PROJECT", tools.path());
    command
}

fn run_on(tools: &Tools, environment: &[(&str, &str)]) -> String {
    let output = child_on(tools, environment).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text.into_owned()
}

fn kill(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Tells whether a process is there, and not only waits to be asked for its end.
fn lives(process: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

#[test]
fn a_program_ends_with_the_process_that_was_killed_and_the_next_one_migrates() {
    let Some(server) = OwnServer::new() else { return };
    let wait = "[ ! -e slow ] || { echo $$ >begun; mv begun begun.whole; sleep 600 & echo $! >sleeping; wait; }";
    let settings =
        format!("migrate_command = '''{wait}; sh migrate.sh'''\nmigrate_inputs = [\"schema.sql\"]");
    let tools = Tools::new(&settings, &[("slow", "")]);
    let environment = server.environment("5s");
    let first = child_on(&tools, &environment).spawn().unwrap();
    let begun = tools.path().join("sleeping");
    wait_until("the program", || fs::read_to_string(&begun).is_ok_and(|text| text.ends_with('\n')));
    let processes = ["begun.whole", "sleeping"]
        .map(|file| fs::read_to_string(tools.path().join(file)).unwrap().trim().to_owned());
    assert!(processes.iter().all(|process| lives(process)));
    kill(first);
    wait_until("the end of the program", || !processes.iter().any(|process| lives(process)));
    fs::remove_file(tools.path().join("slow")).unwrap();
    assert_contains(&run_on(&tools, &environment), &["made by the program"]);
    assert_eq!(tools.runs(), 1);
}

#[test]
fn a_layer_whose_builder_was_killed_is_built_anew() {
    let Some(server) = OwnServer::new().filter(|_| !in_containers()) else { return };
    let signs = tempfile::tempdir().unwrap();
    // The server is another user's.
    fs::set_permissions(signs.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let (slow, begun) = (signs.path().join("slow"), signs.path().join("begun"));
    for is_of_server in [false, true] {
        fs::write(&slow, "").unwrap();
        let role = if is_of_server { "CREATE ROLE toolmaker;\n" } else { "" };
        let migration = format!(
            "-- no-transaction\n{role}{TABLE}\nCOPY (SELECT) TO PROGRAM 'touch {}';\n\
             SELECT pg_sleep(600) WHERE (pg_stat_file('{}', true)).size IS NOT NULL;",
            begun.display(),
            slow.display()
        );
        let tools = Tools::new("migrations = \"db\"", &[("db/1.sql", &migration)]);
        let environment = server.environment("5s");
        let first = child_on(&tools, &environment).spawn().unwrap();
        wait_until("the migration", || begun.exists());
        kill(first);
        fs::remove_file(&slow).unwrap();
        fs::remove_file(&begun).unwrap();
        assert_contains(&run_on(&tools, &environment), &["made by the program"]);
        fs::remove_file(&begun).unwrap();
    }
}

/// The folder that Cargo builds this test into.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let marked = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.unwrap().to_owned()
}

#[test]
fn cargo_runs_beside_the_cargo_that_runs_the_tests() {
    // The same folder each time, so that nothing piles up in `target`.
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own_program");
    let write = |name: &str, text: &str| {
        let path = package.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let manifest = "[package]\nname = \"tdata-own-program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    write("Cargo.toml", manifest);
    let program = format!(
        "fn main() {{\n    let folder = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();\n    \
         assert_eq!(folder, env!(\"CARGO_MANIFEST_DIR\"));\n    \
         let psql = std::process::Command::new(\"psql\").args([\"-qX\", \"-c\", {TABLE:?}]).status().unwrap();\n    \
         assert!(psql.success());\n}}\n"
    );
    write("src/bin/migrate.rs", &program);
    // The folder that this test is built into, which the other cargo had locked while it built.
    let settings = format!(
        "migrate_command = [\"cargo\", \"run\", \"--offline\", \"--bin\", \"migrate\", \"--target-dir\", {:?}]\n\
         migrate_inputs = [\"Cargo.toml\", \"src/**/*.rs\"]\n",
        target()
    );
    write("tdata.toml", &settings);
    let definition = format!(
        "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: tools }}\nspec:\n  table: tools\n{TOOLS}"
    );
    write("data_definitions/tools.yaml", &definition);
    let data = TestData::request(["tools"]).project(&package).provision().unwrap();
    assert_eq!(ask(&data, "SELECT min(made_by) FROM tools"), "the program");
}

#[test]
fn on_a_server_by_url_a_program_migrates_as_its_role() {
    let guest = Guest::new("own_program", "CREATEDB CREATEROLE");
    let tools = Tools::usual();
    let engine = engine(&tools, |config| config.server(ServerChoice::Url).database_url(&guest.url));
    let data = engine.request(["tools"]).provision().unwrap();
    let sql = "SELECT tableowner::text FROM pg_tables WHERE tablename = 'tools'";
    assert_eq!(ask(&data, sql), guest.role);
    data.release();
    engine.close();
}

/// Tests that fail, for those behind them.
mod failing {
    use super::*;

    #[requires_test_data(datasets = ["accounts"], volume = 3, seed = 5)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn to_be_replayed(data: TestData) {
        let sql = "SELECT concat_ws(' ', a::text, (SELECT string_agg(w, ',') FROM words)) FROM accounts a ORDER BY id";
        for row in data.client().query(sql, &[]).unwrap() {
            println!("row: {}", row.get::<_, String>(0));
        }
        panic!("the body's own message");
    }
}

/// What a failing test of a project prints.
fn failure(project: &Project, environment: &[(&str, &str)]) -> (Vec<String>, String) {
    let mut command = child("failing::to_be_replayed", environment);
    command.env("CARGO_MANIFEST_DIR", project.path()).env("TDATA_AS_OF", "2024-05-01");
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let rows = text.lines().filter(|line| line.starts_with("row: ")).map(str::to_owned);
    (rows.collect(), text.into_owned())
}

const ACCOUNTS: &str = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: plan, type: text, generator: pattern, pattern: \"{{index}}\" }
";

#[test]
fn a_replay_has_the_scripts_of_the_failure_and_the_program_of_now() {
    let made = "CREATE TABLE accounts (id int PRIMARY KEY, plan text, level int DEFAULT 1);";
    let project = Project::with(&[
        (
            "tdata.toml",
            "before_migrations = [\"words.sql\", { command = [\"psql\", \"-qXf\", \"table.sql\"] }]\n\
             migrate_command = \"true\"\nafter_migrations = \"db/rows.sql\"\nmigrate_inputs = [\"table.sql\"]",
        ),
        ("words.sql", "\\ir db/words.sql"),
        ("db/words.sql", "CREATE TABLE words (w text);"),
        ("db/rows.sql", "INSERT INTO words VALUES ('old');"),
        ("table.sql", made),
    ])
    .define("accounts", ACCOUNTS);
    let (first, text) = failure(&project, &[]);
    assert_eq!(first.len(), 3, "{text}");
    assert_contains(&first[0], &[",1) old"]);
    let (_, rest) = text.split_once("tdata: all of it is in ").unwrap();
    let bundle = Path::new(rest.lines().next().unwrap()).parent().unwrap().to_owned();
    let replay = [("TDATA_REPLAY", bundle.to_str().unwrap())];
    // The scripts are the bundle's, whatever becomes of the project's.
    fs::write(project.path().join("words.sql"), "nonsense").unwrap();
    fs::write(project.path().join("db/rows.sql"), "nonsense").unwrap();
    let (again, text) = failure(&project, &replay);
    assert_eq!(again, first, "{text}");
    assert!(!text.contains("may differ"), "{text}");
    // The program is the project's, and that it is another now is told.
    fs::write(project.path().join("table.sql"), made.replace("DEFAULT 1", "DEFAULT 2")).unwrap();
    let (other, text) = failure(&project, &replay);
    assert_contains(&other[0], &[",2) old"]);
    assert_contains(&text, &["a program migrates, and it is another than then"]);
}
