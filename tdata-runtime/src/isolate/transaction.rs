//! `transaction`: one database for all transactions over the same data, each rolled back.

use postgres::Client;
use tdata_postgres::Refusal;

use super::database::shared_copy;
use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use super::recipe::Recipe;
use super::stock::Stock;
use crate::error::Error;

/// A transaction that commits would change what other tests see. Each puts a row into this table,
/// and the deferred trigger refuses the commit of any transaction that did.
const GUARD: &str = "\
CREATE SCHEMA IF NOT EXISTS tdata;
CREATE TABLE tdata.commit_guard (held boolean);
CREATE FUNCTION tdata.refuse_commit() RETURNS trigger LANGUAGE plpgsql AS $tdata$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_termination',
    MESSAGE = 'a test under transaction isolation cannot commit',
    HINT = 'Use savepoints within the test, or isolation = \"full\".';
END $tdata$;
CREATE CONSTRAINT TRIGGER refuse_commit AFTER INSERT ON tdata.commit_guard
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tdata.refuse_commit();";

/// Makes the database that transactions share, under a key.
pub(super) fn acquire(stock: &Stock, recipe: &Recipe, key: &str) -> Result<Instance, Error> {
    let kind = |database| InstanceKind::Transactions { database };
    let instance = shared_copy(stock, recipe, key, kind)?;
    let guard = || -> Result<(), Refusal> {
        let mut client = instance.connect("tdata")?;
        client.batch_execute(GUARD)?;
        // Whoever connects besides the transactions only looks.
        let database = instance.database();
        let read_only = format!("ALTER DATABASE {database} SET default_transaction_read_only = on");
        Ok(client.batch_execute(&read_only)?)
    };
    guard().map_err(IsolateError::Guard)?;
    Ok(instance)
}

/// Starts a transaction that cannot commit. Returns the number of its backend.
///
/// Transactions over the same data wait for each other's locks; not without end.
pub(crate) fn begin(client: &mut Client) -> Result<i32, postgres::Error> {
    client.batch_execute(
        "SET lock_timeout = '10s'; BEGIN READ WRITE; INSERT INTO tdata.commit_guard VALUES (true)",
    )?;
    Ok(client.query_one("SELECT pg_backend_pid()", &[])?.get(0))
}
