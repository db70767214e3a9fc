//! `phone_number`: telephone numbers that ring nowhere.

use std::sync::{Arc, LazyLock};

use super::text::{Part, Template, Words, fitting};
use crate::generate::{Build, Generator, GeneratorEntry};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "phone_number",
    version: 1,
    parameters: &[],
    summary: "North American numbers reserved for fiction, such as `+1-212-555-0142`.",
    build,
};

/// Returns area codes of the form NXX.
///
/// Left out, after the North American Numbering Plan Administrator's list of codes that are not
/// geographic: those whose second and third digit are the same (easily recognizable codes, among
/// them the N11 services and toll-free numbers, whose 555-01 numbers are not reserved), N9X (kept
/// for an expansion of the plan), 37X and 96X (set aside).
pub(crate) fn area_codes() -> impl Iterator<Item = u16> {
    (200..=999).filter(|code| {
        let (middle, last) = (code / 10 % 10, code % 10);
        middle != last && middle != 9 && !matches!(code / 10, 37 | 96)
    })
}

fn area_code_words() -> Words {
    static CODES: LazyLock<Vec<String>> =
        LazyLock::new(|| area_codes().map(|code| code.to_string()).collect());
    static LIST: LazyLock<Words> = LazyLock::new(|| Words::new(CODES.iter().map(String::as_str)));
    LIST.clone()
}

/// The line numbers 555-0100 to 555-0199 are set aside for fiction in every area, after the same
/// administrator's rules for 555 numbers.
const RESERVED: std::ops::RangeInclusive<u64> = 100..=199;

fn build(build: &mut Build<'_>) -> Option<Arc<dyn Generator>> {
    let form = |before: &str, between: &str| {
        let count = RESERVED.end() - RESERVED.start() + 1;
        let line = Part::Number { first: *RESERVED.start(), count, width: 4 };
        let exchange = Part::literal(format!("{between}555{between}"));
        Template::new([Part::literal(before), Part::Words(area_code_words()), exchange, line])
    };
    let spacious = build.length_limit().is_none_or(|limit| limit >= 15);
    fitting(build, [if spacious { form("+1-", "-") } else { form("+1", "") }])
}
