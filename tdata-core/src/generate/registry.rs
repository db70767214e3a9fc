//! All generators, by name.

use std::sync::Arc;

use super::build::Build;
use super::families;
use super::generator::Generator;

/// A generator as definitions know it.
#[derive(Clone, Copy, Debug)]
pub struct GeneratorEntry {
    /// The name definitions write.
    pub name: &'static str,
    /// Raised whenever the same parameters give other values than before.
    pub version: u32,
    /// The keys a field may have for it.
    pub parameters: &'static [&'static str],
    /// One sentence for people.
    pub summary: &'static str,
    /// Builds it from a field's parameters; `None` after telling what is wrong.
    pub build: fn(&mut Build<'_>) -> Option<Arc<dyn Generator>>,
}

/// All generators, by name.
pub static GENERATORS: &[GeneratorEntry] = &[
    families::address::ADDRESS,
    families::boolean::ENTRY,
    families::choice::ENTRY,
    families::address::CITY,
    families::company::ENTRY,
    families::constant::CONSTANT,
    families::address::COUNTRY,
    families::card::CREDIT_CARD,
    families::card::CVV,
    families::moments::DATE_BETWEEN,
    families::moments::DATE_OF_BIRTH,
    families::moments::DATETIME_BETWEEN,
    families::email::ENTRY,
    families::person::FIRST_NAME,
    families::person::FULL_NAME,
    families::network::IP_ADDRESS,
    families::person::LAST_NAME,
    families::constant::NULL,
    families::pattern::ORDER_NUMBER,
    families::pattern::PATTERN,
    families::phone::ENTRY,
    families::address::POSTAL_CODE,
    families::random_decimal::ENTRY,
    families::random_int::ENTRY,
    families::reference::ENTRY,
    families::lorem::SENTENCE,
    families::sequence::ENTRY,
    families::ssn::ENTRY,
    families::address::STATE,
    families::address::STREET_ADDRESS,
    families::network::URL,
    families::user_agent::ENTRY,
    families::uuid::ENTRY,
    families::lorem::WORD,
];

/// Finds a generator.
pub fn find(name: &str) -> Option<&'static GeneratorEntry> {
    GENERATORS.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_order() {
        assert!(GENERATORS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
