//! One scan per table for all of its constraints.

use postgres::Client;
use tdata_core::plan::{DatasetPlan, ForeignKey, Plan};
use tdata_core::sql::quote_identifier;

use super::error::{Finding, ValidateError, Violation};
use crate::load;

/// How many row indices a violation tells.
const TOLD: usize = 5;

/// How many checks one scan makes: two values each, of the 1,664 that PostgreSQL selects at once.
const AT_ONCE: usize = 800;

/// The column that the rows are numbered in, beside their own. No field can have a name with blanks.
const ROW: &str = "\"row index of tdata\"";

/// How conditions are read, whatever the database sets: as planning read them, when it proved that each stays within
/// its parentheses.
const AS_READ: &str = "SET LOCAL standard_conforming_strings = on";

struct Check {
    constraint: String,
    description: Option<String>,
    place: Option<String>,
    condition: String,
    /// The index of the first row that it judges: a definition says nothing of rows that were there before.
    from: u64,
}

/// Checks all rows of a plan: their number, keys without nulls, foreign keys that resolve, and the
/// definitions' own constraints. As with CHECK, a condition that is null holds.
///
/// # Errors
///
/// The constraints that do not hold, all of them; or that rows cannot be looked at.
pub fn validate(client: &mut Client, plan: &Plan) -> Result<(), ValidateError> {
    let before = sight(client, plan)?;
    let mut violations = Vec::new();
    for dataset in &plan.datasets {
        let checks = checks(dataset, plan);
        // Without a check, too, the rows are counted.
        let mut scans: Vec<&[Check]> = checks.chunks(AT_ONCE).collect();
        scans.extend(checks.is_empty().then_some(&checks[..]));
        for (at, checks) in scans.into_iter().enumerate() {
            match scan(client, &before, dataset, checks, at == 0) {
                Ok(found) => violations.extend(found),
                Err(error) => {
                    let failed = |error: postgres::Error| ValidateError::Scan {
                        dataset: dataset.name.clone(),
                        refusal: error.into(),
                    };
                    let unreadable =
                        unreadable(client, &before, dataset, checks).map_err(failed)?;
                    if unreadable.is_empty() {
                        return Err(failed(error));
                    }
                    violations.extend(unreadable);
                }
            }
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(ValidateError::Violations(violations)) }
}

/// Returns what each scan does first: it lets conditions be read as they were written, and all rows be seen. What it lifts of
/// row-level security is undone behind it.
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
    Ok(before)
}

fn checks(dataset: &DatasetPlan, plan: &Plan) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    if dataset.is_there() {
        return checks;
    }
    if !dataset.primary_key.is_empty() {
        // A composite value of nulls is none itself, as for the column's own NOT NULL.
        let not_null = |key: &String| format!("{} IS DISTINCT FROM NULL", quote_identifier(key));
        let field = dataset.spec.field(&dataset.primary_key[0]);
        checks.push(implied(
            dataset,
            field.map(|field| field.name.origin.to_string()),
            format!("NOT NULL ({})", dataset.primary_key.join(", ")),
            dataset.primary_key.iter().map(not_null).collect::<Vec<_>>().join(" AND "),
        ));
    }
    for key in &dataset.foreign_keys {
        let Some(parent) = plan.dataset(&key.dataset) else { continue };
        let field = key.fields.first().and_then(|name| dataset.spec.field(name));
        let place = field.map(|field| field.name.origin.to_string());
        checks.push(implied(dataset, place, described(key), resolves(key, parent)));
    }
    checks.extend(dataset.constraints.iter().map(|constraint| Check {
        constraint: constraint.text.value.clone(),
        description: constraint.description.clone(),
        place: Some(constraint.text.origin.to_string()),
        condition: constraint.sql(),
        from: dataset.existing.rows,
    }));
    checks
}

/// Says what a foreign key references: `user_id references users.id`.
fn described(key: &ForeignKey) -> String {
    match (&key.fields[..], &key.referenced_fields[..]) {
        ([field], [referenced]) => format!("{field} references {}.{referenced}", key.dataset),
        (fields, referenced) => {
            let (fields, referenced) = (fields.join(", "), referenced.join(", "));
            format!("({fields}) references {} ({referenced})", key.dataset)
        }
    }
}

/// The condition that a foreign key resolves. It need not where one of its columns is null: without saying so, a null
/// would count as missing from a parent without rows.
fn resolves(key: &ForeignKey, parent: &DatasetPlan) -> String {
    let (fields, referenced) = (quoted_list(&key.fields), quoted_list(&key.referenced_fields));
    let found = format!("({fields}) IN (SELECT {referenced} FROM {})", parent.own_rows());
    let null = key
        .fields
        .iter()
        .map(|field| format!("{} IS NOT DISTINCT FROM NULL OR ", quote_identifier(field)));
    null.collect::<String>() + &found
}

fn quoted_list(names: &[String]) -> String {
    names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(", ")
}

/// A check that a definition implies of the rows that tdata adds. Those that were there are others' to judge.
fn implied(
    dataset: &DatasetPlan,
    place: Option<String>,
    constraint: String,
    condition: String,
) -> Check {
    Check { constraint, description: None, place, condition, from: dataset.existing.rows }
}

/// Numbers the rows in the order they were loaded and judges each by every condition; `counts` says to count them, too.
fn scan(
    client: &mut Client,
    before: &str,
    dataset: &DatasetPlan,
    checks: &[Check],
    counts: bool,
) -> Result<Vec<Violation>, postgres::Error> {
    let mut sql = "SELECT count(*)".to_owned();
    for check in checks {
        // On lines of its own, so that a comment at its end closes nothing.
        let from = match check.from {
            0 => String::new(),
            from => format!(" AND {ROW} >= {from}"),
        };
        let fails = format!("FILTER (WHERE (\n{}\n) IS FALSE{from})", check.condition);
        sql.push_str(&format!(
            ", count(*) {fails}, (array_agg({ROW} ORDER BY {ROW}) {fails})[1:{TOLD}]"
        ));
    }
    let name = quote_identifier(&dataset.table.name);
    // Rows that were there before have older transactions, wherever in the table they are.
    let order = match dataset.existing.rows {
        0 => "",
        _ => "ORDER BY age(xmin) DESC, tableoid, ctid",
    };
    sql.push_str(&format!(
        " FROM (SELECT *, row_number() OVER ({order}) - 1 AS {ROW} FROM {}) AS {name}",
        dataset.own_rows()
    ));
    // Rows are numbered as they come: scans that join each other half-way, or that several workers
    // share, would not come in order.
    let mut transaction = client.transaction()?;
    transaction.batch_execute(&format!(
        "{before}; SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0"
    ))?;
    let row = transaction.query_one(&sql, &[])?;
    transaction.rollback()?;
    let violation = |check: Option<&Check>, finding| Violation {
        dataset: dataset.name.clone(),
        place: check.and_then(|check| check.place.clone()),
        constraint: check.map(|check| check.constraint.clone()).unwrap_or_default(),
        description: check.and_then(|check| check.description.clone()),
        finding,
    };
    let mut violations = Vec::new();
    let found = unsigned(row.get(0));
    if counts && found != dataset.rows {
        violations.push(violation(None, Finding::Count { planned: dataset.rows, found }));
    }
    for (index, check) in checks.iter().enumerate() {
        let count = unsigned(row.get(1 + 2 * index));
        if count > 0 {
            // A condition that answers differently each time may have found none here.
            let first: Option<Vec<i64>> = row.get(2 + 2 * index);
            let first = first.unwrap_or_default().into_iter().map(unsigned).collect();
            violations.push(violation(Some(check), Finding::Rows { count, first }));
        }
    }
    Ok(violations)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Asks for each condition alone which of them PostgreSQL cannot read, or cannot compute.
fn unreadable(
    client: &mut Client,
    before: &str,
    dataset: &DatasetPlan,
    checks: &[Check],
) -> Result<Vec<Violation>, postgres::Error> {
    let mut unreadable = Vec::new();
    for check in checks {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE (\n{}\n) IS FALSE) FROM {}",
            check.condition, dataset.table
        );
        let mut transaction = client.transaction()?;
        transaction.batch_execute(before)?;
        if let Err(error) = transaction.query_one(&sql, &[]) {
            unreadable.push(Violation {
                dataset: dataset.name.clone(),
                place: check.place.clone(),
                constraint: check.constraint.clone(),
                description: check.description.clone(),
                finding: Finding::Unreadable(error.into()),
            });
        }
    }
    Ok(unreadable)
}

#[cfg(test)]
mod tests {
    use tdata_core::contract::Contract;
    use tdata_core::definition::Library;
    use tdata_core::diagnostic::Source;
    use tdata_core::mask::MaskKey;
    use tdata_core::plan::{Catalog, plan};

    use super::*;

    const TENANTS: &str = "{ name: id, type: integer, generator: sequence }";

    const USERS: &str = "{ name: id, type: integer, generator: sequence }
  primary_key: [tenant_id, id]
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }";

    const ORDERS: &str = "{ name: id, type: integer, generator: sequence }
    - { name: User, type: integer, null_probability: 0.5 }
  relationships:
    - { foreignKey: [tenant_id, User], references: { users: [tenant_id, id] } }
    - { foreignKey: tenant_id, references: tenants.id }
  validation:
    - { constraint: id > 0, description: Numbers count up }";

    /// Returns what is checked of a dataset, and the condition of each.
    fn checked(dataset: &str) -> Vec<(String, String)> {
        let mut library = Library::default();
        for (name, fields) in [("tenants", TENANTS), ("users", USERS), ("orders", ORDERS)] {
            let text = format!(
                "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\n\
                 spec:\n  table: {name}\n  fields:\n    - {fields}\n"
            );
            library.insert(Source::new(format!("{name}.yaml"), text), name, None);
        }
        let contract = Contract::new(["orders"], "2024-05-01".parse().unwrap());
        let key = MaskKey::development();
        let plan = plan(&contract, &library, &key, &Catalog::default()).unwrap();
        let checks = checks(plan.dataset(dataset).unwrap(), &plan);
        checks.into_iter().map(|check| (check.constraint, check.condition)).collect()
    }

    fn owned(checks: &[(&str, &str)]) -> Vec<(String, String)> {
        checks.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
    }

    #[test]
    fn keys_are_there_and_lead_somewhere() {
        let expected = [
            (
                "NOT NULL (tenant_id, id)",
                r#""tenant_id" IS DISTINCT FROM NULL AND "id" IS DISTINCT FROM NULL"#,
            ),
            (
                "tenant_id references tenants.id",
                r#""tenant_id" IS NOT DISTINCT FROM NULL OR ("tenant_id") IN (SELECT "id" FROM "tenants")"#,
            ),
        ];
        assert_eq!(checked("users"), owned(&expected));
    }

    #[test]
    fn a_key_of_several_columns_may_be_null_in_part_and_names_are_quoted() {
        let expected = [
            ("NOT NULL (id)", r#""id" IS DISTINCT FROM NULL"#),
            (
                "(tenant_id, User) references users (tenant_id, id)",
                r#""tenant_id" IS NOT DISTINCT FROM NULL OR "User" IS NOT DISTINCT FROM NULL OR ("tenant_id", "User") IN (SELECT "tenant_id", "id" FROM "users")"#,
            ),
            (
                "tenant_id references tenants.id",
                r#""tenant_id" IS NOT DISTINCT FROM NULL OR ("tenant_id") IN (SELECT "id" FROM "tenants")"#,
            ),
            ("id > 0", "id > 0"),
        ];
        assert_eq!(checked("orders"), owned(&expected));
    }
}
