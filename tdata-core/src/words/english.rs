//! The lists.

use super::list::WordList;

pub(crate) static FIRST_NAMES: WordList = WordList::new(include_str!("first_names.txt"));
pub(crate) static LAST_NAMES: WordList = WordList::new(include_str!("last_names.txt"));
/// Lower-case words of pseudo-Latin.
pub(crate) static LOREM: WordList = WordList::new(include_str!("lorem.txt"));
/// The states of the United States.
pub(crate) static STATES: WordList = WordList::new(include_str!("states.txt"));
pub(crate) static STATE_CODES: WordList = WordList::new(include_str!("state_codes.txt"));
pub(crate) static CITY_PREFIXES: WordList = WordList::new(include_str!("city_prefixes.txt"));
pub(crate) static CITY_ENDINGS: WordList = WordList::new(include_str!("city_endings.txt"));
pub(crate) static STREET_ENDINGS: WordList = WordList::new(include_str!("street_endings.txt"));
pub(crate) static COUNTRIES: WordList = WordList::new(include_str!("countries.txt"));
/// The codes of countries, of two letters.
pub(crate) static COUNTRY_CODES: WordList = WordList::new(include_str!("country_codes.txt"));

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn lists_never_change() {
        let all = [
            &FIRST_NAMES,
            &LAST_NAMES,
            &LOREM,
            &STATES,
            &STATE_CODES,
            &CITY_PREFIXES,
            &CITY_ENDINGS,
            &STREET_ENDINGS,
            &COUNTRIES,
            &COUNTRY_CODES,
        ];
        let words = all.iter().flat_map(|list| list.iter().chain([""]));
        let mut hash = Sha256::new();
        words.for_each(|word| hash.update(format!("{word}\n")));
        let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, "ce4990b06e997a953ab40b8242420491f2f45829ee1998c54c1995994bd422d9");
    }
}
