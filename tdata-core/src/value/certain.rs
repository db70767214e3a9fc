//! Texts that are, for certain, a value that PostgreSQL has a form of its own for: read as it reads them.
//!
//! PostgreSQL reads many more. `None` says that it is to read the text itself.

use std::net::IpAddr;

use crate::definition::Instant;

/// Reads a UUID in its usual form: hexadecimal digits in five parts.
pub(super) fn uuid(text: &[u8]) -> Option<u128> {
    const LENGTH: usize = 36;
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    let text: &[u8; LENGTH] = text.try_into().ok()?;
    let mut uuid = 0;
    for (at, byte) in text.iter().enumerate() {
        if HYPHENS.contains(&at) {
            (*byte == b'-').then_some(())?;
        } else {
            uuid = uuid << 4 | u128::from(hex(*byte)?);
        }
    }
    Some(uuid)
}

/// Reads digits, perhaps behind a sign and with a point between them: the number without its point, and how many digits
/// stand behind it.
pub(super) fn decimal(text: &str) -> Option<(i64, u8)> {
    /// So many digits fit 64 bits, whichever they are.
    const MOST: usize = 18;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() || whole.len() + fraction.len() > MOST {
        return None;
    }
    let mut unscaled = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        unscaled = unscaled * 10 + i64::from(digit(byte)?);
    }
    let sign = if digits.len() < text.len() { -1 } else { 1 };
    Some((sign * unscaled, fraction.len() as u8))
}

/// Returns the shortest decimal number that is read as a floating-point one, as it is written without its point, and how
/// many digits stand behind it; `None` for one that has many.
pub(super) fn shortest(number: f64) -> Option<(i64, u8)> {
    /// Of numbers with so many digits, no two are read as the same.
    const MOST: f64 = 1e15;
    for (scale, unit) in [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6].into_iter().enumerate() {
        let unscaled = (number * unit).round();
        // Both are held exactly, and so their quotient is rounded as reading the digits would be.
        if unscaled.abs() < MOST && unscaled / unit == number {
            return Some((unscaled as i64, scale as u8));
        }
    }
    None
}

/// Reads a date such as `2024-05-01`, as days since 1970-01-01.
pub(super) fn date(text: &str) -> Option<i32> {
    const HYPHENS: [usize; 2] = [4, 7];
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let is_date = bytes.iter().enumerate().all(|(at, byte)| match HYPHENS.contains(&at) {
        true => *byte == b'-',
        false => byte.is_ascii_digit(),
    });
    // There is no year 0.
    if !is_date || text.starts_with("0000") {
        return None;
    }
    text.parse().ok().map(Instant::days)
}

/// Reads an IP address, and how many bits of it a network has, if that is said.
pub(super) fn address(text: &str) -> Option<(IpAddr, Option<u8>)> {
    let Some((address, bits)) = text.split_once('/') else {
        return Some((text.parse().ok()?, None));
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let is_plain = bits.bytes().all(|byte| byte.is_ascii_digit()) && !bits.starts_with('0');
    let bits = bits.parse().ok().filter(|bits| *bits <= most && is_plain)?;
    Some((address, Some(bits)))
}

/// Reads bytes in hexadecimal digits behind `\x`, and gives them to `each`.
pub(super) fn bytes(text: &str, mut each: impl FnMut(u8)) -> Option<()> {
    let (pairs, rest) = text.strip_prefix("\\x")?.as_bytes().as_chunks::<2>();
    rest.is_empty().then_some(())?;
    pairs.iter().try_for_each(|[high, low]| {
        each(hex(*high)? << 4 | hex(*low)?);
        Some(())
    })
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

fn hex(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_certain_is_read() {
        let digits = 0x0123_4567_89ab_4def_8123_4567_89ab_cdef;
        assert_eq!(uuid(b"01234567-89ab-4def-8123-456789ABCDEF"), Some(digits));
        for (text, number) in
            [("0", (0, 0)), ("-0.50", (-50, 2)), ("12.5", (125, 1)), ("007", (7, 0))]
        {
            assert_eq!(decimal(text), Some(number), "{text}");
        }
        assert_eq!(date("1970-01-02"), Some(1));
        assert_eq!(date("0001-01-01"), Some(-719_162));
        assert_eq!(address("10.0.0.0/8"), Some(([10, 0, 0, 0].into(), Some(8))));
        assert_eq!(address("::1"), Some((std::net::Ipv6Addr::LOCALHOST.into(), None)));
        let mut found = Vec::new();
        assert_eq!(bytes("\\x00fF", |byte| found.push(byte)), Some(()));
        assert_eq!(found, [0, 255]);
    }

    proptest! {
        #[test]
        fn floating_point_numbers_are_as_they_are_written(digits in any::<i64>(), scale in 0i32..9, shift in 0u32..64) {
            let number = (digits >> shift) as f64 / 10f64.powi(scale);
            let known = shortest(number);
            prop_assert!(known.is_none() || known == decimal(&number.to_string()), "{number} {known:?}");
            // Amounts of money are among those that are known.
            prop_assert!(known.is_some() || scale > 2 || number.abs() >= 1e12);
        }
    }

    #[test]
    fn what_is_not_is_left_to_postgresql() {
        for text in [
            "",
            "{01234567-89ab-4def-8123-456789abcdef}",
            "0123456789ab4def8123456789abcdef",
            "01234567-89ab-4def-8123-456789abcdeg",
            "01234567-89ab-4def-8123+456789abcdef",
        ] {
            assert_eq!(uuid(text.as_bytes()), None, "{text}");
        }
        for text in ["", "-", "+1", ".5", "5.", "1e3", "NaN", "1 ", "1.2.3", "1234567890123456789"]
        {
            assert_eq!(decimal(text), None, "{text}");
        }
        for text in ["2024-5-1", "2024-02-30", "0000-01-01", "20240501", "2024-05-01T", "infinity"]
        {
            assert_eq!(date(text), None, "{text}");
        }
        for text in ["10.1", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/", "::1%lo"] {
            assert_eq!(address(text), None, "{text}");
        }
        for text in ["00", "\\x0", "\\xzz", ""] {
            assert_eq!(bytes(text, |_| ()), None, "{text}");
        }
    }
}
