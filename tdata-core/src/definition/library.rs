//! All datasets of a project.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::Definition;
use super::outline;
use crate::diagnostic::{Diagnostic, Diagnostics, Source, nearest};
use crate::spec::{DataSource, DatasetSpec, Relationship};

/// The datasets of a project, by their names: those that definitions describe, and those that code
/// added.
///
/// A file that cannot be read or does not parse stays in the library with its mistakes, so that they are told when
/// its dataset is asked for and stand in nobody's way before.
#[derive(Clone, Debug, Default)]
pub struct Library {
    entries: BTreeMap<String, Entry>,
    /// What messages call the folder of the definitions, where they have one.
    folder: Option<String>,
    /// Whether migrations make tables, so that relationships may reference rows that no definition describes.
    beside_migrations: bool,
}

#[derive(Clone, Debug)]
struct Entry {
    path: Option<PathBuf>,
    /// The document, where there is one that parses.
    definition: Option<Arc<Definition>>,
    /// The dataset, as far as it could be read.
    spec: Option<Arc<DatasetSpec>>,
    mistakes: Diagnostics,
}

impl Entry {
    /// The dataset, where nothing is wrong with it by itself.
    fn sound(&self) -> Option<&Arc<DatasetSpec>> {
        self.spec.as_ref().filter(|_| self.mistakes.is_empty())
    }
}

/// The datasets that a contract needs, as far as they can be planned, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The datasets that nothing is wrong with by themselves.
    pub specs: Vec<Arc<DatasetSpec>>,
    /// The names of those with mistakes.
    pub faulty: Vec<String>,
    /// What could be read of these.
    pub partial: Vec<Arc<DatasetSpec>>,
    /// All that is wrong: unknown datasets, files that do not parse, references to nothing.
    pub mistakes: Diagnostics,
}

impl Gathered {
    /// Returns the names of all datasets, those with mistakes included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let sound = self.specs.iter().map(|spec| spec.name.value.as_str());
        sound.chain(self.faulty.iter().map(String::as_str))
    }
}

impl Library {
    /// Starts a library of the definitions in a folder; `folder` is what messages call it.
    pub(super) fn of_folder(folder: &str) -> Self {
        Self { folder: Some(folder.to_owned()), ..Self::default() }
    }

    /// Parses a definition and adds it, in place of one of the same dataset.
    pub fn insert(&mut self, source: Arc<Source>, stem: &str, path: Option<PathBuf>) {
        let (definition, mistakes) = Definition::read(&source, stem);
        let spec = definition.as_ref().map(|definition| Arc::clone(&definition.spec));
        let definition = definition.filter(|_| mistakes.is_empty()).map(Arc::new);
        self.entries.insert(stem.to_owned(), Entry { path, definition, spec, mistakes });
    }

    /// Adds a dataset that no file describes, in place of one of the same name.
    ///
    /// What is wrong with it is told when it is asked for, as with files.
    pub fn add(&mut self, mut spec: DatasetSpec) {
        let mut mistakes = Diagnostics::new();
        spec.check_texts(&mut mistakes);
        spec.complete(&mut mistakes);
        let name = spec.name.value.clone();
        let entry = Entry { path: None, definition: None, spec: Some(Arc::new(spec)), mistakes };
        self.entries.insert(name, entry);
    }

    /// Says whether migrations make tables. If so, a relationship may name a table that no definition describes: planning
    /// looks for it in the catalog. Otherwise [`Library::closure`] tells such a relationship at once.
    pub fn set_beside_migrations(&mut self, beside_migrations: bool) {
        self.beside_migrations = beside_migrations;
    }

    /// Enters a definition whose file cannot be read: it is told when its dataset is asked for.
    pub(super) fn insert_unreadable(&mut self, stem: &str, path: PathBuf, mistake: Diagnostic) {
        let (path, mistakes) = (Some(path), mistake.into());
        let entry = Entry { path, definition: None, spec: None, mistakes };
        self.entries.insert(stem.to_owned(), entry);
    }

    /// Returns the library as far as it can be planned without a database: without the rows that migrations insert, and
    /// without the keys that reference them. Whoever needs such a key gives it.
    #[must_use]
    pub fn without_existing(&self) -> Self {
        let mut others = self.clone();
        for entry in others.entries.values_mut() {
            let Some(spec) = &mut entry.spec else { continue };
            let leads_there = |relationship: &Relationship| {
                let parent = self.referenced(relationship).and_then(|name| self.get(name));
                parent.is_none_or(|parent| {
                    // Which keys the rows of a hybrid dataset have depends on those that are there.
                    let sources = [DataSource::Existing, DataSource::Hybrid];
                    parent.is_ok_and(|parent| sources.contains(&parent.data_source))
                })
            };
            let is_existing = spec.data_source == DataSource::Existing;
            if !is_existing && !spec.relationships.iter().any(leads_there) {
                continue;
            }
            let spec = Arc::make_mut(spec);
            let (gone, kept): (Vec<Relationship>, Vec<Relationship>) =
                std::mem::take(&mut spec.relationships).into_iter().partition(leads_there);
            let is_gone = |name: &str| {
                is_existing
                    || gone.iter().any(|one| one.referenced(name).is_some())
                        && kept.iter().all(|one| one.referenced(name).is_none())
            };
            spec.fields.retain(|field| !is_gone(&field.name));
            spec.key.retain(|name| !is_gone(name));
            spec.unique.retain(|group| !group.iter().any(|name| is_gone(name)));
            spec.masking_rules.retain(|rule| !is_gone(&rule.field));
            // A condition in SQL is the database's to check; the short form is planned, by its columns.
            spec.constraints.retain(|constraint| {
                let columns = constraint.not_null_columns().unwrap_or_default();
                !is_existing && !columns.into_iter().any(is_gone)
            });
            spec.relationships = if is_existing { Vec::new() } else { kept };
            if is_existing {
                spec.data_source = DataSource::Synthetic;
            }
        }
        others
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
        self.entries.get(dataset).map(|entry| entry.sound().ok_or(&entry.mistakes))
    }

    /// Returns the document that describes a dataset; `None` where there is none that parses.
    pub fn definition(&self, dataset: &str) -> Option<&Definition> {
        self.entries.get(dataset)?.definition.as_deref()
    }

    /// Returns the specs that nothing is wrong with by themselves, in the order of their names.
    pub(crate) fn specs(&self) -> impl Iterator<Item = &Arc<DatasetSpec>> {
        self.entries.values().filter_map(Entry::sound)
    }

    /// Finds the dataset a relationship references: one of that name, or of that table.
    pub fn referenced(&self, relationship: &Relationship) -> Option<&str> {
        let target = relationship.dataset.value.as_str();
        if let Some((name, _)) = self.entries.get_key_value(target) {
            return Some(name);
        }
        self.of_table(target)
    }

    /// Finds the dataset of a table; mistakes elsewhere in its file do not count.
    fn of_table(&self, written: &str) -> Option<&str> {
        let bare = written.rsplit('.').next().unwrap_or(written);
        let schema = written.rsplit_once('.').map(|(schema, _)| schema);
        self.entries.iter().find_map(|(name, entry)| {
            let table = &entry.spec.as_ref()?.table;
            let same_schema = schema.is_none() || table.schema.as_deref() == schema;
            (table.name == bare && same_schema).then_some(name.as_str())
        })
    }

    /// Returns the named datasets and all that their relationships bring along, in the order the
    /// names were given and the relationships stand.
    ///
    /// # Errors
    ///
    /// All that is wrong: unknown datasets, files that do not parse, and, where no migrations make tables, references to
    /// nothing.
    pub fn closure<'a>(
        &self,
        datasets: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Arc<DatasetSpec>>, Diagnostics> {
        let Gathered { specs, mistakes, .. } = self.gather(datasets);
        mistakes.into_result(specs)
    }

    /// Returns what [`closure`](Self::closure) does, where mistakes of some datasets keep nobody from telling those of
    /// others. What a dataset with mistakes references is gathered, too, as far as it can be read.
    ///
    /// ```
    /// use tdata_core::definition::Library;
    /// use tdata_core::diagnostic::Source;
    ///
    /// let mut library = Library::default();
    /// library.insert(Source::new("tags.yaml", "kind: Tags"), "tags", None);
    /// let gathered = library.gather(["tags", "labels"]);
    /// assert!(gathered.specs.is_empty() && gathered.faulty == ["tags"]);
    /// assert!(gathered.mistakes.to_string().contains("there is no dataset `labels`"));
    /// ```
    pub fn gather<'a>(&self, datasets: impl IntoIterator<Item = &'a str>) -> Gathered {
        let mut gathered = Gathered::default();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut waiting: Vec<&str> = Vec::new();
        for dataset in datasets {
            match self.entries.get_key_value(dataset) {
                Some((name, _)) => waiting.push(name),
                None => gathered.mistakes.push_with(|| self.unknown(dataset)),
            }
        }
        waiting.reverse();
        while let Some(dataset) = waiting.pop() {
            let Some(entry) = self.entries.get(dataset).filter(|_| seen.insert(dataset)) else {
                continue;
            };
            match entry.sound() {
                Some(spec) => gathered.specs.push(Arc::clone(spec)),
                None => {
                    gathered.faulty.push(dataset.to_owned());
                    gathered.partial.extend(entry.spec.clone());
                    gathered.mistakes.extend(entry.mistakes.clone());
                }
            }
            let relationships = entry.spec.iter().flat_map(|spec| spec.relationships.iter().rev());
            for relationship in relationships {
                match self.referenced(relationship) {
                    Some(parent) => waiting.push(parent),
                    // The table may be that of a file of which not even this can be read.
                    None if self.unread().next().is_some() => waiting.extend(self.unread()),
                    None if self.beside_migrations => {}
                    None => gathered.mistakes.push_with(|| self.dangling(dataset, relationship)),
                }
            }
        }
        gathered
    }

    /// Tells whether only the tables there are can tell that a relationship leads nowhere.
    pub(crate) fn waits_for_tables(&self) -> bool {
        self.beside_migrations && self.unread().next().is_none()
    }

    /// Returns the datasets of which not even the table is known.
    fn unread(&self) -> impl Iterator<Item = &str> {
        let unread =
            |entry: &Entry| entry.spec.as_ref().is_none_or(|spec| spec.table.name.is_empty());
        self.entries.iter().filter(move |(_, entry)| unread(entry)).map(|(name, _)| name.as_str())
    }

    fn unknown(&self, dataset: &str) -> Diagnostic {
        let message = format!("there is no dataset `{dataset}`");
        let diagnostic = Diagnostic::new("contract::unknown_dataset", message);
        self.missing(diagnostic, dataset, "id", self.names().collect())
    }

    /// The mistake of a relationship that leads nowhere; `child` is the dataset whose relationship it is.
    pub(crate) fn dangling(&self, child: &str, relationship: &Relationship) -> Diagnostic {
        let dataset = &relationship.dataset;
        let message =
            format!("`{}`, which this references, is no dataset of the project", dataset.value);
        let diagnostic =
            Diagnostic::new("definition::unknown_dataset", message).at(&dataset.origin);
        let key = relationship.fields.first().map_or("id", |field| field.value.as_str());
        let others = self.names().filter(|name| self.may_be_referenced(name, child, relationship));
        self.missing(diagnostic, dataset, key, others.collect())
    }

    /// Tells whether a relationship may have been meant for a dataset: one that has what is referenced, that no other
    /// relationship of `child` references, and whose own do not lead back to `child`.
    fn may_be_referenced(&self, name: &str, child: &str, relationship: &Relationship) -> bool {
        let spec = |name: &str| self.entries.get(name).and_then(|entry| entry.spec.as_ref());
        let has_fields = spec(name).is_some_and(|spec| {
            relationship.fields.iter().all(|field| spec.field(field).is_some())
        });
        let is_taken = spec(child).is_some_and(|spec| {
            spec.relationships.iter().any(|other| self.referenced(other) == Some(name))
        });
        has_fields && !is_taken && !self.leads_to(name, child)
    }

    /// Tells whether a dataset is another, or brings it along.
    fn leads_to(&self, from: &str, dataset: &str) -> bool {
        let (mut seen, mut waiting) = (HashSet::new(), vec![from]);
        while let Some(name) = waiting.pop().filter(|name| *name != dataset) {
            if let Some(entry) = self.entries.get(name).filter(|_| seen.insert(name)) {
                let relationships = entry.spec.iter().flat_map(|spec| &spec.relationships);
                waiting.extend(relationships.filter_map(|one| self.referenced(one)));
            }
            if waiting.is_empty() {
                return false;
            }
        }
        true
    }

    /// Adds the help for a dataset that nobody defines: the name that was meant, or the definition to write. `others` are
    /// those that may be used in its place.
    fn missing(
        &self,
        diagnostic: Diagnostic,
        written: &str,
        key: &str,
        others: Vec<&str>,
    ) -> Diagnostic {
        let written = outline::without_ending(written);
        let near = nearest(written, self.names());
        let listed = |diagnostic: Diagnostic| match near {
            Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
            None => diagnostic.did_you_mean(written, others.iter().copied()),
        };
        let Some(folder) = &self.folder else { return listed(diagnostic) };
        match near.zip(outline::file(written, folder)) {
            Some((name, file)) => {
                diagnostic.help(format!("did you mean `{name}`? If not, write {file}"))
            }
            None => match outline::to_write(written, folder, key, others.iter().copied()) {
                Some(write) if near.is_none() => diagnostic.help(write),
                _ => listed(diagnostic),
            },
        }
    }
}
