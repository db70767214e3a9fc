//! Runs migrations.

use postgres::Client;

use super::error::MigrateError;
use super::limit::Limit;
use super::migration::{Migration, Migrations, Mode};
use super::place::Place;
use super::project_database::ProjectDatabase;
use super::psql::Variables;
use super::script::{Ran, Script, Source};
use super::server_deeds::ServerDeeds;
use crate::refusal::Refusal;

/// Runs the migrations in order, each in a transaction of its own unless it says otherwise.
///
/// # Errors
///
/// The first failure, with its place. The connection may be within a transaction then.
pub fn run(
    client: &mut Client,
    migrations: &Migrations,
    deeds: ServerDeeds,
) -> Result<Ran, MigrateError> {
    let mut ran = Ran::default();
    let texts: Vec<_> = migrations.texts().collect();
    let mut database = ProjectDatabase::of(texts.iter().map(AsRef::as_ref));
    for migration in &migrations.list {
        let limit = Limit::start(client, migrations.limit);
        let script = Script {
            client: &mut *client,
            deeds,
            included: &migrations.included,
            database: &mut database,
            ran: &mut ran,
            variables: Variables::default(),
            within: Vec::new(),
            open: None,
        };
        Running { script, migration }.run().map_err(|error| match limit.is_over() {
            true => error.too_long(migrations.limit),
            false => error,
        })?;
    }
    Ok(ran)
}

/// A migration that runs.
struct Running<'a> {
    script: Script<'a>,
    migration: &'a Migration,
}

impl Running<'_> {
    fn run(&mut self) -> Result<(), MigrateError> {
        let Migration { name, sql, mode } = self.migration;
        let path = self.script.included.path(name);
        if *mode == Mode::Together {
            self.execute(0, "BEGIN")?;
        }
        self.script.run(Source::of(name, &path, sql))?;
        if let Some(place) = self.script.open.take() {
            return Err(MigrateError::Open { place });
        }
        if *mode == Mode::Together {
            self.execute(sql.len(), "COMMIT")?;
        }
        // Dumps and the like set things for their session; the next one starts afresh.
        self.execute(sql.len(), "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL")
    }

    /// Runs a statement of our own at a byte of the migration.
    fn execute(&mut self, at: usize, sql: &str) -> Result<(), MigrateError> {
        self.script.client.batch_execute(sql).map_err(|error| MigrateError::Failed {
            place: Place::at(&self.migration.name, &self.migration.sql, at, ""),
            refusal: Refusal::from(error),
        })
    }
}
