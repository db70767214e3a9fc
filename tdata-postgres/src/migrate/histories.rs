//! The tables of what has run, of several folders.

use postgres::Client;
use tdata_core::sql::quote_identifier;

use super::error::MigrateError;
use super::history::HistoryTable;
use super::layouts;
use super::migration::{Migration, ReadFolder};

/// The tables of what has run, by folder.
pub(super) struct Histories<'a> {
    tables: Vec<HistoryTable<'a>>,
    /// The place of each folder's table.
    places: Vec<Option<usize>>,
}

impl<'a> Histories<'a> {
    /// Makes the tables of those folders that migrations are in. Folders of one tool that name one table share it.
    pub(super) fn make(
        client: &mut Client,
        folders: &'a [ReadFolder],
        migrations: &[Migration],
        schema: Option<&str>,
    ) -> Result<Self, MigrateError> {
        let mut all = Self { tables: Vec::new(), places: Vec::new() };
        for (index, folder) in folders.iter().enumerate() {
            let is_used = migrations.iter().any(|migration| migration.folder == index);
            for name in folder.schemas.iter().filter(|_| is_used && schema.is_none()) {
                let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", quote_identifier(name));
                let failed = |error: postgres::Error| MigrateError::Schema {
                    schema: name.clone(),
                    refusal: error.into(),
                };
                client.batch_execute(&sql).map_err(failed)?;
            }
            let Some(history) = &layouts::of(folder.layout).history.as_ref().filter(|_| is_used)
            else {
                all.places.push(None);
                continue;
            };
            let is_same =
                |other: &ReadFolder| (other.layout, &other.table) == (folder.layout, &folder.table);
            let same = folders[..index].iter().position(is_same);
            let place = match same.and_then(|same| all.places[same]) {
                Some(same) => Some(same),
                None => {
                    let name = folder.table.as_deref();
                    all.tables.push(HistoryTable::make(client, history, name, schema)?);
                    Some(all.tables.len() - 1)
                }
            };
            all.places.push(place);
        }
        Ok(all)
    }

    /// Returns the table of a folder, where its tool has one.
    pub(super) fn of(&mut self, folder: usize) -> Option<&mut HistoryTable<'a>> {
        self.places[folder].map(|place| &mut self.tables[place])
    }
}
