//! `pattern`, `order_number`: texts of a pattern with placeholders.

use super::text::{Texts, parse_pattern};
use crate::diagnostic::Located;
use crate::generate::{AnyGenerator, Build, GeneratorEntry};

pub(in crate::generate) const PATTERN: GeneratorEntry = GeneratorEntry {
    name: "pattern",
    version: 1,
    parameters: &["pattern"],
    summary: "Texts of a pattern, such as `INV-{{index:6}}`; placeholders: index, timestamp, \
              date, dataset, uuid, digits:N, letters:N, hex:N.",
    build: build_pattern,
};

pub(in crate::generate) const ORDER_NUMBER: GeneratorEntry = GeneratorEntry {
    name: "order_number",
    version: 1,
    parameters: &["prefix", "pattern"],
    summary: "Numbers of orders: prefix (`ORD`), as-of time and row, such as \
              `ORD-1714521600-42`; or of a pattern.",
    build: build_order_number,
};

fn build_pattern(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let Some(pattern) = build.text("pattern") else {
        if build.node("pattern").is_none() {
            build.missing("pattern", "pattern: \"INV-{{index:6}}\"");
        }
        return None;
    };
    let template = parse_pattern(build, &pattern)?;
    Some(Texts::generator(vec![template]))
}

/// In 20 characters there is room for 100 000 rows: 4 for `ORD-`, 10 for the time in seconds, 1
/// for the hyphen, 5 for the row.
fn build_order_number(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let (prefix, pattern) = (build.text("prefix"), build.text("pattern"));
    if let (Some(prefix), Some(_)) = (&prefix, &pattern) {
        let help = "write the prefix into the pattern, or drop the pattern";
        build.invalid(&prefix.origin, "`prefix` and `pattern` exclude each other", help);
    }
    let pattern = pattern.unwrap_or_else(|| {
        let (prefix, origin) = match &prefix {
            Some(prefix) => (prefix.value.trim_end_matches('-'), &prefix.origin),
            None => ("ORD", build.generator_origin()),
        };
        Located::new(format!("{prefix}-{{{{timestamp}}}}-{{{{index}}}}"), origin.clone())
    });
    let template = parse_pattern(build, &pattern)?;
    Some(Texts::generator(vec![template]))
}
