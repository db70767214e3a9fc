//! Decides what the rows of each dataset are placed by, and proves that every foreign key leads to a row of the same shard.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::form::HashForm;
use super::placed::{Placed, Placement};
use super::refusals;
use super::route::{Columns, Hashed, Key, Route};
use super::term::{Term, own_columns, through};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::Cells;
use crate::plan::{Catalog, DatasetPlan, ForeignKey, Plan};

/// Places the rows of a plan, made upon the tables of a catalog, on several shards.
///
/// A dataset that says a `shard_key` goes by the hash of these columns. Another one goes with the rows that it references, where those
/// are on shards of their own, else by the hash of its primary key. One that says `on_every_shard`, and rows that are there
/// already, are on each shard.
///
/// # Errors
///
/// All that is wrong, at once: keys that lead to rows which may be on another shard, columns whose hash nobody knows.
///
/// ```
/// # use std::num::NonZeroU32;
/// # use tdata_core::contract::Contract;
/// # use tdata_core::definition::Library;
/// # use tdata_core::diagnostic::Source;
/// # use tdata_core::mask::MaskKey;
/// # use tdata_core::plan::{Catalog, plan};
/// use tdata_core::placement::{Placed, place};
///
/// # let text = "
/// # apiVersion: data.automation/v1
/// # kind: DataDefinition
/// # metadata: { name: tags }
/// # spec:
/// #   table: tags
/// #   fields:
/// #     - { name: id, type: integer, generator: sequence, start: 10 }
/// # ";
/// # let mut library = Library::default();
/// # library.insert(Source::new("tags.yaml", text), "tags", None);
/// # let contract = Contract::new(["tags"], "2024-05-01".parse().unwrap());
/// # let plan = plan(&contract, &library, &MaskKey::development(), &Catalog::default()).unwrap();
/// let placement = place(&plan, &Catalog::default(), NonZeroU32::new(3).unwrap()).unwrap();
/// assert_eq!(placement.of(0), &Placed::ByKey(vec!["id".to_owned()]));
///
/// let tags = plan.dataset("tags").unwrap(); // 10, 11, 12 and so on
/// let (mut blocks, mut shards) = (Vec::new(), Vec::new());
/// tags.fill(0..5, &mut blocks);
/// placement.shards_of(0, 0..5, &blocks, &mut shards).unwrap();
/// assert!(shards.iter().all(|shard| *shard < 3));
/// ```
pub fn place(plan: &Plan, catalog: &Catalog, shards: NonZeroU32) -> Result<Placement, Diagnostics> {
    let (decided, diagnostics) = (Vec::new(), Diagnostics::new());
    let mut deciding = Deciding { plan, catalog, decided, diagnostics };
    for dataset in &plan.datasets {
        let decided = deciding.dataset(dataset);
        deciding.decided.push(decided);
    }
    deciding.prove();
    let Deciding { decided, mut diagnostics, .. } = deciding;
    diagnostics.sort_by_place();
    let datasets = decided.into_iter().flatten();
    let datasets = datasets.map(|decided| (decided.placed, (*decided.route).clone())).collect();
    diagnostics.into_result(Placement { shards, datasets })
}

/// What the rows of a dataset are placed by.
struct Decided {
    placed: Placed,
    route: Arc<Route>,
    /// What the shard of a row depends on; nothing, where each shard has all rows.
    terms: Option<Vec<Term>>,
}

struct Deciding<'a> {
    plan: &'a Plan,
    catalog: &'a Catalog,
    /// Parents first; nothing for those of which something was told.
    decided: Vec<Option<Decided>>,
    diagnostics: Diagnostics,
}

impl<'a> Deciding<'a> {
    /// Decides what a dataset is placed by; `None` after telling what is wrong.
    fn dataset(&mut self, dataset: &'a DatasetPlan) -> Option<Decided> {
        if dataset.is_there() || dataset.spec.on_every_shard {
            let route = Arc::new(Route::Every);
            return Some(Decided { placed: Placed::OnEvery, route, terms: None });
        }
        if dataset.existing.rows > 0 {
            return self.refuse(refusals::there_already(dataset));
        }
        if !dataset.spec.shard_key.is_empty() {
            let names = dataset.spec.shard_key.iter().map(|name| name.value.as_str());
            return self.by_own(dataset, &names.collect::<Vec<_>>());
        }
        let mut followed: Vec<(&ForeignKey, Vec<Term>)> = Vec::new();
        for key in keys(dataset).filter(|key| key.dataset != dataset.name) {
            match self.parent(key) {
                None => {}
                // What follows from what was told is not told again.
                Some(None) => return None,
                Some(Some(parent)) => {
                    let terms = parent.terms.as_ref().map(|terms| through(terms, key));
                    followed.extend(terms.map(|terms| (key, terms)));
                }
            }
        }
        let Some((first, terms)) = followed.first() else {
            let names: Vec<&str> = self.primary_key(dataset).iter().map(String::as_str).collect();
            if names.is_empty() {
                return self.refuse(refusals::no_key(dataset));
            }
            return self.by_own(dataset, &names);
        };
        if let Some((other, _)) = followed.iter().find(|(_, other)| other != terms) {
            return self.refuse(refusals::apart(dataset, [*first, *other]));
        }
        let keys: Vec<&ForeignKey> = followed.iter().map(|(key, _)| *key).collect();
        self.with_parent(dataset, &keys, terms.clone())
    }

    /// Places a dataset by its own columns.
    fn by_own(&mut self, dataset: &'a DatasetPlan, names: &[&str]) -> Option<Decided> {
        let columns = names.iter().map(|name| hashed(dataset, name, None)).collect();
        let columns: Vec<Hashed> = self.told(columns)?;
        let terms = columns.iter().map(|column| Term::of_own(&column.name, column.form)).collect();
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let columns = Columns { dataset: dataset.name.clone(), columns };
        Some(Decided {
            placed: Placed::ByKey(names),
            route: Arc::new(Route::Key(Key { columns, orphans: None })),
            terms: Some(terms),
        })
    }

    /// Places a dataset with the rows that its keys reference, all of them on the same shard.
    fn with_parent(
        &mut self,
        dataset: &'a DatasetPlan,
        keys: &[&ForeignKey],
        terms: Vec<Term>,
    ) -> Option<Decided> {
        let key = *keys.first()?;
        let nullable = |key: &&&ForeignKey| {
            key.fields.iter().any(|name| dataset.field(name).is_none_or(|field| field.nullable))
        };
        let own = self.primary_key(dataset).iter().map(|name| hashed(dataset, name, None));
        let own: Result<Vec<Hashed>, Diagnostic> = own.collect();
        let orphans = match own {
            Ok(columns) if !columns.is_empty() => {
                Some(Columns { dataset: dataset.name.clone(), columns })
            }
            // Where each row has a parent, none goes by its own key.
            _ => match keys.iter().find(nullable) {
                Some(key) => return self.refuse(refusals::orphans(dataset, key)),
                None => None,
            },
        };
        let route = match own_columns(&terms) {
            Some(columns) => {
                let columns =
                    columns.iter().map(|(name, form)| hashed(dataset, name, Some(*form))).collect();
                let columns = self.told(columns)?;
                let columns = Columns { dataset: dataset.name.clone(), columns };
                Route::Key(Key { columns, orphans })
            }
            None => {
                let found = keys
                    .iter()
                    .find_map(|key| Some((*key, parents_rows(self.plan, dataset, key)?)));
                let Some((key, rows)) = found else {
                    return self.refuse(refusals::unknown_rows(dataset, key));
                };
                let parent = Arc::clone(&self.parent(key)??.route);
                Route::Parent { rows, parent, orphans }
            }
        };
        let placed =
            Placed::WithParent { fields: key.fields.clone(), dataset: key.dataset.clone() };
        Some(Decided { placed, route: Arc::new(route), terms: Some(terms) })
    }

    /// Proves that each key leads to a row of the same shard.
    fn prove(&mut self) {
        for (dataset, decided) in self.plan.datasets.iter().zip(&self.decided) {
            let Some(decided) = decided else { continue };
            for key in keys(dataset) {
                let Some(Some(parent)) = self.parent(key) else { continue };
                let Some(parents) = &parent.terms else { continue };
                let needed = through(parents, key);
                let refusal = match &decided.terms {
                    Some(terms) if *terms == needed => continue,
                    None => refusals::on_every(dataset, key),
                    Some(_) if key.dataset == dataset.name => refusals::itself(dataset, key),
                    Some(_) => {
                        let own = own_columns(&needed);
                        let own = own.map(|own| own.into_iter().map(|(name, _)| name).collect());
                        refusals::elsewhere(dataset, key, &decided.placed, own)
                    }
                };
                self.diagnostics.push(refusal);
            }
        }
    }

    /// Returns what the dataset is placed by that a key references: nothing yet, or nothing since something was told of it.
    fn parent(&self, key: &ForeignKey) -> Option<Option<&Decided>> {
        let mut datasets = self.plan.datasets.iter().zip(&self.decided);
        datasets
            .find(|(dataset, _)| dataset.name == key.dataset)
            .map(|(_, decided)| decided.as_ref())
    }

    /// Returns the columns of a dataset's primary key: of its table, if that is there.
    fn primary_key(&self, dataset: &'a DatasetPlan) -> &'a [String] {
        match self.catalog.table(&dataset.table).filter(|_| dataset.table_exists) {
            Some(table) => &table.primary_key,
            None => &dataset.primary_key,
        }
    }

    fn told<T>(&mut self, found: Result<T, Diagnostic>) -> Option<T> {
        found.map_err(|mistake| self.diagnostics.push(mistake)).ok()
    }

    fn refuse<T>(&mut self, mistake: Diagnostic) -> Option<T> {
        self.diagnostics.push(mistake);
        None
    }
}

/// Returns the keys of a dataset that lead anywhere. Those of rows that are there already are others' to keep.
fn keys(dataset: &DatasetPlan) -> impl Iterator<Item = &ForeignKey> {
    let is_null =
        |name: &String| dataset.field(name).is_some_and(|field| field.generator == "null");
    let keys = dataset.foreign_keys.iter().filter(|_| !dataset.is_there());
    keys.filter(move |key| !key.fields.iter().any(is_null))
}

/// Finds a column that is hashed, in the way of its own type, or in that of what it references.
fn hashed(dataset: &DatasetPlan, name: &str, form: Option<HashForm>) -> Result<Hashed, Diagnostic> {
    let found = dataset.fields.iter().enumerate().find(|(_, field)| field.name == name);
    let (place, field) = found.ok_or_else(|| refusals::unknown_column(dataset, name))?;
    let form = form.or_else(|| HashForm::of(&field.sql_type));
    let form = form.ok_or_else(|| refusals::type_without_hash(dataset, field))?;
    let cells = Arc::clone(&field.cells);
    if !form.takes(cells.kind()) || !cells.is_of_its_kind() {
        return Err(refusals::other_kind(dataset, field));
    }
    Ok(Hashed { name: field.name.clone(), place, cells, form })
}

/// Returns which row of its parent a key references in each row; `None` where that is not computed.
fn parents_rows(plan: &Plan, dataset: &DatasetPlan, key: &ForeignKey) -> Option<Arc<dyn Cells>> {
    let parent = plan.dataset(&key.dataset)?;
    let pairs = key.fields.iter().zip(&key.referenced_fields);
    let mut told = pairs.filter(|(_, referenced)| {
        // Of several columns, only one whose values differ from row to row tells the row.
        key.fields.len() == 1 || parent.field(referenced).is_some_and(|field| field.unique)
    });
    told.find_map(|(name, referenced)| dataset.field(name)?.cells.rows_of(&parent.name, referenced))
}
