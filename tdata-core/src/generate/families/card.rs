//! `credit_card`, `cvv`: payment cards that pay for nothing.

use super::text::{Part, Template, Words, fitting};
use crate::generate::{AnyGenerator, Build, GeneratorEntry};

/// Numbers are checked by Luhn's formula (ISO/IEC 7812-1, annex B).
pub(in crate::generate) const CREDIT_CARD: GeneratorEntry = GeneratorEntry {
    name: "credit_card",
    version: 1,
    parameters: &[],
    summary: "Card numbers of 16 digits with a test prefix and a valid check digit.",
    build: build_credit_card,
};

pub(in crate::generate) const CVV: GeneratorEntry = GeneratorEntry {
    name: "cvv",
    version: 1,
    parameters: &[],
    summary: "Card verification codes of 3 digits.",
    build: build_cvv,
};

/// The first six digits of test cards that payment providers publish, such as
/// 4242 4242 4242 4242, 4111 1111 1111 1111 and 5555 5555 5555 4444.
const TEST_PREFIXES: [&str; 5] = ["400000", "411111", "424242", "510510", "555555"];

fn build_credit_card(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let prefix = Part::Words(Words::new(TEST_PREFIXES));
    fitting(build, [Template::new([prefix, Part::digits(9), Part::CheckDigit])])
}

fn build_cvv(build: &mut Build<'_>) -> Option<AnyGenerator> {
    fitting(build, [Template::new([Part::digits(3)])])
}
