//! Variables of a script.

use std::borrow::Cow;
use std::collections::BTreeMap;

use tdata_core::sql::{Lexer, TokenKind, quote_identifier, quote_literal};

/// The variables of a script, with their values.
#[derive(Clone, Debug, Default)]
pub(in crate::migrate) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(in crate::migrate) fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    pub(in crate::migrate) fn unset(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Puts the values into a statement. Quotes, comments and variables that are not set stay as they are.
    pub(in crate::migrate) fn expand<'a>(&self, statement: &'a str) -> Cow<'a, str> {
        if !statement.contains([':', '\\']) {
            return Cow::Borrowed(statement);
        }
        let mut expanded = String::new();
        let mut copied = 0;
        let mut lexer = Lexer::new(statement);
        while let Some(token) = lexer.next() {
            let (start, rest) = (token.start, &statement[token.start..]);
            if token.kind != TokenKind::Sign {
                continue;
            }
            let (length, value) = match rest.as_bytes() {
                [b':', b':' | b'=', ..] => (2, None),
                [b':', ..] => match self.reference(rest) {
                    Some((length, value)) => (length, Some(value)),
                    None => continue,
                },
                // They mean no end of a statement, and no variable.
                [b'\\', sign @ (b';' | b':'), ..] => (2, Some(char::from(*sign).to_string())),
                _ => continue,
            };
            lexer.go_to(start + length);
            if let Some(value) = value {
                expanded.push_str(&statement[copied..start]);
                expanded.push_str(&value);
                copied = start + length;
            }
        }
        match copied {
            0 => Cow::Borrowed(statement),
            _ => Cow::Owned(expanded + &statement[copied..]),
        }
    }

    /// Reads a variable at the start of a text: `:name`, `:'name'`, `:"name"` or `:{?name}`. Returns its length and what
    /// stands for it, if it is set.
    pub(super) fn reference(&self, text: &str) -> Option<(usize, String)> {
        let rest = text.strip_prefix(':')?;
        let (open, close) = match rest.as_bytes().first()? {
            b'\'' => ("'", "'"),
            b'"' => ("\"", "\""),
            b'{' => ("{?", "}"),
            _ => ("", ""),
        };
        let inner = rest.strip_prefix(open)?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
        let name = &inner[..inner.find(|c| !is_name(c)).unwrap_or(inner.len())];
        if name.is_empty() || !inner[name.len()..].starts_with(close) {
            return None;
        }
        let length = 1 + open.len() + name.len() + close.len();
        let value = self.0.get(name);
        let shown = match open {
            "{?" => if value.is_some() { "TRUE" } else { "FALSE" }.to_owned(),
            "'" => quote_literal(value?),
            "\"" => quote_identifier(value?),
            _ => value?.clone(),
        };
        Some((length, shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_for_variables_outside_of_quotes() {
        let mut variables = Variables::default();
        for (name, value) in [("a", "7"), ("b", "it's"), ("c", "x\"y"), ("d", "\\"), ("gone", "1")]
        {
            variables.set(name, value.to_owned());
        }
        variables.unset("gone");
        for (sql, expanded) in [
            ("SELECT :a, :'b', :\"c\", :'d'", "SELECT 7, 'it''s', \"x\"\"y\", E'\\\\'"),
            ("SELECT ':a', \":a\", $$:a$$ -- :a", "SELECT ':a', \":a\", $$:a$$ -- :a"),
            ("SELECT 1::a, x[1:2], y := :a", "SELECT 1::a, x[1:2], y := 7"),
            ("SELECT :gone, :'gone', :e, :{?a}, :{?e}", "SELECT :gone, :'gone', :e, TRUE, FALSE"),
            ("SELECT 1\\; SELECT '\\;' \\:a", "SELECT 1; SELECT '\\;' :a"),
            ("SELECT x[:a:3]", "SELECT x[7:3]"),
        ] {
            assert_eq!(variables.expand(sql), expanded);
        }
    }
}
