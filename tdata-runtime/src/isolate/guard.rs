//! What refuses writes to a database that several tests use.

use std::fmt::Write as _;

use postgres::Client;
use tdata_core::sql::quote_literal;
use tdata_postgres::{Refusal, catalog};

use super::event_triggers;

/// The schema of guards. No role has its name, so that no test's `search_path` leads to it.
pub(crate) const SCHEMA: &str = "tdata_guard";

/// A guard: when it lets writes pass, and what it says else.
pub(super) struct Guard {
    /// What its condition takes, made before it guards anything.
    pub(super) ground: &'static str,
    /// A condition under which writes pass.
    pub(super) passes: &'static str,
    /// The code of the error, as PL/pgSQL names it.
    pub(super) code: &'static str,
    pub(super) message: &'static str,
    pub(super) hint: &'static str,
}

impl Guard {
    /// Sets the guard up in a database, over all tables that are there.
    ///
    /// A trigger on each table refuses statements that write rows; it holds for superusers and in replication mode as
    /// well. Where the role may, event triggers refuse changes to the tables themselves and to all else in the database.
    /// What is temporary is everybody's own.
    pub(super) fn set_up(&self, client: &mut Client) -> Result<(), Refusal> {
        let ground = self.ground;
        let rest = event_triggers::REST;
        let mut sql = format!(
            "{rest}CREATE SCHEMA {SCHEMA}; GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC; {ground}"
        );
        sql.push_str(&self.function("write", "trigger", "true"));
        let catalog = catalog::read(client)?;
        // Whoever writes to a partition by its name fires no trigger of the table.
        let partitions = catalog.partitions.iter().map(|(partition, _)| partition);
        for table in catalog.tables.iter().map(|table| &table.name).chain(partitions) {
            // Writing to a text does not fail.
            let _ = write!(
                sql,
                "CREATE TRIGGER tdata_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.refuse_write(); \
                 ALTER TABLE {table} ENABLE ALWAYS TRIGGER tdata_guard;"
            );
        }
        client.batch_execute(&sql)?;
        let is_superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
        if client.query_one(is_superuser, &[])?.get(0) {
            // Of privileges no event tells what they are on.
            let changed = "EXISTS (SELECT FROM pg_event_trigger_ddl_commands() \
                           WHERE coalesce(schema_name, object_identity, '') NOT LIKE 'pg\\_temp%')";
            let dropped = "EXISTS (SELECT FROM pg_event_trigger_dropped_objects() \
                           WHERE original AND NOT is_temporary)";
            let sql = rest.to_owned()
                + &self.function("change", "event_trigger", changed)
                + &self.function("drop", "event_trigger", dropped)
                + &format!(
                    "CREATE EVENT TRIGGER tdata_guard_change ON ddl_command_end \
                     EXECUTE FUNCTION {SCHEMA}.refuse_change(); \
                     ALTER EVENT TRIGGER tdata_guard_change ENABLE ALWAYS; \
                     CREATE EVENT TRIGGER tdata_guard_drop ON sql_drop \
                     EXECUTE FUNCTION {SCHEMA}.refuse_drop(); \
                     ALTER EVENT TRIGGER tdata_guard_drop ENABLE ALWAYS"
                );
            client.batch_execute(&sql)?;
        }
        Ok(())
    }

    /// Makes the function of a trigger, which refuses what `applies` tells. It looks with the rights of its owner:
    /// whoever writes need not see what it sees.
    fn function(&self, deed: &str, kind: &str, applies: &str) -> String {
        let Self { ground: _, passes, code, message, hint } = self;
        let (message, hint) = (quote_literal(message), quote_literal(hint));
        let end = if kind == "trigger" { "RETURN NULL; " } else { "" };
        format!(
            "CREATE FUNCTION {SCHEMA}.refuse_{deed}() RETURNS {kind} LANGUAGE plpgsql SECURITY DEFINER AS $tdata$ \
             BEGIN IF ({applies}) AND NOT ({passes}) THEN RAISE EXCEPTION USING ERRCODE = '{code}', \
             MESSAGE = {message}, HINT = {hint}; END IF; {end}END $tdata$; "
        )
    }
}
