//! All datasets of a project.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::Definition;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::spec::{DatasetSpec, Relationship};

/// The datasets of a project, by their names: those that definitions describe, and those that code
/// added.
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
    /// The document, where there is one that parses.
    definition: Option<Arc<Definition>>,
    spec: Result<Arc<DatasetSpec>, Diagnostics>,
}

impl Library {
    /// Parses a definition and adds it, in place of one of the same dataset.
    pub fn insert(&mut self, source: Arc<Source>, stem: &str, path: Option<PathBuf>) {
        let entry = match Definition::parse(source, stem) {
            Ok(definition) => {
                let spec = Ok(Arc::clone(&definition.spec));
                Entry { path, definition: Some(Arc::new(definition)), spec }
            }
            Err(mistakes) => Entry { path, definition: None, spec: Err(mistakes) },
        };
        self.entries.insert(stem.to_owned(), entry);
    }

    /// Adds a dataset that no file describes, in place of one of the same name.
    ///
    /// What is wrong with it is told when it is asked for, as with files.
    pub fn add(&mut self, mut spec: DatasetSpec) {
        let mut diagnostics = Diagnostics::new();
        spec.check_texts(&mut diagnostics);
        spec.complete(&mut diagnostics);
        let name = spec.name.value.clone();
        let spec = diagnostics.into_result(Arc::new(spec));
        self.entries.insert(name, Entry { path: None, definition: None, spec });
    }

    /// Enters a definition whose file cannot be read: it is told when its dataset is asked for.
    pub(super) fn insert_unreadable(&mut self, stem: &str, path: PathBuf, mistake: Diagnostic) {
        let entry = Entry { path: Some(path), definition: None, spec: Err(mistake.into()) };
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

    /// Returns a dataset; `None` when there is none of that name.
    ///
    /// # Errors
    ///
    /// The mistakes of its file, when it does not parse, or of its spec.
    pub fn get(&self, dataset: &str) -> Option<Result<&Arc<DatasetSpec>, &Diagnostics>> {
        self.entries.get(dataset).map(|entry| entry.spec.as_ref())
    }

    /// Returns the document that describes a dataset; `None` where there is none that parses.
    pub fn definition(&self, dataset: &str) -> Option<&Definition> {
        self.entries.get(dataset)?.definition.as_deref()
    }

    /// Returns the specs that nothing is wrong with by themselves, in the order of their names.
    pub(crate) fn specs(&self) -> impl Iterator<Item = &Arc<DatasetSpec>> {
        self.entries.values().filter_map(|entry| entry.spec.as_ref().ok())
    }

    /// Finds the dataset a relationship references: one of that name, or of that table.
    pub fn referenced(&self, relationship: &Relationship) -> Option<&str> {
        let target = relationship.dataset.value.as_str();
        if let Some((name, _)) = self.entries.get_key_value(target) {
            return Some(name);
        }
        let bare = target.rsplit('.').next().unwrap_or(target);
        self.entries.iter().find_map(|(name, entry)| {
            let table = &entry.spec.as_ref().ok()?.table;
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
    ) -> Result<Vec<Arc<DatasetSpec>>, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let mut found: Vec<Arc<DatasetSpec>> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut waiting: Vec<String> = Vec::new();
        for dataset in datasets {
            if self.entries.contains_key(dataset) {
                waiting.push(dataset.to_owned());
            } else {
                diagnostics.push_with(|| self.unknown(dataset));
            }
        }
        waiting.reverse();
        while let Some(dataset) = waiting.pop() {
            if !seen.insert(dataset.clone()) {
                continue;
            }
            match self.get(&dataset) {
                None => {}
                Some(Err(mistakes)) => diagnostics.extend(mistakes.clone()),
                Some(Ok(spec)) => {
                    found.push(Arc::clone(spec));
                    for relationship in spec.relationships.iter().rev() {
                        match self.referenced(relationship) {
                            Some(parent) => waiting.push(parent.to_owned()),
                            None => diagnostics.push_with(|| self.dangling(relationship)),
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

    fn dangling(&self, relationship: &Relationship) -> Diagnostic {
        let dataset = &relationship.dataset;
        let message =
            format!("`{}`, which this references, is no dataset of the project", dataset.value);
        Diagnostic::new("definition::unknown_dataset", message)
            .at(&dataset.origin)
            .did_you_mean(dataset, self.names())
    }
}
