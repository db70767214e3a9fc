//! tdata's database side, which tests, jobs and the command share.
//!
//! Nothing here boots a server, keeps a connection or reads a setting: every function gets the connection it works on. Each
//! module uses only those before it:
//!
//! 1. [`Refusal`]: the one database error. It holds no values.
//! 2. [`error_without_rows`]: what may be told of errors of somebody else.
//! 3. [`Endpoint`]: the address of a server.
//! 4. [`catalog`]: what a database has.
//! 5. [`migrate`]: the project's own SQL.
//! 6. [`load`]: makes tables that are missing, and copies rows in.
//! 7. [`validate`]: checks the loaded rows in the database.

pub mod catalog;
mod endpoint;
pub mod load;
pub mod migrate;
mod refusal;
pub mod validate;
mod without_rows;

pub use endpoint::{Endpoint, MalformedUrl, option, without_password};
pub use refusal::Refusal;
pub use without_rows::{error_without_rows, text_without_rows};
