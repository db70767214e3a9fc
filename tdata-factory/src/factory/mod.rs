//! Factories: single records in code.

// Each uses only those before it:
//
// 1. `into_field`, `link`, `blueprint`: what setters take, what children learn of their parent, what is known of
//    a factory while compiling;
// 2. `nesting`, `plan`, `rows`: which factories are at work, where values come from, where rows gather;
// 3. `demand`, `run`, `draft`: what is needed before records are made, the making of all, the making of one;
// 4. `builder`: the traits that every factory has; `making`: what is done with any builder;
// 5. `parent`, `children`: the records that another belongs to, and those that belong to it;
// 6. `after_create`, `build`, `attributes`: what is asked for.
mod after_create;
#[cfg(feature = "serde_json")]
mod attributes;
mod blueprint;
mod build;
mod builder;
mod cannot_make;
mod children;
mod demand;
mod draft;
mod into_field;
mod link;
mod making;
mod nesting;
mod parent;
mod plan;
mod rows;
mod run;

#[cfg(feature = "serde_json")]
pub use attributes::{attributes, to_json};
pub use blueprint::{Association, Blueprint, ChildrenOf, association, children_of};
pub use build::{build, build_batch, reset_sequences};
pub use builder::{Factory, FactoryBuilder, Trait};
pub(crate) use cannot_make::attempt;
pub use children::Children;
pub use demand::Demand;
pub(crate) use demand::{KeyDemand, RowDemand};
pub use draft::{Draft, given_or};
pub use into_field::IntoField;
pub use link::Link;
pub(crate) use making::Making;
pub(crate) use nesting::Way;
pub use parent::Parent;
pub(crate) use rows::Rows;
pub use run::{AfterCreate, Run};
pub(crate) use run::{Chunk, Pending, Wanted};
