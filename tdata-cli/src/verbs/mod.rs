//! The verbs: one file each.

mod generate;
mod show_spec;
mod verb;

pub(crate) use verb::Verb;
