//! Where a factory's values come from when a test does not give them.

use std::any::TypeId;
use std::sync::{Arc, Mutex, PoisonError};

use tdata_core::contract::{Contract, Volumes};
use tdata_core::definition::{Instant, Library};
use tdata_core::diagnostic::{Diagnostics, Source as Text};
use tdata_core::generate::{Cells, Divisor};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, DatasetPlan, FieldPlan, plan};
use tdata_core::value::{Value, ValueKind};

use super::blueprint::Blueprint;
use super::cannot_make::cannot_make;
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
            Err(mistakes) => {
                cannot_make(format!("{} cannot build:\n{mistakes}", blueprint.factory))
            }
        };
        made().push((key, Arc::clone(&plan)));
        plan
    }

    /// Tells whether there is a generator for a column.
    pub(crate) fn makes(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(Option::is_some)
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
    let library = library.without_existing();
    // A test's volumes are those of all its datasets; what is planned here has fewer.
    let gathered = library.gather([dataset]);
    let mut volumes = context.volumes().clone();
    volumes.by_dataset.retain(|name, _| gathered.names().any(|known| known == name));
    let contract = Contract {
        seed: context.seed(),
        volumes,
        // What generators make is nobody's: it needs no mask.
        apply_masking: false,
        ..Contract::new([dataset], context.as_of())
    };
    let catalog = Catalog::of_named_types(&library);
    let plan = plan(&contract, &library, &MaskKey::development(), &catalog)?;
    let Some(dataset) = plan.dataset(dataset) else { return Ok(()) };
    let provisioned = dataset.rows.max(dataset.spec.rows);
    for (column, planned) in descriptor.columns.iter().zip(columns) {
        // A list without rows has none to take a value from, and what a row of it has alone is no other's.
        let serves =
            |field: &&FieldPlan| field.cells.rows() > 0 && !is_taken(dataset, field, provisioned);
        if let Some(field) = dataset.field(column.name).filter(serves) {
            *planned = Some(column_plan(field, provisioned));
        }
    }
    Ok(())
}

/// Tells whether a definition writes the values of a field out, and each is taken by a row of its own.
fn is_taken(dataset: &DatasetPlan, field: &FieldPlan, provisioned: u64) -> bool {
    let is_written = !dataset.spec.written.is_empty() && field.reach() <= provisioned;
    let mut groups = dataset.unique.iter().chain([&dataset.primary_key]);
    is_written && (field.unique || groups.any(|group| group.contains(&field.name)))
}

fn column_plan(field: &FieldPlan, provisioned: u64) -> ColumnPlan {
    let reach = field.reach();
    // Where the provisioned rows take all there is, nothing can keep clear of them.
    let first = if reach > provisioned { provisioned } else { 0 };
    let is_text = field.cells.kind() == ValueKind::Text;
    let length = if is_text { field.cells.max_length(1).min(LONGEST) } else { 0 };
    ColumnPlan { cells: Arc::clone(&field.cells), first, rows: Divisor::new(reach - first), length }
}

#[cfg(test)]
mod tests {
    use tdata_core::contract::Volume;
    use tdata_core::sql::SqlKinds;

    use super::*;
    use crate::record::column;

    const LOANS: &str = "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: loans }
spec:
  table: loans
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: status, type: loan_status, generator: choice, choices: [open, late] }
    - { name: history, type: 'other.loan_status[]', generator: constant, value: '{open}' }
  relationships:
    - { foreignKey: kind_id, references: kinds.id }
    - { foreignKey: branch_id, references: branches.id }
  validation:
    - { constraint: 'NOT NULL (id, kind_id)' }
";

    const KINDS: &str = "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: kinds }
spec:
  source: existing
  table: kinds
  fields:
    - { name: id, type: integer }
  validation:
    - { constraint: 'NOT NULL (id)' }
    - { constraint: 'id > 0' }
";

    #[test]
    fn what_only_a_database_has_stands_in_no_factory_s_way() {
        const COLUMNS: &[crate::record::Column] = &[
            column("id", "i32", SqlKinds::of(&[])),
            column("status", "String", SqlKinds::of(&[])),
            column("history", "String", SqlKinds::of(&[])),
            column("kind_id", "i32", SqlKinds::of(&[])),
            column("branch_id", "i32", SqlKinds::of(&[])),
        ];
        let source = Source::Dataset {
            name: "loans",
            table: "loans",
            definitions: &[("loans", LOANS), ("kinds", KINDS)],
        };
        let descriptor = Descriptor { record: "Loan", source, columns: COLUMNS };
        // The test that it is built in provisions all of them.
        let mut volumes = Volumes::default();
        for (dataset, rows) in [("loans", 5), ("kinds", 2), ("branches", 3)] {
            volumes.by_dataset.insert(dataset.to_owned(), Volume::Rows(rows));
        }
        let context = Context::new("a_test".to_owned(), 1, Instant::from_micros(0), volumes);
        let plan = make(&descriptor, "", &context).unwrap();
        let status = plan.value(1, 0).to_string();
        assert!(["open", "late"].contains(&status.as_str()), "{status}");
        assert_eq!(plan.value(2, 0).to_string(), "{open}");
        // A key to rows that only a database has is for the test to give.
        assert_eq!((plan.value(3, 0), plan.value(4, 0)), (Value::Null, Value::Null));
    }
}
