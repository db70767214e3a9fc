//! What is said to people: mistakes with the place they were made, all of them at once.

mod answer;
mod origin;
mod report;
mod source;
mod suggest;
mod words;

pub use answer::{DatabaseAnswer, key_columns, with_causes};
pub use origin::{Located, Origin};
pub use report::{Diagnostic, Diagnostics};
pub use source::{Source, Span};
pub use suggest::{nearest, or_list};
pub use words::UnknownWord;
pub(crate) use words::{find_word, words};
