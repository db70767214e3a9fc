//! The clones of all processes, as the control database knows them.

use postgres::types::Type;

use super::pool::Mark;
use super::state::{Counts, State};
use crate::server::Server;
use tdata_core::plan::Fingerprint;
use tdata_factory::store::Refusal;

/// Enters a new clone of this run, which is yet to be made. Returns its name.
pub(super) fn enter(server: &Server, fingerprint: Fingerprint) -> Result<String, Refusal> {
    let database = server.run().shared_name("clone");
    server.control(|client| {
        let sql = "INSERT INTO clone (database, fingerprint, holder) VALUES ($1, $2, $3)";
        let holder = server.run().to_string();
        let fingerprint = fingerprint.to_string();
        client.query_typed(
            sql,
            &[(&database, Type::TEXT), (&fingerprint, Type::TEXT), (&holder, Type::TEXT)],
        )
    })?;
    Ok(database)
}

/// Takes a clone that another process let wait.
pub(super) fn claim(
    server: &Server,
    fingerprint: Fingerprint,
) -> Result<Option<(String, Mark)>, Refusal> {
    server.control(|client| {
        let sql = "UPDATE clone SET holder = $2 WHERE database = \
                     (SELECT database FROM clone WHERE fingerprint = $1 AND holder IS NULL \
                      ORDER BY database LIMIT 1 FOR UPDATE SKIP LOCKED) \
                   RETURNING database, inserted, updated, deleted, last_values, called, catalogs, \
                             settings, next_transaction";
        let holder = server.run().to_string();
        let fingerprint = fingerprint.to_string();
        let rows = client.query_typed(sql, &[(&fingerprint, Type::TEXT), (&holder, Type::TEXT)])?;
        Ok(rows.first().map(|row| {
            let [inserted, updated, deleted] =
                ["inserted", "updated", "deleted"].map(|column| row.get::<_, Vec<i64>>(column));
            let (last, called): (Vec<i64>, Vec<bool>) = (row.get("last_values"), row.get("called"));
            let state = State {
                tables: Counts::of(&inserted, &updated, &deleted),
                sequences: last.into_iter().zip(called).collect(),
                catalogs: row.get("catalogs"),
                database: row.get("settings"),
            };
            let next_transaction = row.get("next_transaction");
            (row.get("database"), Mark { state, next_transaction })
        }))
    })
}

/// Lets a clone of this run wait for any process.
pub(super) fn park(server: &Server, database: &str, mark: &Mark) -> Result<(), Refusal> {
    let Mark { state, next_transaction } = mark;
    let counts = |count: fn(&Counts) -> i64| state.tables.iter().map(count).collect::<Vec<_>>();
    let (last, called): (Vec<i64>, Vec<bool>) = state.sequences.iter().copied().unzip();
    server.control(|client| {
        let sql = "UPDATE clone SET holder = NULL, inserted = $2, updated = $3, deleted = $4, \
                   last_values = $5, called = $6, catalogs = $7, settings = $8, \
                   next_transaction = $9 WHERE database = $1";
        client.query_typed(
            sql,
            &[
                (&database, Type::TEXT),
                (&counts(|counts| counts.inserted), Type::INT8_ARRAY),
                (&counts(|counts| counts.updated), Type::INT8_ARRAY),
                (&counts(|counts| counts.deleted), Type::INT8_ARRAY),
                (&last, Type::INT8_ARRAY),
                (&called, Type::BOOL_ARRAY),
                (&state.catalogs, Type::INT8),
                (&state.database, Type::TEXT),
                (next_transaction, Type::INT8),
            ],
        )?;
        Ok(())
    })
}

/// Drops a clone of this run.
pub(in crate::isolate) fn drop_clone(server: &Server, database: &str) -> Result<(), Refusal> {
    server.drop_database(database)?;
    server.control(|client| {
        client.execute("DELETE FROM clone WHERE database = $1", &[&database])?;
        Ok(())
    })
}

/// Drops the clones of runs that are no longer alive.
pub(crate) fn drop_abandoned(server: &Server) -> Result<(), Refusal> {
    let abandoned: Vec<String> = server.control(|client| {
        // Whoever sweeps holds them: nobody else does the same, and if it is killed another does.
        let sql = "UPDATE clone SET holder = $1 WHERE database IN \
                     (SELECT database FROM clone WHERE holder IS NOT NULL AND NOT EXISTS \
                        (SELECT FROM pg_stat_activity \
                         WHERE application_name LIKE 'tdata lease ' || holder || ' %' \
                            OR datname = clone.database) \
                      FOR UPDATE SKIP LOCKED) \
                   RETURNING database";
        let rows = client.query(sql, &[&server.run().to_string()])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    })?;
    abandoned.iter().try_for_each(|database| drop_clone(server, database))
}
