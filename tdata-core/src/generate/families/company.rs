//! `company`: names of companies.

use super::text::{Part, Template, Words, fitting, last_names};
use crate::generate::{AnyGenerator, Build, GeneratorEntry};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "company",
    version: 1,
    parameters: &[],
    summary: "Companies, such as `Baker Group` or `Baker, Hill and O'Connell`.",
    build,
};

const ENDINGS: [&str; 10] = [
    "Group",
    "Inc",
    "LLC",
    "Ltd",
    "and Sons",
    "Partners",
    "Holdings",
    "Industries",
    "Logistics",
    "Systems",
];

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let name = || Part::Words(last_names());
    let ending = Part::Words(Words::new(ENDINGS));
    let one = Template::new([name(), Part::literal(" "), ending]);
    let (comma, and) = (Part::literal(", "), Part::literal(" and "));
    let three = Template::new([name(), comma, name(), and, name()]);
    fitting(build, [one, three])
}
