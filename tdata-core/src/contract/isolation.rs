//! What separates one live instance from another.

use crate::diagnostic::words;

words! {
    /// What separates one live instance from another.
    Isolation {
        /// A database of its own.
        #[default]
        Full = "full",
        /// A schema of its own in a database that instances share.
        Schema = "schema" | "schema_level",
        /// A transaction that is rolled back.
        Transaction = "transaction",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_level_is_schema() {
        assert_eq!("Schema-Level".parse(), Ok(Isolation::Schema));
        assert_eq!("TRANSACTION".parse(), Ok(Isolation::Transaction));
    }
}
