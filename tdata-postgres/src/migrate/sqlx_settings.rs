//! `sqlx.toml`: what a project sets for sqlx's own migrations.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;

/// What `sqlx.toml` says of migrations.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SqlxSettings {
    /// The table of what has run.
    pub(super) table: Option<String>,
    /// The characters that checksums leave out.
    pub(super) ignored: Vec<char>,
    /// The schemas that are made first.
    pub(super) schemas: Vec<String>,
}

/// The name of the file.
pub(super) const FILE: &str = "sqlx.toml";

impl SqlxSettings {
    /// Reads the file of a folder, if it has one.
    pub(super) fn read(folder: &Path) -> Option<Result<Self, Mistake>> {
        let text = std::fs::read_to_string(folder.join(FILE)).ok()?;
        let mistake = |line, text: String| Mistake { file: FILE.to_owned(), line, text };
        Some(match Self::parse(&text) {
            Ok(settings) => Ok(settings),
            Err((at, reason)) => {
                let line = text.get(..at).map(|before| before.matches('\n').count() + 1);
                Err(mistake(line, reason))
            }
        })
    }

    /// Parses the file; fails at a byte of it.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            (at, format!("is not valid TOML: {}", error.message()))
        })?;
        let mut settings = Self::default();
        let migrate = table.get_ref().get("migrate").and_then(|value| value.get_ref().as_table());
        for (key, value) in migrate.into_iter().flatten() {
            let at = value.span().start;
            match key.get_ref().as_ref() {
                "table-name" => {
                    let name = value.get_ref().as_str();
                    let name = name.ok_or_else(|| (at, "table-name is a text".to_owned()))?;
                    // sqlx takes quotes around the parts of the name.
                    settings.table = Some(name.replace('"', ""));
                }
                "ignored-chars" => {
                    for text in texts(value.get_ref(), "ignored-chars", at)? {
                        let mut chars = text.chars();
                        let (Some(one), None) = (chars.next(), chars.next()) else {
                            return Err((
                                at,
                                "ignored-chars is a list of single characters".to_owned(),
                            ));
                        };
                        settings.ignored.push(one);
                    }
                }
                "create-schemas" => {
                    settings.schemas = texts(value.get_ref(), "create-schemas", at)?;
                }
                _ => {}
            }
        }
        Ok(settings)
    }

    /// Returns what checksums are made of.
    pub(super) fn hashed(&self, bytes: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(bytes) {
            Ok(text) if !self.ignored.is_empty() => {
                let kept: String = text.chars().filter(|c| !self.ignored.contains(c)).collect();
                kept.into_bytes()
            }
            _ => bytes.to_owned(),
        }
    }
}

fn texts(value: &DeValue<'_>, key: &str, at: usize) -> Result<Vec<String>, (usize, String)> {
    let texts = value.as_array().and_then(|list| {
        let text = |value: &toml::Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
        list.iter().map(text).collect::<Option<Vec<String>>>()
    });
    texts.ok_or_else(|| (at, format!("{key} is a list of texts")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_migrations_is_read() {
        let text = "[common]\ndatabase-url-var = \"A\"\n[migrate]\ntable-name = 'ops.\"done\"'\n\
                    ignored-chars = [\"\\r\", \"\u{feff}\"]\ncreate-schemas = [\"ops\"]\nmigrations-dir = \"x\"\n";
        let settings = SqlxSettings::parse(text).unwrap();
        assert_eq!(settings.table.as_deref(), Some("ops.done"));
        assert_eq!(settings.schemas, ["ops"]);
        assert_eq!(settings.hashed("\u{feff}a\r\nb\r\n".as_bytes()), b"a\nb\n");
        assert_eq!(SqlxSettings::default().hashed(b"a\r"), b"a\r");
    }

    #[test]
    fn mistakes_have_their_place() {
        for (text, at) in [
            ("[migrate", 8),
            ("[migrate]\ntable-name = 1", 23),
            ("[migrate]\nignored-chars = [\"ab\"]", 26),
            ("[migrate]\ncreate-schemas = [1]", 27),
        ] {
            assert_eq!(SqlxSettings::parse(text).unwrap_err().0, at, "{text}");
        }
    }
}
