//! YAML as a tree in which every key and value knows its place.
//!
//! Serde stops at the first mistake; a definition's mistakes are to be told all at once, so the
//! events of the YAML parser are kept as a tree and checked key by key.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::slips::{self, Slip};
use super::torn;
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin, Source, Span};
use crate::spec::{Node, NodeKind, nul};

/// The format's name, as `apiVersion` gives it.
pub(crate) const API_VERSION: &str = "data.automation/v1";

/// Parses a text that holds exactly one YAML document; `None` after telling why it does not.
///
/// Of a key that stands twice, the second is told and left out.
pub(super) fn parse_document(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Option<Node> {
    // The parser would take it for the end of the text.
    if let Some(at) = source.text().find('\0') {
        let origin = Origin::in_text(source, Span { start: at, end: at + 1 });
        diagnostics.push(nul(&origin));
        return None;
    }
    let tree = Tree {
        source,
        diagnostics,
        offsets: source.text().char_indices().map(|(offset, _)| offset).collect(),
        anchors: HashMap::new(),
        unused: BTreeMap::new(),
        aliased: 0,
        hidden: None,
        open: Vec::new(),
        root: None,
    };
    match tree.read() {
        Ok(Some(root)) => Some(root),
        Ok(None) => {
            let message = format!("{} holds no YAML document", source.name());
            let help = format!("a definition starts with `apiVersion: {API_VERSION}`");
            let origin = Origin::in_text(source, Span::default());
            diagnostics.push(Diagnostic::new("definition::empty", message).at(&origin).help(help));
            None
        }
        Err(mistake) => {
            diagnostics.push(mistake);
            None
        }
    }
}

/// How deep values may stand in each other.
const MOST_LEVELS: usize = 64;

/// How many values the aliases of a document may stand for, all in all: a few lines of aliases to
/// aliases can stand for billions.
const MOST_ALIASED: usize = 100_000;

/// Chooses what stands for the braces of `${VAR}` while YAML is parsed: two characters for private
/// use that the text does not have itself, not as escapes either.
fn stand_ins(text: &str) -> Option<[char; 2]> {
    let private = '\u{e000}'..='\u{f8ff}';
    let escaped = text.as_bytes().windows(4).filter_map(|digits| {
        let code = std::str::from_utf8(digits).ok()?;
        char::from_u32(u32::from_str_radix(code, 16).ok()?)
    });
    let used: HashSet<char> = text.chars().chain(escaped).filter(|c| private.contains(c)).collect();
    let mut free = private.rev().filter(|c| !used.contains(c));
    Some([free.next()?, free.next()?])
}

/// Hides the braces of `${VAR}` from YAML, to which they would start and end a mapping where
/// `{ host: ${VAR} }` has no quotes. Characters are replaced one by one, so that all keep their
/// places.
fn hide_variables(text: &str, [open, close]: [char; 2]) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        hidden.push_str(before);
        // No further than where the next one may start: many open ones would be searched through again and again.
        match behind.find(['}', '{', '\n']) {
            Some(end) if behind[end..].starts_with('}') => {
                hidden.extend(['$', open]);
                hidden.push_str(&behind[..end]);
                hidden.push(close);
                rest = &behind[end + 1..];
            }
            _ => {
                hidden.push_str("${");
                rest = behind;
            }
        }
    }
    hidden.push_str(rest);
    hidden
}

/// Returns how many values a value is made of, itself included, and how deep they stand.
fn measure(node: &Node) -> (usize, usize) {
    let join = |(count, depth): (usize, usize), child: &Node| {
        let (children, levels) = measure(child);
        (count + children, depth.max(levels + 1))
    };
    match &node.kind {
        NodeKind::Scalar { .. } => (1, 0),
        NodeKind::Sequence(items) => items.iter().fold((1, 1), join),
        NodeKind::Mapping(entries) => {
            entries.iter().map(|(_, value)| value).fold((1 + entries.len(), 1), join)
        }
    }
}

struct Tree<'a> {
    source: &'a Arc<Source>,
    diagnostics: &'a mut Diagnostics,
    offsets: Vec<usize>,
    anchors: HashMap<usize, Node>,
    /// The anchors of single values that no alias named yet, and where they are.
    unused: BTreeMap<usize, Span>,
    /// How many values aliases stood for so far.
    aliased: usize,
    /// What stands for the braces of variables.
    hidden: Option<[char; 2]>,
    open: Vec<Open>,
    root: Option<Node>,
}

struct Open {
    anchor: usize,
    start: usize,
    kind: OpenKind,
}

enum OpenKind {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<(Located<String>, Node)>,
        /// The keys there are already, and where.
        seen: HashMap<String, Origin>,
        key: Option<Located<String>>,
    },
}

impl Tree<'_> {
    /// Reads all events; fails where there is nothing to go on with.
    fn read(mut self) -> Result<Option<Node>, Diagnostic> {
        let source = Arc::clone(self.source);
        let mut text = Cow::Borrowed(source.text());
        if text.contains("${") {
            self.hidden = stand_ins(&text);
        }
        if let Some(hidden) = self.hidden {
            text = Cow::Owned(hide_variables(&text, hidden));
        }
        for event in Parser::new_from_str(&text) {
            let (event, span) = event.map_err(|error| {
                let at = self.offset(error.marker().index());
                match slips::find(self.source.text(), at) {
                    Some(slip) => self.told(slip),
                    None => {
                        let diagnostic =
                            Diagnostic::new("definition::yaml", "this is not valid YAML");
                        let origin = self.origin(Span { start: at, end: at });
                        let diagnostic = diagnostic.at(&origin).label(error.info().to_owned());
                        match slips::advice(error.info()) {
                            Some(advice) => diagnostic.help(advice),
                            None => diagnostic,
                        }
                    }
                }
            })?;
            let span =
                Span { start: self.offset(span.start.index()), end: self.offset(span.end.index()) };
            self.event(event, span)?;
        }
        for span in std::mem::take(&mut self.unused).into_values() {
            let message = "YAML takes this for an anchor, and no alias names it";
            let help = "if `&` belongs to the value, write the value in quotes";
            let mistake = self.error(span, message).help(help);
            self.diagnostics.push(mistake);
        }
        Ok(self.root)
    }

    /// The parser counts characters; spans count bytes.
    fn offset(&self, character: usize) -> usize {
        self.offsets.get(character).copied().unwrap_or(self.source.text().len())
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_tagged = tag.is_some_and(|tag| !tag.is_yaml_core_schema());
                self.check_scalar(span, style, anchor, is_tagged);
                let text = match self.hidden {
                    Some([open, close]) => text.replace(open, "{").replace(close, "}"),
                    None => text.into_owned(),
                };
                if text.contains('\0') {
                    let mistake = nul(&self.origin(span));
                    self.diagnostics.push(mistake);
                }
                let kind = NodeKind::Scalar { text, plain: matches!(style, ScalarStyle::Plain) };
                self.complete(Node { kind, origin: self.origin(span) }, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                self.start(anchor, span, OpenKind::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, _) => self.start(
                anchor,
                span,
                OpenKind::Mapping { entries: Vec::new(), seen: HashMap::new(), key: None },
            ),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.error(span, "a definition file holds one document; this starts a second"))
            }
            _ => Ok(()),
        }
    }

    /// Tells what of a value YAML takes for something else, though it was meant to be part of it.
    fn check_scalar(&mut self, span: Span, style: ScalarStyle, anchor: usize, is_tagged: bool) {
        let source = Arc::clone(self.source);
        let text = source.text();
        if anchor > 0 {
            self.unused.extend(sign_before(text, span.end, '&').map(|sign| (anchor, sign)));
        }
        if let Some(sign) = sign_before(text, span.end, '!').filter(|_| is_tagged) {
            let help = "if `!` belongs to the value, write the value in quotes";
            let mistake = self.error(sign, "YAML takes this for a tag").help(help);
            self.diagnostics.push(mistake);
        }
        let rest = text[span.end..].lines().next().unwrap_or_default();
        let comment = rest.trim_start();
        // Within braces, the parser does not go on.
        let is_flow =
            self.open.last().is_some_and(|open| text[open.start..].starts_with(['[', '{']));
        // Comments start with a blank, values go on with a word.
        let goes_on = |word: &str| word.starts_with(|c: char| !c.is_whitespace() && c != '#');
        let is_cut = !is_flow && comment.strip_prefix('#').is_some_and(goes_on);
        let is_cut = is_cut && comment.contains("{{");
        if is_cut && span.start < span.end && matches!(style, ScalarStyle::Plain) {
            let start = span.end + rest.len() - comment.len();
            let place = Span { start, end: start + comment.len() };
            let message = "a `#` behind a blank starts a comment, to the end of the line";
            let help = "if it belongs to the value, write the value in quotes";
            let mistake = self.error(place, message).help(help);
            self.diagnostics.push(mistake);
        }
    }

    fn start(&mut self, anchor: usize, span: Span, kind: OpenKind) -> Result<(), Diagnostic> {
        if self.open.len() >= MOST_LEVELS {
            return Err(self.too_deep(span));
        }
        self.open.push(Open { anchor, start: span.start, kind });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        self.unused.remove(&anchor);
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(self.error(span, "this alias names no anchor"));
        };
        let (count, depth) = measure(node);
        if self.open.len() + depth > MOST_LEVELS {
            return Err(self.too_deep(span));
        }
        if self.aliased + count > MOST_ALIASED {
            let message = format!("the aliases up to here stand for over {MOST_ALIASED} values");
            return Err(self.error(span, &message).help("write out what is meant, with fewer"));
        }
        let node = Node { origin: self.origin(span), ..node.clone() };
        self.aliased += count;
        self.complete(node, 0)
    }

    fn too_deep(&self, span: Span) -> Diagnostic {
        let message = format!("values stand in each other more than {MOST_LEVELS} deep");
        self.error(span, &message).help("no part of a definition is that deep")
    }

    fn close(&mut self, span: Span) -> Result<(), Diagnostic> {
        let Some(mut open) = self.open.pop() else { return Ok(()) };
        let flow = self.source.text()[open.start..].starts_with(['[', '{']);
        let slips = match &mut open.kind {
            OpenKind::Sequence(items) if flow => torn::mend_items(items),
            OpenKind::Mapping { entries, .. } if flow => torn::mend_entries(entries),
            _ => Vec::new(),
        };
        for slip in slips {
            let mistake = self.told(slip);
            self.diagnostics.push(mistake);
        }
        let (kind, last) = match open.kind {
            OpenKind::Sequence(items) => {
                let last = items.last().and_then(end_of);
                (NodeKind::Sequence(items), last)
            }
            OpenKind::Mapping { entries, .. } => {
                let last = entries.last().and_then(|(_, node)| end_of(node));
                (NodeKind::Mapping(entries), last)
            }
        };
        // A block ends where the next token starts; its last child says where its text ends.
        let end = if flow { span.end } else { last.unwrap_or(span.end) };
        let span = Span { start: open.start, end: end.max(open.start) };
        let origin = self.origin(span);
        self.complete(Node { kind, origin }, open.anchor)
    }

    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(OpenKind::Sequence(items)) => items.push(node),
            Some(OpenKind::Mapping { entries, seen, key }) => match key.take() {
                Some(name) => match seen.get(&name.value).map(Origin::location) {
                    Some(first) => {
                        let message = format!("the key `{}` stands here twice", name.value);
                        let line = first.map_or(1, |(_, line, _)| line);
                        let help = format!("remove one; the first is in line {line}");
                        self.diagnostics.push(mistake(&name.origin, &message).help(help));
                    }
                    None => {
                        seen.insert(name.value.clone(), name.origin.clone());
                        entries.push((name, node));
                    }
                },
                None => {
                    let NodeKind::Scalar { text, .. } = node.kind else {
                        let slip = node
                            .origin
                            .span()
                            .and_then(|span| slips::find(self.source.text(), span.start));
                        let other = || mistake(&node.origin, "a key is a single word");
                        return Err(slip.map_or_else(other, |slip| self.told(slip)));
                    };
                    *key = Some(Located::new(text, node.origin));
                }
            },
        }
        Ok(())
    }

    fn told(&self, Slip { span, message, help }: Slip) -> Diagnostic {
        mistake(&self.origin(span), &message).help(help)
    }

    fn error(&self, span: Span, message: &str) -> Diagnostic {
        mistake(&self.origin(span), message)
    }

    fn origin(&self, span: Span) -> Origin {
        Origin::in_text(self.source, span)
    }
}

fn mistake(origin: &Origin, message: &str) -> Diagnostic {
    Diagnostic::new("definition::yaml", message).at(origin)
}

/// Finds the sign before a value that makes something else of the word behind it: up to where the value ends, in its line.
fn sign_before(text: &str, end: usize, sign: char) -> Option<Span> {
    let line = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
    let start = line + text[line..end].rfind(sign)?;
    let word = text[start..].find(|c: char| c.is_whitespace() || ",]}".contains(c));
    Some(Span { start, end: word.map_or(text.len(), |length| start + length) })
}

fn end_of(node: &Node) -> Option<usize> {
    node.origin.span().map(|span| span.end)
}
