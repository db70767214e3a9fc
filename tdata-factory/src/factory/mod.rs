//! Factories: single records in code.

mod after_create;
#[cfg(feature = "serde_json")]
mod attributes;
mod builder;
mod children;
mod demand;
mod draft;
mod into_field;
mod making;
mod parent;
mod plan;
mod rows;
mod run;

pub use after_create::AfterCreate;
pub(crate) use after_create::{Pending, Wanted};
#[cfg(feature = "serde_json")]
pub use attributes::{attributes, to_json};
pub use builder::{Blueprint, Factory, FactoryBuilder, Trait, build, build_batch, reset_sequences};
pub use children::Children;
pub use demand::Demand;
pub use draft::{Draft, given_or};
pub use into_field::IntoField;
pub(crate) use making::Making;
pub use parent::{Link, Parent};
pub(crate) use rows::Rows;
pub use run::Run;
