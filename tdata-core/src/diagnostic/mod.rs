//! What is said to people: mistakes with the place they were made, all of them at once.

mod answer;
mod counted;
mod origin;
mod report;
mod shell;
mod source;
mod suggest;
mod visible;
mod words;

pub use answer::{DatabaseAnswer, key_columns, said_once, with_causes};
pub(crate) use counted::counted;
pub use origin::{Located, Origin};
pub use report::{Diagnostic, Diagnostics};
pub use shell::shell_word;
pub use source::{Source, Span};
pub use suggest::{nearest, or_list};
pub use visible::{in_a_line, in_lines, is_visible};
pub use words::UnknownWord;
pub(crate) use words::{find_word, words};
