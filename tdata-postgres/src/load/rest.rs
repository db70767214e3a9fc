//! What rests while rows load, and is as it was behind them: triggers, and row-level security that holds for owners.

use postgres::{GenericClient, Transaction};
use tdata_core::plan::DatasetPlan;

use super::cause::Causes;
use super::error::LoadError;
use crate::catalog::{self, SecuredTable, Trigger, TriggerOf};
use crate::refusal::Refusal;

/// Lets triggers rest. Returns the statements that make them as they were, in their order. Only superusers may let event
/// triggers rest; where the role is none, these fire.
pub(super) fn triggers(
    transaction: &mut Transaction<'_>,
    causes: &Causes<'_>,
) -> Result<Vec<String>, LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    let ask = "SELECT current_setting('server_version_num')::int4, current_setting('is_superuser') = 'on'";
    let row = transaction.query_one(ask, &[]).map_err(failed)?;
    let version: i32 = row.get(0);
    let is_superuser: bool = row.get(1);
    let may_rest = |trigger: &&Trigger| is_superuser || trigger.of != TriggerOf::Database;
    // Those of the database first: they may refuse to let the others rest.
    let (mut all, tables): (Vec<&Trigger>, Vec<&Trigger>) = causes
        .triggers
        .iter()
        .filter(may_rest)
        .partition(|trigger| trigger.of == TriggerOf::Database);
    all.extend(tables);
    let mut undo = Vec::new();
    for trigger in all {
        let [rest, again] = trigger.rest(version.unsigned_abs());
        transaction.batch_execute(&rest).map_err(|error| LoadError::NoRest {
            trigger: causes.described(trigger),
            refusal: error.into(),
        })?;
        undo.insert(0, again);
    }
    Ok(undo)
}

/// Lets the owner of tables see and add all rows. Returns the statements that make it as it was.
pub(super) fn row_security(
    transaction: &mut Transaction<'_>,
    datasets: &[DatasetPlan],
) -> Result<Vec<String>, LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    let mut undo = Vec::new();
    let secured = secured(transaction, datasets).map_err(failed)?;
    // Nothing is added to what is there.
    for (dataset, secured) in secured.into_iter().filter(|(dataset, _)| !dataset.is_there()) {
        if !secured.is_owned {
            return Err(LoadError::RowSecurity {
                dataset: dataset.name.clone(),
                table: dataset.table.to_string(),
                policies: secured.policies,
                role: secured.role,
            });
        }
        let [lift, again] = ["NO FORCE", "FORCE"]
            .map(|word| format!("ALTER TABLE {} {word} ROW LEVEL SECURITY", dataset.table));
        transaction.batch_execute(&lift).map_err(failed)?;
        undo.push(again);
    }
    Ok(undo)
}

/// Finds the datasets whose tables have row-level security that holds for the role.
pub(crate) fn secured<'a>(
    client: &mut impl GenericClient,
    datasets: &'a [DatasetPlan],
) -> Result<Vec<(&'a DatasetPlan, SecuredTable)>, postgres::Error> {
    let tables: Vec<String> = datasets.iter().map(|dataset| dataset.table.to_string()).collect();
    let found = catalog::secured(client, &tables)?;
    Ok(found.into_iter().map(|secured| (&datasets[secured.place], secured)).collect())
}

/// Makes again what rested.
pub(super) fn again(transaction: &mut Transaction<'_>, undo: &[String]) -> Result<(), Refusal> {
    for sql in undo {
        transaction.batch_execute(sql)?;
    }
    Ok(())
}
