//! One of the two databases that are compared, read over one connection.

use std::time::{Duration, Instant};

use postgres::{Client, SimpleQueryMessage};
use tdata_core::sql::quote_identifier;

use super::merge::{Key, Row, Rows};
use super::trouble::Trouble;

/// How long a lock that somebody holds is waited for.
const LOCK_PATIENCE: &str = "2s";

/// How many rows are read at once.
const AT_ONCE: usize = 500;

/// One of the two databases that are compared, read over one connection that is in a transaction.
pub(super) struct Side<'a> {
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
    pub(super) columns: Vec<TableColumn>,
    /// The columns of its primary key.
    pub(super) key: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableColumn {
    pub(super) name: String,
    /// Whether its values are whole numbers of 64 bits at most.
    pub(super) is_number: bool,
}

/// Everyone's ordinary tables; the one that refuses commits under transaction isolation is ours.
const TABLES: &str = "\
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attnum) AS columns,
       ARRAY(SELECT a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
             FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attnum) AS numbers,
       ARRAY(SELECT a.attname::text
             FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, at), pg_attribute a
             WHERE i.indrelid = c.oid AND i.indisprimary AND k.at <= i.indnkeyatts
               AND a.attrelid = c.oid AND a.attnum = k.attnum
             ORDER BY k.at) AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  AND (n.nspname, c.relname) <> ('tdata', 'commit_guard')
ORDER BY n.nspname, c.relname";

/// What values look like depends on the session; both look the same.
const LOOKS: &str = "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; \
                     SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'; \
                     SET LOCAL extra_float_digits = 1";

impl Side<'_> {
    /// Starts a transaction that sees one state throughout.
    pub(super) fn begin(client: &mut Client) -> Result<(), Trouble> {
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
        self.within(|side| {
            let mut tables = Vec::new();
            for row in side.client.query(TABLES, &[])? {
                let (schema, name): (String, String) = (row.get("schema"), row.get("name"));
                if side.schema.is_some_and(|only| only != schema) {
                    continue;
                }
                let quoted = format!("{}.{}", quote_identifier(&schema), quote_identifier(&name));
                let names: Vec<String> = row.get("columns");
                let numbers: Vec<bool> = row.get("numbers");
                let columns = names.into_iter().zip(numbers);
                tables.push(Table {
                    oid: row.get("oid"),
                    schema: if side.schema.is_some() { String::new() } else { schema },
                    name,
                    quoted,
                    columns: columns
                        .map(|(name, is_number)| TableColumn { name, is_number })
                        .collect(),
                    key: row.get("key"),
                });
            }
            Ok(tables)
        })
    }

    /// Returns the schema of tables that name none.
    pub(super) fn default_schema(&mut self) -> Result<String, Trouble> {
        let schema: Option<String> =
            self.within(|side| Ok(side.client.query_one(DEFAULT_SCHEMA, &[])?.get(0)))?;
        Ok(schema.unwrap_or_default())
    }

    /// Reads the rows of a table in the order of a key; within [`Side::within`].
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
    pub(super) fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}
