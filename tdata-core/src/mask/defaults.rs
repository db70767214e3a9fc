//! Which technique masks a field that names none.

/// The techniques, each with the categories, generators and field names it is the rule of.
const RULES: &[(&str, &[&str])] = &[
    ("anonymize_email", &["email", "email_address", "mail"]),
    ("redact_phone", &["phone", "phone_number", "mobile", "telephone"]),
    ("hash_ssn", &["ssn", "social_security_number", "tax_id", "national_id"]),
    ("mask_credit_card", &["credit_card", "card", "card_number", "pan"]),
    ("redact", &["cvv", "cvc", "password", "secret", "token"]),
    (
        "randomize_address",
        &[
            "address",
            "street",
            "street_address",
            "city",
            "state",
            "country",
            "postal_code",
            "zip",
            "zip_code",
            "location",
        ],
    ),
    ("replace_name", &["name", "first_name", "last_name", "full_name", "person"]),
    ("anonymize_ip", &["ip", "ip_address"]),
    ("generalize_user_agent", &["user_agent"]),
    ("date_of_birth", &["date_of_birth", "birth_date", "birthday", "dob"]),
    ("shift_date", &["date", "timestamp", "datetime_between", "date_between"]),
];

/// Returns the technique for a field marked `masking: true` without a rule: that of its category,
/// else of its generator, else of its name; `None` where nothing fits.
///
/// ```
/// use tdata_core::mask::default_rule;
///
/// assert_eq!(default_rule(None, Some("email"), "contact"), Some("anonymize_email"));
/// assert_eq!(default_rule(None, None, "notes"), None);
/// ```
pub fn default_rule(
    pii_category: Option<&str>,
    generator: Option<&str>,
    name: &str,
) -> Option<&'static str> {
    [pii_category, generator, Some(name)].into_iter().flatten().find_map(technique_for)
}

fn technique_for(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let rule = RULES.iter().find(|(_, words)| words.contains(&word.as_str()));
    rule.map(|(technique, _)| *technique)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::find;

    #[test]
    fn every_technique_exists() {
        for (technique, _) in RULES {
            assert!(find(technique).is_some(), "{technique}");
        }
    }

    #[test]
    fn no_word_has_two_techniques() {
        for (technique, words) in RULES {
            for word in *words {
                assert_eq!(technique_for(word), Some(*technique), "{word}");
            }
        }
    }

    #[test]
    fn the_category_goes_before_the_generator_and_the_name() {
        assert_eq!(default_rule(Some("ssn"), Some("pattern"), "email"), Some("hash_ssn"));
        assert_eq!(default_rule(None, Some("pattern"), "Email"), Some("anonymize_email"));
    }
}
