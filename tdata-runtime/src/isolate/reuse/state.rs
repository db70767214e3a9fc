//! A clone's state: what is counted of it.

use postgres::SimpleQueryMessage;
use postgres::types::Type;

use super::session::Session;
use super::shape::{OTHERS, Shape};
use crate::isolate::notation::noted;
use tdata_factory::store::Refusal;

/// A clone's state: what is counted of it. Equal states of a clone mean equal contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// What was done to each table.
    pub(super) tables: Vec<Counts>,
    /// The last value of each sequence, and whether it was handed out.
    pub(super) sequences: Vec<(i64, bool)>,
    /// What was done to the catalogs, all in all.
    pub(super) catalogs: i64,
    /// What identifies the database's own row and settings, and the beginning of the counts.
    pub(super) database: String,
}

/// What was done to a table: rows inserted, updated and deleted, also by work that was rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) inserted: i64,
    pub(super) updated: i64,
    pub(super) deleted: i64,
}

noted! {
    State { tables, sequences, catalogs, database }
    Counts { inserted, updated, deleted }
}

impl Counts {
    /// Puts together what was counted of each table.
    pub(super) fn of(inserted: &[i64], updated: &[i64], deleted: &[i64]) -> Vec<Self> {
        let counts = inserted.iter().zip(updated).zip(deleted);
        counts
            .map(|((&inserted, &updated), &deleted)| Self { inserted, updated, deleted })
            .collect()
    }
}

/// A state as it was found.
#[derive(Debug)]
pub(super) struct Inspection {
    pub(super) state: State,
    /// How many others are connected, who may still do something.
    pub(super) others: i64,
    /// Behind the last transaction that has ended: while nobody else is connected, what comes later is of this
    /// number or a higher one.
    pub(super) next_transaction: i64,
}

impl Session {
    /// Looks at the clone's state. What this session did so far counts.
    pub(super) fn inspect(&mut self, shape: &Shape) -> Result<Inspection, Refusal> {
        // Who leaves publishes its counts before. So whoever is not seen here is counted below; and our own
        // counts are published when the command is over.
        let first = format!("{OTHERS}; SELECT pg_stat_force_next_flush()");
        let messages = self.client.simple_query(&first)?;
        let before = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse::<i64>().ok(),
            _ => None,
        });
        let tables: Vec<u32> = shape.tables.iter().map(|table| table.oid).collect();
        self.inspections += 1;
        let row = match &self.inspection {
            Some(statement) => self.client.query_one(statement, &[&tables])?,
            // Preparing pays only where a process uses the clone again.
            None if self.inspections == 1 => {
                let sql = shape.inspection();
                self.client.query_typed_one(&sql, &[(&tables, Type::OID_ARRAY)])?
            }
            None => {
                let statement = self.client.prepare(&shape.inspection())?;
                let row = self.client.query_one(&statement, &[&tables])?;
                self.inspection = Some(statement);
                row
            }
        };
        let [inserted, updated, deleted] = [0, 1, 2].map(|column| row.get::<_, Vec<i64>>(column));
        let (last, called): (Vec<i64>, Vec<bool>) = (row.get(3), row.get(4));
        let state = State {
            tables: Counts::of(&inserted, &updated, &deleted),
            sequences: last.into_iter().zip(called).collect(),
            catalogs: row.get(5),
            database: row.get(6),
        };
        let others = before.unwrap_or(1) + row.get::<_, i64>(7);
        Ok(Inspection { state, others, next_transaction: row.get(8) })
    }
}
