//! Where a factory's values come from when a test does not give them.

use std::any::TypeId;
use std::sync::{Arc, Mutex, PoisonError};

use tdata_core::contract::{Contract, Volumes};
use tdata_core::definition::{Instant, Library};
use tdata_core::diagnostic::{Diagnostics, Source as Text};
use tdata_core::generate::{Cells, Divisor, Value, ValueKind};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, FieldPlan, plan};

use super::blueprint::Blueprint;
use crate::context::Context;
use crate::record::{Descriptor, Source};

/// The generators of a factory's fields, as far as they have any.
#[derive(Debug)]
pub(crate) struct FactoryPlan {
    columns: Vec<Option<ColumnPlan>>,
}

/// The generator of one field.
///
/// Factories take their values from the same rows of the dataset that tests have in databases, but
/// from behind the definition's count: what is unique stays unique beside them.
#[derive(Debug)]
struct ColumnPlan {
    cells: Arc<dyn Cells>,
    /// The first row that is a factory's.
    first: u64,
    /// How many rows there are from there on.
    rows: Divisor,
    /// How much memory a text is likely to take.
    length: usize,
}

/// The longest text that memory is taken for before it is written.
const LONGEST: usize = 40;

impl FactoryPlan {
    /// Returns the plan of a builder, which makes records of `descriptor`, for a context; each is made once in a
    /// process.
    pub(super) fn of(
        builder: TypeId,
        blueprint: &Blueprint,
        descriptor: &Descriptor,
        context: &Context,
    ) -> Arc<Self> {
        type Key = (TypeId, u64, Instant, Volumes);
        static MADE: Mutex<Vec<(Key, Arc<FactoryPlan>)>> = Mutex::new(Vec::new());
        let key = (builder, context.seed(), context.as_of(), context.volumes().clone());
        let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = made().iter().find(|(known, _)| *known == key) {
            return Arc::clone(plan);
        }
        let plan = match make(descriptor, blueprint.generators, context) {
            Ok(plan) => Arc::new(plan),
            Err(mistakes) => panic!("{} cannot build:\n{mistakes}", blueprint.factory),
        };
        made().push((key, Arc::clone(&plan)));
        plan
    }

    /// Makes the value of a column for the record of a number.
    #[inline]
    pub(crate) fn value(&self, column: usize, number: u64) -> Value {
        let Some(Some(column)) = self.columns.get(column) else { return Value::Null };
        let (_, row) = column.rows.divide(number);
        let mut value = match column.length {
            0 => Value::Null,
            length => Value::Text(String::with_capacity(length)),
        };
        column.cells.write(column.first + row, &mut value);
        value
    }
}

fn make(
    descriptor: &Descriptor,
    generators: &str,
    context: &Context,
) -> Result<FactoryPlan, Diagnostics> {
    let mut columns: Vec<Option<ColumnPlan>> = Vec::new();
    columns.resize_with(descriptor.columns.len(), || None);
    if let Source::Dataset { name, definitions, .. } = descriptor.source {
        add(name, definitions, descriptor, context, &mut columns)?;
    }
    if !generators.is_empty() {
        // The fields that the factory names generators for, in place of the definition's.
        let name = descriptor.dataset().unwrap_or("records");
        add(name, &[(name, generators)], descriptor, context, &mut columns)?;
    }
    Ok(FactoryPlan { columns })
}

fn add(
    dataset: &str,
    definitions: &[(&str, &str)],
    descriptor: &Descriptor,
    context: &Context,
    columns: &mut [Option<ColumnPlan>],
) -> Result<(), Diagnostics> {
    let mut library = Library::default();
    for (name, text) in definitions {
        library.insert(Text::new(format!("{name}.yaml"), *text), name, None);
    }
    let contract = Contract {
        seed: context.seed(),
        volumes: context.volumes().clone(),
        // What generators make is nobody's: it needs no mask.
        apply_masking: false,
        ..Contract::new([dataset], context.as_of())
    };
    // A contract's volumes are those of all its datasets; this one has fewer.
    let known = |name: &String| definitions.iter().any(|(known, _)| known == name);
    let mut contract = contract;
    contract.volumes.by_dataset.retain(|name, _| known(name));
    let plan = plan(&contract, &library, &MaskKey::development(), &Catalog::default())?;
    let Some(dataset) = plan.dataset(dataset) else { return Ok(()) };
    let provisioned = dataset.rows.max(dataset.spec.rows);
    for (column, planned) in descriptor.columns.iter().zip(columns) {
        if let Some(field) = dataset.field(column.name) {
            *planned = Some(column_plan(field, provisioned));
        }
    }
    Ok(())
}

fn column_plan(field: &FieldPlan, provisioned: u64) -> ColumnPlan {
    let reach = field.reach();
    // Where the provisioned rows take all there is, nothing can keep clear of them.
    let first = if reach > provisioned { provisioned } else { 0 };
    let is_text = field.cells.kind() == ValueKind::Text;
    let length = if is_text { field.cells.max_length(1).min(LONGEST) } else { 0 };
    ColumnPlan { cells: Arc::clone(&field.cells), first, rows: Divisor::new(reach - first), length }
}
