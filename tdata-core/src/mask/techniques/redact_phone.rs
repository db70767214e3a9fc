//! `redact_phone`: a phone number that no one has.
//!
//! One of the numbers that are reserved for fiction in the rule's country, area by area and line by line: the
//! one that a word chooses, or if that is the original the next. It is written in the longest form that fits.
//! Two numbers are the same if the digits behind the calling code are, or where one has no area code the
//! last seven.

use std::sync::Arc;

use crate::generate::{Country, NumberForm, Numbers};
use crate::mask::key::RuleKey;
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Masking, Spread, Technique};
use crate::value::{Slot, ValueKind, ValueRef};

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
        Arc::new(Phones { key, numbers: self.country.numbers(form), digits, max_length })
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
fn is_same_number(one: &str, other: &str, whole: usize) -> bool {
    fn digits(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().rev().filter(u8::is_ascii_digit)
    }
    let (mut same, mut shorter) = (0, 0);
    for (one, other) in digits(one).zip(digits(other)) {
        same += usize::from(same == shorter && one == other);
        shorter += 1;
    }
    let length = [whole, 7].into_iter().find(|length| *length <= shorter);
    length.is_some_and(|length| same >= length)
}

impl Masking for Phones {
    fn mask(&self, original: ValueRef<'_>, out: &mut impl Slot) {
        replace_text(original, out, |original, out| {
            let count = self.numbers.count();
            let number = self.key.words(original).below(count);
            self.numbers.write(number, out);
            if is_same_number(original, out, self.digits) {
                out.clear();
                self.numbers.write((number + 1) % count, out);
            }
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.max_length
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(self.numbers.count().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        let number = "+1-312-555-0142";
        for same in [number, "(312) 555-0142", "13125550142", "312.555.0142", "555-0142"] {
            assert!(is_same_number(same, number, 10), "{same}");
        }
        for other in ["(313) 555-0142", "555-0143", "0142", ""] {
            assert!(!is_same_number(other, number, 10), "{other}");
        }
        for same in ["06 39 98 12 34", "+33639981234", "0033 6 39 98 12 34"] {
            assert!(is_same_number(same, "+33-6-3998-1234", 9), "{same}");
        }
    }
}
