//! Where a program finds its database.

use std::time::Duration;

use tdata_postgres::Endpoint;

/// The database that a program is to change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) database: &'a str,
    /// Options of its connections, such as those that lead to a schema.
    pub(crate) options: &'a str,
    /// How long the program may take.
    pub(crate) limit: Duration,
}

impl Target<'_> {
    /// Returns the URL, password included.
    pub(crate) fn url(&self) -> String {
        self.endpoint.url_with_options(self.database, self.options)
    }
}
