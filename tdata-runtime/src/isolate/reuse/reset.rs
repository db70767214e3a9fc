//! Making the rows of a clone as they were.

use std::collections::BTreeSet;

use postgres::SimpleQueryMessage;
use tdata_core::plan::Plan;
use tdata_postgres::Refusal;
use tdata_postgres::load;

use super::connection::Connection;
use super::mark::Mark;
use crate::error::Error;
use crate::isolate::error::IsolateError;
use crate::isolate::shape::Shape;

/// The most rows that are loaded again. Beyond this, a new clone costs less.
const MOST_ROWS: u64 = 5_000;

/// Suspends foreign keys and triggers: the rows go back to what was valid before.
const REST: &str =
    "BEGIN READ WRITE; SET LOCAL session_replication_role = replica; SET LOCAL row_security = off;";

/// Deletes rows that a test added, and sets sequences back. Returns how many rows were deleted from each table, in the
/// order given.
///
/// The numbers of the transactions that stored them tell which rows these are.
pub(super) fn take_away(
    connection: &mut Connection,
    shape: &Shape,
    mark: &Mark,
    added_to: &[usize],
    sequences: &[usize],
) -> Result<Vec<i64>, Refusal> {
    let mut sql = if added_to.is_empty() { "BEGIN;".to_owned() } else { REST.to_owned() };
    for table in added_to {
        let name = &shape.tables[*table].name;
        sql.push_str(&format!(
            "DELETE FROM ONLY {name} WHERE xmin::text::int8 >= {};",
            mark.next_transaction
        ));
    }
    for sequence in sequences {
        sql.push_str(&shape.set_sequence(*sequence, mark.state.sequences[*sequence]));
    }
    sql.push_str("COMMIT");
    let messages = connection.client.simple_query(&sql)?;
    let counts = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::CommandComplete(count) => Some(*count as i64),
        _ => None,
    });
    // Those of the statements that begin come first.
    let begun = if added_to.is_empty() { 1 } else { 3 };
    Ok(counts.skip(begun).take(added_to.len()).collect())
}

/// Returns the tables that must be loaded again if some tables were rewritten. `None` if that cannot be done, or if a new
/// clone costs less.
///
/// PostgreSQL empties a table only together with all tables that reference it. So the references are followed from table
/// to table, until no new one comes. Each table on the way must be one that tdata can fill: all rows of one dataset,
/// of which `rows_of` tells how many.
pub(super) fn to_reload(
    shape: &Shape,
    rows_of: impl Fn(usize) -> u64,
    rewritten: &[usize],
) -> Option<BTreeSet<usize>> {
    // Loading runs no triggers, so what they made of the rows, in any table, would be lost.
    if shape.tables.iter().any(|table| table.has_triggers) {
        return None;
    }
    let mut tables = BTreeSet::new();
    let mut waiting = rewritten.to_vec();
    let mut rows = 0;
    while let Some(place) = waiting.pop() {
        if !tables.insert(place) {
            continue;
        }
        let table = &shape.tables[place];
        rows += rows_of(table.dataset?);
        if rows > MOST_ROWS || !table.is_quiet {
            return None;
        }
        waiting.extend(&table.referenced_by);
    }
    Some(tables)
}

/// Empties tables and loads their rows again, as they were loaded into the template. Sets all sequences back. `to_load` are
/// statements that let rows be read as they were then, whatever tests set.
pub(super) fn reload(
    connection: &mut Connection,
    shape: &Shape,
    plan: &Plan,
    mark: &Mark,
    (tables, to_load): (&BTreeSet<usize>, &str),
) -> Result<(), Error> {
    let refused = |error: postgres::Error| IsolateError::Reload(error.into());
    let names: Vec<&str> = tables.iter().map(|place| shape.tables[*place].name.as_str()).collect();
    let mut transaction =
        connection.client.build_transaction().read_only(false).start().map_err(refused)?;
    let empty = format!(
        "{to_load} SET LOCAL session_replication_role = replica; TRUNCATE {}",
        names.join(", ")
    );
    transaction.batch_execute(&empty).map_err(refused)?;
    for (place, dataset) in plan.datasets.iter().enumerate() {
        if tables.iter().any(|table| shape.tables[*table].dataset == Some(place)) {
            load::copy(&mut transaction, dataset)?;
        }
    }
    let sequences = mark.state.sequences.iter().enumerate();
    let sql: String = sequences.map(|(place, value)| shape.set_sequence(place, *value)).collect();
    transaction.batch_execute(&sql).map_err(refused)?;
    Ok(transaction.commit().map_err(refused)?)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::isolate::shape::Table;
    use crate::server::View;

    /// A table of the dataset in its own place.
    fn table(place: usize, referenced_by: Vec<usize>) -> Table {
        Table {
            oid: 0,
            name: format!("t{place}"),
            dataset: Some(place),
            referenced_by,
            is_quiet: true,
            has_triggers: false,
        }
    }

    fn shape(references: &[Vec<usize>]) -> Shape {
        let tables = references.iter().enumerate();
        let tables = tables.map(|(place, by)| table(place, by.clone())).collect();
        Shape { tables, sequences: Vec::new(), view: View::Superuser }
    }

    const TABLES: usize = 6;

    fn references() -> impl Strategy<Value = Vec<Vec<usize>>> {
        vec(vec(0..TABLES, 0..3), TABLES)
    }

    proptest! {
        #[test]
        fn what_is_reloaded_is_closed_under_references(
            references in references(),
            rewritten in vec(0..TABLES, 1..4),
        ) {
            let shape = shape(&references);
            let tables = to_reload(&shape, |_| 1, &rewritten).unwrap();
            prop_assert!(rewritten.iter().all(|place| tables.contains(place)));
            let inside = |place: &usize| references[*place].iter().all(|by| tables.contains(by));
            prop_assert!(tables.iter().all(inside));
            // And no more than that: each table is rewritten, or references another of them.
            let has_cause = |place: &usize| {
                rewritten.contains(place)
                    || tables.iter().any(|other| references[*other].contains(place))
            };
            prop_assert!(tables.iter().all(has_cause));
        }

        #[test]
        fn a_table_that_tdata_cannot_fill_stands_in_the_way_where_it_must_be_emptied(
            references in references(),
            rewritten in vec(0..TABLES, 1..4),
            odd in 0..TABLES,
            way in 0..3,
        ) {
            let mut shape = shape(&references);
            let needed = to_reload(&shape, |_| 1, &rewritten).unwrap();
            let odd_rows = if way == 0 { MOST_ROWS + 1 } else { 1 };
            match way {
                1 => shape.tables[odd].dataset = None,
                2 => shape.tables[odd].is_quiet = false,
                _ => {}
            }
            let rows = |dataset| if dataset == odd { odd_rows } else { 1 };
            let found = to_reload(&shape, rows, &rewritten);
            prop_assert_eq!(found.is_none(), needed.contains(&odd));
        }
    }

    #[test]
    fn triggers_anywhere_forbid_loading_again() {
        let mut shape = shape(&[vec![], vec![]]);
        shape.tables[1].has_triggers = true;
        assert_eq!(to_reload(&shape, |_| 1, &[0]), None);
    }
}
