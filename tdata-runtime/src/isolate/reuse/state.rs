//! A clone's state: what is counted of it.

use postgres::error::SqlState;
use postgres::types::Type;
use tdata_postgres::Refusal;

use super::connection::{Connection, Others};
use crate::isolate::shape::Shape;
use crate::notation::noted;

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
    /// What changes when something may have that all databases of a server of ours have in common.
    pub(super) cluster: String,
}

/// What was done to a table: rows inserted, updated and deleted, also by work that was rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) inserted: i64,
    pub(super) updated: i64,
    pub(super) deleted: i64,
}

noted! {
    State { tables, sequences, catalogs, database, cluster }
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

/// A session that was cleaned, to look at the clone's state.
pub(super) enum Cleaned {
    /// It cannot be.
    Not,
    /// Others are connected.
    BesideOthers,
    /// The state as it was found.
    Found(Inspection),
}

impl Connection {
    /// Looks at the clone's state. What this session did so far counts. A time limit that the role sets for its statements is
    /// none of this.
    pub(super) fn inspect(&mut self, shape: &Shape) -> Result<Inspection, Refusal> {
        let found = self.others(false).and_then(|others| self.look(shape, others));
        if !found.as_ref().is_err_and(|refusal| refusal.is(SqlState::QUERY_CANCELED.code())) {
            return found;
        }
        self.client.batch_execute("SET statement_timeout = 0")?;
        let found = self.others(false).and_then(|others| self.look(shape, others));
        self.client.batch_execute("RESET statement_timeout")?;
        found
    }

    /// Looks at the clone's state while others may be connected. They may have locked what is looked at: that is not
    /// waited for for long.
    pub(super) fn inspect_beside_others(&mut self, shape: &Shape) -> Result<Inspection, Refusal> {
        self.client.batch_execute("SET lock_timeout = '1s'")?;
        let found = self.inspect(shape);
        self.client.batch_execute("RESET lock_timeout")?;
        found
    }

    /// Cleans the session and looks at the clone's state, if nobody else is connected: who has a transaction open may
    /// have locked what is looked at, for as long as the transaction is open.
    pub(super) fn clean_and_inspect(&mut self, shape: &Shape) -> Result<Cleaned, Refusal> {
        let others = self.others(true)?;
        if !others.is_clean {
            return Ok(Cleaned::Not);
        }
        if others.connected > 0 {
            return Ok(Cleaned::BesideOthers);
        }
        self.look(shape, others).map(Cleaned::Found)
    }

    /// Whoever was not seen by `others` is counted here; and our own counts are published when that command is
    /// over.
    fn look(&mut self, shape: &Shape, others: Others) -> Result<Inspection, Refusal> {
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
            cluster: row.get(9),
        };
        let others = others.connected + row.get::<_, i64>(7);
        Ok(Inspection { state, others, next_transaction: row.get(8) })
    }
}
