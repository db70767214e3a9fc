//! An app that migrates when it starts finds nothing to do: tdata has run its migrations, and left the table in which
//! the app's tool keeps them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use diesel::Connection as _;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use tdata::{Isolation, Scope, TestData};
use tempfile::TempDir;

/// Whatever makes the table twice fails.
const BOATS: &str = "CREATE TABLE boats (id integer PRIMARY KEY, label text NOT NULL);\r\n";

const MORE: &str = "\u{feff}ALTER TABLE boats ADD COLUMN sails integer; -- größer\n";

const CONCURRENTLY: &str =
    "-- no-transaction\nCREATE INDEX CONCURRENTLY boats_label ON boats (label);\n";

const DEFINITION: &str = "\
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: boats }
spec:
  table: boats
  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: label, type: text, generator: word }
";

/// A project with these files below `migrations/`, and settings.
fn project(settings: &str, files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("tdata.toml", &format!("migrations = \"migrations\"\n{settings}"));
    write("data_definitions/boats.yaml", DEFINITION);
    for (name, text) in files {
        write(&format!("migrations/{name}"), text);
    }
    folder
}

/// Starts an app on data of each kind. It says how many migrations it ran.
fn check(project: &TempDir, start: impl Fn(&str, &Path) -> usize) {
    for (isolation, scope) in [
        (Isolation::Full, Scope::TestCase),
        (Isolation::Schema, Scope::TestCase),
        (Isolation::Full, Scope::Shared),
        (Isolation::Schema, Scope::Shared),
    ] {
        let request = TestData::request(["boats"]).project(project.path());
        let data = request.isolation(isolation).scope(scope, "").provision().unwrap();
        assert_eq!(start(data.url(), &project.path().join("migrations")), 0, "{isolation} {scope}");
        assert_eq!(data.dataset("boats").len(), 20);
    }
}

/// Starts an app with sqlx.
fn sqlx(url: &str, folder: &Path) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = sqlx::PgPool::connect(url).await.unwrap();
        let count = || async {
            let sql = "SELECT count(*) FROM _sqlx_migrations WHERE success AND execution_time > 0";
            sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap()
        };
        let before = count().await;
        let migrator = sqlx::migrate::Migrator::new(folder).await.unwrap();
        assert_eq!(
            migrator.iter().filter(|one| !one.migration_type.is_down_migration()).count(),
            3
        );
        migrator.run(&pool).await.unwrap();
        let run = count().await - before;
        pool.close().await;
        run.try_into().unwrap()
    })
}

#[test]
fn sqlx_finds_nothing_to_do() {
    let project = project(
        "",
        &[
            ("20240101000000_boats.sql", BOATS),
            ("20240102000000_more_of_it.up.sql", &MORE[3..]),
            ("20240102000000_more_of_it.down.sql", "DROP TABLE boats;"),
            ("20240103000000_index.sql", CONCURRENTLY),
        ],
    );
    check(&project, sqlx);
}

/// Starts an app with diesel.
fn diesel(url: &str, folder: &Path) -> usize {
    let mut connection = diesel::PgConnection::establish(url).unwrap();
    let migrations = FileBasedMigrations::from_path(folder).unwrap();
    assert_eq!(connection.applied_migrations().unwrap().len(), 4);
    connection.run_pending_migrations(migrations).unwrap().len()
}

#[test]
fn diesel_finds_nothing_to_do() {
    let project = project(
        "",
        &[
            ("2025-11-02-101500_make/up.sql", BOATS),
            ("2025-11-02-101500_make/down.sql", "DROP TABLE boats;"),
            ("2025-12-18-104956-0000_column/up.sql", "ALTER TABLE boats ADD COLUMN sails int;"),
            ("2026-01-05-090000_not_null/up.sql", "ALTER TABLE boats ALTER sails SET DEFAULT 1;"),
            ("2026-02-01-000000_index/up.sql", "CREATE INDEX CONCURRENTLY i ON boats (label);"),
            ("2026-02-01-000000_index/metadata.toml", "run_in_transaction = false\n"),
        ],
    );
    check(&project, diesel);
}

/// Starts an app with refinery.
fn refinery(url: &str, folder: &Path) -> usize {
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let migrations = refinery::load_sql_migrations(folder).unwrap();
    let runner = refinery::Runner::new(&migrations);
    let applied = runner.get_applied_migrations(&mut client).unwrap();
    assert_eq!(applied.len(), 3);
    assert!(applied.iter().all(|one| one.applied_on().is_some()));
    runner.run(&mut client).unwrap().applied_migrations().len()
}

#[test]
fn refinery_finds_nothing_to_do() {
    let project = project(
        "",
        &[
            ("V1__boats.sql", BOATS),
            ("below/V2__more_of_it.sql", MORE),
            ("V10__größe.sql", "ALTER TABLE boats ADD COLUMN masts integer;"),
        ],
    );
    check(&project, refinery);
}

#[test]
fn a_table_of_another_name_is_found() {
    let settings = "migrations_table = \"ops.done\"\nmigrations_layout = \"sqlx\"\n";
    let project = project(settings, &[("1_boats.sql", BOATS)]);
    let data = TestData::request(["boats"]).project(project.path()).provision().unwrap();
    let sql = "SELECT description FROM ops.done WHERE version = 1";
    assert_eq!(data.client().query_one(sql, &[]).unwrap().get::<_, &str>(0), "boats");
}
