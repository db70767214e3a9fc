//! What the role of tests may do on a server.

use postgres::error::SqlState;
use tdata_postgres::Refusal;

use super::role::SUPERUSER;
use super::running::Server;

impl Server {
    /// Tells whether the role is a superuser, on a server of ours.
    pub(crate) fn has_superuser(&self) -> bool {
        self.is_owned() && self.endpoint().user() == SUPERUSER
    }

    /// Tells whether `superuser = false` holds for a server of ours.
    pub(crate) fn gives_ordinary_role(&self) -> bool {
        self.is_owned() && !self.has_superuser()
    }

    /// Adds to a refusal for want of rights why the role has none, and what to do.
    pub(crate) fn explain(&self, refusal: Refusal) -> Refusal {
        if self.has_superuser() || !refusal.is(SqlState::INSUFFICIENT_PRIVILEGE.code()) {
            return refusal;
        }
        refusal.with_advice(if self.is_owned() {
            "The role of tests is no superuser here, as `superuser = false` in tdata.toml says: leave it out, or do \
             without these rights"
        } else {
            "Grant it to the role of the database URL; or let tdata boot a server, where the role is a superuser: \
             TDATA_SERVER=local or TDATA_SERVER=container"
        })
    }
}
