//! Generated rows behind stored ones: which of the generators' rows they are, field by field.

use std::sync::Arc;

use crate::rows::Indices;

/// Which rows of the generators stand behind stored ones.
#[derive(Clone, Debug)]
pub(super) struct Behind {
    /// Those of most fields.
    pub(super) together: Arc<Indices>,
    /// Those of unique fields that have too few values to go with the others.
    pub(super) apart: Vec<(Vec<String>, Arc<Indices>)>,
}

impl Behind {
    /// Returns the rows of a field.
    pub(super) fn of(&self, field: &str) -> Arc<Indices> {
        let mut apart = self.apart.iter();
        let own = apart.find(|(names, _)| names.iter().any(|name| name == field));
        Arc::clone(own.map_or(&self.together, |(_, indices)| indices))
    }
}
