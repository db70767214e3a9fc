//! All generators, by name.

use super::entry::GeneratorEntry;
use super::families;

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
pub(crate) fn find(name: &str) -> Option<&'static GeneratorEntry> {
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
