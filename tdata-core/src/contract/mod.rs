//! Contracts: what one test needs.

mod complete;
mod isolation;
mod keep;
mod option_value;
mod partial;
mod scope;
mod version_choice;
mod volume;
mod word;

pub use complete::Contract;
pub use isolation::Isolation;
pub use keep::Keep;
pub use option_value::Form;
pub use partial::{ContractOption, Defaults, InvalidOption, OPTIONS, PartialContract};
pub use scope::Scope;
pub use version_choice::VersionChoice;
pub use volume::{Volume, Volumes};
pub use word::UnknownWord;
