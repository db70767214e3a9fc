//! tdata's database side, which tests, jobs and the command share.
//!
//! Nothing here boots a server, keeps a connection or reads a setting: every function gets the connection it works on. Each
//! module uses only those before it:
//!
//! 1. [`Refusal`]: the one database error. It holds no values.
//! 2. [`Endpoint`]: the address of a server.
//! 3. [`catalog`]: what a database has.
//! 4. [`migrate`]: the project's own SQL.
//! 5. [`load`]: makes tables that are missing, and copies rows in.
//! 6. [`validate`]: checks the loaded rows in the database.

pub mod catalog;
mod endpoint;
pub mod load;
pub mod migrate;
mod refusal;
pub mod validate;

pub use endpoint::{Endpoint, MalformedUrl, without_password};
pub use refusal::Refusal;
