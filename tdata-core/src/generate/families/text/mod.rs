//! Texts composed of numbered parts: what most text generators are made of.

mod part;
mod placeholder;
mod step;
mod template;
mod words;

pub(super) use part::{Part, version_4};
pub(super) use placeholder::parse_pattern;
pub(super) use template::{Template, Texts, fitting, too_short};
pub(super) use words::{Words, first_names, last_names, lorem_words, mailbox_names};
