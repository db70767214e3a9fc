//! The arguments of a command.

use super::variables::Variables;

/// Splits what stands behind a command's name, as `psql` does: at blanks outside of quotes. Single quotes are taken off, double
/// quotes stay.
///
/// # Errors
///
/// Where a command of the shell is to be run, or a quote is not closed.
pub(in crate::migrate) fn arguments(
    text: &str,
    variables: &Variables,
) -> Result<Vec<String>, String> {
    let mut arguments = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut argument = String::new();
        while let Some(first) = rest.chars().next().filter(|first| !first.is_whitespace()) {
            let length = match first {
                '\'' => single_quoted(rest, &mut argument)?,
                '"' => {
                    let end = rest[1..].find('"').ok_or_else(|| open_quote('"'))? + 2;
                    argument.push_str(&rest[..end]);
                    end
                }
                '`' => {
                    return Err("it runs a command of the shell in backquotes, and tdata runs none: write its result instead"
                        .to_owned());
                }
                ':' => match variables.reference(rest) {
                    Some((length, value)) => {
                        argument.push_str(&value);
                        length
                    }
                    None => {
                        argument.push(first);
                        1
                    }
                },
                first => {
                    argument.push(first);
                    first.len_utf8()
                }
            };
            rest = &rest[length..];
        }
        arguments.push(argument);
        rest = rest.trim_start();
    }
    Ok(arguments)
}

fn open_quote(quote: char) -> String {
    format!("it opens a quote with {quote}, and does not close it")
}

/// Reads a text in single quotes, and returns its length.
fn single_quoted(text: &str, into: &mut String) -> Result<usize, String> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' if characters.next_if(|(_, next)| *next == '\'').is_some() => into.push('\''),
            '\'' => return Ok(at + 1),
            '\\' => match characters.next() {
                Some((_, 'n')) => into.push('\n'),
                Some((_, 't')) => into.push('\t'),
                Some((_, 'r')) => into.push('\r'),
                Some((_, other)) => into.push(other),
                None => {}
            },
            other => into.push(other),
        }
    }
    Err(open_quote('\''))
}

/// Takes double quotes off.
pub(in crate::migrate) fn without_quotes(argument: &str) -> String {
    let inner = argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(argument).replace("\"\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_at_blanks_outside_of_quotes() {
        let mut variables = Variables::default();
        variables.set("v", "1 2".to_owned());
        for (text, split) in [
            (" a  b\t", vec!["a", "b"]),
            ("'it''s' 'a b'c \"x y\"", vec!["it's", "a bc", "\"x y\""]),
            (":v :'v' ':v' :w a:v", vec!["1 2", "'1 2'", ":v", ":w", "a1 2"]),
            ("'a\\tb\\'c'", vec!["a\tb'c"]),
            ("", vec![]),
        ] {
            assert_eq!(arguments(text, &variables).unwrap(), split, "{text}");
        }
        assert!(arguments("`date`", &variables).unwrap_err().contains("shell"));
        assert!(arguments("'a", &variables).unwrap_err().contains("does not close"));
        assert_eq!(without_quotes("\"a \"\"b\""), "a \"b");
        assert_eq!(without_quotes("a"), "a");
    }
}
