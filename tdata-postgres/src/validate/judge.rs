//! Checks all rows of a plan.

use postgres::Client;
use tdata_core::plan::{ForeignKey, Plan};

use super::checks::{Check, checks};
use super::error::ValidateError;
use super::reader::Reader;
use super::scan;
use crate::catalog::{self, ProvedKey};
use crate::load;

/// How conditions are read, whatever the database sets: as planning read them, when it proved that each stays within
/// its parentheses.
const AS_READ: &str = "SET LOCAL standard_conforming_strings = on";

/// Checks all rows of a plan: their number, keys without nulls, foreign keys that resolve, and the
/// definitions' own constraints. As with CHECK, a condition that is null holds.
///
/// One query per table first asks whether any row is wrong. Foreign keys that the database has proved itself are left out;
/// others, and conditions with subqueries, are asked about in queries of their own, which PostgreSQL plans as joins. Only where
/// something is wrong, a second pass numbers the rows.
///
/// The row indices count the rows in the order in which the table has them. That is the order of the dataset where
/// [one transaction](crate::load::load_upon) loaded it; where its parts came in another order, their indices are those of the table, as
/// [`ValidateError::of_tables`] says.
///
/// # Errors
///
/// The constraints that do not hold, all of them; or that rows cannot be looked at.
pub fn validate(client: &mut Client, plan: &Plan) -> Result<(), ValidateError> {
    let before = sight(client, plan)?;
    let mut reader = Reader::new(client, before);
    let all = all_checks(&mut reader, plan)?;
    let mut violations = Vec::new();
    for (dataset, checks) in plan.datasets.iter().zip(&all) {
        let Err(error) = scan::judge(&mut reader, dataset, checks, &mut violations) else {
            continue;
        };
        // Many conditions were asked together: each alone tells which one is refused.
        violations.retain(|violation| violation.dataset != dataset.name);
        let unreadable = scan::unreadable(&mut reader, dataset, &checks.iter().collect::<Vec<_>>());
        if unreadable.is_empty() {
            return Err(ValidateError::Scan {
                dataset: dataset.name.clone(),
                refusal: error.into(),
            });
        }
        violations.extend(unreadable);
    }
    if violations.is_empty() { Ok(()) } else { Err(ValidateError::Violations(violations)) }
}

/// Returns the queries that [`validate`] asks first, each with its dataset: what all rows have to pass. `EXPLAIN` tells how
/// PostgreSQL answers them.
///
/// # Errors
///
/// What the database refuses.
pub fn queries(client: &mut Client, plan: &Plan) -> Result<Vec<(String, String)>, ValidateError> {
    let before = sight(client, plan)?;
    let all = all_checks(&mut Reader::new(client, before), plan)?;
    let mut queries = Vec::new();
    for (dataset, checks) in plan.datasets.iter().zip(&all) {
        let pass = scan::first_pass(dataset, checks).into_iter();
        queries.extend(pass.map(|(sql, _, _)| (dataset.name.clone(), sql)));
    }
    Ok(queries)
}

/// Returns the checks of each dataset, without what the database has proved.
fn all_checks(reader: &mut Reader<'_>, plan: &Plan) -> Result<Vec<Vec<Check>>, ValidateError> {
    let tables: Vec<String> =
        plan.datasets.iter().map(|dataset| dataset.table.to_string()).collect();
    let has_keys = |dataset: &&tdata_core::plan::DatasetPlan| {
        !dataset.is_there() && !dataset.foreign_keys.is_empty()
    };
    let proved = match plan.datasets.iter().find(has_keys) {
        None => Vec::new(),
        Some(first) => {
            let asked = reader.with(|client| catalog::proved_keys(client, &tables));
            asked.map_err(|error| ValidateError::Scan {
                dataset: first.name.clone(),
                refusal: error.into(),
            })?
        }
    };
    let all = plan.datasets.iter().enumerate().map(|(place, dataset)| {
        checks(dataset, plan, |key| proved.iter().any(|known| is_meant(known, place, key, plan)))
    });
    Ok(all.collect())
}

/// Tells whether a proved key is one of a dataset, by place: the same columns lead to the same ones.
fn is_meant(proved: &ProvedKey, place: usize, key: &ForeignKey, plan: &Plan) -> bool {
    let leads = |(field, referenced): (&String, &String)| {
        let mut pairs = proved.columns.iter().zip(&proved.parent_columns);
        pairs.any(|pair| pair == (field, referenced))
    };
    proved.table == place
        && plan.datasets.get(proved.parent).is_some_and(|parent| parent.name == key.dataset)
        && proved.columns.len() == key.fields.len()
        && key.fields.iter().zip(&key.referenced_fields).all(leads)
}

/// Returns what each transaction does first: it lets conditions be read as they were written, and all rows be seen. What it lifts
/// of row-level security is undone behind it.
fn sight(client: &mut Client, plan: &Plan) -> Result<String, ValidateError> {
    let mut before = AS_READ.to_owned();
    let Some(first) = plan.datasets.first() else { return Ok(before) };
    let secured = load::secured(client, &plan.datasets).map_err(|error| ValidateError::Scan {
        dataset: first.name.clone(),
        refusal: error.into(),
    })?;
    for (dataset, _) in secured.iter().filter(|(_, secured)| secured.is_owned) {
        before.push_str(&format!("; ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", dataset.table));
    }
    // Where policies hold all the same, that is told, and no row missed.
    before.push_str("; SET LOCAL row_security = off");
    let rows = plan.datasets.iter().map(|dataset| dataset.rows).max().unwrap_or_default();
    if let Some(memory) = load::more_memory(rows) {
        before.push_str("; ");
        before.push_str(&memory);
    }
    Ok(before)
}
