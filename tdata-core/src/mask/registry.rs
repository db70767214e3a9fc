//! All masking techniques, by name.

use super::build::MaskBuild;
use super::technique::Technique;
use super::techniques;
use crate::diagnostic::or_list;
use crate::sql::{SqlKind, SqlType};

/// A masking technique as definitions know it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaskEntry {
    /// The name definitions write.
    pub(crate) name: &'static str,
    /// Raised whenever the same value and key give another mask than before.
    pub(crate) version: u32,
    /// Whether the masking key makes a difference.
    pub(crate) keyed: bool,
    /// The keys a rule may have for it, besides those of every rule.
    pub(crate) parameters: &'static [&'static str],
    /// Reads it from a rule's parameters; `None` after telling what is wrong.
    pub(crate) read: fn(&mut MaskBuild<'_>) -> Option<Box<dyn Technique>>,
    /// Returns it as it is without a rule, for what a word such as `city` says.
    pub(crate) usual: fn(&str) -> Box<dyn Technique>,
}

/// All masking techniques, by name.
pub(crate) static MASKS: &[MaskEntry] = &[
    techniques::anonymize_email::ENTRY,
    techniques::anonymize_ip::ENTRY,
    techniques::date_of_birth::ENTRY,
    techniques::generalize_user_agent::ENTRY,
    techniques::hash_ssn::ENTRY,
    techniques::mask_credit_card::ENTRY,
    techniques::randomize_address::ENTRY,
    techniques::redact::ENTRY,
    techniques::redact_phone::ENTRY,
    techniques::replace_name::ENTRY,
    techniques::shift_date::ENTRY,
];

/// Finds a masking technique.
pub(crate) fn find(name: &str) -> Option<&'static MaskEntry> {
    MASKS.iter().find(|entry| entry.name == name)
}

/// Returns the version of a technique: raised whenever the same value and key give another mask than before.
///
/// ```
/// assert!(tdata_core::mask::version_of("replace_name").is_some());
/// assert_eq!(tdata_core::mask::version_of("no_rule"), None);
/// ```
pub fn version_of(technique: &str) -> Option<u32> {
    find(technique).map(|entry| entry.version)
}

/// Says which techniques mask values of a column's type.
pub(crate) fn fitting(sql_type: &SqlType) -> String {
    let names = names_for(sql_type.kind());
    if names.is_empty() {
        return format!(
            "no rule masks `{sql_type}`: leave the mask out, or make the column a text"
        );
    }
    format!("use {}, under `masking_rules`", or_list(names))
}

fn names_for(kind: SqlKind) -> Vec<&'static str> {
    match kind {
        SqlKind::Text => MASKS.iter().map(|entry| entry.name).collect(),
        SqlKind::Date | SqlKind::Timestamp | SqlKind::TimestampTz => {
            vec!["date_of_birth", "shift_date"]
        }
        SqlKind::Inet => vec!["anonymize_ip"],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::MaskKey;
    use crate::value::ValueKind;

    #[test]
    fn what_fits_a_type_is_what_masks_its_values() {
        for (kind, values) in [
            (SqlKind::Integer, ValueKind::Int),
            (SqlKind::Numeric, ValueKind::Decimal),
            (SqlKind::Boolean, ValueKind::Bool),
            (SqlKind::Uuid, ValueKind::Uuid),
            (SqlKind::Text, ValueKind::Text),
            (SqlKind::Inet, ValueKind::Inet),
            (SqlKind::Date, ValueKind::Date),
            (SqlKind::Timestamp, ValueKind::Timestamp),
            (SqlKind::TimestampTz, ValueKind::Timestamp),
        ] {
            let masks = |entry: &&MaskEntry| {
                let key = MaskKey::development().rule(entry.name, entry.version, "test");
                (entry.usual)("").mask(key, 100).kind(values) == Some(values)
            };
            let expected: Vec<&str> = MASKS.iter().filter(masks).map(|entry| entry.name).collect();
            assert_eq!(names_for(kind), expected, "{kind:?}");
        }
    }

    #[test]
    fn names_are_unique_and_in_order() {
        assert!(MASKS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
