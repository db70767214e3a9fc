//! Values that could be somebody's are nobody's.

use super::samples::{SAMPLES, Sample, nth};

/// How many rows, and how many numbers, stand for all.
const ROWS: u64 = 3_000;

/// The texts of rows, and of numbers spread over all.
fn texts(sample: Sample) -> Vec<String> {
    let generator = sample.generator();
    let step = (generator.capacity() / ROWS).max(1);
    let numbers = (0..ROWS.min(generator.capacity())).map(|at| at * step);
    let mut texts = sample.texts(ROWS);
    texts.extend(numbers.map(|number| nth(&*generator, number).to_string()));
    texts
}

#[test]
fn mail_reaches_nobody() {
    for sample in SAMPLES.iter().filter(|sample| sample.0 == "email") {
        for text in texts(*sample) {
            let (mailbox, domain) = text.split_once('@').unwrap();
            assert!(["example.com", "example.org", "example.net"].contains(&domain), "{text}");
            let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".+".contains(c);
            assert!(mailbox.chars().all(valid) && !mailbox.is_empty(), "{text}");
        }
    }
}

#[test]
fn there_are_mail_addresses_for_everybody() {
    let generator = Sample("email", "varchar(255)", "").generator();
    assert!(generator.capacity() >= 1_000_000_000_000);
}

#[test]
fn telephones_ring_nowhere() {
    for text in texts(Sample("phone_number", "varchar(20)", "")) {
        let parts: Vec<&str> = text.split('-').collect();
        let [country, area, exchange, line] = parts[..] else { panic!("{text}") };
        assert_eq!((country, exchange, text.len()), ("+1", "555", 15), "{text}");
        assert!(("0100".."0200").contains(&line) && line.len() == 4, "{text}");
        let area: u32 = area.parse().unwrap();
        assert!((200..=999).contains(&area) && area % 100 != 11 && area / 10 % 10 != 9, "{text}");
    }
    for text in texts(Sample("phone_number", "varchar(12)", "")) {
        assert!(text.starts_with("+1") && text.len() == 12 && &text[5..10] == "55501", "{text}");
    }
}

/// The numbers of each country that its regulator keeps for fiction, with `x` for any digit.
const FICTION: &[(&str, &[&str])] = &[
    ("AU", &["+61-2-5550-xxxx", "+61-2-7010-xxxx", "+61-3-5550-xxxx", "+61-3-7010-xxxx"]),
    ("AU", &["+61-7-5550-xxxx", "+61-7-7010-xxxx", "+61-8-5550-xxxx", "+61-8-7010-xxxx"]),
    ("CA", &["+1-xxx-555-01xx"]),
    ("DE", &["+49-30-23125-xxx", "+49-40-66969-xxx", "+49-69-90009-xxx", "+49-89-99998-xxx"]),
    ("DE", &["+49-221-4710-xxx"]),
    ("FR", &["+33-1-9900-xxxx", "+33-2-6191-xxxx", "+33-3-5301-xxxx", "+33-4-6571-xxxx"]),
    ("FR", &["+33-5-3649-xxxx", "+33-6-3998-xxxx"]),
    ("GB", &["+44-113-496-0xxx", "+44-114-496-0xxx", "+44-115-496-0xxx", "+44-116-496-0xxx"]),
    ("GB", &["+44-117-496-0xxx", "+44-118-496-0xxx", "+44-121-496-0xxx", "+44-131-496-0xxx"]),
    ("GB", &["+44-141-496-0xxx", "+44-151-496-0xxx", "+44-161-496-0xxx", "+44-191-498-0xxx"]),
    ("GB", &["+44-20-7946-0xxx", "+44-28-9649-6xxx", "+44-29-2018-0xxx", "+44-1632-960xxx"]),
    ("GB", &["+44-7700-900xxx"]),
    ("IE", &["+353-20-91xxxxx"]),
    ("SE", &["+46-70-1740-xxx"]),
    ("US", &["+1-xxx-555-01xx"]),
];

#[test]
fn telephones_of_every_country_are_reserved_for_fiction() {
    let matches = |pattern: &str, text: &str| {
        let same =
            |(one, other): (char, char)| one == other || one == 'x' && other.is_ascii_digit();
        pattern.len() == text.len() && pattern.chars().zip(text.chars()).all(same)
    };
    for country in ["AU", "CA", "DE", "FR", "GB", "IE", "SE", "US"] {
        let parameters: &str = &format!("country_code: {country}");
        let sample = Sample("phone_number", "text", Box::leak(parameters.into()));
        let forms = FICTION.iter().filter(|(code, _)| *code == country);
        let forms: Vec<&str> = forms.flat_map(|(_, forms)| forms.iter().copied()).collect();
        let mut seen = vec![false; forms.len()];
        for text in texts(sample) {
            let form = forms.iter().position(|form| matches(form, &text));
            seen[form.unwrap_or_else(|| panic!("{text}"))] = true;
        }
        assert!(seen.iter().all(|seen| *seen), "{country}");
    }
    for text in texts(Sample("phone_number", "text", "country_code: SE")) {
        let line: u32 = text.rsplit('-').next().unwrap().parse().unwrap();
        assert!((605..=699).contains(&line), "{text}");
    }
}

#[test]
fn social_security_numbers_were_never_issued() {
    for text in texts(Sample("ssn", "varchar(11)", "")) {
        let parts: Vec<u32> = text.split('-').map(|part| part.parse().unwrap()).collect();
        let [area, group, serial] = parts[..] else { panic!("{text}") };
        let never = matches!(area, 0 | 666) || (900..=999).contains(&area) && group < 50;
        assert!(never && group > 0 && serial > 0 && text.len() == 11, "{text}");
    }
}

#[test]
fn cards_are_test_cards_with_valid_check_digits() {
    for text in texts(Sample("credit_card", "varchar(16)", "")) {
        assert_eq!(text.len(), 16);
        let test = ["400000", "411111", "424242", "510510", "555555"];
        assert!(test.iter().any(|prefix| text.starts_with(prefix)), "{text}");
        let digits = text.bytes().rev().map(|digit| u32::from(digit - b'0')).enumerate();
        let sum: u32 = digits
            .map(|(place, digit)| match place % 2 {
                0 => digit,
                _ if digit > 4 => 2 * digit - 9,
                _ => 2 * digit,
            })
            .sum();
        assert_eq!(sum % 10, 0, "{text}");
    }
}

#[test]
fn addresses_of_machines_are_private_or_documentation() {
    for text in texts(Sample("ip_address", "inet", "")) {
        let address: std::net::Ipv4Addr = text.parse().unwrap();
        assert!(address.octets()[0] == 10 && (1..=254).contains(&address.octets()[3]), "{text}");
    }
    for text in texts(Sample("ip_address", "inet", "version: 6")) {
        let address: std::net::Ipv6Addr = text.parse().unwrap();
        assert_eq!(address.segments()[..2], [0x2001, 0xdb8], "{text}");
        assert_eq!(address.to_string(), text, "not as PostgreSQL writes it");
    }
    for text in texts(Sample("url", "text", "")) {
        let host = text.strip_prefix("https://").unwrap().split('/').next().unwrap();
        assert!(host.ends_with(".example.com"), "{text}");
    }
}

#[test]
fn uuids_are_random_ones() {
    for text in texts(Sample("uuid", "varchar(36)", "")) {
        assert_eq!(&text[14..15], "4", "{text}");
        assert!("89ab".contains(&text[19..20]), "{text}");
    }
}
