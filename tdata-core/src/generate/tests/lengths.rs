//! Texts fit their columns, and fill them.

use super::samples::{ROWS, Sample};

#[test]
fn an_order_number_fits_20_characters() {
    let sample = Sample("order_number", "varchar(20)", "");
    let generator = sample.generator();
    assert_eq!(generator.max_length(ROWS), 20);
    assert_eq!(generator.max_length(100_000), 20);
    assert_eq!(generator.max_length(100_001), 21);
    assert!(sample.texts(ROWS).iter().all(|text| text.len() <= 20));
    assert_eq!(sample.texts(1), ["ORD-1714521600-0"]);
}

#[test]
fn sentences_take_the_words_that_fit() {
    for text in Sample("sentence", "varchar(50)", "words: 20").texts(1_000) {
        assert!((36..=50).contains(&text.len()), "{text}");
        assert!(text.ends_with('.') && text.starts_with(|c: char| c.is_ascii_uppercase()));
    }
    for text in Sample("sentence", "text", "min_words: 3, max_words: 5").texts(1_000) {
        assert!((3..=5).contains(&text.split(' ').count()), "{text}");
    }
    for text in Sample("sentence", "text", "").texts(1_000) {
        assert_eq!(text.split(' ').count(), 8, "{text}");
    }
    for (parameters, range) in [("max_words: 3", 3..=3), ("min_words: 12", 12..=12)] {
        for text in Sample("sentence", "text", parameters).texts(100) {
            assert!(range.contains(&text.split(' ').count()), "{text}");
        }
    }
}

#[test]
fn every_short_column_has_values_or_a_message() {
    for (generator, parameters) in [
        ("address", ""),
        ("city", ""),
        ("company", ""),
        ("country", ""),
        ("credit_card", ""),
        ("email", ""),
        ("first_name", ""),
        ("full_name", ""),
        ("last_name", ""),
        ("phone_number", ""),
        ("postal_code", ""),
        ("sentence", "words: 30"),
        ("ssn", ""),
        ("state", ""),
        ("street_address", ""),
        ("url", ""),
        ("user_agent", ""),
        ("word", ""),
    ] {
        let mut fits = false;
        for length in (1..=20usize).chain((22..=60).step_by(4)) {
            let sql_type = Box::leak(format!("varchar({length})").into_boxed_str());
            let sample = Sample(generator, sql_type, parameters);
            match sample.build() {
                Ok(built) => {
                    fits = true;
                    assert!(built.max_length(ROWS) <= length, "{generator} {length}");
                    assert!(sample.texts(10).iter().all(|text| text.len() <= length));
                }
                Err(mistakes) => {
                    assert!(!fits, "{generator} fits less than {length}");
                    assert_eq!(mistakes.len(), 1);
                }
            }
        }
        assert!(fits || generator == "user_agent", "{generator}");
    }
}
