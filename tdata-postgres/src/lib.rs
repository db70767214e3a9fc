//! tdata's database side, which tests, jobs and the command share.
//!
//! Nothing here boots a server, keeps a connection or reads a setting: it is given a connection and works over it. Each
//! module uses only those before it:
//!
//! 1. [`Refusal`]: what a database refused, told without values.
//! 2. [`Endpoint`]: how a server is reached.
//! 3. [`catalog`]: what a database has.
//! 4. [`migrate`]: the project's own SQL.
//! 5. [`load`]: tables made where there are none, rows copied in.
//! 6. [`validate`]: what must hold, asked of the database.

pub mod catalog;
mod endpoint;
pub mod load;
pub mod migrate;
mod refusal;
pub mod validate;

pub use endpoint::{Endpoint, MalformedUrl, without_password};
pub use refusal::Refusal;
