//! From a contract to its plan.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::catalog::Catalog;
use super::check_table;
use super::existing::{self, Resolved};
use super::fields::{Fields, Relationships};
use super::masks;
use super::names;
use super::order::{Edge, load_order};
use super::resolved::{DatasetPlan, ExistingRows, FieldPlan, ForeignKey, Plan};
use crate::contract::Contract;
use crate::definition::{Gathered, Library};
use crate::diagnostic::{Diagnostic, Diagnostics, Located};
use crate::mask::MaskKey;
use crate::rows::{RowSource, Stored};
use crate::spec::{DataSource, DatasetSpec, Field};

/// Resolves a contract against definitions and the tables there are.
///
/// An empty catalog means that every table is made from its definition.
///
/// # Errors
///
/// All that is wrong, at once: unknown datasets and volumes, definitions that do not parse, keys that cannot agree,
/// parameters, capacities, lengths, masks that do not fit, columns that do not match their table.
///
/// ```
/// use tdata_core::contract::Contract;
/// use tdata_core::definition::Library;
/// use tdata_core::diagnostic::Source;
/// use tdata_core::value::Value;
/// use tdata_core::mask::MaskKey;
/// use tdata_core::plan::{Catalog, plan};
///
/// let text = "
/// apiVersion: data.automation/v1
/// kind: DataDefinition
/// metadata: { name: tags }
/// spec:
///   table: tags
///   fields:
///     - { name: id, type: integer, generator: sequence, start: 10 }
/// ";
/// let mut library = Library::default();
/// library.insert(Source::new("tags.yaml", text), "tags", None);
/// let contract = Contract::new(["tags"], "2024-05-01".parse().unwrap());
/// let plan = plan(&contract, &library, &MaskKey::development(), &Catalog::default()).unwrap();
///
/// let mut row = Vec::new();
/// plan.dataset("tags").unwrap().write_row(5, &mut row);
/// assert_eq!(row, [Value::Int(15)]);
/// ```
pub fn plan(
    contract: &Contract,
    library: &Library,
    key: &MaskKey,
    catalog: &Catalog,
) -> Result<Plan, Diagnostics> {
    plan_stored(contract, library, &Stored::new(), key, catalog)
}

/// Resolves a contract as [`plan`] does, where rows of some datasets are stored.
///
/// Of a dataset whose source is `snapshot` or `masked_production`, the stored rows are all there are. Of one whose
/// source is `hybrid`, the stored rows come first, and generated rows follow that repeat none of their keys. Stored
/// rows are taken as they are: whoever stored them has masked them.
///
/// # Errors
///
/// As [`plan`], and all that is wrong with the stored rows: columns that are missing or too many, values that do not fit,
/// repeat, or are null where they must not be; more rows asked for than are stored.
pub fn plan_stored(
    contract: &Contract,
    library: &Library,
    stored: &Stored,
    key: &MaskKey,
    catalog: &Catalog,
) -> Result<Plan, Diagnostics> {
    let gathered = library.gather(contract.datasets.iter().map(String::as_str));
    plan_gathered(contract, gathered, (library, stored), key, catalog)
}

/// Plans the datasets that a contract needs; what is wrong with these by themselves is told as well.
pub(super) fn plan_gathered(
    contract: &Contract,
    gathered: Gathered,
    (library, stored): (&Library, &Stored),
    key: &MaskKey,
    catalog: &Catalog,
) -> Result<Plan, Diagnostics> {
    let volumes = check_volumes(contract, &gathered);
    let Gathered { specs, partial, mistakes: mut diagnostics, .. } = gathered;
    diagnostics.extend(volumes);
    for spec in &partial {
        check_table::types(spec, catalog.table(&spec.table), catalog, &mut diagnostics);
        names::check(spec, &mut diagnostics);
    }
    let resolved = existing::resolve(specs, library, catalog, &mut diagnostics);
    let specs = &resolved.specs[..];
    check_table::apart(specs, catalog, &mut diagnostics);
    let relationships = relationships(&resolved, library);
    let edges = edges(specs, &relationships, catalog);
    let order = load_order(specs.len(), &edges);
    let masking = contract.apply_masking.then(|| masks::masking(library, key, catalog));
    let mut fields =
        Fields::new(contract, specs, &relationships, masking, catalog, stored, &mut diagnostics);
    fields.arrange();
    let mut built: Vec<Option<(Vec<FieldPlan>, RowSource)>> = (0..specs.len())
        .map(|dataset| {
            let plans = fields.dataset(dataset);
            let source = fields.row_source(dataset);
            plans.zip(source)
        })
        .collect();
    fields.check_targets();
    let existing: Vec<u64> =
        (0..specs.len()).map(|dataset| fields.existing_rows(dataset)).collect();
    let keys: Vec<_> = (0..specs.len())
        .map(|dataset| (fields.primary_key(dataset), fields.unique_groups(dataset)))
        .collect();
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let names = |names: &[Located<String>]| names.iter().map(|name| name.value.clone()).collect();
    let mut datasets = Vec::with_capacity(specs.len());
    for dataset in order.order {
        let spec = &specs[dataset];
        let Some((fields, source)) = built[dataset].take() else { continue };
        let keys_of = edges_of(&edges, dataset);
        let foreign_keys = edges[keys_of.clone()]
            .iter()
            .zip(&order.in_cycle[keys_of])
            .map(|(edge, in_cycle)| ForeignKey {
                fields: names(&edge.relationship.foreign_key),
                dataset: specs[edge.parent].name.value.clone(),
                referenced_fields: names(&edge.relationship.fields),
                on_delete: edge.relationship.on_delete,
                in_cycle: *in_cycle,
            })
            .collect();
        let table = catalog.table(&spec.table);
        datasets.push(DatasetPlan {
            name: spec.name.value.clone(),
            table: spec.table.value.clone(),
            table_exists: table.is_some(),
            has_children: table.is_some_and(|table| table.has_children),
            existing: existing_rows(spec, existing[dataset], catalog),
            rows: source.rows(),
            source,
            fields,
            primary_key: keys[dataset].0.clone(),
            unique: keys[dataset].1.clone(),
            foreign_keys,
            constraints: spec.constraints.clone(),
            spec: Arc::clone(spec),
        });
    }
    Ok(Plan { contract: contract.clone(), datasets })
}

/// Finds what the relationships of each dataset reference. Rows that are there already reference what they reference.
fn relationships<'a>(resolved: &'a Resolved, library: &Library) -> Relationships<'a> {
    let specs = &resolved.specs;
    let places: HashMap<&str, usize> =
        specs.iter().enumerate().map(|(at, spec)| (spec.name.value.as_str(), at)).collect();
    specs
        .iter()
        .map(|spec| {
            spec.relationships
                .iter()
                .filter_map(|relationship| {
                    let parent = resolved.referenced(library, relationship)?;
                    Some((relationship, *places.get(parent)?))
                })
                .collect()
        })
        .collect()
}

fn edges<'a>(
    specs: &[Arc<DatasetSpec>],
    relationships: &Relationships<'a>,
    catalog: &Catalog,
) -> Vec<Edge<'a>> {
    let mut edges = Vec::new();
    for (child, keys) in relationships.iter().enumerate() {
        let spec = &specs[child];
        let table = catalog.table(&spec.table);
        for (relationship, parent) in keys {
            let key: Vec<&str> =
                relationship.foreign_key.iter().map(|field| field.value.as_str()).collect();
            let nullable = key.iter().any(|key| spec.field(key).is_some_and(Field::is_nullable));
            let deferrable = table
                .and_then(|table| table.foreign_key(&key))
                .is_some_and(|constraint| constraint.deferrable);
            let can_wait = nullable || deferrable;
            edges.push(Edge { child, parent: *parent, relationship, can_wait });
        }
    }
    edges
}

/// Describes the rows of a dataset that are there already.
fn existing_rows(spec: &DatasetSpec, rows: u64, catalog: &Catalog) -> ExistingRows {
    let table = catalog.table(&spec.table).filter(|_| spec.data_source == DataSource::Existing);
    let key = table.map_or_else(Vec::new, |table| table.primary_key.clone());
    ExistingRows { rows, key }
}

/// Returns which edges are a dataset's: they stand in the order of the datasets that have them.
fn edges_of(edges: &[Edge<'_>], dataset: usize) -> Range<usize> {
    let until = |end: usize| edges.partition_point(|edge| edge.child < end);
    until(dataset)..until(dataset + 1)
}

/// Tells every volume that a contract gives to a dataset which it does not provision: `gathered` are its own datasets and
/// those that relationships bring along.
pub(super) fn check_volumes(contract: &Contract, gathered: &Gathered) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let provisioned: HashSet<&str> = gathered.names().collect();
    for dataset in contract.volumes.by_dataset.keys() {
        if !provisioned.contains(dataset.as_str()) {
            let message =
                format!("a volume is given for `{dataset}`, which the contract does not provision");
            diagnostics.push_with(|| {
                Diagnostic::new("contract::unknown_volume", message)
                    .did_you_mean(dataset, gathered.names())
            });
        }
    }
    diagnostics
}
