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
    pub associations: &'static [Association],
    /// The records that belong to one.
    pub children: &'static [ChildrenOf],
    /// The columns whose methods have other names: each with that of its method.
    pub setters: &'static [(usize, &'static str)],
}

/// A foreign key that is an association.
#[derive(Clone, Copy, Debug)]
pub struct Association {
    /// The record's field.
    pub field: &'static str,
    /// Its column.
    pub column: usize,
    /// The method that says more about the record it leads to.
    pub with: &'static str,
}

/// Describes an association.
pub const fn association(field: &'static str, column: usize, with: &'static str) -> Association {
    Association { field, column, with }
}

/// Describes records that belong to another.
pub const fn children_of(
    factory: &'static str,
    by: &'static str,
    with: &'static str,
) -> ChildrenOf {
    ChildrenOf { factory, by, with }
}

/// Records that belong to another.
#[derive(Clone, Copy, Debug)]
pub struct ChildrenOf {
    /// The name of their factory.
    pub factory: &'static str,
    /// Their foreign key.
    pub by: &'static str,
    /// The method that adds some and says more about them.
    pub with: &'static str,
}

impl Blueprint {
    /// Tells whether a foreign key is an association, while compiling.
    pub const fn has_association(&self, field: &str) -> bool {
        let mut at = 0;
        while at < self.associations.len() {
            if crate::field::same_text(self.associations[at].field, field) {
                return true;
            }
            at += 1;
        }
        false
    }
}
