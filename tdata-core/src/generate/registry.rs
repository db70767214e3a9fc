//! All generators, by name.

use super::entry::GeneratorEntry;
use super::families;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::{Field, unknown_key};

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
pub(super) fn find(name: &str) -> Option<&'static GeneratorEntry> {
    GENERATORS.iter().find(|entry| entry.name == name)
}

/// Finds the generator of a field, and tells which of the field's keys it does not know; `None` after telling that there
/// is none of that name.
pub(crate) fn entry(
    field: &Field,
    diagnostics: &mut Diagnostics,
) -> Option<&'static GeneratorEntry> {
    let name = field.generator.as_ref().map_or("reference", |name| name.value.as_str());
    let Some(entry) = find(name) else {
        let origin = field.generator.as_ref().map_or(&field.origin, |name| &name.origin);
        let message = format!("there is no generator `{name}`");
        diagnostics.push(
            Diagnostic::new("plan::unknown_generator", message)
                .at(origin)
                .did_you_mean(name, GENERATORS.iter().map(|entry| entry.name)),
        );
        return None;
    };
    let known: Vec<&str> = Field::KEYS.iter().chain(entry.parameters).copied().collect();
    let place = format!("a field made by `{name}`");
    for key in field.parameters.keys() {
        if !entry.parameters.contains(&key.value.as_str()) {
            diagnostics.push_with(|| unknown_key(key, &place, &known));
        }
    }
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_order() {
        assert!(GENERATORS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
