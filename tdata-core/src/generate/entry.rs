//! A generator as definitions know it.

use super::build::Build;
use super::generator::AnyGenerator;

/// A generator as definitions know it.
#[derive(Clone, Copy, Debug)]
pub struct GeneratorEntry {
    /// The name definitions write.
    pub name: &'static str,
    /// Raised whenever the same parameters give other values than before.
    pub version: u32,
    /// The keys a field may have for it.
    pub parameters: &'static [&'static str],
    /// One sentence for people.
    pub summary: &'static str,
    /// Builds it from a field's parameters; `None` after telling what is wrong.
    pub(crate) build: fn(&mut Build<'_>) -> Option<AnyGenerator>,
}
