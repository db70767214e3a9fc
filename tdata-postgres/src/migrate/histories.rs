//! The tables of what has run, of several folders.

use postgres::Client;

use super::error::MigrateError;
use super::history::HistoryTable;
use super::layouts;
use super::migration::ReadFolder;

/// The tables of what has run, by folder.
pub(super) struct Histories<'a> {
    tables: Vec<HistoryTable<'a>>,
    /// The place of each folder's table.
    places: Vec<Option<usize>>,
}

impl<'a> Histories<'a> {
    /// Makes the tables. Folders of one tool that name one table share it.
    pub(super) fn make(
        client: &mut Client,
        folders: &'a [ReadFolder],
        schema: Option<&str>,
    ) -> Result<Self, MigrateError> {
        let mut all = Self { tables: Vec::new(), places: Vec::new() };
        for (index, folder) in folders.iter().enumerate() {
            let Some(history) = &layouts::of(folder.layout).history else {
                all.places.push(None);
                continue;
            };
            let is_same =
                |other: &ReadFolder| (other.layout, &other.table) == (folder.layout, &folder.table);
            let place = match folders[..index].iter().position(is_same) {
                Some(same) => all.places[same],
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
