//! Reads one field of a definition.

use super::keys::Keys;
use crate::diagnostic::{Diagnostic, Located};
use crate::spec::{Field, Node, NodeKind, Parameters};
use crate::sql::{Scalar, SqlType, SqlTypeError, is_identifier};

impl Field {
    pub(super) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "a field", keys.diagnostics())?;
        let name = keys.required_text("name");
        if let Some(name) = name.as_ref().filter(|name| !is_identifier(name)) {
            let help = "PostgreSQL's names have 1 to 63 bytes; here also no dots and blanks";
            keys.invalid(&name.origin, format!("`{}` cannot name a column", name.value), help);
        }
        let type_node = keys.required_text("type");
        let sql_type = type_node.and_then(|text| read_type(&text, &mut keys));
        let generator = read_generator(&mut keys);
        let unique = keys.optional_bool("unique");
        let null_probability =
            keys.optional_parsed::<f64>("null_probability", "a number from 0 to 1").map(|share| {
                if !(0.0..=1.0).contains(&share.value) {
                    let message = format!("a probability of {} cannot be", share.value);
                    keys.invalid(&share.origin, message, "give a number from 0 to 1");
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
            origin: keys.origin(),
        })
    }
}

/// Without quotes, YAML reads the name of the generator `null` as no value at all.
fn read_generator(keys: &mut Keys<'_>) -> Option<Located<String>> {
    let node = keys.optional_or_null("generator")?;
    match &node.kind {
        NodeKind::Scalar { text, .. } if text.eq_ignore_ascii_case("null") => {
            Some(Located::new("null".to_owned(), node.origin))
        }
        _ if node.is_null() => None,
        _ => keys.text("generator", Some(node)),
    }
}

fn read_type(text: &Located<String>, keys: &mut Keys<'_>) -> Option<Located<SqlType>> {
    let parsed = match text.value.parse::<SqlType>() {
        Ok(sql_type) if is_recent(&sql_type) => Err(SqlTypeError::Parameters),
        parsed => parsed,
    };
    match parsed {
        // A name that is not PostgreSQL's own may be that of a type which migrations make: planning looks it up.
        Ok(sql_type) => Some(Located::new(sql_type, text.origin.clone())),
        Err(reason) => {
            let message = match reason {
                SqlTypeError::Malformed => format!("`{}` is not a type", text.value),
                SqlTypeError::Parameters => {
                    format!("the parameters of `{}` do not fit the type", text.value)
                }
            };
            let diagnostic = Diagnostic::new("definition::type", message)
                .at(&text.origin)
                .help("such as `varchar(255)`, `integer`, `decimal(10,2)` or `timestamp`");
            keys.diagnostics().push(diagnostic);
            None
        }
    }
}

/// Tells whether only PostgreSQL 15 and newer know the type: a `numeric` whose digits all stand far
/// before the point or far behind it. Where a definition says so, precision and scale are exchanged as
/// a rule.
fn is_recent(sql_type: &SqlType) -> bool {
    matches!(sql_type.scalar(), Some(Scalar::Numeric(Some((precision, scale))))
        if !(0..=precision).contains(&u16::try_from(scale).unwrap_or(u16::MAX)))
}
