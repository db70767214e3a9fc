//! Leaving a server that is not ours as it was.

use postgres::error::SqlState;
use postgres::types::Type;
use tdata_core::sql::quote_identifier;
use tdata_postgres::Refusal;

use super::control;
use super::run_id::LEASE;
use super::running::Server;

impl Server {
    /// Takes the control database away from a server that is not ours, with all that it knows, if no other
    /// process uses it.
    pub(crate) fn leave(&self) -> Result<(), Refusal> {
        let is_last = self.control(|client| {
            client.batch_execute("SELECT pg_advisory_unlock_shared(2)")?;
            Ok(client.query_one("SELECT pg_try_advisory_lock(2)", &[])?.get::<_, bool>(0))
        })?;
        if !is_last {
            return Ok(());
        }
        let all: Vec<String> = self.control(|client| {
            let sql = "SELECT database FROM instance UNION ALL SELECT database FROM clone \
                       UNION ALL SELECT database FROM template";
            Ok(client.query(sql, &[])?.iter().map(|row| row.get(0)).collect())
        })?;
        // Should this be cut off, the next run finds nothing that it takes for usable.
        let run = self.run.to_string();
        self.control(|client| {
            client.query_typed("UPDATE clone SET holder = $1", &[(&run, Type::TEXT)])?;
            client.batch_execute(
                "UPDATE template SET ready = false; DELETE FROM instance_user; DELETE FROM instance",
            )
        })?;
        for database in all {
            self.drop_database(&database)?;
        }
        self.control(|client| client.batch_execute("DELETE FROM clone; DELETE FROM template"))?;
        let control = control::database(&self.endpoint);
        let lease = format!("{LEASE}{} %", self.run);
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = $1 AND application_name LIKE $2";
        self.maintain(|client| client.execute(end, &[&control, &lease]))?;
        // Whoever came in the meantime keeps it.
        let drop = format!("DROP DATABASE IF EXISTS {}", quote_identifier(&control));
        match self.maintain(|client| client.batch_execute(&drop)) {
            Err(refusal) if refusal.is(SqlState::OBJECT_IN_USE.code()) => Ok(()),
            dropped => dropped,
        }
    }
}
