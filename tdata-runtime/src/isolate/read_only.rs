//! Data that tests share are read-only, and the database says so.

use postgres::Client;
use tdata_core::sql::{quote_identifier, quote_literal};
use tdata_postgres::catalog;

use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use crate::error::Error;

const MESSAGE: &str = "this data is shared by several tests and read-only";

const HINT: &str = "Declare writable = true, or let the test have data of its own with \
                    scope = \"test_case\".";

/// Lets every write to an instance's tables fail with a hint.
///
/// A trigger on each table refuses statements that write rows; it holds for superusers and in
/// replication mode as well. Where the role may, an event trigger refuses changes to the tables
/// themselves.
pub(super) fn protect(instance: &Instance) -> Result<(), Error> {
    let mut client = instance.connect("tdata").map_err(IsolateError::Connect)?;
    protect_over(&mut client, instance).map_err(|error| IsolateError::Protect(error.into()))?;
    Ok(())
}

fn protect_over(client: &mut Client, instance: &Instance) -> Result<(), postgres::Error> {
    let schema = match &instance.kind {
        InstanceKind::Schema { schema, .. } => schema.clone(),
        _ => "tdata".to_owned(),
    };
    let quoted = quote_identifier(&schema);
    let mut sql = format!(
        "CREATE SCHEMA IF NOT EXISTS {quoted}; \
         CREATE FUNCTION {quoted}.tdata_refuse_write() RETURNS trigger LANGUAGE plpgsql AS \
         $tdata$ BEGIN RAISE EXCEPTION USING ERRCODE = 'read_only_sql_transaction', \
         MESSAGE = {message}, HINT = {hint}; END $tdata$;",
        message = quote_literal(MESSAGE),
        hint = quote_literal(HINT),
    );
    let in_one_schema = matches!(instance.kind, InstanceKind::Schema { .. });
    for table in catalog::read(client)?.tables {
        if in_one_schema && table.name.schema.as_deref() != Some(&schema) {
            continue;
        }
        let table = &table.name;
        sql.push_str(&format!(
            "CREATE TRIGGER tdata_read_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE \
             ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {quoted}.tdata_refuse_write(); \
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER tdata_read_only;"
        ));
    }
    client.batch_execute(&sql)?;
    let row =
        client.query_one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", &[])?;
    if row.get(0) {
        client.batch_execute(&refuse_changes(&schema, in_one_schema))?;
    }
    Ok(())
}

/// The event triggers that refuse changes to tables; temporary ones are everybody's own. Where an
/// instance is one schema of a database, they refuse changes to that schema only.
fn refuse_changes(schema: &str, in_one_schema: bool) -> String {
    let (message, hint) = (quote_literal(MESSAGE), quote_literal(HINT));
    let home = quote_identifier(schema);
    let place = "coalesce(schema_name, object_identity)";
    let (changed, dropped) = if in_one_schema {
        let here = format!("{place} = {}", quote_literal(schema));
        (here.clone(), here)
    } else {
        (format!("{place} NOT LIKE 'pg\\_temp%'"), "original AND NOT is_temporary".to_owned())
    };
    let trigger = |name: &str, event: &str, objects: &str| {
        let function = format!("{home}.tdata_{name}");
        let trigger = quote_identifier(&format!("{schema}_{name}"));
        format!(
            "CREATE FUNCTION {function}() RETURNS event_trigger LANGUAGE plpgsql AS $tdata$ BEGIN \
             IF EXISTS (SELECT FROM {objects}) \
             THEN RAISE EXCEPTION USING ERRCODE = 'read_only_sql_transaction', \
             MESSAGE = {message}, HINT = {hint}; END IF; END $tdata$; \
             CREATE EVENT TRIGGER {trigger} ON {event} EXECUTE FUNCTION {function}(); "
        )
    };
    let dropped = format!("pg_event_trigger_dropped_objects() WHERE {dropped}");
    let changed = format!("pg_event_trigger_ddl_commands() WHERE {changed}");
    trigger("refuse_drop", "sql_drop", &dropped)
        + &trigger("refuse_change", "ddl_command_end", &changed)
}
