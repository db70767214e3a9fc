//! What stands in the way of loading.

use tdata_core::sql::quote_identifier;

use crate::refusal::Refusal;

/// What stands in the way of loading.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A table or constraint cannot be made.
    #[error("the table of the dataset `{dataset}` cannot be made: {refusal}")]
    Table {
        /// The dataset.
        dataset: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// The check of a foreign key that is part of a cycle cannot wait until all rows are there.
    #[error(
        "the foreign key `{constraint}` of the dataset `{dataset}` is part of a cycle, and its check cannot wait for \
         the other rows: {refusal}\nLet the role own the table, or let a migration declare the key DEFERRABLE"
    )]
    Cycle {
        /// The dataset.
        dataset: String,
        /// The constraint's name.
        constraint: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// Rows cannot be copied.
    #[error(
        "the rows of the dataset `{dataset}` cannot be loaded: {refusal}{}",
        if refusal.is_connection() { "\nThe server went away, or was stopped, while it loaded" } else { "" }
    )]
    Rows {
        /// The dataset.
        dataset: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// A column has a value of another kind than its type, which planning should have told.
    #[error(
        "the rows of the dataset `{dataset}` cannot be loaded: a value of `{field}` is of another kind than its type"
    )]
    Kind {
        /// The dataset.
        dataset: String,
        /// The field.
        field: String,
    },
    /// Triggers added rows to a dataset, or left some of them out.
    #[error("the dataset `{dataset}` has {found} rows instead of {planned}. {by}")]
    Filled {
        /// The dataset.
        dataset: String,
        /// The number of rows that it is to have.
        planned: u64,
        /// The number of rows that it has.
        found: u64,
        /// Which triggers did it, and what to do.
        by: String,
    },
    /// A trigger cannot rest.
    #[error(
        "`triggers` is off in tdata.toml, and {trigger} cannot rest: {refusal}\nLet the role own the table, \
         or let triggers fire: triggers = \"on\""
    )]
    NoRest {
        /// The trigger.
        trigger: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// Policies hold for the role, which does not own the table.
    #[error(
        "the rows of the dataset `{dataset}` cannot be loaded: the table {table} has row-level security, which holds for the \
         role `{role}` ({})\nLet the role own the table, or let it pass policies by: ALTER ROLE {} BYPASSRLS; or let \
         tdata boot a server: TDATA_SERVER=local or TDATA_SERVER=container",
        told(policies),
        quote_identifier(role)
    )]
    RowSecurity {
        /// The dataset.
        dataset: String,
        /// Its table.
        table: String,
        /// The names of its policies.
        policies: Vec<String>,
        /// The role.
        role: String,
    },
    /// Whoever watches the load stopped it.
    #[error("the load of the dataset `{dataset}` was stopped")]
    Stopped {
        /// The dataset that was loaded then.
        dataset: String,
    },
    /// The transaction around it all failed.
    #[error("the loaded rows cannot be kept: {0}")]
    Transaction(#[source] Refusal),
}

/// Names policies. Without one, nothing passes.
fn told(policies: &[String]) -> String {
    match policies {
        [] => "it has no policy, so that no row passes".to_owned(),
        [one] => format!("policy `{one}`"),
        several => format!("policies `{}`", several.join("`, `")),
    }
}
