//! All definitions of a project, by dataset.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::Definition;
use super::files::Files;
use super::relationship::Relationship;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};

/// The definitions of a project, by the name of their dataset.
///
/// A file that cannot be read or does not parse stays in the library with its mistakes, so that they are told when
/// its dataset is asked for and stand in nobody's way before.
#[derive(Clone, Debug, Default)]
pub struct Library {
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    path: Option<PathBuf>,
    definition: Result<Arc<Definition>, Diagnostics>,
}

impl Library {
    /// Reads every `.yaml` and `.yml` file of a folder but those whose names start with a dot;
    /// `shown` is what messages call the folder.
    ///
    /// # Errors
    ///
    /// One diagnostic when the folder cannot be read, or two files define one dataset. Files that
    /// cannot be read or do not parse are no error here.
    pub fn read(folder: &Path, shown: &str) -> Result<Self, Diagnostic> {
        let files = Files::read(folder, shown)?;
        Ok(files.library().clone())
    }

    /// Parses a definition and adds it, in place of one of the same dataset.
    pub fn insert(&mut self, source: Arc<Source>, stem: &str, path: Option<PathBuf>) {
        let definition = Definition::parse(source, stem).map(Arc::new);
        self.entries.insert(stem.to_owned(), Entry { path, definition });
    }

    /// Enters a definition whose file cannot be read: it is told when its dataset is asked for.
    pub(super) fn insert_unreadable(&mut self, stem: &str, path: PathBuf, mistake: Diagnostic) {
        let entry = Entry { path: Some(path), definition: Err(mistake.into()) };
        self.entries.insert(stem.to_owned(), entry);
    }

    /// Returns the names of all datasets, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Returns the file of a dataset's definition.
    pub fn path(&self, dataset: &str) -> Option<&Path> {
        self.entries.get(dataset)?.path.as_deref()
    }

    /// Returns a dataset's definition; `None` when there is none.
    ///
    /// # Errors
    ///
    /// The mistakes of its file, when it does not parse.
    pub fn get(&self, dataset: &str) -> Option<Result<&Arc<Definition>, &Diagnostics>> {
        self.entries.get(dataset).map(|entry| entry.definition.as_ref())
    }

    /// Finds the dataset a relationship references: one of that name, or of that table.
    pub fn referenced(&self, relationship: &Relationship) -> Option<&str> {
        let target = relationship.dataset.value.as_str();
        if let Some((name, _)) = self.entries.get_key_value(target) {
            return Some(name);
        }
        let bare = target.rsplit('.').next().unwrap_or(target);
        self.entries.iter().find_map(|(name, entry)| {
            let table = &entry.definition.as_ref().ok()?.table;
            let schema = target.rsplit_once('.').map(|(schema, _)| schema);
            let same_schema = schema.is_none() || table.schema.as_deref() == schema;
            (table.name == bare && same_schema).then_some(name.as_str())
        })
    }

    /// Returns the named datasets and all that their relationships bring along, in the order the
    /// names were given and the relationships stand.
    ///
    /// # Errors
    ///
    /// All that is wrong: unknown datasets, files that do not parse, references to nothing.
    pub fn closure<'a>(
        &self,
        datasets: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Arc<Definition>>, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let mut found: Vec<Arc<Definition>> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut waiting: Vec<String> = Vec::new();
        for dataset in datasets {
            if self.entries.contains_key(dataset) {
                waiting.push(dataset.to_owned());
            } else {
                diagnostics.push(self.unknown(dataset));
            }
        }
        waiting.reverse();
        while let Some(dataset) = waiting.pop() {
            if seen.contains(&dataset) {
                continue;
            }
            seen.push(dataset.clone());
            match self.get(&dataset) {
                None => {}
                Some(Err(mistakes)) => diagnostics.extend(mistakes.clone()),
                Some(Ok(definition)) => {
                    found.push(Arc::clone(definition));
                    for relationship in definition.relationships.iter().rev() {
                        match self.referenced(relationship) {
                            Some(parent) => waiting.push(parent.to_owned()),
                            None => diagnostics.push(self.dangling(definition, relationship)),
                        }
                    }
                }
            }
        }
        diagnostics.into_result(found)
    }

    fn unknown(&self, dataset: &str) -> Diagnostic {
        Diagnostic::new("contract::unknown_dataset", format!("there is no dataset `{dataset}`"))
            .did_you_mean(dataset, self.names())
    }

    fn dangling(&self, definition: &Definition, relationship: &Relationship) -> Diagnostic {
        let dataset = &relationship.dataset;
        let message =
            format!("`{}`, which this references, is no dataset of the project", dataset.value);
        let diagnostic =
            definition.diagnostic("definition::unknown_dataset", message, dataset.span);
        diagnostic.did_you_mean(dataset, self.names())
    }
}
