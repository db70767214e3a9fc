//! One field of a dataset.

use super::parameters::Parameters;
use crate::diagnostic::{Located, Origin};
use crate::sql::SqlType;

/// A column of the dataset and how its values are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The column's name.
    pub name: Located<String>,
    /// The column's type; absent on a foreign key that only its relationship names, which takes
    /// the type of the field it references.
    pub sql_type: Option<Located<SqlType>>,
    /// The generator's name; absent on a foreign key, which is then a reference.
    pub generator: Option<Located<String>>,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// The share of rows that are null, from 0 to 1.
    pub null_probability: f64,
    /// Whether the field holds personal data, to be masked: what it says, else whether it has a
    /// category.
    pub masking: bool,
    /// What kind of personal data it holds; picks the masking rule where none is given.
    pub pii_category: Option<Located<String>>,
    /// What people should know about the field.
    pub description: Option<String>,
    /// The generator's own keys.
    pub parameters: Parameters,
    /// Where the field comes from.
    pub origin: Origin,
}

impl Field {
    /// A field of that name, about which nothing else is said: no type, no generator.
    ///
    /// So is the field that a relationship implies when its key is not among the fields.
    pub fn new(name: Located<String>) -> Self {
        let origin = name.origin.clone();
        Self {
            name,
            sql_type: None,
            generator: None,
            unique: false,
            null_probability: 0.0,
            masking: false,
            pii_category: None,
            description: None,
            parameters: Parameters::default(),
            origin,
        }
    }

    /// Tells whether some of its values are null, those aside that a reference finds so.
    pub fn is_nullable(&self) -> bool {
        let null = self.generator.as_ref().is_some_and(|generator| generator.value == "null");
        null || self.null_probability > 0.0
    }

    /// The keys every field has, whatever its generator.
    pub(crate) const KEYS: &'static [&'static str] = &[
        "name",
        "type",
        "generator",
        "unique",
        "null_probability",
        "masking",
        "pii_category",
        "description",
    ];
}
