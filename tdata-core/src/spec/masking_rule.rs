//! Which field is masked how.

use super::parameters::Parameters;
use crate::diagnostic::{Located, Origin};

/// A masking technique chosen for a field.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskingRule {
    /// The field.
    pub field: Located<String>,
    /// The technique's name.
    pub rule: Located<String>,
    /// The technique's own keys.
    pub parameters: Parameters,
    /// Where the rule comes from.
    pub origin: Origin,
}
