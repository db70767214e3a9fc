//! `transaction`: one database for all transactions over the same data, each rolled back.

use postgres::Client;
use tdata_postgres::Refusal;

use super::database::shared_copy;
use super::error::IsolateError;
use super::guard::Guard;
use super::instance::{Instance, InstanceKind};
use super::recipe::Recipe;
use super::stock::Stock;
use crate::error::Error;

/// Each transaction puts a row into this table, which nobody else sees. The deferred trigger refuses the commit of any
/// transaction that did.
const HELD: &str = "\
CREATE TABLE tdata_guard.held (held boolean);
GRANT INSERT ON tdata_guard.held TO PUBLIC;
CREATE FUNCTION tdata_guard.refuse_commit() RETURNS trigger LANGUAGE plpgsql AS $tdata$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_termination',
    MESSAGE = 'a test under transaction isolation cannot commit',
    HINT = 'Use savepoints within the test, or isolation = \"full\".';
END $tdata$;
CREATE CONSTRAINT TRIGGER refuse_commit AFTER INSERT ON tdata_guard.held
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tdata_guard.refuse_commit();
ALTER TABLE tdata_guard.held ENABLE ALWAYS TRIGGER refuse_commit;";

/// Once a test has ended its transaction, another one could commit, and change what other tests see. So only a
/// transaction with a row of its own writes.
const GUARD: Guard = Guard {
    ground: HELD,
    passes: "EXISTS (SELECT FROM tdata_guard.held)",
    code: "invalid_transaction_state",
    message: "the transaction of this test is over: what is written now would stay for other tests",
    hint: "Use savepoints within the test, or isolation = \"full\".",
};

/// Makes the database that transactions share, under a key.
pub(super) fn acquire(stock: &Stock, recipe: &Recipe, key: &str) -> Result<Instance, Error> {
    let kind = |database| InstanceKind::Transactions { database };
    let instance = shared_copy(stock, recipe, key, kind)?;
    let guard = || -> Result<(), Refusal> {
        let mut client = instance.connect_own("tdata")?;
        GUARD.set_up(&mut client)?;
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
        "SET lock_timeout = '10s'; BEGIN READ WRITE; INSERT INTO tdata_guard.held VALUES (true)",
    )?;
    Ok(client.query_one("SELECT pg_backend_pid()", &[])?.get(0))
}
