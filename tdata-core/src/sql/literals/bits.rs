//! `bit` and `bit varying`.

/// Reads bits as PostgreSQL does: `0101`, `b0101` or `x5`.
pub(super) fn read(text: &str, length: Option<u32>, exact: bool) -> Result<String, String> {
    let expected = || match length {
        Some(1) if exact => "one bit, `0` or `1`".to_owned(),
        Some(length) if exact => format!("{length} bits, each `0` or `1`"),
        Some(length) => format!("at most {length} bits, each `0` or `1`"),
        None => "bits, each `0` or `1`".to_owned(),
    };
    let bits = match text.strip_prefix(['x', 'X']) {
        Some(digits) => digits
            .chars()
            .map(|digit| digit.to_digit(16).map(|digit| format!("{digit:04b}")))
            .collect::<Option<String>>(),
        None => {
            let bits = text.strip_prefix(['b', 'B']).unwrap_or(text);
            bits.chars().all(|bit| matches!(bit, '0' | '1')).then(|| bits.to_owned())
        }
    };
    let fits = |bits: &String| match length.map(|length| length as usize) {
        Some(length) if exact => bits.len() == length,
        Some(length) => bits.len() <= length,
        None => true,
    };
    bits.filter(fits).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn bits_are_as_many_as_the_type_has() {
        assert_eq!(read("x5", Some(4), true), read("B0101", Some(4), true));
        assert_eq!(read("101", Some(4), false).as_deref(), Ok("101"));
        for text in ["101", "01012", "x", "0x5", "x55"] {
            assert_eq!(read(text, Some(4), true), Err("4 bits, each `0` or `1`".to_owned()));
        }
        assert!(read("10101", Some(4), false).is_err());
    }
}
