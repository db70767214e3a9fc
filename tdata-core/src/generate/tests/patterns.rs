//! The language of patterns.

use crate::generate::UniqueBy;

use super::samples::Sample;

fn first(pattern: &'static str) -> String {
    let parameters = Box::leak(format!("pattern: '{pattern}'").into_boxed_str());
    Sample("pattern", "text", parameters).texts(8)[7].clone()
}

#[test]
fn placeholders_stand_for_what_they_say() {
    assert_eq!(first("plain { text }"), "plain { text }");
    assert_eq!(first("{{index}}"), "7");
    assert_eq!(first("{{ index:3 }}/{{index}}"), "007/7");
    assert_eq!(first("{{timestamp}}"), "1714521600");
    assert_eq!(first("Ü{{date}}-{{dataset}}"), "Ü20240501-samples");
    assert!(first("{{digits:30}}").bytes().all(|c| c.is_ascii_digit()));
    assert!(first("{{letters:30}}").bytes().all(|c| c.is_ascii_uppercase()));
    assert!(first("{{hex:30}}").bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c)));
    for (pattern, length) in [
        ("{{random_digits:4}}", 4),
        ("{{digits:100}}", 100),
        ("{{letters:14}}", 14),
        ("{{uuid}}", 36),
    ] {
        assert_eq!(first(pattern).len(), length, "{pattern}");
    }
}

#[test]
fn a_row_in_the_pattern_makes_it_unique() {
    let by_row = Sample("pattern", "text", "pattern: 'A{{index:2}}'").generator();
    assert_eq!((by_row.unique_by(), by_row.capacity()), (UniqueBy::Row, u64::MAX));
    assert_eq!((by_row.max_length(100), by_row.max_length(101)), (3, 4));
    let random =
        Sample("pattern", "text", "pattern: '{{digits:2}}{{letters:1}}{{hex:1}}'").generator();
    assert_eq!((random.unique_by(), random.capacity()), (UniqueBy::Number, 100 * 26 * 16));
    let plain = Sample("pattern", "text", "pattern: 'same'").generator();
    assert_eq!((plain.unique_by(), plain.capacity()), (UniqueBy::Number, 1));
}

#[test]
fn emails_and_order_numbers_have_patterns_too() {
    let email = Sample("email", "text", "pattern: 'billing+{{index}}@example.com'");
    assert_eq!(email.texts(2)[1], "billing+1@example.com");
    let order = Sample("order_number", "text", "pattern: '{{date}}/{{index:4}}'");
    assert_eq!(order.texts(2)[1], "20240501/0001");
    assert_eq!(Sample("order_number", "text", "prefix: WEB-").texts(1), ["WEB-1714521600-0"]);
}
