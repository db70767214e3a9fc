//! Clones of servers without a folder, as the control database knows them.

use postgres::types::Type;
use tdata_postgres::Refusal;

use super::claim::Claim;
use super::pool::Mark;
use crate::isolate::notation::Noted;
use crate::server::Server;

/// Enters a new clone of this run, which is yet to be made.
pub(super) fn enter(server: &Server, template: &str, database: &str) -> Result<(), Refusal> {
    server.control(|client| {
        let sql = "INSERT INTO clone (database, template, holder) VALUES ($1, $2, $3)";
        let holder = server.run().to_string();
        client.query_typed(
            sql,
            &[(&database, Type::TEXT), (&template, Type::TEXT), (&holder, Type::TEXT)],
        )
    })?;
    Ok(())
}

/// Takes a clone that another process let wait.
pub(super) fn claim(server: &Server, template: &str) -> Result<Option<(String, Mark)>, Refusal> {
    server.control(|client| {
        let sql = "UPDATE clone SET holder = $2 WHERE database = \
                     (SELECT database FROM clone WHERE template = $1 AND holder IS NULL \
                      ORDER BY database LIMIT 1 FOR UPDATE SKIP LOCKED) \
                   RETURNING database, mark";
        let holder = server.run().to_string();
        let rows = client.query_typed(sql, &[(&template, Type::TEXT), (&holder, Type::TEXT)])?;
        Ok(rows.first().and_then(|row| Some((row.get(0), Mark::of_notes(row.get(1))?))))
    })
}

/// Lets a clone of this run wait for any process.
pub(super) fn park(server: &Server, database: &str, mark: &Mark) -> Result<(), Refusal> {
    server.control(|client| {
        let sql = "UPDATE clone SET holder = NULL, mark = $2 WHERE database = $1";
        let mark = mark.to_notes();
        client.query_typed(sql, &[(&database, Type::TEXT), (&mark, Type::TEXT)])
    })?;
    Ok(())
}

/// Removes the row of a clone that is gone.
pub(super) fn remove(server: &Server, database: &str) -> Result<(), Refusal> {
    server.control(|client| {
        client.execute("DELETE FROM clone WHERE database = $1", &[&database])?;
        Ok(())
    })
}

/// Claims the clones of runs that are no longer alive.
pub(super) fn claim_abandoned(server: &Server) -> Result<Vec<(String, Claim)>, Refusal> {
    server.control(|client| {
        // Whoever sweeps holds them: nobody else does the same, and if it is killed another does.
        let sql = "UPDATE clone SET holder = $1 WHERE database IN \
                     (SELECT database FROM clone WHERE holder IS NOT NULL AND NOT EXISTS \
                        (SELECT FROM pg_stat_activity \
                         WHERE application_name LIKE 'tdata lease ' || holder || ' %' \
                            OR datname = clone.database) \
                      FOR UPDATE SKIP LOCKED) \
                   RETURNING database";
        let rows = client.query(sql, &[&server.run().to_string()])?;
        Ok(rows.iter().map(|row| (row.get(0), Claim::Row)).collect())
    })
}
