//! Data that tests share are read-only, and the database says so.

use tdata_postgres::Refusal;

use super::error::IsolateError;
use super::guard::Guard;
use super::instance::Instance;
use crate::error::Error;

const GUARD: Guard = Guard {
    ground: "",
    passes: "false",
    code: "read_only_sql_transaction",
    message: "this data is shared by several tests and read-only",
    hint: "Declare writable = true, or let the test have data of its own with \
           scope = \"test_case\".",
};

/// Lets every write to an instance's database fail with a hint.
pub(super) fn protect(instance: &Instance) -> Result<(), Error> {
    let mut client = instance.connect_own("tdata").map_err(IsolateError::Connect)?;
    let guarded: Result<(), Refusal> = GUARD.set_up(&mut client);
    Ok(guarded.map_err(IsolateError::Protect)?)
}
