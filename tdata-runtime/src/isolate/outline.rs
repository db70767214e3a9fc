//! What can be said of provisioned data without planning them again.

use std::sync::{Arc, OnceLock};

use postgres::Row;
use postgres::types::{ToSql, Type};
use tdata_core::definition::{TableName, quote_identifier};
use tdata_core::plan::{Catalog, DatasetPlan, Plan};

use super::template::{Recipe, plan_for};

/// What can be said of provisioned data without planning them again.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    pub(crate) datasets: Vec<DatasetOutline>,
}

/// A dataset, as it was loaded.
#[derive(Clone, Debug)]
pub(crate) struct DatasetOutline {
    pub(crate) name: String,
    pub(crate) table: TableName,
    pub(crate) rows: u64,
    /// The order in which its rows were generated, as SQL takes it.
    pub(crate) order: String,
}

/// The columns that hold an outline in the control database, with their types.
pub(super) const COLUMNS: &[(&str, Type)] = &[
    ("dataset_names", Type::TEXT_ARRAY),
    ("schemas", Type::TEXT_ARRAY),
    ("table_names", Type::TEXT_ARRAY),
    ("row_counts", Type::INT8_ARRAY),
    ("orders", Type::TEXT_ARRAY),
];

impl Outline {
    pub(super) fn of(plan: &Plan) -> Self {
        let datasets = plan.datasets.iter().map(|dataset| DatasetOutline {
            name: dataset.name.clone(),
            table: dataset.table.clone(),
            rows: dataset.rows,
            order: order(dataset),
        });
        Self { datasets: datasets.collect() }
    }

    /// Finds a dataset.
    pub(crate) fn dataset(&self, name: &str) -> Option<&DatasetOutline> {
        self.datasets.iter().find(|dataset| dataset.name == name)
    }

    /// Returns the values of [`COLUMNS`].
    pub(super) fn to_columns(&self) -> Vec<Box<dyn ToSql + Sync>> {
        let datasets = || self.datasets.iter();
        vec![
            Box::new(datasets().map(|one| one.name.clone()).collect::<Vec<_>>()),
            Box::new(datasets().map(|one| one.table.schema.clone()).collect::<Vec<_>>()),
            Box::new(datasets().map(|one| one.table.name.clone()).collect::<Vec<_>>()),
            Box::new(datasets().map(|one| one.rows as i64).collect::<Vec<_>>()),
            Box::new(datasets().map(|one| one.order.clone()).collect::<Vec<_>>()),
        ]
    }

    /// Reads the values of [`COLUMNS`].
    pub(super) fn from_columns(row: &Row) -> Self {
        let names: Vec<String> = row.get("dataset_names");
        let schemas: Vec<Option<String>> = row.get("schemas");
        let tables: Vec<String> = row.get("table_names");
        let (rows, orders): (Vec<i64>, Vec<String>) = (row.get("row_counts"), row.get("orders"));
        let tables = schemas.into_iter().zip(tables).zip(rows).zip(orders);
        let datasets =
            names.into_iter().zip(tables).map(|(name, (((schema, table), rows), order))| {
                let table = TableName { schema, name: table };
                DatasetOutline { name, table, rows: rows.unsigned_abs(), order }
            });
        Self { datasets: datasets.collect() }
    }
}

/// The order of generation: that of a counting field, else that in which rows were stored.
fn order(dataset: &DatasetPlan) -> String {
    let counting = dataset.fields.iter().find_map(|field| Some((field, field.sequence?)));
    match counting {
        Some((field, sequence)) => {
            let direction = if sequence.step < 0 { " DESC" } else { "" };
            format!("{}{direction}", quote_identifier(&field.name))
        }
        None => "ctid".to_owned(),
    }
}

/// The plan of data that another process may have planned: made only when it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct LazyPlan {
    plan: Arc<OnceLock<Arc<Plan>>>,
    recipe: Option<Recipe>,
}

impl LazyPlan {
    /// A plan that is known.
    pub(super) fn known(plan: Arc<Plan>) -> Self {
        Self { plan: Arc::new(OnceLock::from(plan)), recipe: None }
    }

    /// A plan that needs no database, and which the process that built the template has made before; made
    /// here, it is put into `plan`.
    pub(super) fn of(recipe: &Recipe, plan: &Arc<OnceLock<Arc<Plan>>>) -> Self {
        Self { plan: Arc::clone(plan), recipe: Some(recipe.clone()) }
    }

    /// Returns the plan.
    pub(crate) fn get(&self) -> &Arc<Plan> {
        self.plan.get_or_init(|| {
            let planned = self.recipe.as_ref().map(|recipe| plan_for(recipe, &Catalog::default()));
            match planned {
                Some(Ok(plan)) => Arc::new(plan),
                Some(Err(error)) => unreachable!("the same plan was made before: {error}"),
                None => unreachable!("a plan without a recipe is known"),
            }
        })
    }
}
