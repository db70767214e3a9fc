//! Instances that several processes share, as the control database knows them.

use postgres::types::Type;
use tdata_postgres::Refusal;

use super::notation::Noted;
use super::schema::SchemaNotes;
use crate::server::Server;

/// How long an instance without users stays: tests of the run that are yet to start may want it.
const PATIENCE: &str = "1 minute";

/// Finds the instance of a key, and enters this run among its users. Returns its database, and what is to be known of
/// it where it is a schema.
pub(super) fn join(
    server: &Server,
    key: &str,
) -> Result<Option<(String, Option<SchemaNotes>)>, Refusal> {
    server.control(|client| {
        let sql = "WITH found AS (UPDATE instance SET used = now() WHERE key = $1 \
                                  RETURNING database, notes), \
                        entered AS (INSERT INTO instance_user (key, holder) \
                                    SELECT $1, $2 FROM found ON CONFLICT DO NOTHING) \
                   SELECT database, notes FROM found";
        let holder = server.run().to_string();
        let rows = client.query_typed(sql, &[(&key, Type::TEXT), (&holder, Type::TEXT)])?;
        Ok(rows.first().and_then(|row| Some((row.get(0), Noted::of_notes(row.get(1))?))))
    })
}

/// Enters an instance that is ready, with this run as its user.
pub(super) fn enter(
    server: &Server,
    key: &str,
    database: &str,
    schema: Option<SchemaNotes>,
) -> Result<(), Refusal> {
    server.control(|client| {
        let sql = "WITH entered AS (INSERT INTO instance (key, database, notes) VALUES ($1, $2, $4)) \
                   INSERT INTO instance_user (key, holder) VALUES ($1, $3)";
        let (holder, notes) = (server.run().to_string(), schema.to_notes());
        let values = [
            (&key as _, Type::TEXT),
            (&database as _, Type::TEXT),
            (&holder as _, Type::TEXT),
            (&notes as _, Type::TEXT),
        ];
        client.query_typed(sql, &values)
    })?;
    Ok(())
}

/// Takes this run off the users of all instances.
pub(crate) fn leave_all(server: &Server) -> Result<(), Refusal> {
    if !server.is_leased() {
        return Ok(());
    }
    server.control(|client| {
        let sql = "WITH gone AS (DELETE FROM instance_user WHERE holder = $1 RETURNING key) \
                   UPDATE instance SET used = now() FROM gone WHERE gone.key = instance.key";
        client.query_typed(sql, &[(&server.run().to_string(), Type::TEXT)])
    })?;
    Ok(())
}

/// Drops the instances that nobody has used for a while, and whose users are not alive.
pub(crate) fn drop_unused(server: &Server) -> Result<(), Refusal> {
    let unused = format!(
        "SELECT key, database FROM instance WHERE used < now() - interval '{PATIENCE}' \
         AND NOT EXISTS (SELECT FROM instance_user u JOIN pg_stat_activity a \
                         ON a.application_name LIKE 'tdata lease ' || u.holder || ' %' \
                         WHERE u.key = instance.key) \
         AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = instance.database) \
         FOR UPDATE SKIP LOCKED"
    );
    server.control(|client| {
        // Whoever wants one of them waits, and finds none.
        let mut transaction = client.transaction()?;
        for row in transaction.query(&unused, &[])? {
            let (key, database): (String, String) = (row.get(0), row.get(1));
            if server.drop_database(&database).is_ok() {
                transaction.execute("DELETE FROM instance_user WHERE key = $1", &[&key])?;
                transaction.execute("DELETE FROM instance WHERE key = $1", &[&key])?;
            }
        }
        transaction.commit()
    })
}
