//! All masking techniques, by name.

use super::build::MaskBuild;
use super::technique::Technique;
use super::techniques;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_order() {
        assert!(MASKS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
