//! Runs migrations.

use std::ops::Range;
use std::time::Instant;

use postgres::Client;

use super::advice;
use super::error::MigrateError;
use super::histories::Histories;
use super::history::{HistoryTable, When};
use super::layouts::{self, Settings};
use super::limit::Limit;
use super::migration::{Migration, Migrations, Mode};
use super::place::Place;
use super::project_database::ProjectDatabase;
use super::psql::Variables;
use super::script::{Ran, Rows, Script, Source};
use super::server_deeds::ServerDeeds;
use super::session_settings;
use crate::refusal::Refusal;

/// Runs some of the migrations in order, each in a transaction of its own unless it says otherwise, and enters them where
/// their tools do. `scripts` are their places in the list, those of one turn. `schema` is the one schema that all tables are in, if there is one.
///
/// # Errors
///
/// The first failure, with its place. The connection may be within a transaction then.
pub fn run(
    client: &mut Client,
    migrations: &Migrations,
    scripts: Range<usize>,
    schema: Option<&str>,
    deeds: ServerDeeds,
) -> Result<Ran, MigrateError> {
    let mut ran = Ran::default();
    let texts: Vec<_> = migrations.texts().collect();
    let mut database = ProjectDatabase::of(texts.iter().map(AsRef::as_ref));
    let list = &migrations.list[..scripts.end];
    let mut histories =
        Histories::make(client, &migrations.folders, &list[scripts.start..], schema)?;
    for (index, migration) in list.iter().enumerate().skip(scripts.start) {
        let limit = Limit::start(client, migrations.limit);
        let script = Script {
            client: &mut *client,
            deeds,
            included: &migrations.included,
            database: &mut database,
            ran: &mut ran,
            variables: Variables::default(),
            within: Vec::new(),
            in_transaction: migration.mode == Mode::Together,
            open: None,
            rows: Rows::default(),
        };
        let mut running = Running { script, migration };
        running.run(histories.of(migration.folder)).map_err(|error| {
            let error = error.with_advice(|refusal| {
                advice::of_layout(refusal, migrations, index, schema.is_some())
            });
            match limit.is_over() {
                true => error.too_long(migrations.limit),
                false => error,
            }
        })?;
        let layout = layouts::of(migrations.folders[migration.folder].layout);
        // The tool runs once for each folder, unless it merges them.
        let goes_on = list.get(index + 1).is_some_and(|next| {
            let same = migrations.folders[next.folder].layout == layout.word;
            next.folder == migration.folder || layout.is_merged && same
        });
        let settings = if goes_on { layout.settings } else { Settings::EndWithFile };
        session_settings::end(client, &migration.sql, settings, schema.is_some())
            .map_err(|error| failed(migration, migration.sql.len(), error))?;
    }
    Ok(ran)
}

/// A migration that runs.
struct Running<'client, 'migrations> {
    script: Script<'client>,
    migration: &'migrations Migration,
}

impl<'migrations> Running<'_, 'migrations> {
    fn run(
        &mut self,
        mut history: Option<&mut HistoryTable<'migrations>>,
    ) -> Result<(), MigrateError> {
        let start = Instant::now();
        let Migration { name, sql, mode, folder, identity } = self.migration;
        let path = self.script.included.path(*folder, &identity.file);
        if *mode == Mode::Together {
            self.execute(0, "BEGIN")?;
        }
        self.script.run(Source::of(name, &path, sql))?;
        if let Some(place) = self.script.open.take() {
            return Err(MigrateError::Open { place });
        }
        let mut enter = |client: &mut Client, when| match &mut history {
            Some(table) if table.history.when == when => {
                table.enter(client, self.migration, start.elapsed().as_nanos())
            }
            _ => Ok(()),
        };
        enter(self.script.client, When::Within)?;
        if *mode == Mode::Together {
            self.execute(sql.trim_end().len(), "COMMIT")?;
        }
        enter(self.script.client, When::Behind)
    }

    /// Runs a statement of our own at a byte of the migration.
    fn execute(&mut self, at: usize, sql: &str) -> Result<(), MigrateError> {
        let done = self.script.client.batch_execute(sql);
        done.map_err(|error| failed(self.migration, at, error))
    }
}

fn failed(migration: &Migration, at: usize, error: postgres::Error) -> MigrateError {
    let place = Place::at(&migration.name, &migration.sql, at, "");
    MigrateError::Failed { place, refusal: Refusal::from(error) }
}
