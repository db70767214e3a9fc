//! What a parent tells its children of itself.

use tdata_core::value::Value;

/// What a parent tells its children of itself.
#[derive(Clone, Debug)]
pub enum Link {
    /// Its key follows.
    Later,
    /// Its key.
    Key(Value),
}
