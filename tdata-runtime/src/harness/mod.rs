//! The harness around a test.

mod declaration;

pub use declaration::Declaration;
