//! What every technique must be.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::samples::{SAMPLES, Sample, build, development, length, masked, masked_text};
use crate::definition::Instant;
use crate::mask::{MASKS, Mask, MaskKey, Spread};
use crate::value::{Block, Slot, Value, ValueKind};

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
fn blocks_have_the_masks_of_single_values() {
    for sample in SAMPLES {
        let mask = sample.mask(&development());
        let mut originals = Block::new();
        for value in [sample.values(), vec![Value::Null], sample.values()].concat() {
            originals.copy((&value).into());
        }
        let mut masks = Block::new();
        mask.fill(&originals, &mut masks);
        for at in 0..originals.len() {
            let original = originals.value(at);
            let expected = match original.is_null() {
                true => Value::Null,
                false => masked(&*mask, &original),
            };
            assert_eq!(masks.value(at), expected, "{}", sample.technique);
        }
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

}
