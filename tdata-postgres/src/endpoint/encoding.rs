//! How parts of URLs, and options of connections, are written.

/// Encodes a part of a URL.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(*byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Writes a setting as an option of a connection, ` -c name=value`, as the server reads it: blanks part options, and a
/// backslash takes what follows as it is.
///
/// ```
/// use tdata_postgres::option;
///
/// assert_eq!(option("app.user_name", "Ada L"), r" -c app.user_name=Ada\ L");
/// ```
pub fn option(name: &str, value: &str) -> String {
    let mut option = format!(" -c {name}=");
    for c in value.chars() {
        if c.is_ascii_whitespace() || c == '\u{b}' || c == '\\' {
            option.push('\\');
        }
        option.push(c);
    }
    option
}

/// Leaves the password out of a URL that an endpoint made.
pub fn without_password(url: &str) -> String {
    // A colon of a part is encoded.
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let (user, place) = rest.split_once('@')?;
        Some((scheme, user.split_once(':')?.0, place))
    });
    match parts {
        Some((scheme, user, place)) => format!("{scheme}://{user}@{place}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_hold_any_value() {
        assert_eq!(
            option("search_path", r#""My App", public"#),
            r#" -c search_path="My\ App",\ public"#
        );
        assert_eq!(option("app.path", r"a\b"), r" -c app.path=a\\b");
        assert_eq!(option("app.empty", ""), " -c app.empty=");
    }
}
