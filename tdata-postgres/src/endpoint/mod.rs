//! How a server is reached: what is read of a URL, what URLs say, and connecting within a limit.

mod address;
mod encoding;
mod limit;
mod malformed;
mod read;

pub use address::Endpoint;
pub use encoding::{option, without_password};
pub use malformed::MalformedUrl;
