//! Contracts: what one test needs.

mod isolation;
mod keep;
mod request;
mod scope;
mod version_choice;
mod volume;
mod word;

pub use isolation::Isolation;
pub use keep::Keep;
pub use request::Contract;
pub use scope::Scope;
pub use version_choice::VersionChoice;
pub use volume::{DEFAULT_ROWS, Volume, Volumes};
pub use word::UnknownWord;
