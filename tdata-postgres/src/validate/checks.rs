//! What is checked of a dataset's rows.

use tdata_core::plan::{DatasetPlan, ForeignKey, Plan};
use tdata_core::sql::quote_identifier;

use super::condition::asks;
use super::error::{Finding, Violation};

/// The parent of a foreign key in a query. No table can have a name with blanks.
const PARENT: &str = "\"parent of tdata\"";

/// Something that must hold for each row.
#[derive(Clone, Debug)]
pub(super) struct Check {
    constraint: String,
    description: Option<String>,
    place: Option<String>,
    pub(super) wrong: Wrong,
    /// The index of the first row that it judges: a definition says nothing of rows that were there before.
    pub(super) from: u64,
}

/// Which rows are wrong.
#[derive(Clone, Debug)]
pub(super) enum Wrong {
    /// Those for which a condition over the row alone is false.
    Plain(String),
    /// Those for which a condition with subqueries is false.
    Asking(String),
    /// Those for which this is true: their foreign key leads nowhere.
    Leads(String),
}

impl Check {
    /// Returns what is true for a row that is wrong.
    pub(super) fn condition(&self) -> String {
        match &self.wrong {
            // On lines of its own, so that a comment at its end closes nothing.
            Wrong::Plain(condition) | Wrong::Asking(condition) => {
                format!("(\n{condition}\n) IS FALSE")
            }
            Wrong::Leads(condition) => condition.clone(),
        }
    }

    /// Tells what was found about it.
    pub(super) fn violation(&self, dataset: &DatasetPlan, finding: Finding) -> Violation {
        Violation {
            of_table: false,
            dataset: dataset.name.clone(),
            place: self.place.clone(),
            constraint: self.constraint.clone(),
            description: self.description.clone(),
            finding,
        }
    }
}

/// Returns what is to be checked. What the database has proved itself is left out.
pub(super) fn checks(
    dataset: &DatasetPlan,
    plan: &Plan,
    proved: impl Fn(&ForeignKey) -> bool,
) -> Vec<Check> {
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
            Wrong::Plain(
                dataset.primary_key.iter().map(not_null).collect::<Vec<_>>().join(" AND "),
            ),
        ));
    }
    for key in dataset.foreign_keys.iter().filter(|key| !proved(key)) {
        let Some(parent) = plan.dataset(&key.dataset) else { continue };
        let field = key.fields.first().and_then(|name| dataset.spec.field(name));
        let place = field.map(|field| field.name.origin.to_string());
        let wrong = Wrong::Leads(leads_nowhere(dataset, key, parent));
        checks.push(implied(dataset, place, described(key), wrong));
    }
    checks.extend(dataset.constraints.iter().map(|constraint| {
        let condition = constraint.sql();
        let wrong = match asks(&condition) {
            true => Wrong::Asking(condition),
            false => Wrong::Plain(condition),
        };
        Check {
            constraint: constraint.text.value.clone(),
            description: constraint.description.clone(),
            place: Some(constraint.text.origin.to_string()),
            wrong,
            from: dataset.existing.rows,
        }
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

/// What a row is like whose foreign key leads nowhere. Where one of its columns is null it need not lead anywhere. PostgreSQL
/// joins the tables once, in whatever way is best for them.
fn leads_nowhere(dataset: &DatasetPlan, key: &ForeignKey, parent: &DatasetPlan) -> String {
    let table = quote_identifier(&dataset.table.name);
    let column = |field: &String| format!("{table}.{}", quote_identifier(field));
    let there = key.fields.iter().map(|field| format!("{} IS DISTINCT FROM NULL", column(field)));
    let there: Vec<String> = there.collect();
    let pairs = key.fields.iter().zip(&key.referenced_fields);
    let equal = pairs.map(|(field, referenced)| {
        format!("{PARENT}.{} = {}", quote_identifier(referenced), column(field))
    });
    let equal: Vec<String> = equal.collect();
    format!(
        "{} AND NOT EXISTS (SELECT FROM {} AS {PARENT} WHERE {})",
        there.join(" AND "),
        parent.own_rows(),
        equal.join(" AND ")
    )
}

/// A check that a definition implies of the rows that tdata adds. Those that were there are others' to judge.
fn implied(
    dataset: &DatasetPlan,
    place: Option<String>,
    constraint: String,
    wrong: Wrong,
) -> Check {
    Check { constraint, description: None, place, wrong, from: dataset.existing.rows }
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
        let checks = checks(plan.dataset(dataset).unwrap(), &plan, |_| false);
        let told = checks.into_iter().map(|check| {
            let condition = check.condition().replace('\n', "");
            (check.constraint, condition)
        });
        told.collect()
    }

    fn owned(checks: &[(&str, &str)]) -> Vec<(String, String)> {
        checks.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
    }

    #[test]
    fn keys_are_there_and_lead_somewhere() {
        let expected = [
            (
                "NOT NULL (tenant_id, id)",
                r#"("tenant_id" IS DISTINCT FROM NULL AND "id" IS DISTINCT FROM NULL) IS FALSE"#,
            ),
            (
                "tenant_id references tenants.id",
                r#""users"."tenant_id" IS DISTINCT FROM NULL AND NOT EXISTS (SELECT FROM "tenants" AS "parent of tdata" WHERE "parent of tdata"."id" = "users"."tenant_id")"#,
            ),
        ];
        assert_eq!(checked("users"), owned(&expected));
    }

    #[test]
    fn a_key_of_several_columns_may_be_null_in_part_and_names_are_quoted() {
        let expected = [
            ("NOT NULL (id)", r#"("id" IS DISTINCT FROM NULL) IS FALSE"#),
            (
                "(tenant_id, User) references users (tenant_id, id)",
                r#""orders"."tenant_id" IS DISTINCT FROM NULL AND "orders"."User" IS DISTINCT FROM NULL AND NOT EXISTS (SELECT FROM "users" AS "parent of tdata" WHERE "parent of tdata"."tenant_id" = "orders"."tenant_id" AND "parent of tdata"."id" = "orders"."User")"#,
            ),
            (
                "tenant_id references tenants.id",
                r#""orders"."tenant_id" IS DISTINCT FROM NULL AND NOT EXISTS (SELECT FROM "tenants" AS "parent of tdata" WHERE "parent of tdata"."id" = "orders"."tenant_id")"#,
            ),
            ("id > 0", "(id > 0) IS FALSE"),
        ];
        assert_eq!(checked("orders"), owned(&expected));
    }
}
