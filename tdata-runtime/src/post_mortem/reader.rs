//! Reads one of the two databases that are compared, over one connection.

use std::time::{Duration, Instant};

use postgres::{Client, SimpleQueryMessage};
use tdata_core::sql::quote_identifier;
use tdata_postgres::catalog::{self, Relation, RelationColumn};

use super::merge::{Key, Row, Rows};
use super::trouble::Trouble;
use crate::isolate::GUARD_SCHEMA;

/// How long a lock that somebody holds is waited for.
const LOCK_PATIENCE: &str = "2s";

/// How many rows are read at once.
const AT_ONCE: usize = 500;

/// Reads one of the two databases that are compared, over one connection that is in a transaction.
pub(super) struct Reader<'a> {
    pub(super) client: &'a mut Client,
    /// The schema that all of its tables are in, where a schema is what isolates them.
    pub(super) schema: Option<&'a str>,
    /// Until when it may be read.
    pub(super) deadline: Instant,
}

/// A table, as the database has it.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) oid: u32,
    /// Its schema; nothing where a schema is what isolates.
    pub(super) schema: String,
    pub(super) name: String,
    /// What SQL calls it.
    pub(super) quoted: String,
    pub(super) columns: Vec<RelationColumn>,
    /// The columns of its primary key.
    pub(super) key: Vec<String>,
}

/// What values look like depends on the session; both look the same. A role that sees less than the one that connected, and
/// policies that hide rows, hide nothing: what cannot be seen is told.
const LOOKS: &str = "SET LOCAL ROLE NONE; SET LOCAL row_security = off; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; \
                     SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'; \
                     SET LOCAL extra_float_digits = 1";

impl Reader<'_> {
    /// Starts a transaction that sees one state throughout. It is not to be committed: if policies hold for the role, which
    /// owns the tables, it lifts them for itself: in one schema, where a schema is what isolates.
    pub(super) fn begin(client: &mut Client, schema: Option<&str>) -> Result<(), Trouble> {
        client.batch_execute("SET ROLE NONE")?;
        let forced = catalog::forced(client, schema)?;
        if !forced.is_empty() {
            let lift = forced
                .iter()
                .map(|table| format!("; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"));
            let lift: String = lift.collect();
            let begun = client.batch_execute(&format!(
                "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = '{LOCK_PATIENCE}'{lift}"
            ));
            if begun.is_ok() {
                return Ok(());
            }
            // Somebody has locked one. What is hidden is told.
            client.batch_execute("ROLLBACK")?;
        }
        Ok(client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?)
    }

    /// Does work within a savepoint, and returns to it: what fails spoils nothing else, and whatever it sets
    /// is set back.
    pub(super) fn within<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left < Duration::from_millis(1) {
            return Err(Trouble::OutOfTime);
        }
        self.client.batch_execute(&format!(
            "SAVEPOINT tdata_post_mortem; SET LOCAL statement_timeout = {}; \
             SET LOCAL lock_timeout = '{LOCK_PATIENCE}'; {LOOKS}",
            left.as_millis(),
        ))?;
        let done = work(self);
        let back = "ROLLBACK TO SAVEPOINT tdata_post_mortem; RELEASE SAVEPOINT tdata_post_mortem";
        let back = self.client.batch_execute(back);
        let done = done?;
        back?;
        Ok(done)
    }

    /// Lists the tables, by name.
    pub(super) fn tables(&mut self) -> Result<Vec<Table>, Trouble> {
        self.within(|reader| {
            let only = reader.schema;
            let relations = catalog::relations(reader.client)?;
            let is_read = |relation: &Relation| {
                !relation.is_sequence
                    && relation.schema != GUARD_SCHEMA
                    && only.is_none_or(|only| only == relation.schema)
            };
            let tables = relations.into_iter().filter(is_read).map(|relation| Table {
                oid: relation.oid,
                quoted: relation.quoted(),
                schema: if only.is_some() { String::new() } else { relation.schema },
                name: relation.name,
                columns: relation.columns,
                key: relation.primary_key,
            });
            let mut tables: Vec<Table> = tables.collect();
            tables
                .sort_by(|one, other| (&one.schema, &one.name).cmp(&(&other.schema, &other.name)));
            Ok(tables)
        })
    }

    /// Returns the schema of tables that name none.
    pub(super) fn default_schema(&mut self) -> Result<String, Trouble> {
        let schema: Option<String> =
            self.within(|reader| Ok(reader.client.query_one(DEFAULT_SCHEMA, &[])?.get(0)))?;
        Ok(schema.unwrap_or_default())
    }

    /// Reads the rows of a table in the order of a key; within [`Reader::within`].
    pub(super) fn rows<'s>(
        &'s mut self,
        table: &Table,
        columns: &[String],
        key: &Key,
    ) -> Result<Cursor<'s>, Trouble> {
        let select = select(table, columns, key);
        let declare = format!("DECLARE tdata_rows NO SCROLL CURSOR FOR {select}");
        self.client.batch_execute(&declare)?;
        let (client, deadline) = (&mut *self.client, self.deadline);
        Ok(Cursor { client, deadline, fetched: Vec::new().into_iter(), is_over: false })
    }
}

const DEFAULT_SCHEMA: &str = "SELECT current_schema()::text";

/// Selects columns as text. Numbers are ordered as such, and all else as bytes, which is what can be
/// compared here.
fn select(table: &Table, columns: &[String], key: &Key) -> String {
    let texts: Vec<String> =
        columns.iter().map(|name| format!("t.{}::text", quote_identifier(name))).collect();
    let order: Vec<String> = (key.columns.iter())
        .map(|column| match column.is_number {
            true => format!("t.{} NULLS FIRST", quote_identifier(&columns[column.place])),
            false => format!("{} COLLATE \"C\" NULLS FIRST", texts[column.place]),
        })
        .collect();
    let order =
        if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
    format!("SELECT {} FROM ONLY {} AS t{order}", texts.join(", "), table.quoted)
}

/// The rows of a table, some at a time.
pub(super) struct Cursor<'a> {
    client: &'a mut Client,
    deadline: Instant,
    fetched: std::vec::IntoIter<Row>,
    is_over: bool,
}

impl Rows for Cursor<'_> {
    fn next(&mut self) -> Result<Option<Row>, Trouble> {
        if let Some(row) = self.fetched.next() {
            return Ok(Some(row));
        }
        if self.is_over {
            return Ok(None);
        }
        if Instant::now() >= self.deadline {
            return Err(Trouble::OutOfTime);
        }
        let messages = self.client.simple_query(&format!("FETCH {AT_ONCE} FROM tdata_rows"))?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
            }
            _ => None,
        });
        let rows: Vec<Row> = rows.collect();
        self.is_over = rows.len() < AT_ONCE;
        self.fetched = rows.into_iter();
        Ok(self.fetched.next())
    }
}

impl Table {
    /// Returns its name as people read it.
    pub(super) fn readable(&self) -> String {
        match self.schema.as_str() {
            "" => self.name.clone(),
            schema => format!("{schema}.{}", self.name),
        }
    }

    /// Finds a column.
    pub(super) fn column(&self, name: &str) -> Option<&RelationColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}
