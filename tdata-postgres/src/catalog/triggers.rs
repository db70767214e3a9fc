//! The triggers that fire when rows are added to tables, or when the tables are changed.

use postgres::GenericClient;
use postgres::types::Type;
use tdata_core::sql::quote_identifier;

/// A trigger that fires when rows are added to a table, or an event trigger of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// What it is a trigger of.
    pub of: TriggerOf,
    /// Its function, with the types of its arguments.
    pub function: String,
    /// The name of its function alone.
    pub function_name: String,
    /// When it fires.
    pub state: TriggerState,
}

/// What a trigger is a trigger of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriggerOf {
    /// A table, or a partition of one.
    Table {
        /// Which of the tables that were asked for, by place: for a partition that of its root.
        place: usize,
        /// The table or partition, as SQL takes it.
        name: String,
        /// Whether it fires when rows are added.
        on_insert: bool,
    },
    /// The database: it fires when what is defined changes.
    Database,
}

/// When a trigger fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerState {
    /// As usual.
    Usual,
    /// In replication mode only.
    InReplication,
    /// In every mode.
    Always,
}

impl Trigger {
    /// Tells whether it fires in a usual session.
    pub fn fires(&self) -> bool {
        self.state != TriggerState::InReplication
    }

    /// Returns the statements that let it rest, and that make it as it was. Those of partitions are triggers of their own;
    /// before version 15 they are so only by their parents.
    pub fn rest(&self, version: u32) -> [String; 2] {
        /// The first version in which each can be set by itself.
        const APART_SINCE: u32 = 150_000;
        let name = quote_identifier(&self.name);
        let again = match self.state {
            TriggerState::Usual => "ENABLE",
            TriggerState::InReplication => "ENABLE REPLICA",
            TriggerState::Always => "ENABLE ALWAYS",
        };
        match &self.of {
            TriggerOf::Table { name: table, .. } => {
                let only = if version >= APART_SINCE { "ONLY " } else { "" };
                ["DISABLE", again]
                    .map(|state| format!("ALTER TABLE {only}{table} {state} TRIGGER {name}"))
            }
            TriggerOf::Database => {
                ["DISABLE", again].map(|state| format!("ALTER EVENT TRIGGER {name} {state}"))
            }
        }
    }
}

/// The triggers of tables and their partitions, constraints' own left out, and those that never fire. `TRIGGER_TYPE_INSERT`
/// is 4.
const TRIGGERS: &str = "\
WITH RECURSIVE family AS (
  SELECT at - 1 AS place, to_regclass(name)::oid AS oid FROM unnest($1::text[]) WITH ORDINALITY AS t(name, at)
  UNION
  SELECT place, c.oid FROM family JOIN pg_inherits i ON i.inhparent = family.oid
  JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition
)
SELECT f.place::int8, format('%I.%I', n.nspname, c.relname) AS table, t.tgname::text AS name,
       t.tgfoid::regprocedure::text AS function, p.proname::text AS function_name, t.tgenabled AS state,
       t.tgtype::int4 & 4 <> 0 AS on_insert
FROM family f
JOIN pg_trigger t ON t.tgrelid = f.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
JOIN pg_class c ON c.oid = f.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
UNION ALL
SELECT NULL, NULL, e.evtname::text, e.evtfoid::regprocedure::text, p.proname::text, e.evtenabled, false
FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE e.evtenabled <> 'D'
ORDER BY 1, 2, 3";

/// Reads the triggers of some tables, named as SQL takes them, and the event triggers of the database.
///
/// # Errors
///
/// What the database refuses.
pub fn triggers(
    client: &mut impl GenericClient,
    tables: &[String],
) -> Result<Vec<Trigger>, postgres::Error> {
    let rows = client.query_typed(TRIGGERS, &[(&tables, Type::TEXT_ARRAY)])?;
    let triggers = rows.iter().map(|row| {
        let place: Option<i64> = row.get("place");
        let of = match place.and_then(|place| usize::try_from(place).ok()) {
            Some(place) => {
                TriggerOf::Table { place, name: row.get("table"), on_insert: row.get("on_insert") }
            }
            None => TriggerOf::Database,
        };
        Trigger {
            name: row.get("name"),
            of,
            function: row.get("function"),
            function_name: row.get("function_name"),
            state: match row.get::<_, i8>("state").cast_unsigned() {
                b'R' => TriggerState::InReplication,
                b'A' => TriggerState::Always,
                _ => TriggerState::Usual,
            },
        }
    });
    Ok(triggers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_rests_and_is_as_it_was() {
        let trigger = |state, of| Trigger {
            name: "Guard".to_owned(),
            of,
            function: "f()".to_owned(),
            function_name: "f".to_owned(),
            state,
        };
        let table = || TriggerOf::Table { place: 0, name: "a.b".to_owned(), on_insert: true };
        let statements = trigger(TriggerState::Always, table()).rest(150_000);
        assert_eq!(statements[0], "ALTER TABLE ONLY a.b DISABLE TRIGGER \"Guard\"");
        assert_eq!(statements[1], "ALTER TABLE ONLY a.b ENABLE ALWAYS TRIGGER \"Guard\"");
        let statements = trigger(TriggerState::InReplication, TriggerOf::Database).rest(150_000);
        assert_eq!(statements[1], "ALTER EVENT TRIGGER \"Guard\" ENABLE REPLICA");
    }
}
