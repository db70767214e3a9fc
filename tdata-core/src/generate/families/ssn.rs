//! `ssn`: US social security numbers that nobody has.

use super::text::{Part, Template, Words, fitting};
use crate::generate::{AnyGenerator, Build, GeneratorEntry};

/// Area numbers 000, 666 and 900 to 999 are never issued (Social Security Administration, "Social
/// Security Number Randomization", 2011). Of the last, groups 50 and above are taxpayer numbers
/// (IRS: 50-65, 70-88, 90-92, 94-99; for adoptions 93), so that only groups 01 to 49 are used.
/// Group 00 and serial 0000 are invalid everywhere and not used, so that format checks pass.
pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "ssn",
    version: 1,
    parameters: &[],
    summary: "Social security numbers in ranges never issued, such as `900-12-3456`.",
    build,
};

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let form = |area: Part, groups: u64| {
        let group = Part::Number { first: 1, count: groups, width: 2 };
        let serial = Part::Number { first: 1, count: 9_999, width: 4 };
        Template::new([area, Part::literal("-"), group, Part::literal("-"), serial])
    };
    let never_assigned = form(Part::Words(Words::new(["000", "666"])), 99);
    let not_a_taxpayer = form(Part::Number { first: 900, count: 100, width: 3 }, 49);
    fitting(build, [never_assigned, not_a_taxpayer])
}
