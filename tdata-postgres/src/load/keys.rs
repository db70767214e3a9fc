//! What is made behind the rows of tables that are tdata's own: indexes, the constraints upon them, and foreign keys.

use std::collections::HashSet;
use std::ops::Range;

use postgres::Transaction;
use tdata_core::plan::{Plan, TableKey};
use tdata_core::sql::quote_identifier;

use super::error::LoadError;
use super::memory;
use super::progress::Progress;
use crate::refusal::Refusal;

/// A statement that is to run behind the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    dataset: String,
    rows: u64,
    sql: String,
    of_foreign_key: bool,
}

impl Step {
    /// Returns the dataset.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Returns the statement. It is the same for the same plan.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Returns what an observer is told of it.
    pub fn progress(&self) -> Progress<'_> {
        let dataset = &self.dataset;
        if self.of_foreign_key {
            Progress::ForeignKeys { dataset }
        } else {
            Progress::Keys { dataset }
        }
    }

    /// Runs it in a transaction, which may write down that it ran.
    ///
    /// # Errors
    ///
    /// What the database refuses, such as rows that repeat a key.
    pub fn run(&self, transaction: &mut Transaction<'_>) -> Result<(), LoadError> {
        let run = memory::prepare(transaction, self.rows)
            .and_then(|()| transaction.batch_execute(&self.sql));
        run.map_err(|error| refused(&self.dataset, error.into()))
    }
}

/// Tells of a key that cannot be made: because of the rows, or otherwise.
pub(super) fn refused(dataset: &str, refusal: Refusal) -> LoadError {
    let dataset = dataset.to_owned();
    match refusal.violated() {
        Some(_) => LoadError::Rows { dataset, refusal },
        None => LoadError::Table { dataset, refusal },
    }
}

/// Returns what is left to do behind the rows of some datasets, by place, whose tables [`make_tables`](super::make_tables) made.
///
/// One phase comes after the other. The steps of a phase may run at the same time, over several connections, and in any order: first
/// all indexes, of one table too; then the constraints upon them, which takes no time; then foreign keys, each proved by
/// one comparison of both tables.
///
/// The constraints have the names that PostgreSQL itself gives them.
pub fn steps(plan: &Plan, datasets: Range<usize>) -> [Vec<Step>; 3] {
    let mut phases = [Vec::new(), Vec::new(), Vec::new()];
    let mut taken: HashSet<String> =
        plan.datasets.iter().map(|dataset| dataset.table.name.clone()).collect();
    for dataset in plan.datasets[datasets].iter().filter(|dataset| !dataset.table_exists) {
        let step = |sql, of_foreign_key| Step {
            dataset: dataset.name.clone(),
            rows: dataset.rows,
            sql,
            of_foreign_key,
        };
        let table = &dataset.table;
        let mut constraints = Vec::new();
        for TableKey { name, columns, is_primary } in dataset.table_keys() {
            let name = quote_identifier(&free(&mut taken, name));
            let columns: Vec<String> = columns.iter().map(|name| quote_identifier(name)).collect();
            let columns = columns.join(", ");
            phases[0]
                .push(step(format!("CREATE UNIQUE INDEX {name} ON {table} ({columns})"), false));
            let kind = if is_primary { "PRIMARY KEY" } else { "UNIQUE" };
            constraints.push(format!("ADD CONSTRAINT {name} {kind} USING INDEX {name}"));
        }
        if !constraints.is_empty() {
            let sql = format!("ALTER TABLE {table} {}", constraints.join(", "));
            phases[1].push(step(sql, false));
        }
        phases[2].extend(dataset.add_foreign_keys(plan).into_iter().map(|sql| step(sql, true)));
    }
    phases
}

/// Makes a name one that no other has: with a number, as PostgreSQL does.
fn free(taken: &mut HashSet<String>, name: String) -> String {
    let mut free = name.clone();
    let mut number = 0;
    while !taken.insert(free.clone()) {
        number += 1;
        free = format!("{name}{number}");
    }
    free
}
