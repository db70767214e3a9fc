//! All masking techniques, by name.

use std::sync::Arc;

use super::build::MaskBuild;
use super::technique::Mask;
use super::techniques;

/// A masking technique as definitions know it.
#[derive(Clone, Copy, Debug)]
pub struct MaskEntry {
    /// The name definitions write.
    pub name: &'static str,
    /// Raised whenever the same value and key give another mask than before.
    pub version: u32,
    /// The keys a rule may have for it.
    pub parameters: &'static [&'static str],
    /// One sentence for people.
    pub summary: &'static str,
    /// Builds it from a rule's parameters; `None` after telling what is wrong.
    pub build: fn(&mut MaskBuild<'_>) -> Option<Arc<dyn Mask>>,
}

/// All masking techniques, by name.
pub static MASKS: &[MaskEntry] = &[
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
pub fn find(name: &str) -> Option<&'static MaskEntry> {
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
