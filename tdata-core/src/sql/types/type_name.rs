//! The names of types.

use std::fmt;

use super::words;
use crate::sql::quote_identifier;
use crate::sql::reserved::is_reserved;

/// The name of a type, with its schema where one is given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeName {
    /// The schema; without one, the search path finds it.
    pub schema: Option<String>,
    /// The name, without quotes.
    pub name: String,
}

impl TypeName {
    /// A name that the search path finds.
    ///
    /// ```
    /// use tdata_core::sql::TypeName;
    ///
    /// assert_eq!(TypeName::new("order_state").to_string(), "order_state");
    /// assert_eq!(TypeName::new("Order").to_string(), r#""Order""#);
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// Reads `name` or `schema.name`, either of them quoted or in small letters.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, behind) = part(text)?;
        match behind.strip_prefix('.') {
            None => behind.is_empty().then(|| Self::new(first)),
            Some(rest) => {
                let (name, behind) = part(rest)?;
                behind
                    .is_empty()
                    .then(|| Self { schema: Some(first.to_owned()), name: name.into() })
            }
        }
    }
}

/// Reads one part of a name; returns it with what is behind it.
fn part(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('"') {
        let (name, behind) = rest.split_once('"')?;
        let fits = !name.is_empty() && !name.contains(char::is_control);
        return (fits && !behind.starts_with('"')).then_some((name, behind));
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '$')));
    let (name, behind) = text.split_at(end.unwrap_or(text.len()));
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well.then_some((name, behind))
}

/// Writes the name as SQL takes it, with quotes only where it needs some.
impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write_part(schema, is_reserved(schema), f)?;
            f.write_str(".")?;
        }
        let taken = is_reserved(&self.name) || words::is_word(&self.name);
        write_part(&self.name, taken, f)
    }
}

fn write_part(name: &str, taken: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let plain = part(name).is_some_and(|(_, behind)| behind.is_empty())
        && !name.contains(|c: char| c.is_uppercase() || c == '"');
    if plain && !taken { f.write_str(name) } else { f.write_str(&quote_identifier(name)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_have_quotes_where_they_need_some() {
        for (schema, name, written) in [
            (None, "order_state", "order_state"),
            (None, "order", "\"order\""),
            (None, "text", "\"text\""),
            (None, "2d", "\"2d\""),
            (None, "a\"b", "\"a\"\"b\""),
            (Some("shop"), "Mood", "shop.\"Mood\""),
            (Some("user"), "mood", "\"user\".mood"),
            (Some("a.b"), "c", "\"a.b\".c"),
        ] {
            let name = TypeName { schema: schema.map(str::to_owned), name: name.into() };
            assert_eq!(name.to_string(), written);
        }
    }

    #[test]
    fn what_is_no_name_is_not_read() {
        for text in ["", "\"\"", "\"open", "a.b.c", "a.", ".a", "a b", "1a", "\"a\"\"b\"", "a-b"] {
            assert_eq!(TypeName::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            schema in proptest::option::of("[^\"\\p{Cc}]{1,12}"),
            name in "[^\"\\p{Cc}]{1,12}",
        ) {
            let name = TypeName { schema, name };
            prop_assert_eq!(TypeName::parse(&name.to_string()), Some(name));
        }
    }
}
