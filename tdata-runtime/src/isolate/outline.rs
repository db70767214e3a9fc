//! What can be said of provisioned data without planning them again.

use std::sync::{Arc, OnceLock};

use tdata_core::definition::{TableName, quote_identifier};
use tdata_core::plan::{Catalog, DatasetPlan, Plan};

use super::notation::noted;
use super::recipe::Recipe;

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

noted! {
    Outline { datasets }
    DatasetOutline { name, table, rows, order }
}

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
    /// What it is made of, and the tables that were there before the data.
    origin: Option<(Recipe, Arc<Catalog>)>,
}

impl LazyPlan {
    /// A plan that is known.
    pub(super) fn known(plan: Arc<Plan>) -> Self {
        Self { plan: Arc::new(OnceLock::from(plan)), origin: None }
    }

    /// A plan that the process that built the template has made before; made here, it is put into `plan`.
    pub(super) fn of(
        recipe: &Recipe,
        catalog: &Arc<Catalog>,
        plan: &Arc<OnceLock<Arc<Plan>>>,
    ) -> Self {
        let origin = Some((recipe.clone(), Arc::clone(catalog)));
        Self { plan: Arc::clone(plan), origin }
    }

    /// Returns the plan.
    pub(crate) fn get(&self) -> &Arc<Plan> {
        self.plan.get_or_init(|| {
            match self.origin.as_ref().map(|(recipe, catalog)| recipe.plan(catalog)) {
                Some(Ok(plan)) => Arc::new(plan),
                Some(Err(error)) => unreachable!("the same plan was made before: {error}"),
                None => unreachable!("a plan without an origin is known"),
            }
        })
    }
}
