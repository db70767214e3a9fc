//! The tables and sequences that all clones of a template have in common.

use postgres::Client;
use tdata_core::plan::Plan;
use tdata_core::project::Triggers;
use tdata_core::sql::quote_literal;
use tdata_postgres::catalog::{self, Relation};

use super::error::IsolateError;
use crate::notation::noted;
use crate::server::View;

/// What all clones of a template have in common: their tables and sequences, by the same object ids.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) tables: Vec<Table>,
    /// The sequences, as SQL names them.
    pub(super) sequences: Vec<String>,
    /// How much is looked at of what all databases of the server have in common.
    pub(super) view: View,
}

/// A table of every clone.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) oid: u32,
    /// Its name, as SQL takes it.
    pub(super) name: String,
    /// The dataset of a plan, by place, whose rows are all that is in the table.
    pub(super) dataset: Option<usize>,
    /// The tables with foreign keys to this one, by place.
    pub(super) referenced_by: Vec<usize>,
    /// Whether no trigger and no rule of it fires while rows are taken away.
    pub(super) is_quiet: bool,
    /// Whether it has triggers or rules that may have changed what was loaded.
    pub(super) has_triggers: bool,
}

impl Shape {
    /// Reads the shape of a template.
    pub(super) fn read(
        client: &mut Client,
        plan: &Plan,
        view: View,
        triggers: Triggers,
    ) -> Result<Self, IsolateError> {
        read(client, plan, view, triggers).map_err(|error| IsolateError::Inspect(error.into()))
    }
}

fn read(
    client: &mut Client,
    plan: &Plan,
    view: View,
    triggers: Triggers,
) -> Result<Shape, postgres::Error> {
    let (sequences, tables): (Vec<Relation>, Vec<Relation>) =
        catalog::relations(client)?.into_iter().partition(|relation| relation.is_sequence);
    let mut shape = Shape {
        tables: tables.iter().map(|table| Table::of(table, plan)).collect(),
        sequences: sequences.iter().map(Relation::quoted).collect(),
        view,
    };
    for table in &mut shape.tables {
        // What rested made nothing of the rows.
        table.has_triggers &= triggers == Triggers::On;
        let Some(dataset) = table.dataset else { continue };
        // Rows that migrations put there are nobody's to make again.
        if plan.datasets[dataset].existing.rows > 0 || plan.datasets[dataset].is_there() {
            table.dataset = None;
            continue;
        }
        // Triggers may have put rows there as well.
        let sql = format!("SELECT count(*) = {} FROM {}", plan.datasets[dataset].rows, table.name);
        if !client.query_one(&sql, &[])?.get::<_, bool>(0) {
            table.dataset = None;
        }
    }
    for (parent, relation) in tables.iter().enumerate() {
        for child in &relation.referenced_by {
            match tables.iter().position(|table| table.oid == *child) {
                Some(child) => shape.tables[parent].referenced_by.push(child),
                // A partitioned table, whose rows are in others: what is referenced is not made anew.
                None => shape.tables[parent].dataset = None,
            }
        }
    }
    Ok(shape)
}

impl Table {
    fn of(relation: &Relation, plan: &Plan) -> Self {
        let columns = || relation.columns.iter().filter(|column| !column.is_generated);
        let dataset = plan.datasets.iter().position(|dataset| {
            let named = dataset.table.schema.as_ref();
            let is_here = named.is_none_or(|named| *named == relation.schema);
            // A column with a default of its own would get another value.
            let is_whole = columns().count() == dataset.fields.len()
                && columns().all(|column| dataset.field(&column.name).is_some());
            dataset.table.name == relation.name && is_here && is_whole
        });
        Self {
            oid: relation.oid,
            name: relation.quoted(),
            dataset,
            referenced_by: Vec::new(),
            is_quiet: !relation.fires_always,
            has_triggers: relation.has_triggers,
        }
    }
}

/// Counts who else may do something to a clone. Of other roles' sessions not all are told what they are;
/// prepared transactions have none.
///
/// Asks the functions behind `pg_stat_activity` and `pg_prepared_xacts`: a new session would take milliseconds to
/// read up on all that the views join.
pub(super) const OTHERS: &str = "\
SELECT (SELECT count(*) FROM pg_stat_get_activity(NULL) a \
        WHERE a.datid = d.oid AND a.pid <> pg_backend_pid() \
          AND coalesce(a.backend_type, 'client backend') = 'client backend') \
     + (SELECT count(*) FROM pg_prepared_xact() p WHERE p.dbid = d.oid) \
FROM pg_database d WHERE d.datname = current_database()";

noted! {
    Shape { tables, sequences, view }
    Table { oid, name, dataset, referenced_by, is_quiet, has_triggers }
}

impl Shape {
    /// Returns the query for a clone's state; its parameter is the tables' object ids.
    pub(super) fn inspection(&self) -> String {
        let counts = |count: &str| {
            format!("ARRAY(SELECT pg_stat_get_tuples_{count}(oid) FROM unnest($1::oid[]) AS oid)")
        };
        let values = |column: &str, kind: &str| {
            let each = self.sequences.iter().map(|name| format!("(SELECT {column} FROM {name})"));
            format!("ARRAY[{}]::{kind}[]", each.collect::<Vec<_>>().join(", "))
        };
        format!(
            "SELECT {inserted}, {updated}, {deleted}, {last_values}, {called}, \
             (SELECT sum(pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) \
                         + pg_stat_get_tuples_deleted(oid))::int8 \
              FROM pg_class WHERE relkind = 'r' AND NOT relisshared \
                AND relnamespace = 'pg_catalog'::regnamespace), \
             (SELECT concat_ws(' ', d.xmin, pg_stat_get_db_stat_reset_time(d.oid), \
                (SELECT string_agg(xmin::text, ' ' ORDER BY setrole) FROM pg_db_role_setting \
                 WHERE setdatabase = d.oid), \
                (SELECT xmin::text FROM pg_shdescription \
                 WHERE objoid = d.oid AND classoid = 'pg_database'::regclass)) \
              FROM pg_database d WHERE datname = current_database()), \
             ({OTHERS}), \
             pg_snapshot_xmax(pg_current_snapshot())::text::int8, {cluster}",
            inserted = counts("inserted"),
            updated = counts("updated"),
            deleted = counts("deleted"),
            last_values = values("last_value", "int8"),
            called = values("is_called", "bool"),
            cluster = self.view.signal(),
        )
    }

    /// Returns the statement that sets a sequence, by place.
    pub(super) fn set_sequence(&self, sequence: usize, (last, called): (i64, bool)) -> String {
        let name = quote_literal(&self.sequences[sequence]);
        format!("SELECT setval({name}, {last}, {called});")
    }
}
