//! Texts composed of numbered parts: what most text generators are made of.

mod part;
mod placeholder;
mod step;
mod template;
mod words;

pub(crate) use part::Part;
pub(super) use part::version_4;
pub(super) use placeholder::parse_pattern;
pub(crate) use step::{Step, joined};
pub(super) use template::{Template, Texts, fitting, too_short};
pub(super) use words::{Words, first_names, last_names, lorem_words, mailbox_names};
