//! Which technique masks a field that names none.

/// The techniques, each with the words it is the rule of: categories and generators as a whole, and
/// endings of field names.
const RULES: &[(&str, &[&str])] = &[
    ("anonymize_email", &["email", "email_address", "mail", "mail_address", "e_mail"]),
    (
        "redact_phone",
        &[
            "phone",
            "phone_number",
            "mobile",
            "mobile_number",
            "telephone",
            "telephone_number",
            "tel",
            "cell",
            "cellphone",
            "fax",
            "fax_number",
            "msisdn",
        ],
    ),
    (
        "hash_ssn",
        &[
            "ssn",
            "social_security_number",
            "tax_id",
            "tax_number",
            "national_id",
            "passport",
            "passport_number",
            "driver_license",
            "drivers_license",
            "driving_license",
            "license_number",
            "username",
            "user_name",
            "login",
        ],
    ),
    ("mask_credit_card", &["credit_card", "card", "card_number", "pan"]),
    (
        "redact",
        &[
            "cvv",
            "cvc",
            "pin",
            "password",
            "passphrase",
            "secret",
            "token",
            "api_key",
            "iban",
            "bank_account",
            "account_number",
            "routing_number",
            "mac_address",
        ],
    ),
    (
        "randomize_address",
        &[
            "address",
            "address_line",
            "street",
            "street_address",
            "street_name",
            "city",
            "town",
            "state",
            "province",
            "region",
            "country",
            "country_code",
            "postal_code",
            "postcode",
            "zip",
            "zip_code",
            "zipcode",
            "location",
        ],
    ),
    (
        "replace_name",
        &[
            "name",
            "first_name",
            "firstname",
            "given_name",
            "forename",
            "middle_name",
            "last_name",
            "lastname",
            "family_name",
            "surname",
            "maiden_name",
            "full_name",
            "fullname",
            "cardholder",
            "person",
        ],
    ),
    ("anonymize_ip", &["ip", "ip_address", "ip_addr"]),
    ("generalize_user_agent", &["user_agent"]),
    ("date_of_birth", &["date_of_birth", "birth_date", "birthdate", "birthday", "dob"]),
    ("shift_date", &["date", "timestamp", "datetime_between", "date_between"]),
];

/// Returns the technique for a masked field without a rule: that of its category, else of its
/// generator, else of what its name ends in; `None` where nothing fits.
pub(crate) fn default_rule(
    pii_category: Option<&str>,
    generator: Option<&str>,
    name: &str,
) -> Option<&'static str> {
    let whole = [pii_category, generator].into_iter().flatten().find_map(category_rule);
    whole.or_else(|| ending(name, words()))
}

/// Returns all categories of personal data that bring a rule.
pub(crate) fn categories() -> impl Iterator<Item = &'static str> {
    words().map(|(word, _)| word)
}

/// Returns one category of each rule: enough to say what categories are like.
pub(crate) fn usual_categories() -> impl Iterator<Item = &'static str> {
    RULES.iter().filter_map(|(_, words)| words.first().copied())
}

/// Tells whether a category brings a rule.
pub(crate) fn is_category(word: &str) -> bool {
    category_rule(word).is_some()
}

fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.iter().flat_map(|(technique, words)| words.iter().map(move |word| (*word, *technique)))
}

/// Returns the technique of a category.
pub(super) fn category_rule(word: &str) -> Option<&'static str> {
    let word = spelled(word);
    words().find(|(known, _)| *known == word).map(|(_, technique)| technique)
}

/// Returns what the longest word that `text` is or ends in stands for: `email_address` rather than
/// `address`. A word ends a text only behind a `_`, as `city` does in `billing_city`, and a number
/// behind it does not count.
fn ending<'w, T>(text: &str, words: impl IntoIterator<Item = (&'w str, T)>) -> Option<T> {
    let text = spelled(text);
    let unnumbered = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let ends_in = |word: &str| {
        let mut rests = [&text, unnumbered].into_iter().filter_map(|text| text.strip_suffix(word));
        rests.any(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    let found = words.into_iter().filter(|(word, _)| ends_in(word));
    found.max_by_key(|(word, _)| word.len()).map(|(_, meaning)| meaning)
}

/// Returns what the first of some words stands for in `meanings`: as a whole, or as its ending, as `city` in
/// `billing_city`.
pub(super) fn meaning<'a, T: Copy>(
    words: impl IntoIterator<Item = &'a str>,
    meanings: &[(&str, T)],
) -> Option<T> {
    words.into_iter().find_map(|word| ending(word, meanings.iter().copied()))
}

/// Spells a word the way the table does: `billingEmail` and `Billing-Email` as `billing_email`.
fn spelled(word: &str) -> String {
    let mut spelled = String::with_capacity(word.len() + 1);
    let mut after_small = false;
    for c in word.chars() {
        if c.is_uppercase() && after_small {
            spelled.push('_');
        }
        after_small = c.is_lowercase();
        match c {
            '-' | ' ' => spelled.push('_'),
            _ => spelled.extend(c.to_lowercase()),
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::registry::find;

    #[test]
    fn every_technique_exists() {
        for (technique, _) in RULES {
            assert!(find(technique).is_some(), "{technique}");
        }
    }

    #[test]
    fn no_word_has_two_techniques() {
        for (word, technique) in words() {
            assert_eq!(category_rule(word), Some(technique), "{word}");
            assert_eq!(default_rule(None, None, word), Some(technique), "{word}");
        }
    }

    #[test]
    fn the_category_goes_before_the_generator_and_the_name() {
        assert_eq!(default_rule(Some("ssn"), Some("pattern"), "email"), Some("hash_ssn"));
        assert_eq!(default_rule(None, Some("pattern"), "Email"), Some("anonymize_email"));
    }

    #[test]
    fn names_count_by_what_they_end_in() {
        for (name, technique) in [
            ("billing_email", Some("anonymize_email")),
            ("workEmail", Some("anonymize_email")),
            ("contact_email_address", Some("anonymize_email")),
            ("client_ip_address", Some("anonymize_ip")),
            ("address_line1", Some("randomize_address")),
            ("address_line_2", Some("randomize_address")),
            ("home_phone_2", Some("redact_phone")),
            ("mother_maiden_name", Some("replace_name")),
            ("customer_iban", Some("redact")),
            ("spin", None),
            ("hostname", None),
            ("email_count", None),
        ] {
            assert_eq!(default_rule(None, None, name), technique, "{name}");
        }
    }

    #[test]
    fn categories_and_generators_count_as_a_whole() {
        assert_eq!(default_rule(None, Some("ip_address"), "x"), Some("anonymize_ip"));
        assert_eq!(default_rule(Some("Credit Card"), None, "x"), Some("mask_credit_card"));
        assert!(!is_category("order_number") && !is_category("work_email"));
    }

    #[test]
    fn the_descriptions_table_is_this_one() {
        let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../data_definitions/README.md");
        let Ok(readme) = std::fs::read_to_string(readme) else { return };
        for (technique, words) in RULES {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            let line = format!("| `{technique}` | {} |", words.join(", "));
            assert!(readme.contains(&line), "data_definitions/README.md lacks: {line}");
        }
    }
}
