//! Data that tests share are read-only, and the database says so.

use postgres::Client;
use tdata_core::definition::{quote_identifier, quote_literal};

use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use crate::catalog;
use crate::error::Error;
use crate::refusal::Refusal;
use crate::server::Endpoint;

const MESSAGE: &str = "this data is shared by several tests and read-only";

const HINT: &str = "Declare writable = true, or let the test have data of its own with \
                    scope = \"test_case\".";

/// Lets every write to an instance's tables fail with a hint.
///
/// A trigger on each table refuses statements that write rows; it holds for superusers and in
/// replication mode as well. Where the role may, an event trigger refuses changes to the tables
/// themselves.
pub(super) fn protect(instance: &Instance) -> Result<(), Error> {
    let not_made = |refusal| IsolateError::not_made("protection of shared data", refusal);
    let mut client = Endpoint::connect_to(&instance.url(), "tdata").map_err(not_made)?;
    protect_over(&mut client, instance).map_err(|error| not_made(Refusal::from(error)))?;
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
    if row.get(0) && !in_one_schema {
        client.batch_execute(&refuse_changes())?;
    }
    Ok(())
}

/// The event triggers that refuse changes to tables; temporary ones are everybody's own.
fn refuse_changes() -> String {
    let (message, hint) = (quote_literal(MESSAGE), quote_literal(HINT));
    let function = |name: &str, objects: &str| {
        format!(
            "CREATE FUNCTION tdata.{name}() RETURNS event_trigger LANGUAGE plpgsql AS $tdata$ BEGIN \
             IF EXISTS (SELECT FROM {objects}) \
             THEN RAISE EXCEPTION USING ERRCODE = 'read_only_sql_transaction', \
             MESSAGE = {message}, HINT = {hint}; END IF; END $tdata$; "
        )
    };
    let changed = "pg_event_trigger_ddl_commands() WHERE schema_name NOT LIKE 'pg\\_temp%'";
    let dropped = "pg_event_trigger_dropped_objects() WHERE original AND NOT is_temporary";
    function("refuse_change", changed)
        + &function("refuse_drop", dropped)
        + "CREATE EVENT TRIGGER tdata_refuse_drop ON sql_drop \
           EXECUTE FUNCTION tdata.refuse_drop(); \
           CREATE EVENT TRIGGER tdata_refuse_change ON ddl_command_end \
           EXECUTE FUNCTION tdata.refuse_change();"
}
