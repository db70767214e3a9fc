//! Tells of columns that the database computes from a row, where a row is refused whose values fit.

use postgres::Client;
use tdata_core::plan::DatasetPlan;

use crate::refusal::Refusal;

/// What the codes of values begin with of which something cannot be computed.
const DATA_EXCEPTION: &str = "22";

/// Adds to a refusal which columns may not have been computed. PostgreSQL names the column of a value that is copied, and
/// none that it computes.
pub(super) fn explain(client: &mut Client, dataset: &DatasetPlan, refusal: Refusal) -> Refusal {
    let is_of_values = refusal.sqlstate().is_some_and(|code| code.starts_with(DATA_EXCEPTION));
    if !is_of_values || refusal.to_string().contains(", column ") {
        return refusal;
    }
    match computed(client, dataset) {
        Some(columns) => refusal.with_advice(&format!(
            "It may be {columns}: let the fields that it reads make only values of which it can be computed"
        )),
        None => refusal,
    }
}

/// The generated columns of a table, each with what computes it.
const FIND_COMPUTED: &str = "\
    SELECT a.attname::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid) \
    FROM pg_catalog.pg_attribute a \
    JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
    WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attgenerated <> '' ORDER BY a.attnum";

/// Names the columns that the database computes from a row: of these it does not say which one failed.
fn computed(client: &mut Client, dataset: &DatasetPlan) -> Option<String> {
    let rows = client.query(FIND_COMPUTED, &[&dataset.table.to_string()]).ok()?;
    let named = rows.iter().map(|row| {
        let (name, expression): (String, String) = (row.get(0), row.get(1));
        format!("the generated column `{name}`, which is {expression}")
    });
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| named.join(", or "))
}
