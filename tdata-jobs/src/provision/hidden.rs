//! Where tables are that are not whole yet: in a schema of their own, where nobody takes them for what they will be.

use std::collections::HashSet;

use postgres::Transaction;
use tdata_core::plan::Plan;
use tdata_core::sql::{TableName, quote_identifier, quote_literal};

use crate::error::JobError;

/// How the names of these schemas begin.
const BEGINS: &str = "tdata_loading_";

/// The schema of the ledger.
const LEDGER: &str = "tdata";

/// Returns the schema in which the tables of a provision are until they are whole.
pub(super) fn hidden_schema(id: &str) -> String {
    format!("{BEGINS}{}", id.replace('-', ""))
}

/// Tells whether a schema is tdata's own, so that no definition means its tables.
pub(super) fn is_hidden(schema: &str) -> bool {
    schema == LEDGER || schema.starts_with(BEGINS)
}

/// Returns the plan with the tables that are to be made where they are until they are whole.
pub(super) fn hidden(plan: &Plan, id: &str) -> Plan {
    let mut hidden = plan.clone();
    for dataset in hidden.datasets.iter_mut().filter(|dataset| !dataset.table_exists) {
        dataset.table.schema = Some(hidden_schema(id));
    }
    hidden
}

/// Tells why the tables of a plan cannot be hidden while their rows are loaded; `None` where they can.
pub(super) fn why_not_hidden(plan: &Plan) -> Option<String> {
    let loaded = || plan.datasets.iter().filter(|dataset| !dataset.is_there());
    if let Some(dataset) = loaded().find(|dataset| dataset.table_exists) {
        let table = dataset.table.written();
        return Some(format!("the table {table} is there already"));
    }
    let mut names = HashSet::new();
    let twice = loaded().find(|dataset| !names.insert(dataset.table.name.as_str()));
    twice.map(|dataset| format!("two schemas get a table `{}`", dataset.table.name))
}

/// Says what the schema is to whoever looks at it.
pub(super) fn describe(transaction: &mut Transaction<'_>, id: &str) -> Result<(), JobError> {
    let schema = quote_identifier(&hidden_schema(id));
    let text = quote_literal(&format!(
        "tdata loads rows into these tables. They are not whole: tdata cleanup {id} takes them away, and the next run of the \
         same contract goes on with them"
    ));
    let sql = format!("CREATE SCHEMA IF NOT EXISTS {schema}; COMMENT ON SCHEMA {schema} IS {text}");
    transaction.batch_execute(&sql).map_err(JobError::database)
}

/// Gives tables that are whole their names.
pub(super) fn show(
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    id: &str,
) -> Result<(), JobError> {
    let current = "SELECT coalesce(current_schema()::text, 'public')";
    let current: String = transaction.query_one(current, &[]).map_err(JobError::database)?.get(0);
    let schema = hidden_schema(id);
    for dataset in plan.datasets.iter().filter(|dataset| !dataset.table_exists) {
        let from = TableName { schema: Some(schema.clone()), name: dataset.table.name.clone() };
        let to = quote_identifier(dataset.table.schema.as_ref().unwrap_or(&current));
        let sql = format!("CREATE SCHEMA IF NOT EXISTS {to}; ALTER TABLE {from} SET SCHEMA {to}");
        transaction.batch_execute(&sql).map_err(JobError::database)?;
    }
    let drop = format!("DROP SCHEMA {}", quote_identifier(&schema));
    transaction.batch_execute(&drop).map_err(JobError::database)
}

/// Takes tables away that are not whole.
pub(super) fn take_hidden_away(
    transaction: &mut Transaction<'_>,
    id: &str,
) -> Result<u64, JobError> {
    let schema = hidden_schema(id);
    let sql = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')";
    let tables = transaction.query(sql, &[&schema]).map_err(JobError::database)?;
    let named = |row: &postgres::Row| {
        TableName { schema: Some(schema.clone()), name: row.get(0) }.to_string()
    };
    let names: Vec<String> = tables.iter().map(named).collect();
    let mut sql = match names.is_empty() {
        true => String::new(),
        false => format!("DROP TABLE {};", names.join(", ")),
    };
    sql.push_str(&format!("DROP SCHEMA IF EXISTS {}", quote_identifier(&schema)));
    transaction.batch_execute(&sql).map_err(JobError::database)?;
    Ok(names.len() as u64)
}
