//! One field of a definition.

use super::keys::Keys;
use super::node::{Node, NodeKind};
use super::parameters::Parameters;
use super::sql_type::{SqlType, SqlTypeError};
use super::table::is_identifier;
use crate::diagnostic::{Diagnostic, Span, Spanned};

/// A column of the dataset and how its values are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The column's name.
    pub name: Spanned<String>,
    /// The column's type; absent on a foreign key that only its relationship names, which takes
    /// the type of the field it references.
    pub sql_type: Option<Spanned<SqlType>>,
    /// The generator's name; absent on a foreign key, which is then a reference.
    pub generator: Option<Spanned<String>>,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// The share of rows that are null, from 0 to 1.
    pub null_probability: f64,
    /// Whether the field holds personal data, to be masked: what it says, else whether it has a
    /// category.
    pub masking: bool,
    /// What kind of personal data it holds; picks the masking rule where none is given.
    pub pii_category: Option<Spanned<String>>,
    /// What people should know about the field.
    pub description: Option<String>,
    /// The generator's own keys.
    pub parameters: Parameters,
    /// Where the field stands.
    pub span: Span,
}

impl Field {
    pub(crate) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let source = keys.source();
        let mut keys = Keys::open(node, "a field", source, keys.diagnostics())?;
        let name = keys.required_text("name");
        if let Some(name) = name.as_ref().filter(|name| !is_identifier(name)) {
            let help = "PostgreSQL's names have 1 to 63 bytes; here also no dots and blanks";
            keys.invalid(name.span, format!("`{}` cannot name a column", name.value), help);
        }
        let type_node = keys.required_text("type");
        let sql_type = type_node.and_then(|text| read_type(&text, &mut keys));
        let generator = read_generator(&mut keys);
        let unique = keys.optional_bool("unique");
        let null_probability =
            keys.optional_parsed::<f64>("null_probability", "a number from 0 to 1").map(|share| {
                if !(0.0..=1.0).contains(&share.value) {
                    let message = format!("a probability of {} cannot be", share.value);
                    keys.invalid(share.span, message, "give a number from 0 to 1");
                }
                share.value
            });
        let masking = keys.optional_bool("masking");
        let pii_category = keys.optional_text("pii_category");
        let description = keys.optional_text("description").map(|text| text.value);
        let parameters = Parameters::new(keys.rest());
        Some(Self {
            name: name?,
            // A wrong type was told; the field stays, so that others may name it.
            sql_type,
            generator,
            unique: unique.is_some_and(|unique| unique.value),
            null_probability: null_probability.unwrap_or(0.0).clamp(0.0, 1.0),
            // Who says what kind of personal data it is means it to be masked.
            masking: masking.map_or(pii_category.is_some(), |masking| masking.value),
            pii_category,
            description,
            parameters,
            span: keys.span(),
        })
    }

    /// The field that a relationship implies when its key is not among the fields.
    pub(crate) fn implied(name: Spanned<String>) -> Self {
        let span = name.span;
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
            span,
        }
    }

    /// Tells whether some of its values are null, those aside that a reference finds so.
    pub fn is_nullable(&self) -> bool {
        let null = self.generator.as_ref().is_some_and(|generator| generator.value == "null");
        null || self.null_probability > 0.0
    }

    /// The keys every field has, whatever its generator.
    pub const KEYS: &'static [&'static str] = &[
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

/// Without quotes, YAML reads the name of the generator `null` as no value at all.
fn read_generator(keys: &mut Keys<'_>) -> Option<Spanned<String>> {
    let node = keys.optional_or_null("generator")?;
    match &node.kind {
        NodeKind::Scalar { text, .. } if text.eq_ignore_ascii_case("null") => {
            Some(Spanned::new("null".to_owned(), node.span))
        }
        _ if node.is_null() => None,
        _ => keys.text("generator", Some(node)),
    }
}

fn read_type(text: &Spanned<String>, keys: &mut Keys<'_>) -> Option<Spanned<SqlType>> {
    match text.value.parse::<SqlType>() {
        Ok(SqlType::Named(name)) => {
            if let Some(meant) = slip_of(&name) {
                let message = format!("PostgreSQL has no type `{}`", bare(&name));
                keys.invalid(text.span, message, &format!("did you mean `{meant}`?"));
                return None;
            }
            Some(Spanned::new(SqlType::Named(name), text.span))
        }
        Ok(sql_type) => Some(Spanned::new(sql_type, text.span)),
        Err(reason) => {
            let message = match reason {
                SqlTypeError::Malformed => format!("`{}` is not a type", text.value),
                SqlTypeError::Parameters => {
                    format!("the parameters of `{}` do not fit the type", text.value)
                }
            };
            let diagnostic = Diagnostic::new("definition::type", message)
                .at(keys.source(), text.span, "")
                .help("such as `varchar(255)`, `integer`, `decimal(10,2)` or `timestamp`");
            keys.diagnostics().push(diagnostic);
            None
        }
    }
}

/// Returns the type that was meant where the pen slipped: `integer` for `integr`.
///
/// Planning tells all types there are not. This tells the plain ones before, together with the
/// file's other mistakes; short names are left to planning, as `rate` may well be a type of its own.
fn slip_of(name: &str) -> Option<&'static str> {
    let bare = bare(name);
    let long = bare.chars().count() >= 5 && !SqlType::Named(name.to_owned()).is_builtin();
    let mut names = SqlType::names().filter(|_| long);
    names.find(|name| strsim::damerau_levenshtein(bare, name) == 1)
}

fn bare(name: &str) -> &str {
    name.split(['(', '[']).next().unwrap_or(name).trim_end()
}
