//! The text of a migration's file.

use std::borrow::Cow;

/// The mark that some editors and tools put before UTF-8.
const UTF_8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What stands in the way of reading a file as text.
#[derive(Debug)]
pub(super) struct NoText {
    /// The line, from 1, where there is one.
    pub(super) line: Option<usize>,
    /// What the file is, and what to do.
    pub(super) text: String,
}

impl NoText {
    fn of(text: &str) -> Self {
        Self { line: None, text: text.to_owned() }
    }
}

/// How far into a file its encoding is named.
const HEAD: usize = 8 << 10;

/// Reads a file as text.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, NoText> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(NoText::of(
            "is UTF-16, as PowerShell's `>` writes it; make it UTF-8: iconv -f UTF-16 -t UTF-8 old.sql > new.sql",
        ));
    }
    if bytes.starts_with(b"PGDMP") {
        return Err(NoText::of(
            "is a dump in pg_dump's own format, which is not SQL; make it SQL: pg_restore -f new.sql old.dump, or dump \
             with pg_dump --format=plain",
        ));
    }
    let bytes = bytes.strip_prefix(UTF_8_MARK).unwrap_or(bytes);
    let at = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => error.valid_up_to(),
    };
    match named_encoding(bytes).as_deref() {
        // Each byte is the character of that number.
        Some("LATIN1" | "ISO88591") => Ok(bytes.iter().copied().map(char::from).collect()),
        named => {
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            let (from, says) = match named {
                Some(named) if named != "UTF8" => {
                    (named.to_owned(), format!(", but {named}, as it says itself"))
                }
                _ => ("ENCODING".to_owned(), String::new()),
            };
            let text = format!(
                "is no UTF-8{says}; make it UTF-8: iconv -f {from} -t UTF-8 old.sql > new.sql, or dump with pg_dump \
                 --encoding=UTF8"
            );
            Err(NoText { line: Some(line), text })
        }
    }
}

/// Returns the encoding that a file names near its start: `SET client_encoding = 'LATIN1';` or `\encoding LATIN1`.
fn named_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_uppercase();
    let named = head.lines().find_map(|line| {
        let line = line.trim();
        let rest = line.strip_prefix("\\ENCODING").or_else(|| {
            let rest = line.strip_prefix("SET CLIENT_ENCODING")?.trim_start();
            rest.strip_prefix('=').or_else(|| rest.strip_prefix("TO"))
        })?;
        Some(rest.trim_matches(|c: char| c.is_whitespace() || "';\"".contains(c)).to_owned())
    })?;
    // As PostgreSQL compares them.
    Some(named.chars().filter(char::is_ascii_alphanumeric).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).unwrap().into_owned()
    }

    fn error(bytes: &[u8]) -> String {
        let NoText { line, text } = decode(bytes).unwrap_err();
        line.map_or(text.clone(), |line| format!("{line} {text}"))
    }

    #[test]
    fn a_mark_before_utf_8_is_no_text() {
        assert_eq!(text(b"\xEF\xBB\xBFSELECT 1;\r\n"), "SELECT 1;\r\n");
        assert_eq!(text("SELECT 'ä'".as_bytes()), "SELECT 'ä'");
    }

    #[test]
    fn latin_1_is_read_where_the_file_says_so() {
        for says in [
            "SET client_encoding = 'LATIN1';",
            "set client_encoding to latin1;",
            "\\encoding ISO-8859-1",
        ] {
            assert_eq!(text(&[says.as_bytes(), b"\n\xE4"].concat()), format!("{says}\nä"));
        }
    }

    #[test]
    fn other_encodings_are_told() {
        assert!(error(b"\xFF\xFES\0").contains("-f UTF-16 -t UTF-8"));
        assert!(error(b"\xFE\xFF\0S").contains("UTF-16"));
        assert!(error(b"PGDMP\x01").contains("pg_restore -f"));
        let told = error(b"SELECT 1;\nSELECT '\xE4';");
        assert!(
            told.starts_with("2 is no UTF-8; ") && told.contains("iconv -f ENCODING"),
            "{told}"
        );
        let told = error(b"SET client_encoding = 'WIN1252';\n\x80");
        assert!(told.contains("but WIN1252") && told.contains("iconv -f WIN1252"), "{told}");
    }
}
