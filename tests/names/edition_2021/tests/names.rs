//! The tests of the edition 2024, in 2021.

#[path = "../../tests/names.rs"]
pub mod names;

/// A field that is a keyword in the next edition only.
pub mod not_yet_a_keyword {
    use tdata::{Factory, Record};

    /// A row.
    #[derive(Clone, Debug, Record, Factory)]
    pub struct Row {
        /// The key.
        pub id: i32,
        /// The field.
        #[factory(default = "generated")]
        pub gen: String,
        /// Made of it.
        #[factory(lazy = |row| row.gen.to_uppercase())]
        pub copy: String,
    }

    #[test]
    fn it_is_a_name_like_any_other() {
        assert_eq!(RowFactory::new().build().copy, "GENERATED");
        assert_eq!(RowFactory::new().gen("set").build().copy, "SET");
    }
}
