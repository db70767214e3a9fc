//! Variables in a text: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}` and `${NAME?message}`.

/// Puts the values of variables into a text. What has none is nothing, unless the text says otherwise.
pub(super) fn replaced(
    text: &str,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once('$') {
        done.push_str(before);
        let (put, behind) = match behind.chars().next() {
            // Two are one.
            Some('$') => ("$".to_owned(), &behind[1..]),
            Some('{') => {
                let (inner, behind) =
                    behind[1..].split_once('}').ok_or("has `${` without `}`; close it")?;
                (braced(inner, value)?, behind)
            }
            _ => match name(behind) {
                "" => ("$".to_owned(), behind),
                name => (value(name).unwrap_or_default(), &behind[name.len()..]),
            },
        };
        done.push_str(&put);
        rest = behind;
    }
    Ok(done + rest)
}

/// The name that a text begins with.
fn name(text: &str) -> &str {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !text.starts_with(is_first) {
        return "";
    }
    let end = text.find(|c: char| !is_first(c) && !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

fn braced(inner: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let name = name(inner);
    let (rest, value) = (&inner[name.len()..], value(name));
    if name.is_empty() {
        return Err(format!("has `${{{inner}}}`, which names no variable"));
    }
    if let Some(default) = rest.strip_prefix(":-") {
        let value = value.filter(|value| !value.is_empty());
        return Ok(value.unwrap_or_else(|| default.to_owned()));
    }
    if let Some(default) = rest.strip_prefix('-') {
        return Ok(value.unwrap_or_else(|| default.to_owned()));
    }
    if let Some(message) = rest.strip_prefix('?') {
        return value
            .ok_or_else(|| format!("needs the variable {name} of the environment: {message}"));
    }
    match rest.is_empty() {
        true => Ok(value.unwrap_or_default()),
        false => Err(format!("has `${{{inner}}}`, which tdata does not do; write `${{{name}}}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced() {
        let value = |name: &str| match name {
            "A" => Some("1".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        for (text, expected) in [
            ("$A ${A} $B. ${B} $", "1 1 .  $"),
            ("${EMPTY:-x} ${EMPTY-x} ${B:-y} ${B-} ${A?no}", "x  y  1"),
            ("$$A $1", "$A $1"),
        ] {
            assert_eq!(replaced(text, &value).as_deref(), Ok(expected));
        }
        for wrong in ["${A", "${}", "${B?say it}", "${A:0:1}"] {
            assert!(replaced(wrong, &value).is_err(), "{wrong}");
        }
    }
}
