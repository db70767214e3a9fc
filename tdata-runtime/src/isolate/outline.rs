//! What can be said of provisioned data without planning them again.

use std::sync::{Arc, OnceLock};

use tdata_core::plan::{Catalog, DatasetPlan, Plan};
use tdata_core::sql::{TableName, quote_identifier};

use super::recipe::Recipe;
use crate::error::Error;
use crate::notation::noted;

/// What can be said of provisioned data without planning them again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    pub(crate) datasets: Vec<DatasetOutline>,
}

/// A dataset, as it was loaded.
#[derive(Clone, Debug)]
pub(crate) struct DatasetOutline {
    pub(crate) name: String,
    pub(crate) table: TableName,
    /// The table, as a query names it that is to see the dataset's own rows.
    pub(crate) own_rows: String,
    pub(crate) rows: u64,
    /// The order in which its rows were generated, as SQL takes it.
    pub(crate) order: String,
}

noted! {
    Outline { datasets }
    DatasetOutline { name, table, own_rows, rows, order }
}

impl Outline {
    pub(super) fn of(plan: &Plan) -> Self {
        let datasets = plan.datasets.iter().map(|dataset| DatasetOutline {
            name: dataset.name.clone(),
            table: dataset.table.clone(),
            own_rows: dataset.own_rows(),
            rows: dataset.rows,
            order: order(dataset),
        });
        Self { datasets: datasets.collect() }
    }

    /// Finds a dataset.
    pub(crate) fn dataset(&self, name: &str) -> Option<&DatasetOutline> {
        self.datasets.iter().find(|dataset| dataset.name == name)
    }
}

/// The order of generation: that of a counting field, else that in which rows were stored. Rows that were there before
/// are in the order of their key.
fn order(dataset: &DatasetPlan) -> String {
    if !dataset.existing.key.is_empty() {
        let key = dataset.existing.key.iter().map(|name| quote_identifier(name));
        return key.collect::<Vec<_>>().join(", ");
    }
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
    origin: Arc<Origin>,
}

/// What a plan is made of.
#[derive(Debug)]
struct Origin {
    recipe: Recipe,
    /// The tables that were there before the data.
    catalog: Arc<Catalog>,
    /// The schema that all tables are in, where they share one.
    schema: Option<String>,
}

impl LazyPlan {
    /// A plan that was made before, in this process or another; made again, it is put into `plan`.
    pub(super) fn of(
        recipe: &Recipe,
        catalog: &Arc<Catalog>,
        plan: &Arc<OnceLock<Arc<Plan>>>,
    ) -> Self {
        let origin = Origin { recipe: recipe.clone(), catalog: Arc::clone(catalog), schema: None };
        Self { plan: Arc::clone(plan), origin: Arc::new(origin) }
    }

    /// The plan of data in one schema.
    pub(super) fn in_schema(recipe: &Recipe, catalog: &Arc<Catalog>, schema: &str) -> Self {
        let schema = Some(schema.to_owned());
        let origin = Origin { recipe: recipe.clone(), catalog: Arc::clone(catalog), schema };
        Self { plan: Arc::default(), origin: Arc::new(origin) }
    }

    /// Returns the tables that were there before the data.
    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.origin.catalog)
    }

    /// Makes the plan.
    pub(super) fn make(&self) -> Result<Plan, Error> {
        let Origin { recipe, catalog, schema } = &*self.origin;
        let plan = recipe.plan(catalog)?;
        Ok(match schema {
            Some(schema) => plan.in_schema(schema),
            None => plan,
        })
    }

    /// Returns the plan.
    pub(crate) fn get(&self) -> &Arc<Plan> {
        self.plan.get_or_init(|| match self.make() {
            Ok(plan) => Arc::new(plan),
            Err(error) => unreachable!("the same plan was made before: {error}"),
        })
    }
}
