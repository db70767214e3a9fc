//! Projects whose migrations are in Rust: their own tools run them, in a function that the engine is given.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use diesel::Connection as _;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use tdata::{Config, Engine, Isolation, Notices};
use tempfile::TempDir;

const BOATS: &str = "CREATE TABLE boats (id integer PRIMARY KEY, label text NOT NULL);";

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

fn project(migration: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("data_definitions/boats.yaml", DEFINITION), (migration, BOATS)] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Provisions under each isolation, and lets the app migrate as it does when it starts: nothing is left to do.
fn check(
    project: &TempDir,
    configure: impl FnOnce(Config) -> Config,
    history: &str,
    start: impl Fn(&str),
) {
    let config = Config::from_environment().unwrap().notices(Notices::none());
    let engine = Engine::new(configure(config.project(project.path())));
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Full] {
        let data = engine.request(["boats"]).isolation(isolation).provision().unwrap();
        assert_eq!(data.dataset("boats").len(), 20);
        start(data.url());
        let sql = format!("SELECT count(*) FROM {history}");
        assert_eq!(data.client().query_one(&sql, &[]).unwrap().get::<_, i64>(0), 1, "{isolation}");
    }
}

async fn sqlx(url: String, folder: PathBuf) -> Result<(), Box<dyn Error + Send + Sync>> {
    let pool = sqlx::PgPool::connect(&url).await?;
    sqlx::migrate::Migrator::new(folder.as_path()).await?.run(&pool).await?;
    pool.close().await;
    Ok(())
}

#[test]
fn sqlx_migrates_in_an_async_function() {
    let project = project("migrations/1_boats.sql");
    let folder = project.path().join("migrations");
    let own = folder.clone();
    let configure =
        |config: Config| config.migrate_with_async("1", move |url| sqlx(url, own.clone()));
    check(&project, configure, "_sqlx_migrations", |url| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(sqlx(url.to_owned(), folder.clone())).unwrap();
    });
}

fn diesel(url: &str, folder: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut connection = diesel::PgConnection::establish(url)?;
    connection.run_pending_migrations(FileBasedMigrations::from_path(folder)?)?;
    Ok(())
}

#[test]
fn diesel_migrates_in_a_function() {
    let project = project("migrations/2025-11-02-101500_boats/up.sql");
    let folder = project.path().join("migrations");
    let own = folder.clone();
    let configure = |config: Config| config.migrate_with("1", move |url| diesel(url, &own));
    let start = |url: &str| diesel(url, &folder).unwrap();
    check(&project, configure, "__diesel_schema_migrations", start);
}

fn refinery(url: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let boats = refinery::Migration::unapplied("V1__boats", BOATS)?;
    let mut client = postgres::Client::connect(url, postgres::NoTls)?;
    refinery::Runner::new(&[boats]).run(&mut client)?;
    Ok(())
}

#[test]
fn refinery_migrates_in_a_function() {
    let project = project("README.md");
    let configure = |config: Config| config.migrate_with("1", refinery);
    check(&project, configure, "refinery_schema_history", |url| refinery(url).unwrap());
}
