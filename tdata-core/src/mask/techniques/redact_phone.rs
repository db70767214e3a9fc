//! `redact_phone`: a phone number that no one has.
//!
//! One of the numbers that are reserved for fiction in the rule's country, area by area and line by line: the
//! one that a word chooses, or if that is the original the next. It is written in the longest form that fits.
//! Two numbers are the same if the digits behind the calling code are, or where one has no area code the
//! last seven.

use crate::generate::{Country, NumberForm, Numbers};
use crate::mask::key::{RuleKey, Words};
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Spread, Technique, TextMasking, of_texts};
use crate::value::Text;

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "redact_phone",
    version: 2,
    keyed: true,
    parameters: &["country_code"],
    read,
    usual: |_| Box::new(RedactPhone { country: Country::USUAL }),
};

#[derive(Debug)]
struct RedactPhone {
    country: &'static Country,
}

fn read(build: &mut MaskBuild<'_>) -> Option<Box<dyn Technique>> {
    let country = match build.has("country_code") {
        true => own_country(build)?,
        false => of_field(build).unwrap_or(Country::USUAL),
    };
    Some(Box::new(RedactPhone { country }))
}

fn own_country(build: &mut MaskBuild<'_>) -> Option<&'static Country> {
    let code = build.text("country_code")?;
    Country::find(&code).map_err(|[message, help]| build.invalid(&code.origin, message, help)).ok()
}

/// Returns the country that the field's generator makes numbers of; one that there is not it tells itself.
fn of_field(build: &MaskBuild<'_>) -> Option<&'static Country> {
    let code = build.field.parameters.get("country_code")?;
    Country::find(code.as_text()?).ok()
}

impl Technique for RedactPhone {
    fn variant(&self) -> String {
        self.country.code.to_owned()
    }

    fn least(&self) -> usize {
        self.country.longest(NumberForm::National)
    }

    fn mask(&self, key: RuleKey, limit: usize) -> AnyMask {
        let mut forms = NumberForm::ALL.into_iter();
        let form = forms.find(|form| self.country.longest(*form) <= limit);
        let form = form.unwrap_or(NumberForm::National);
        let (digits, max_length) = (self.country.digits(), self.country.longest(form));
        of_texts(Phones { key, numbers: self.country.numbers(form), digits, max_length })
    }
}

#[derive(Debug)]
struct Phones {
    key: RuleKey,
    numbers: Numbers,
    /// How many digits a number has behind the calling code.
    digits: usize,
    max_length: usize,
}

/// Tells whether two texts are the same number, however they write it: with the same digits at the end,
/// as many as a `whole` number has or, where one of them has no area code, seven.
fn is_same_number(one: &[u8], other: &[u8], whole: usize) -> bool {
    fn digits(text: &[u8]) -> impl Iterator<Item = u8> {
        text.iter().rev().copied().filter(u8::is_ascii_digit)
    }
    // Nearly all numbers differ in the last digit already.
    if digits(one).next() != digits(other).next() {
        return false;
    }
    let (mut same, mut shorter) = (0, 0);
    for (one, other) in digits(one).zip(digits(other)) {
        same += usize::from(same == shorter && one == other);
        shorter += 1;
    }
    let length = [whole, 7].into_iter().find(|length| *length <= shorter);
    length.is_some_and(|length| same >= length)
}

impl TextMasking for Phones {
    fn key(&self) -> &RuleKey {
        &self.key
    }

    fn mask(&self, original: &str, words: &mut Words<'_>, out: &mut Text<'_>) {
        let count = self.numbers.count();
        let number = words.below(count);
        self.numbers.write(number, out);
        if is_same_number(original.as_bytes(), out.as_bytes(), self.digits) {
            out.clear();
            self.numbers.write((number + 1) % count, out);
        }
    }

    fn max_length(&self) -> usize {
        self.max_length
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(self.numbers.count().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_same(one: &str, other: &str, whole: usize) -> bool {
        is_same_number(one.as_bytes(), other.as_bytes(), whole)
    }

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        let number = "+1-312-555-0142";
        for same in [number, "(312) 555-0142", "13125550142", "312.555.0142", "555-0142"] {
            assert!(is_same(same, number, 10), "{same}");
        }
        for other in ["(313) 555-0142", "555-0143", "0142", ""] {
            assert!(!is_same(other, number, 10), "{other}");
        }
        for same in ["06 39 98 12 34", "+33639981234", "0033 6 39 98 12 34"] {
            assert!(is_same(same, "+33-6-3998-1234", 9), "{same}");
        }
    }
}
