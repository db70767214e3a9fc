//! `redact_phone`: a phone number that no one has.

use std::fmt::Write;
use std::sync::Arc;

use crate::generate::{Value, ValueKind};
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{Mask, MaskBuild, MaskEntry, MaskKey, Spread};

pub(super) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &[],
    summary: "A number reserved for fiction, such as `+1-312-555-0142`, shorter where the column is.",
    build,
};

const NAME: &str = "redact_phone";
/// The numbers of an area from 555-0100 on that are reserved for fiction (ATIS-0300115).
const LINES: u64 = 100;
/// The area codes drawn from: first digit 2 to 9, second 0 to 8 (9 is for expansion), third not the
/// second. Codes with equal last digits are for services, toll-free numbers among them, whose
/// 555-01 numbers are not reserved.
const AREAS: u64 = 8 * 9 * 9;

/// How much of a number is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    International,
    National,
    Local,
}

impl Form {
    /// The forms, longest first.
    const ALL: [Self; 3] = [Self::International, Self::National, Self::Local];

    const fn length(self) -> usize {
        match self {
            Self::International => "+1-NXX-555-01NN".len(),
            Self::National => "NXX-555-01NN".len(),
            Self::Local => "555-01NN".len(),
        }
    }

    const fn count(self) -> u64 {
        match self {
            Self::International | Self::National => AREAS * LINES,
            Self::Local => LINES,
        }
    }

    fn write(self, number: u64, out: &mut String) {
        let (area, line) = (number / LINES, number % LINES);
        if matches!(self, Self::International) {
            out.push_str("+1-");
        }
        // Writing to a String cannot fail.
        let _ = match self {
            Self::International | Self::National => {
                let (first, second, third) = (2 + area / 81, area / 9 % 9, area % 9);
                // Skipping the second digit leaves nine for the third.
                let third = third + u64::from(third >= second);
                write!(out, "{first}{second}{third}-555-01{line:02}")
            }
            Self::Local => write!(out, "555-01{line:02}"),
        };
    }
}

#[derive(Debug)]
struct RedactPhone {
    key: MaskKey,
    form: Form,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let limit = build.length_limit().unwrap_or(usize::MAX);
    let Some(form) = Form::ALL.into_iter().find(|form| form.length() <= limit) else {
        build.too_narrow(NAME, Form::Local.length());
        return None;
    };
    Some(Arc::new(RedactPhone { key: build.key.clone(), form }))
}

impl Mask for RedactPhone {
    fn apply(&self, value: &mut Value) {
        replace_text(value, |original, out| {
            let number = self.key.stream(NAME, original).below(self.form.count());
            self.form.write(number, out);
            if original.ends_with(out.as_str()) {
                out.clear();
                self.form.write((number + 1) % self.form.count(), out);
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
        Spread::Hashed(self.form.count().into())
    }
}
