//! Values within braces and brackets that a comma tore apart, such as `numeric(6,2)`: told, and put together again, so
//! that no other mistake follows from them.

use crate::diagnostic::{Located, Origin, Span};
use crate::spec::{Node, NodeKind};

use super::slips::{Slip, in_quotes};

/// Puts the values of a mapping together that a comma tore apart, and keys apart from their values that no blank does.
pub(super) fn mend_entries(entries: &mut Vec<(Located<String>, Node)>) -> Vec<Slip> {
    let mut slips = Vec::new();
    let mut at = 0;
    while at < entries.len() {
        if let Some((entry, slip)) = apart(&entries[at]) {
            entries[at] = entry;
            slips.push(slip);
        }
        let behind = entries[at + 1..]
            .iter()
            .map_while(|(key, value)| value.is_null().then_some((key.value.as_str(), &key.origin)));
        if let Some((node, slip, parts)) = together(&entries[at].1, behind) {
            entries[at].1 = node;
            entries.drain(at + 1..=at + parts);
            slips.push(slip);
        }
        if let Some((node, slip, parts)) = without_colons(&entries[at].1, &entries[at + 1..]) {
            entries[at].1 = node;
            entries.drain(at + 1..=at + parts);
            slips.push(slip);
        }
        at += 1;
    }
    slips
}

/// Puts the items of a list together that a comma tore apart.
pub(super) fn mend_items(items: &mut Vec<Node>) -> Vec<Slip> {
    let mut slips = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let behind = items[at + 1..].iter().map_while(|item| Some((plain(item)?, &item.origin)));
        if let Some((node, slip, parts)) = together(&items[at], behind) {
            items[at] = node;
            items.drain(at + 1..=at + parts);
            slips.push(slip);
        }
        at += 1;
    }
    slips
}

fn plain(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { text, plain: true } => Some(text),
        _ => None,
    }
}

/// Returns a value with the parts behind it that close its parentheses, and how many these are.
fn together<'a>(
    value: &Node,
    behind: impl Iterator<Item = (&'a str, &'a Origin)>,
) -> Option<(Node, Slip, usize)> {
    let depth = |text: &str| {
        let count = |sign| i32::try_from(text.matches(sign).count()).unwrap_or(i32::MAX);
        count('(').saturating_sub(count(')'))
    };
    let mut open = depth(plain(value)?);
    if open <= 0 {
        return None;
    }
    for (parts, (text, origin)) in behind.enumerate() {
        open += depth(text);
        if open <= 0 {
            let span = Span { start: value.origin.span()?.start, end: origin.span()?.end };
            let origin = value.origin.with_span(span);
            let text = origin.written()?.to_owned();
            let slip = Slip {
                span,
                message: "without quotes, a value ends at its first comma here".to_owned(),
                help: format!("write it in quotes: {}", in_quotes(&text)),
            };
            let kind = NodeKind::Scalar { text, plain: true };
            return Some((Node { kind, origin }, slip, parts + 1));
        }
    }
    None
}

/// Returns a value with what commas tore from it: words that are keys to YAML, and have no colon. How many these are, too.
fn without_colons(value: &Node, behind: &[(Located<String>, Node)]) -> Option<(Node, Slip, usize)> {
    plain(value).filter(|text| !text.is_empty())?;
    let parts = behind.iter().take_while(|entry| is_bare(entry) && apart(entry).is_none()).count();
    let (last, _) = behind[..parts].last()?;
    let span = Span { start: value.origin.span()?.start, end: last.origin.span()?.end };
    let origin = value.origin.with_span(span);
    let text = origin.written()?.to_owned();
    let slip = Slip {
        span,
        message: "without quotes, a value ends at its first comma here".to_owned(),
        help: format!(
            "write it in quotes: {}; or, if `{1}` is a key, write `{1}: ` and its value",
            in_quotes(&text),
            last.value
        ),
    };
    let kind = NodeKind::Scalar { text, plain: true };
    Some((Node { kind, origin }, slip, parts))
}

/// Tells whether an entry is a word without quotes and without a colon behind it.
fn is_bare((key, value): &(Located<String>, Node)) -> bool {
    let Some(span) = key.origin.span().filter(|_| value.is_null()) else { return false };
    let behind = key.origin.with_span(Span { start: span.end, end: usize::MAX });
    let has_colon = behind.written().is_none_or(|text| text.trim_start().starts_with(':'));
    !has_colon && key.origin.written() == Some(&*key.value)
}

/// Takes `name:price` apart, which is a key without a value.
fn apart((key, value): &(Located<String>, Node)) -> Option<((Located<String>, Node), Slip)> {
    let (name, rest) = key.value.split_once(':').filter(|_| value.is_null())?;
    let is_key = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
    let span = key.origin.span()?;
    if !is_key || rest.is_empty() || key.origin.written()? != key.value {
        return None;
    }
    let colon = span.start + name.len();
    let origin = |start, end| key.origin.with_span(Span { start, end });
    let kind = NodeKind::Scalar { text: rest.to_owned(), plain: true };
    let node = Node { kind, origin: origin(colon + 1, span.end) };
    let slip = Slip {
        span: Span { start: colon, end: colon + 1 },
        message: "a blank belongs behind this colon".to_owned(),
        help: format!("write `{name}: {rest}`"),
    };
    Some(((Located::new(name.to_owned(), origin(span.start, colon)), node), slip))
}
