//! What each technique promises by itself.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv6Addr};

use proptest::prelude::*;

use super::samples::{build, build_for, development, masked, masked_text};
use crate::definition::{Instant, MICROS_PER_DAY};
use crate::value::Value;

#[test]
fn all_phone_numbers_of_a_short_form_are_reached() {
    let mask = build("redact_phone", "varchar(8)", "", &development()).unwrap();
    let outputs = (0..2_000).map(|number| masked_text(&*mask, &number.to_string()));
    assert_eq!(outputs.collect::<HashSet<_>>().len(), 100);
}

#[test]
fn the_part_is_that_of_the_field() {
    for (field, technique, sql_type) in [
        ("billing_city", "randomize_address", "text"),
        ("state", "randomize_address", "char(2)"),
        ("zip", "randomize_address", "varchar(10)"),
        ("country", "randomize_address", "text"),
        ("street", "randomize_address", "varchar(30)"),
        ("address", "randomize_address", "varchar(20)"),
        ("address", "randomize_address", "text"),
        ("first_name", "replace_name", "varchar(30)"),
        ("surname", "replace_name", "varchar(30)"),
        ("name", "replace_name", "varchar(9)"),
    ] {
        let mask = build_for(field, technique, sql_type, "", &development()).unwrap();
        let shape = masked_text(&*mask, "original");
        let pattern = match field {
            "zip" => shape.len() == 5 && shape.bytes().all(|byte| byte.is_ascii_digit()),
            "state" => shape.len() == 2,
            "street" => shape.starts_with(|c: char| c.is_ascii_digit()) && !shape.contains(','),
            "address" => shape.contains(',') == (sql_type == "text"),
            "name" => shape.contains(' ') && shape.len() <= 9,
            "country" => !shape.is_empty(),
            _ => !shape.contains(' '),
        };
        assert!(pattern, "{field}: {shape}");
    }
}

#[test]
fn codes_become_codes() {
    for part in ["state", "country"] {
        let extra = format!(", part: {part}");
        let mask = build("randomize_address", "text", &extra, &development()).unwrap();
        assert_eq!(masked_text(&*mask, "CA").len(), 2);
        assert!(masked_text(&*mask, "California").len() > 2);
    }
}

#[test]
fn user_agents_are_told_apart() {
    let mask = build("generalize_user_agent", "text", "", &development()).unwrap();
    let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0";
    for (user_agent, expected) in [
        (
            format!("Mozilla/5.0 (Linux; Android 14) {chrome} Mobile Safari/537.36"),
            "Chrome on Android",
        ),
        (
            format!("Mozilla/5.0 (Windows NT 10.0) {chrome} Safari/537.36 Edg/124.0"),
            "Edge on Windows",
        ),
        (
            format!("Mozilla/5.0 (Windows NT 10.0) {chrome} Safari/537.36 OPR/110"),
            "Opera on Windows",
        ),
        (format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {chrome}"), "Chrome on ChromeOS"),
        (
            format!("Mozilla/5.0 (Linux; Android 13) SamsungBrowser/24.0 {chrome} Mobile"),
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Safari/604.1"
                .into(),
            "Safari on iOS",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) CriOS/124.0 Safari/6".into(),
            "Chrome on iOS",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15".into(),
            "Safari on macOS",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Firefox/125.0".into(), "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko".into(),
            "Internet Explorer on Windows",
        ),
        ("Mozilla/5.0 (Linux; U; Android 2.3) Safari/999.9".into(), "Other on Android"),
        ("Microsoft Office/16.0 (Windows NT 10.0)".into(), "Other on Windows"),
        ("curl/8.7.1".into(), "HTTP client"),
        ("facebookexternalhit/1.1".into(), "Bot"),
        (String::new(), "Other"),
    ] {
        assert_eq!(masked_text(&*mask, &user_agent), expected, "{user_agent}");
    }
    let narrow = build("generalize_user_agent", "varchar(8)", "", &development()).unwrap();
    assert_eq!(masked_text(&*narrow, "Firefox/125.0 (Windows)"), "Firefox");
    assert_eq!(masked_text(&*narrow, "SamsungBrowser/24.0"), "Other");
}

#[test]
fn card_numbers_keep_their_ends_and_nothing_else_does() {
    let mask = build("mask_credit_card", "text", "", &development()).unwrap();
    for (input, output) in [
        ("4111 1111 1111 1111", "4111 **** **** 1111"),
        ("6304000000000000000", "6304***********0000"),
        ("card 4111-1111-1111-1111", "**** 4111-****-****-1111"),
        ("4111x1111y1111z1111", "4111***********1111"),
        ("1234-5678", "*********"),
        ("12345678901", "***********"),
        ("4111111111111111 5500000000000004", "*********************************"),
        ("\u{0664}111", "****"),
        ("", ""),
    ] {
        assert_eq!(masked_text(&*mask, input), output);
    }
}

proptest! {
    #[test]
    fn emails_are_of_the_domain(owner in "[a-z0-9_]{8,20}", limit in 25..300) {
        let sql_type = format!("varchar({limit})");
        let mask = build("anonymize_email", &sql_type, "", &development()).unwrap();
        let output = masked_text(&*mask, &format!("{owner}@corp.com"));
        let code = output.strip_prefix("user.").unwrap().strip_suffix("@example.com").unwrap();
        prop_assert!((8..=26).contains(&code.len()));
        prop_assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        prop_assert!(!output.contains(&owner));
    }

    #[test]
    fn hashed_numbers_do_not_show(digits in "[0-9]{3}-[0-9]{2}-[0-9]{4}", limit in 1..80usize) {
        let sql_type = format!("varchar({limit})");
        let mask = build("hash_ssn", &sql_type, "", &development()).unwrap();
        let output = masked_text(&*mask, &digits);
        prop_assert_ne!(&output, &digits);
        prop_assert!(!output.contains(&digits.replace('-', "")));
        let expected = if limit >= 64 { 64 } else { limit.min(48) };
        prop_assert_eq!(output.len(), expected);
    }

    #[test]
    fn phone_numbers_are_no_ones(input in "\\+1-[2-9][0-9]{2}-(555-01[0-9]{2}|[0-9]{3}-[0-9]{4})") {
        let mask = build("redact_phone", "varchar(20)", "", &development()).unwrap();
        let output = masked_text(&*mask, &input);
        prop_assert_ne!(&output, &input);
        let (area, line) = output.strip_prefix("+1-").unwrap().split_once("-555-01").unwrap();
        let area: Vec<u32> = area.chars().map(|c| c.to_digit(10).unwrap()).collect();
        prop_assert!(matches!(area[..], [2..=9, second @ 0..=8, third] if second != third));
        prop_assert!(!matches!(area[..2], [3, 7] | [9, 6]));
        prop_assert!(line.len() == 2 && line.parse::<u8>().is_ok());
    }

    #[test]
    fn addresses_are_of_the_documentation(bits in any::<u128>(), v6 in any::<bool>()) {
        let mask = build("anonymize_ip", "inet", "", &development()).unwrap();
        let original = if v6 { IpAddr::V6(bits.into()) } else { IpAddr::V4((bits as u32).into()) };
        let output = masked_text(&*mask, &original.to_string());
        let reserved = match output.parse::<IpAddr>().unwrap() {
            IpAddr::V4(address) => !v6 && address.is_documentation(),
            IpAddr::V6(address) => v6 && in_2001_db8(address),
        };
        prop_assert!(reserved, "{original}: {output}");
    }

    #[test]
    fn birthdays_move_back_by_a_year_at_most(day in -718_797i32..1_000_000, seconds in 0..86_400i64) {
        let mask = build("date_of_birth", "date", "", &development()).unwrap();
        let output = masked(&*mask, &Value::Date(day));
        let Value::Date(masked_day) = output else { panic!() };
        prop_assert!((1..=365).contains(&(day - masked_day)));
        // Whatever holds the day.
        let midnight = |day: i32| i64::from(day) * MICROS_PER_DAY;
        let time = Instant::from_micros(midnight(day) + seconds * 1_000_000);
        let expected = Value::Timestamp(Instant::from_micros(midnight(masked_day)));
        prop_assert_eq!(masked(&*mask, &Value::Timestamp(time)), expected);
        let text = Value::Date(day).to_string();
        prop_assert_eq!(masked_text(&*mask, &text), output.to_string());
        prop_assert_eq!(masked_text(&*mask, &Value::Timestamp(time).to_string()), output.to_string());
    }

    #[test]
    fn birthdays_before_the_year_2_are_unknown(day in -2_440_588i32..-718_797) {
        let mask = build("date_of_birth", "date", "", &development()).unwrap();
        prop_assert_eq!(masked(&*mask, &Value::Date(day)).to_string(), "1900-01-01");
        prop_assert_eq!(masked_text(&*mask, &Value::Date(day).to_string()), "1900-01-01");
    }

    #[test]
    fn dates_and_the_times_of_that_day_move_back_together(
        // Ten years behind the first day that PostgreSQL has: nothing moves beyond that.
        day in -2_436_900i32..1_000_000,
        micros in 0..MICROS_PER_DAY,
        most in 1..=3650i32,
    ) {
        let extra = format!(", max_days: {most}");
        let mask = build("shift_date", "timestamp", &extra, &development()).unwrap();
        let Value::Date(masked_day) = masked(&*mask, &Value::Date(day)) else { panic!() };
        let days = day - masked_day;
        prop_assert!((1..=most).contains(&days), "{days}");
        let time = Instant::from_micros(i64::from(day) * MICROS_PER_DAY + micros);
        let shifted = Instant::from_micros(i64::from(masked_day) * MICROS_PER_DAY + micros);
        prop_assert_eq!(masked(&*mask, &Value::Timestamp(time)), Value::Timestamp(shifted));
        if masked_day >= -719_162 {
            let text = |value: Value| value.to_string();
            let output = masked_text(&*mask, &text(Value::Timestamp(time)));
            prop_assert_eq!(output, text(Value::Timestamp(shifted)));
            let output = masked_text(&*mask, &text(Value::Date(day)));
            prop_assert_eq!(output, text(Value::Date(masked_day)));
        }
    }

    #[test]
    fn any_instant_is_shifted(micros in any::<i64>(), day in any::<i32>()) {
        let mask = build("shift_date", "timestamp", "", &development()).unwrap();
        let instant = Value::Timestamp(Instant::from_micros(micros));
        prop_assert_ne!(masked(&*mask, &instant), instant);
        let day = Value::Date(day);
        prop_assert_ne!(masked(&*mask, &day), day);
    }
}

#[test]
fn a_time_with_an_offset_moves_by_its_day_in_utc() {
    let mask = build("shift_date", "text", "", &development()).unwrap();
    let utc = masked_text(&*mask, "2024-06-01 01:30:00+00");
    let berlin = masked_text(&*mask, "2024-06-01 03:30:00+02");
    assert_eq!(utc[..10], berlin[..10]);
    assert!(berlin.ends_with(" 03:30:00+02"));
    for unknown in ["soon", "2024-05-31 secret", "2024-05-3\u{1F980}", ""] {
        assert_eq!(masked_text(&*mask, unknown), "1900-01-01");
    }
}

fn in_2001_db8(address: Ipv6Addr) -> bool {
    address.segments()[..2] == [0x2001, 0xdb8]
}
