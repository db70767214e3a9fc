//! The roles of servers that tdata boots.

use postgres::Client;
use tdata_postgres::Refusal;

use super::secret;

/// The superuser, which is the role of tests by default. Images, packages and dumps call it so as well.
pub(super) const SUPERUSER: &str = "postgres";

/// The role of tests where it is not to be a superuser.
const ORDINARY: &str = "tdata_test";

/// What that role may do: as much as the first role of a managed server.
const RIGHTS: &str = "LOGIN CREATEDB CREATEROLE";

/// Makes the ordinary role. Returns its name and its password.
pub(super) fn make_ordinary(superuser: &mut Client) -> Result<(String, String), Refusal> {
    let password = secret::generate().map_err(|error| Refusal::of_file(&error))?;
    superuser.batch_execute(&format!("CREATE ROLE {ORDINARY} {RIGHTS} PASSWORD '{password}'"))?;
    Ok((ORDINARY.to_owned(), password))
}
