//! The masking techniques through the public interface: what every one of them must be, and what
//! each of them makes of samples.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers included")]

use std::collections::HashSet;
use std::fmt::Write;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use tdata_core::definition::{Definition, Instant, MICROS_PER_DAY};
use tdata_core::diagnostic::{Diagnostics, Source};
use tdata_core::generate::{Value, ValueKind};
use tdata_core::mask::{self, MASKS, Mask, MaskBuild, MaskKey, Spread};

const AS_OF: &str = "2024-06-01T00:00:00Z";

/// What a technique is tried with.
struct Sample {
    technique: &'static str,
    sql_type: &'static str,
    kind: ValueKind,
    inputs: [&'static str; 3],
    /// Whether the key makes a difference.
    keyed: bool,
}

const SAMPLES: &[Sample] = &[
    text("anonymize_email", true, ["ada@lovelace.uk", "Ada@lovelace.uk", "no address"]),
    Sample {
        technique: "anonymize_ip",
        sql_type: "inet",
        kind: ValueKind::Inet,
        inputs: ["10.1.2.3", "10.1.2.3/8", "fe80::1"],
        keyed: true,
    },
    Sample {
        technique: "date_of_birth",
        sql_type: "date",
        kind: ValueKind::Date,
        inputs: ["1980-02-29", "2024-05-31", "1815-12-10"],
        keyed: true,
    },
    text(
        "generalize_user_agent",
        false,
        [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124.0.0.0 Safari/537.36",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "gibberish",
        ],
    ),
    text("hash_ssn", true, ["123-45-6789", "123456789", "987-65-4321"]),
    text("mask_credit_card", false, ["4111-1111-1111-1111", "378282246310005", "12345678"]),
    text("randomize_address", true, ["12 Main Street, Springfield", "Rue de Rivoli 7", "-"]),
    text("redact", false, ["hunter2", "correct horse battery staple", "0"]),
    text("redact_phone", true, ["+1-212-664-7665", "(0) 30 1234567", "call me"]),
    text("replace_name", true, ["Ada Lovelace", "Aaliyah Abbott", "madonna"]),
    Sample {
        technique: "shift_date",
        sql_type: "timestamp",
        kind: ValueKind::Timestamp,
        inputs: ["2024-05-31T23:59:59Z", "2020-02-29T12:00:00.5Z", "2031-01-01T08:00:00Z"],
        keyed: true,
    },
];

const fn text(technique: &'static str, keyed: bool, inputs: [&'static str; 3]) -> Sample {
    Sample { technique, sql_type: "varchar(255)", kind: ValueKind::Text, inputs, keyed }
}

impl Sample {
    fn mask(&self, key: &MaskKey) -> Arc<dyn Mask> {
        build(self.technique, self.sql_type, "", key).unwrap()
    }

    fn values(&self) -> Vec<Value> {
        self.inputs.iter().map(|input| value(self.kind, input)).collect()
    }

    fn masked(&self, mask: &dyn Mask) -> Vec<Value> {
        self.values().iter().map(|value| masked(mask, value)).collect()
    }
}

fn value(kind: ValueKind, text: &str) -> Value {
    let instant = || text.parse::<Instant>().unwrap();
    match kind {
        ValueKind::Date => Value::Date(instant().days()),
        ValueKind::Timestamp => Value::Timestamp(instant()),
        _ => Value::Text(text.to_owned()),
    }
}

fn development() -> MaskKey {
    MaskKey::development()
}

/// Builds the mask that a rule asks for; `extra` is more YAML for the rule, such as `, part: last`.
fn build(name: &str, sql_type: &str, extra: &str, key: &MaskKey) -> Result<Arc<dyn Mask>, String> {
    build_for("f", name, sql_type, extra, key)
}

fn build_for(
    field: &str,
    name: &str,
    sql_type: &str,
    extra: &str,
    key: &MaskKey,
) -> Result<Arc<dyn Mask>, String> {
    let yaml = format!(
        "apiVersion: data.automation/v1
kind: DataDefinition
metadata: {{ name: people }}
spec:
  table: people
  fields:
    - {{ name: {field}, type: \"{sql_type}\", generator: pattern }}
  masking_rules:
    - {{ field: {field}, rule: {name}{extra} }}
"
    );
    let definition = Definition::parse(Source::new("people.yaml", yaml), "people").unwrap();
    let rule = definition.spec.masking_rule(field).unwrap();
    let field = definition.spec.field(field).unwrap();
    let mut diagnostics = Diagnostics::new();
    let built = (mask::find(name).unwrap().build)(&mut MaskBuild {
        field,
        sql_type: field.sql_type.as_ref().unwrap(),
        parameters: &rule.parameters,
        origin: &rule.origin,
        key,
        as_of: AS_OF.parse().unwrap(),
        diagnostics: &mut diagnostics,
    });
    match built {
        Some(mask) if diagnostics.is_empty() => Ok(mask),
        Some(_) => panic!("{name} was built in spite of: {diagnostics}"),
        None if diagnostics.is_empty() => panic!("{name} failed without a word"),
        None => Err(diagnostics.to_string()),
    }
}

fn masked(mask: &dyn Mask, value: &Value) -> Value {
    let mut value = value.clone();
    mask.apply(&mut value);
    value
}

fn masked_text(mask: &dyn Mask, text: &str) -> String {
    match masked(mask, &Value::Text(text.to_owned())) {
        Value::Text(text) => text,
        other => panic!("{other:?} is no text"),
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The techniques that mask texts, built for a text column.
static TEXT_MASKS: LazyLock<Vec<(&str, Arc<dyn Mask>)>> = LazyLock::new(|| {
    let built = |name| (name, build(name, "text", "", &development()).unwrap());
    let masks = MASKS.iter().map(|entry| built(entry.name));
    masks.filter(|(_, mask)| mask.kind(ValueKind::Text).is_some()).collect()
});

#[test]
fn every_technique_has_a_sample() {
    let names = |samples: &[Sample]| samples.iter().map(|s| s.technique).collect::<Vec<_>>();
    assert_eq!(names(SAMPLES), MASKS.iter().map(|entry| entry.name).collect::<Vec<_>>());
}

#[test]
fn the_same_value_has_the_same_mask() {
    for sample in SAMPLES {
        let (one, other) = (sample.mask(&development()), sample.mask(&development()));
        assert_eq!(sample.masked(&*one), sample.masked(&*other), "{}", sample.technique);
    }
}

#[test]
fn another_key_gives_other_masks() {
    for sample in SAMPLES {
        let masks = [development(), MaskKey::new("another")].map(|key| sample.mask(&key));
        let [one, other] = masks.map(|mask| sample.masked(&*mask));
        assert_eq!(one != other, sample.keyed, "{}", sample.technique);
    }
}

#[test]
fn samples_do_not_stay() {
    for sample in SAMPLES {
        let mask = sample.mask(&development());
        for (before, after) in sample.values().iter().zip(sample.masked(&*mask)) {
            let (before, after) = (before.to_string(), after.to_string());
            assert!(!after.contains(&before), "{}: {before} in {after}", sample.technique);
        }
    }
}

#[test]
fn kinds_are_as_told() {
    let inputs = [
        (ValueKind::Bool, Value::Bool(true)),
        (ValueKind::Int, Value::Int(7)),
        (ValueKind::Decimal, Value::Decimal { unscaled: 7, scale: 1 }),
        (ValueKind::Uuid, Value::Uuid(7)),
        (ValueKind::Text, Value::Text("seven".into())),
        (ValueKind::Inet, Value::Text("7.7.7.7".into())),
        (ValueKind::Date, Value::Date(7)),
        (ValueKind::Timestamp, Value::Timestamp(Instant::from_micros(7))),
    ];
    for sample in SAMPLES {
        let mask = sample.mask(&development());
        assert!(mask.kind(sample.kind).is_some(), "{}", sample.technique);
        for (kind, input) in &inputs {
            let output = masked(&*mask, input);
            let told = match mask.kind(*kind) {
                // Planning refuses such a column; nothing would be unmasked in it all the same.
                None => output != *input,
                Some(ValueKind::Text) => matches!(output, Value::Text(_)),
                Some(ValueKind::Inet) => output.to_string().parse::<IpAddr>().is_ok(),
                Some(ValueKind::Date) => matches!(output, Value::Date(_)),
                Some(ValueKind::Timestamp) => matches!(output, Value::Timestamp(_)),
                Some(kind) => panic!("{} makes {kind:?}", sample.technique),
            };
            assert!(told, "{}: {input:?} became {output:?}", sample.technique);
        }
    }
}

#[test]
fn masks_fit_every_column_they_are_built_for() {
    let odd = ["", "a", "CA", "2001:db8::ff00:42:8329", "1980-02-29", "\u{1F980} crab"];
    for sample in SAMPLES.iter().filter(|sample| sample.kind != ValueKind::Timestamp) {
        let mut fitted = false;
        for limit in 1..=300 {
            let built = build(sample.technique, &format!("varchar({limit})"), "", &development());
            let Ok(mask) = built else {
                assert!(!fitted, "{} fits a narrower column than {limit}", sample.technique);
                continue;
            };
            fitted = true;
            assert!(mask.max_length(limit) <= limit, "{} at {limit}", sample.technique);
            for input in sample.inputs.iter().chain(&odd) {
                let input: String = input.chars().take(limit).collect();
                let output = masked_text(&*mask, &input);
                let longest = mask.max_length(length(&input));
                assert!(length(&output) <= longest, "{} at {limit}: {output}", sample.technique);
            }
        }
        assert!(fitted, "{}", sample.technique);
    }
}

#[test]
fn narrow_columns_still_get_other_values() {
    // Alphabets this small make the original a likely mask.
    for (technique, limit) in [("hash_ssn", 1), ("replace_name", 6), ("randomize_address", 9)] {
        let mask = build(technique, &format!("varchar({limit})"), "", &development()).unwrap();
        let mut inputs = vec!["0".to_owned()];
        for _ in 0..500 {
            let last = inputs.last().unwrap();
            let next = masked_text(&*mask, last);
            assert_ne!(next, *last, "{technique}");
            inputs.push(next);
        }
    }
}

#[test]
fn spreads_are_real() {
    for sample in SAMPLES {
        let mask = sample.mask(&development());
        let Spread::Hashed(masks) = mask.spread() else { continue };
        assert!(masks > 1, "{}", sample.technique);
        if masks > 1 << 40 {
            let outputs = (0..10_000).map(|number| masked_text(&*mask, &format!("value {number}")));
            assert_eq!(outputs.collect::<HashSet<_>>().len(), 10_000, "{}", sample.technique);
        }
    }
    for (technique, sql_type, extra, masks) in [
        ("hash_ssn", "varchar(11)", "", 36u128.pow(11)),
        ("hash_ssn", "text", "", u128::MAX),
        ("anonymize_email", "varchar(25)", "", 36u128.pow(8)),
        ("redact_phone", "varchar(12)", "", 63_000),
        ("redact_phone", "varchar(8)", "", 100),
        ("anonymize_ip", "inet", "", 762),
        ("randomize_address", "char(5)", ", part: postal_code", 100_000),
    ] {
        let mask = build(technique, sql_type, extra, &development()).unwrap();
        assert_eq!(mask.spread(), Spread::Hashed(masks), "{technique} {sql_type}");
    }
}

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

#[test]
fn goldens() {
    let mut golden = String::new();
    for sample in SAMPLES {
        let mask = sample.mask(&development());
        let version = mask::find(sample.technique).unwrap().version;
        writeln!(golden, "{} v{version}", sample.technique).unwrap();
        for (input, output) in sample.inputs.iter().zip(sample.masked(&*mask)) {
            writeln!(golden, "  {input}\n    {output}").unwrap();
        }
    }
    insta::assert_snapshot!(golden);
}

#[test]
fn messages() {
    let mut messages = String::new();
    for (technique, sql_type, extra) in [
        ("anonymize_email", "varchar(15)", ""),
        ("anonymize_email", "text", ", domain: not a domain"),
        ("anonymize_email", "varchar(30)", ", domain: mail.department.example.com"),
        ("anonymize_email", "text", ", domain: [example.com]"),
        ("anonymize_ip", "varchar(8)", ""),
        ("date_of_birth", "char(9)", ""),
        ("generalize_user_agent", "varchar(4)", ""),
        ("hash_ssn", "text", ", algorithm: sha265"),
        ("hash_ssn", "text", ", algorithm: md5"),
        ("randomize_address", "varchar(5)", ""),
        ("randomize_address", "varchar(20)", ", part: full"),
        ("randomize_address", "char(1)", ", part: state"),
        ("randomize_address", "text", ", part: ctiy"),
        ("redact", "varchar(5)", ", value: anonymous"),
        ("redact_phone", "varchar(7)", ""),
        ("replace_name", "varchar(1)", ", part: first"),
        ("replace_name", "text", ", part: middle"),
        ("shift_date", "date", ", max_days: soon"),
        ("shift_date", "date", ", max_days: 0"),
        ("shift_date", "date", ", max_days: 3651"),
    ] {
        let message = build(technique, sql_type, extra, &development()).unwrap_err();
        writeln!(messages, "{message}\n").unwrap();
    }
    insta::assert_snapshot!(messages);
}

/// Texts of all sorts: short, long, of any script, and such as the techniques look for.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,400}",
        "[0-9 +()./-]{0,30}",
        "[a-zA-Z ]{0,20}",
        "[0-9a-f:./%]{0,45}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[a-z0-9.]{1,20}@[a-z]{1,10}\\.com",
        "\\+1-[2-9][0-9]{2}-555-01[0-9]{2}",
    ]
}

proptest! {
    #[test]
    fn any_text_is_masked_within_bounds(input in odd_text()) {
        for (technique, mask) in &*TEXT_MASKS {
            let output = masked_text(&**mask, &input);
            let longest = mask.max_length(length(&input));
            prop_assert!(length(&output) <= longest, "{technique}: {output:?}");
            let telling = input.trim().len() > 5 && input.bytes().any(|byte| byte.is_ascii_digit());
            prop_assert!(!telling || !output.contains(input.trim()), "{technique}: {output:?}");
        }
    }

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
        let expected = if limit >= 64 { 64 } else { limit.min(49) };
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
    fn birthdays_stay_in_their_year(days in -700_000i32..40_000) {
        let mask = build("date_of_birth", "date", "", &development()).unwrap();
        let output = masked(&*mask, &Value::Date(days));
        let today = AS_OF.parse::<Instant>().unwrap().days();
        prop_assert_ne!(&output, &Value::Date(days));
        prop_assert!(matches!(output, Value::Date(day) if day <= today));
        let year = |value: &Value| value.to_string()[..4].to_owned();
        if days <= today {
            prop_assert_eq!(year(&output), year(&Value::Date(days)));
        }
        let text = Value::Date(days).to_string();
        prop_assert_eq!(masked_text(&*mask, &text), output.to_string());
    }

    #[test]
    fn shifted_times_stay_near(
        micros in any::<i64>(),
        recent in any::<bool>(),
        most in 1..3650i64,
    ) {
        let as_of = AS_OF.parse::<Instant>().unwrap();
        // Every other value is within two hundred years of the as-of time.
        let near = as_of.micros() + micros % (73_000 * MICROS_PER_DAY);
        let original = Instant::from_micros(if recent { near } else { micros });
        let extra = format!(", max_days: {most}");
        let mask = build("shift_date", "timestamp", &extra, &development()).unwrap();
        let Value::Timestamp(shifted) = masked(&*mask, &Value::Timestamp(original)) else {
            panic!()
        };
        prop_assert!(shifted <= as_of && shifted != original);
        let time = |instant: Instant| instant.micros().rem_euclid(MICROS_PER_DAY);
        prop_assert_eq!(time(shifted), time(original));
        if recent && original <= as_of {
            let days = (shifted.micros() - original.micros()).abs() / MICROS_PER_DAY;
            prop_assert!((1..=most).contains(&days), "{days}");
        }
    }

    #[test]
    fn shifted_dates_stay_near(days in any::<i32>()) {
        let mask = build("shift_date", "date", "", &development()).unwrap();
        let today = AS_OF.parse::<Instant>().unwrap().days();
        let Value::Date(shifted) = masked(&*mask, &Value::Date(days)) else { panic!() };
        prop_assert!(shifted != days && shifted <= today);
    }
}

fn in_2001_db8(address: Ipv6Addr) -> bool {
    address.segments()[..2] == [0x2001, 0xdb8]
}
