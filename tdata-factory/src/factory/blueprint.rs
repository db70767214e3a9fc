//! What is known of a factory while compiling.

/// What is known of a factory while compiling.
#[derive(Clone, Copy, Debug)]
pub struct Blueprint {
    /// The factory's name.
    pub factory: &'static str,
    /// A definition of the fields that the factory names generators for, in YAML; empty if there
    /// are none.
    pub generators: &'static str,
    /// The foreign keys that are associations.
    pub associations: &'static [&'static str],
}

impl Blueprint {
    /// Tells whether a foreign key is an association, while compiling.
    pub const fn has_association(&self, field: &str) -> bool {
        let mut at = 0;
        while at < self.associations.len() {
            if crate::field::same_text(self.associations[at], field) {
                return true;
            }
            at += 1;
        }
        false
    }
}
