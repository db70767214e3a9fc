//! The canonical form of values: the text that masks are made of.
//!
//! One value has one form, whichever column holds it. It is the text that PostgreSQL puts out for the
//! value's type when the time zone is UTC and dates are ISO, which `format('%s', value)` gives in SQL:
//!
//! - a text as it is; of a `char(n)` without the blanks behind it, of a `citext` in small letters,
//!   and composed (Unicode's NFC) where the rule says `normalize: nfc`;
//! - an IP address as `inet` writes it, also where a text holds it;
//! - a date, and the day of a time in UTC, as `2024-05-31`, also where a text holds them.

use std::cell::Cell;
use std::fmt::Write;
use std::net::{IpAddr, Ipv6Addr};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::definition::Instant;
use crate::sql::{Scalar, SqlType};
use crate::value::{Block, Slot, Value, ValueRef};

/// What the texts of a column need to become canonical.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Canonical {
    /// Blanks at the end are the column's padding.
    padded: bool,
    /// Capital letters are as good as small ones.
    caseless: bool,
    /// The same characters may be written in several ways.
    normalize: bool,
}

impl Canonical {
    /// Returns what texts of a type need; `normalize` is what the rule says.
    pub(crate) fn of(sql_type: &SqlType, normalize: bool) -> Self {
        let scalar = sql_type.scalar();
        let padded = matches!(scalar, Some(Scalar::Char(_)));
        Self { padded, caseless: scalar == Some(Scalar::Citext), normalize }
    }

    /// Tells whether texts are canonical as they are.
    pub(crate) fn is_trivial(self) -> bool {
        self == Self::default()
    }

    /// Adds the canonical form of a value to a block.
    pub(crate) fn copy(self, value: ValueRef<'_>, out: &mut Block) {
        let mut value = value.to_value();
        self.apply(&mut value);
        out.copy((&value).into());
    }

    /// Brings a value into its canonical form.
    pub(crate) fn apply(self, value: &mut Value) {
        let Value::Text(text) = value else { return };
        if self.padded {
            text.truncate(text.trim_end_matches(' ').len());
        }
        if self.caseless && text.chars().any(char::is_uppercase) {
            // One letter for one letter, as PostgreSQL's `lower` does it.
            *text = text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
        }
        if self.normalize && is_nfc_quick(text.chars()) != IsNormalized::Yes {
            *text = text.nfc().collect();
        }
    }
}

/// Hands a text to write to on; it has the memory of the last one.
fn scratch<T>(with: impl FnOnce(&mut String) -> T) -> T {
    thread_local! {
        static SCRATCH: Cell<String> = const { Cell::new(String::new()) };
    }
    let mut text = SCRATCH.take();
    text.clear();
    let made = with(&mut text);
    text.clear();
    SCRATCH.set(text);
    made
}

/// Hands the canonical form of a day on; `day` counts from 1970-01-01.
pub(super) fn with_day<T>(day: i32, with: impl FnOnce(&str) -> T) -> T {
    scratch(|text| {
        Value::Date(day).write_text(text);
        with(text)
    })
}

/// Returns the day of a date or time that a text holds, in UTC, counted from 1970-01-01.
pub(super) fn text_day(text: &str) -> Option<i32> {
    text.parse::<Instant>().ok().map(Instant::days)
}

/// Hands the address that a text holds on, with its canonical form; that of a text that holds none is
/// the text itself.
///
/// A network's length counts, as in PostgreSQL: `10.1.2.3/8` is not `10.1.2.3`.
pub(super) fn with_address<T>(text: &str, with: impl FnOnce(Option<IpAddr>, &str) -> T) -> T {
    let (bare, length) = match text.split_once('/') {
        Some((bare, length)) => (bare, Some(length)),
        None => (text, None),
    };
    let Ok(address) = bare.parse::<IpAddr>() else {
        // A scope's name or blanks make it another text, and still an address of its kind.
        let bare = bare.split('%').next().unwrap_or(bare).trim();
        return with(bare.parse().ok(), text);
    };
    let whole = if address.is_ipv4() { 32 } else { 128 };
    let length = match length.map(str::parse::<u8>) {
        None => whole,
        Some(Ok(length)) if length <= whole => length,
        Some(_) => return with(Some(address), text),
    };
    scratch(|canonical| {
        write_address(address, canonical);
        if length < whole {
            // Writing to a String cannot fail.
            let _ = write!(canonical, "/{length}");
        }
        with(Some(address), canonical)
    })
}

/// Writes an address as PostgreSQL does.
fn write_address(address: IpAddr, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match address {
        IpAddr::V6(address) if is_compatible(address) => {
            let [.., a, b, c, d] = address.octets();
            write!(out, "::{a}.{b}.{c}.{d}")
        }
        address => write!(out, "{address}"),
    };
}

/// Tells whether PostgreSQL writes an address of version 6 with one of version 4 in it, and Rust does
/// not: `::1.2.3.4`.
fn is_compatible(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    segments[..6] == [0; 6] && segments[6] != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sql_type: &str, normalize: bool, text: &str) -> String {
        let mut value = Value::Text(text.to_owned());
        Canonical::of(&sql_type.parse().unwrap(), normalize).apply(&mut value);
        value.to_string()
    }

    #[test]
    fn padding_goes_from_char_alone() {
        for sql_type in ["char(9)", "bpchar"] {
            assert_eq!(text(sql_type, false, " Ada \t  "), " Ada \t");
        }
        for sql_type in ["varchar(9)", "text", "citext", "name"] {
            assert_eq!(text(sql_type, false, "ada  "), "ada  ");
        }
    }

    #[test]
    fn case_goes_from_citext_alone() {
        assert_eq!(text("citext", false, "ADA \u{130}\u{3a3}\u{1e9e}"), "ada i\u{3c3}\u{df}");
        assert_eq!(text("text", false, "Ada"), "Ada");
    }

    #[test]
    fn characters_are_composed_where_the_rule_says_so() {
        assert_eq!(text("text", true, "Ange\u{301}lique"), "Ang\u{e9}lique");
        assert_eq!(text("text", false, "Ange\u{301}lique"), "Ange\u{301}lique");
    }

    #[test]
    fn addresses_are_written_as_postgresql_writes_them() {
        for (text, canonical) in [
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3/32", "10.1.2.3"),
            ("10.1.2.3/8", "10.1.2.3/8"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:0db8::0001/128", "2001:db8::1"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
            ("::102:304", "::1.2.3.4"),
            ("::1", "::1"),
            ("::", "::"),
            ("fe80::1%eth0", "fe80::1%eth0"),
            ("10.1.2.3/33", "10.1.2.3/33"),
            ("nowhere", "nowhere"),
        ] {
            assert_eq!(with_address(text, |_, canonical| canonical.to_owned()), canonical);
        }
        assert!(with_address(" fe80::1%eth0", |address, _| address).is_some_and(|a| a.is_ipv6()));
    }

    #[test]
    fn days_are_written_in_iso() {
        assert_eq!(with_day(19_874, str::to_owned), "2024-05-31");
        for text in ["2024-05-31", " 2024-05-31 ", "2024-05-31 08:00:00", "2024-06-01 01:00:00+02"]
        {
            assert_eq!(text_day(text), Some(19_874), "{text}");
        }
        for text in ["", "soon", "2024-05-32", "2024-05-31 x"] {
            assert_eq!(text_day(text), None, "{text}");
        }
    }
}
