//! The language of patterns: text with placeholders in double braces.

use super::part::Part;
use super::template::Template;
use crate::diagnostic::{Diagnostic, Located, Origin};
use crate::generate::Build;
use crate::value::Value;

/// The placeholders, for suggestions.
const NAMES: &[&str] =
    &["index", "timestamp", "date", "uuid", "digits", "random_digits", "letters", "hex", "dataset"];

/// The most characters a placeholder may ask for.
const MOST: u32 = 100;

/// Parses a pattern; tells everything wrong with it.
///
/// | placeholder | stands for |
/// |---|---|
/// | `{{index}}` | the row's index, from 0; `{{index:6}}` in at least six digits |
/// | `{{timestamp}}` | the as-of time in seconds since 1970, ten digits until 2286 |
/// | `{{date}}` | the as-of day, `YYYYMMDD` |
/// | `{{dataset}}` | the dataset's name |
/// | `{{uuid}}` | a random UUID |
/// | `{{digits:4}}` | that many random digits; also written `{{random_digits:4}}` |
/// | `{{letters:4}}` | that many random capital letters |
/// | `{{hex:4}}` | that many random lower-case hexadecimal digits |
pub(crate) fn parse_pattern(build: &mut Build<'_>, pattern: &Located<String>) -> Option<Template> {
    let (mut parts, mut literal, mut valid) = (Vec::new(), String::new(), true);
    let mut rest = pattern.value.as_str();
    while let Some((before, behind)) = rest.split_once("{{") {
        literal.push_str(before);
        let Some((inside, behind)) = behind.split_once("}}") else {
            let origin = &pattern.origin.narrowed_to(&format!("{{{{{behind}"));
            build.invalid(origin, "this `{{` is never closed", "close it with `}}`");
            return None;
        };
        rest = behind;
        match placeholder(build, &pattern.origin, inside) {
            None => valid = false,
            Some(Meaning::Fixed(text)) => literal.push_str(&text),
            Some(Meaning::Parts(found)) => {
                if !literal.is_empty() {
                    parts.push(Part::literal(std::mem::take(&mut literal)));
                }
                parts.extend(found);
            }
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::literal(literal));
    }
    valid.then(|| Template::new(parts))
}

enum Meaning {
    Fixed(String),
    Parts(Vec<Part>),
}

fn placeholder(build: &mut Build<'_>, pattern: &Origin, inside: &str) -> Option<Meaning> {
    let written = format!("{{{{{inside}}}}}");
    let (name, length) = match inside.split_once(':') {
        Some((name, length)) => (name.trim(), Some(length.trim())),
        None => (inside.trim(), None),
    };
    match name {
        "index" => {
            let width = match length {
                Some(length) => parse_length(build, pattern, &written, Some(length))?,
                None => 0,
            };
            return Some(Meaning::Parts(vec![Part::Index(width as usize)]));
        }
        "digits" | "random_digits" => {
            let length = parse_length(build, pattern, &written, length)?;
            return Some(Meaning::Parts(chunks(length, Part::MOST_DIGITS, Part::digits)));
        }
        "letters" => {
            let length = parse_length(build, pattern, &written, length)?;
            return Some(Meaning::Parts(chunks(length, Part::MOST_LETTERS, Part::Letters)));
        }
        "hex" => {
            let length = parse_length(build, pattern, &written, length)?;
            return Some(Meaning::Parts(chunks(length, Part::MOST_HEX, Part::Hex)));
        }
        _ => {}
    }
    let meaning = match name {
        "timestamp" => Meaning::Fixed(build.as_of.seconds().to_string()),
        "date" => Meaning::Fixed(Value::Date(build.as_of.days()).to_string().replace('-', "")),
        "dataset" => Meaning::Fixed(build.spec.name.value.clone()),
        "uuid" => Meaning::Parts(vec![Part::Uuid]),
        _ => {
            let origin = pattern.narrowed_to(&written);
            let message = format!("there is no placeholder `{name}`");
            let diagnostic = Diagnostic::new("plan::parameter", message).at(&origin);
            build.diagnostics.push(diagnostic.did_you_mean(name, NAMES.iter().copied()));
            return None;
        }
    };
    if length.is_some() {
        let origin = &pattern.narrowed_to(&written);
        let message = format!("`{name}` takes no length");
        build.invalid(origin, message, format!("write `{{{{{name}}}}}`"));
        return None;
    }
    Some(meaning)
}

fn parse_length(
    build: &mut Build<'_>,
    pattern: &Origin,
    written: &str,
    length: Option<&str>,
) -> Option<u32> {
    let parsed = length.and_then(|length| length.parse().ok());
    let parsed = parsed.filter(|length| (1..=MOST).contains(length));
    if parsed.is_none() {
        let origin = &pattern.narrowed_to(written);
        let name = written.trim_matches(['{', '}']).split(':').next().unwrap_or_default().trim();
        let help = format!("say how many characters, 1 to {MOST}: `{{{{{name}:6}}}}`");
        build.invalid(origin, format!("`{written}` has no valid length"), help);
    }
    parsed
}

/// Splits a long random part into parts whose values 64 bits can number.
fn chunks(length: u32, most: u32, part: impl Fn(u32) -> Part) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut left = length;
    while left > 0 {
        let chunk = left.min(most);
        parts.push(part(chunk));
        left -= chunk;
    }
    parts
}
