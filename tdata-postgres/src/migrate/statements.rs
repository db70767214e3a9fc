//! Splits SQL into statements, for files that cannot run as one.

/// Returns the statements of a text with the byte offset each starts at.
///
/// Semicolons within quotes, dollar quotes, comments and parentheses (rules) do not split.
pub(super) fn split(sql: &str) -> Vec<(usize, &str)> {
    let bytes = sql.as_bytes();
    let mut statements = Vec::new();
    let (mut start, mut at, mut depth) = (0, 0, 0u32);
    while at < bytes.len() {
        at = match bytes[at] {
            b';' if depth == 0 => {
                push(sql, start, at, &mut statements);
                start = at + 1;
                at + 1
            }
            b'(' => {
                depth += 1;
                at + 1
            }
            b')' => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            b'\'' => {
                let escapes = at > 0
                    && matches!(bytes[at - 1], b'e' | b'E')
                    && (at < 2 || !is_word(bytes[at - 2]));
                end_of_quote(bytes, at, b'\'', escapes)
            }
            b'"' => end_of_quote(bytes, at, b'"', false),
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                sql[at..].find('\n').map_or(bytes.len(), |length| at + length + 1)
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => end_of_comment(bytes, at),
            b'$' if at == 0 || !is_word(bytes[at - 1]) => end_of_dollar_quote(sql, at),
            _ => at + 1,
        };
    }
    push(sql, start, bytes.len(), &mut statements);
    statements
}

/// Returns a statement without the comments and blanks before it.
pub(super) fn uncommented(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    loop {
        let end = match rest.as_bytes() {
            [b'-', b'-', ..] => rest.find('\n').unwrap_or(rest.len()),
            [b'/', b'*', ..] => end_of_comment(rest.as_bytes(), 0),
            _ => return rest,
        };
        rest = rest[end..].trim_start();
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn push<'a>(sql: &'a str, start: usize, end: usize, statements: &mut Vec<(usize, &'a str)>) {
    let text = &sql[start..end];
    let trimmed = text.trim_start();
    if !trimmed.trim_end().is_empty() {
        statements.push((start + text.len() - trimmed.len(), trimmed.trim_end()));
    }
}

fn end_of_quote(bytes: &[u8], start: usize, quote: u8, escapes: bool) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        if escapes && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] == quote {
            // A doubled quote closes and opens at once: the next round opens it again.
            return at + 1;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn end_of_comment(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start + 2, 1);
    while at < bytes.len() && depth > 0 {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    at
}

fn end_of_dollar_quote(sql: &str, start: usize) -> usize {
    let rest = &sql[start + 1..];
    let Some(length) = rest.find('$') else { return start + 1 };
    let tag = &rest[..length];
    let names = tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !names || tag.starts_with(|c: char| c.is_ascii_digit()) {
        return start + 1;
    }
    let delimiter = &sql[start..start + length + 2];
    let body = start + delimiter.len();
    sql[body..].find(delimiter).map_or(sql.len(), |end| body + end + delimiter.len())
}

#[cfg(test)]
mod tests {
    use super::{split, uncommented};

    #[test]
    fn only_semicolons_between_statements_split() {
        let sql = "SELECT ';' ; -- a; b\n/* ; /* ; */ */ SELECT \"a;b\";\n\
                   CREATE FUNCTION f() RETURNS int AS $x$ BEGIN; $x$ LANGUAGE plpgsql; \
                   SELECT E'\\';' , 'it''s;'; SELECT $1; ";
        let texts: Vec<&str> = split(sql).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts.len(), 5, "{texts:#?}");
        assert_eq!(texts[0], "SELECT ';'");
        assert!(texts[1].ends_with("SELECT \"a;b\""));
        assert!(texts[2].ends_with("LANGUAGE plpgsql"));
        assert_eq!(texts[3], "SELECT E'\\';' , 'it''s;'");
        assert_eq!(texts[4], "SELECT $1");
    }

    #[test]
    fn comments_before_a_statement_are_left_out() {
        for sql in ["-- a\n/* b /* c */ */ BEGIN", " BEGIN", "--\n--\nBEGIN"] {
            assert_eq!(uncommented(sql), "BEGIN");
        }
        assert_eq!(uncommented("-- nothing"), "");
        assert_eq!(uncommented("/* open"), "");
    }

    #[test]
    fn offsets_point_at_the_statements() {
        let sql = "SELECT 1;\n  SELECT 2";
        for (offset, text) in split(sql) {
            assert!(sql[offset..].starts_with(text));
        }
    }
}
