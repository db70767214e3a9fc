//! Contracts: what one test needs.

mod complete;
mod isolation;
mod keep;
mod option_value;
mod options;
mod scope;
mod version_choice;
mod volume;

pub use isolation::Isolation;
pub use keep::Keep;
pub use option_value::Form;
pub use options::{Contract, ContractOption, Defaults, InvalidOption, OPTIONS, PartialContract};
pub use scope::Scope;
pub use version_choice::VersionChoice;
pub use volume::{Volume, Volumes};
