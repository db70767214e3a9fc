//! Which technique masks a field that names none.

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
    Some(match word.to_lowercase().as_str() {
        "email" | "email_address" | "mail" => "anonymize_email",
        "phone" | "phone_number" | "mobile" | "telephone" => "redact_phone",
        "ssn" | "social_security_number" | "tax_id" | "national_id" => "hash_ssn",
        "credit_card" | "card" | "card_number" | "pan" => "mask_credit_card",
        "cvv" | "cvc" | "password" | "secret" | "token" => "redact",
        "address" | "street" | "street_address" | "city" | "state" | "postal_code" | "zip"
        | "zip_code" | "location" => "randomize_address",
        "name" | "first_name" | "last_name" | "full_name" | "person" => "replace_name",
        "ip" | "ip_address" => "anonymize_ip",
        "user_agent" => "generalize_user_agent",
        "date_of_birth" | "birth_date" | "birthday" | "dob" => "date_of_birth",
        "date" | "timestamp" | "datetime_between" | "date_between" => "shift_date",
        _ => return None,
    })
}
