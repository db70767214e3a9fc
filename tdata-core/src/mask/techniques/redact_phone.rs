//! `redact_phone`: a phone number that no one has.

use std::fmt::Write;
use std::sync::Arc;

use crate::generate::{Value, ValueKind, area_codes};
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread, TechniqueKey};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &[],
    summary: "A number reserved for fiction, such as `+1-312-555-0142`, shorter where the column \
              is.",
    build,
};

const NAME: &str = "redact_phone";
/// How many numbers of an area are reserved for fiction: 555-0100 to 555-0199 (ATIS-0300115).
const LINES: u64 = 100;

/// Tells whether two texts are the same number, however they write it: with the same ten digits at
/// the end or, where one of them has no area code, the same seven.
fn is_same_number(one: &str, other: &str) -> bool {
    /// A number with its area code, and without.
    const LENGTHS: [usize; 2] = [10, 7];
    fn digits(text: &str) -> impl Iterator<Item = char> {
        text.chars().rev().filter(char::is_ascii_digit)
    }
    let shorter = digits(one).count().min(digits(other).count());
    let length = LENGTHS.into_iter().find(|length| *length <= shorter);
    length.is_some_and(|length| digits(one).take(length).eq(digits(other).take(length)))
}

/// How much of a number is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    Spaced,
    Dense,
    Local,
}

impl Form {
    /// The forms, longest first.
    const ALL: [Self; 3] = [Self::Spaced, Self::Dense, Self::Local];

    const fn length(self) -> usize {
        match self {
            Self::Spaced => "+1-NXX-555-01NN".len(),
            Self::Dense => "+1NXX55501NN".len(),
            Self::Local => "555-01NN".len(),
        }
    }
}

#[derive(Debug)]
struct RedactPhone {
    key: TechniqueKey,
    form: Form,
    areas: Vec<u16>,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let limit = build.length_limit().unwrap_or(usize::MAX);
    let Some(form) = Form::ALL.into_iter().find(|form| form.length() <= limit) else {
        build.too_narrow(NAME, Form::Local.length());
        return None;
    };
    let areas = area_codes().collect();
    Some(Arc::new(RedactPhone { key: build.key.technique(NAME), form, areas }))
}

impl RedactPhone {
    fn count(&self) -> u64 {
        match self.form {
            Form::Spaced | Form::Dense => self.areas.len() as u64 * LINES,
            Form::Local => LINES,
        }
    }

    fn write(&self, number: u64, out: &mut String) {
        let (area, line) = (number / LINES, number % LINES);
        let area = self.areas.get(area as usize).copied().unwrap_or(202);
        // Writing to a String cannot fail.
        let _ = match self.form {
            Form::Spaced => write!(out, "+1-{area}-555-01{line:02}"),
            Form::Dense => write!(out, "+1{area}55501{line:02}"),
            Form::Local => write!(out, "555-01{line:02}"),
        };
    }
}

impl Mask for RedactPhone {
    fn apply(&self, value: &mut Value) {
        replace_text(value, |original, out| {
            let number = self.key.stream(original).below(self.count());
            self.write(number, out);
            if is_same_number(original, out) {
                out.clear();
                self.write((number + 1) % self.count(), out);
            }
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.form.length()
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(self.count().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        let number = "+1-312-555-0142";
        for same in [number, "(312) 555-0142", "13125550142", "312.555.0142", "555-0142"] {
            assert!(is_same_number(same, number), "{same}");
        }
        for other in ["(313) 555-0142", "555-0143", "0142", ""] {
            assert!(!is_same_number(other, number), "{other}");
        }
    }
}
