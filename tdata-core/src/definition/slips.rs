//! What was meant where YAML reads something else: values that need quotes, tabs, quotes that nothing closes.
//!
//! The parser tells where it cannot go on, which is often behind the slip. So the lines there are read again, for what
//! people write.

use crate::diagnostic::Span;

/// What is wrong at a place of a text, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slip {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: String,
}

/// How many lines above the place where the parser stopped may hold the slip.
const LINES: usize = 3;

/// Finds the slip that kept the parser from going on at a byte of a text.
pub(super) fn find(text: &str, at: usize) -> Option<Slip> {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at))?;
    let line_of = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end_of = |start: usize| text[start..].find('\n').map_or(text.len(), |end| start + end);
    let start = line_of(at);
    let mut starts = vec![start];
    while let Some(last) = starts.last().copied().filter(|last| *last > 0 && starts.len() < LINES) {
        starts.push(line_of(last - 1));
    }
    // A tab is told where the parser is, or on the line before it.
    let below = end_of(start) + 1;
    let around = starts.iter().copied().take(2).chain((below < text.len()).then_some(below));
    let tabbed = around.into_iter().find_map(|start| tab(&text[start..end_of(start)], start));
    tabbed
        .or_else(|| {
            starts.iter().find_map(|start| Line::new(&text[*start..end_of(*start)], *start).slip())
        })
        .or_else(|| {
            starts.iter().find_map(|start| {
                let end = end_of(*start);
                Line::new(&text[*start..end], *start).unclosed(&text[end..])
            })
        })
}

fn tab(line: &str, start: usize) -> Option<Slip> {
    let indentation = line.len() - line.trim_start().len();
    let at = line[..indentation].find('\t').filter(|_| indentation < line.len())?;
    Some(Slip {
        span: Span { start: start + at, end: start + at + 1 },
        message: "a tab indents this line".to_owned(),
        help: "YAML indents with blanks only: put blanks in place of the tab".to_owned(),
    })
}

/// A line, read value by value.
struct Line<'a> {
    text: &'a str,
    /// Where it starts in the whole text.
    start: usize,
    at: usize,
    /// The braces and brackets that are open, and where.
    open: Vec<(char, usize)>,
}

impl<'a> Line<'a> {
    fn new(text: &'a str, start: usize) -> Self {
        Self { text: text.trim_end_matches('\r'), start, at: 0, open: Vec::new() }
    }

    fn is_flow(&self) -> bool {
        !self.open.is_empty()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn told(&self, start: usize, end: usize, message: String, help: String) -> Slip {
        Slip { span: Span { start: self.start + start, end: self.start + end }, message, help }
    }

    /// Finds the first slip of the line.
    fn slip(mut self) -> Option<Slip> {
        self.next_slip()
    }

    /// Finds a brace or bracket that nothing closes, where what is behind the line is no part of its value.
    fn unclosed(mut self, behind: &str) -> Option<Slip> {
        let indentation = |line: &str| line.len() - line.trim_start().len();
        let next = behind.lines().find(|line| !line.trim().is_empty());
        if next.is_some_and(|next| indentation(next) > indentation(self.text)) {
            return None;
        }
        if self.next_slip().is_some() {
            return None;
        }
        let (sign, at) = self.open.pop()?;
        let close = closing(sign);
        let message = format!("nothing closes this `{sign}`");
        Some(self.told(at, at + 1, message, format!("write `{close}` where it ends")))
    }

    fn next_slip(&mut self) -> Option<Slip> {
        if let Some(slip) = self.dash() {
            return Some(slip);
        }
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            match first {
                _ if first.is_whitespace() => self.at += first.len_utf8(),
                '#' => return None,
                '-' if rest[1..].starts_with(' ') => self.at += 1,
                ',' | ':' => self.at += 1,
                '{' | '[' if !rest.starts_with("{{") => {
                    self.open.push((first, self.at));
                    self.at += 1;
                }
                '}' | ']' => {
                    let open = self.open.pop();
                    if let Some((sign, _)) = open.filter(|(sign, _)| closing(*sign) != first) {
                        let message = format!("this `{first}` stands where `{sign}` is open");
                        let help = format!("write `{}` in its place, or before it", closing(sign));
                        return Some(self.told(self.at, self.at + 1, message, help));
                    }
                    self.at += 1;
                }
                '"' | '\'' => {
                    if let Some(slip) = self.quoted(first) {
                        return Some(slip);
                    }
                }
                _ => {
                    if let Some(slip) = self.plain() {
                        return Some(slip);
                    }
                }
            }
        }
    }

    /// `-name: a` and `-{`, where a blank belongs behind the dash.
    fn dash(&self) -> Option<Slip> {
        let at = self.text.len() - self.text.trim_start().len();
        let behind = self.text[at..].strip_prefix('-')?;
        let is_item = behind.starts_with(['{', '['])
            || behind.starts_with(char::is_alphabetic) && behind.contains(": ");
        is_item.then(|| {
            let message = "a blank belongs behind this dash".to_owned();
            let help = "write each item of a list as `- ...`".to_owned();
            self.told(at, at + 1, message, help)
        })
    }

    /// Reads a value in quotes.
    fn quoted(&mut self, quote: char) -> Option<Slip> {
        let start = self.at;
        let mut chars = self.text[start + 1..].char_indices().peekable();
        let end = loop {
            match chars.next() {
                None => {
                    let message = "this quote is not closed".to_owned();
                    let help = match quote {
                        '\'' => "close it at the end of the value; within these quotes, write '' for one".to_owned(),
                        _ => "close it at the end of the value; within these quotes, write \\\" for one".to_owned(),
                    };
                    return Some(self.told(start, self.text.len(), message, help));
                }
                Some((at, '\\')) if quote == '"' => {
                    let escaped = chars.next().map(|(_, c)| c);
                    if let Some(c) = escaped.filter(|c| !"0abtnvfre \"/\\N_LPxuU\t".contains(*c)) {
                        let from = start + 1 + at;
                        let message = format!("`\\{c}` means nothing within double quotes");
                        let help =
                            "use single quotes, within which a backslash is itself".to_owned();
                        return Some(self.told(from, from + 1 + c.len_utf8(), message, help));
                    }
                }
                Some((_, '\''))
                    if quote == '\'' && chars.peek().is_some_and(|(_, c)| *c == '\'') =>
                {
                    chars.next();
                }
                Some((at, c)) if c == quote => break start + 1 + at + 1,
                Some(_) => {}
            }
        };
        self.at = end;
        let behind = self.rest().trim_start();
        let ends = match self.open.len() {
            0 => behind.is_empty() || behind.starts_with(['#', ':']),
            _ => behind.is_empty() || behind.starts_with([',', '}', ']', ':', '#']),
        };
        (!ends).then(|| {
            let from = self.text.len() - behind.len();
            let rest = self.end_of_plain(from);
            let message = "more stands behind the value's last quote".to_owned();
            let help = match quote {
                '\'' => "put all of the value into quotes; within these, write '' for one",
                _ => "put all of the value into quotes; within these, write \\\" for one",
            };
            self.told(from, rest, message, help.to_owned())
        })
    }

    /// Returns where a value without quotes ends. Placeholders are part of it, whatever YAML thinks.
    fn end_of_plain(&self, start: usize) -> usize {
        let mut at = start;
        let (mut brackets, mut parentheses) = (0_usize, 0_usize);
        while let Some(c) = self.text[at..].chars().next() {
            let rest = &self.text[at..];
            if rest.starts_with("{{")
                && let Some(end) = rest.find("}}")
            {
                at += end + 2;
                continue;
            }
            match c {
                '[' if self.is_flow() && at > start => brackets += 1,
                ']' if brackets > 0 => brackets -= 1,
                // A comma within parentheses was meant to be part of the value.
                '(' => parentheses += usize::from(rest.contains(')')),
                ')' => parentheses = parentheses.saturating_sub(1),
                ',' if parentheses > 0 => {}
                ',' | ']' | '}' if self.is_flow() => break,
                ':' if rest[1..].starts_with([' ', '\t']) || rest.len() == 1 => break,
                ' ' if rest.trim_start().starts_with('#') => break,
                _ => {}
            }
            at += c.len_utf8();
        }
        start + self.text[start..at].trim_end().len()
    }

    /// Reads a value without quotes.
    fn plain(&mut self) -> Option<Slip> {
        let start = self.at;
        let end = self.end_of_plain(start);
        let value = &self.text[start..end];
        self.at = end.max(start + 1);
        let behind = self.rest();
        let is_key = behind.starts_with(':');
        let quotes = |what: &str| {
            self.told(
                start,
                end,
                what.to_owned(),
                format!("write it in quotes: {}", in_quotes(value)),
            )
        };
        let first = value.chars().next()?;
        if value.contains("{{") {
            return Some(quotes("without quotes, YAML takes these braces for its own"));
        }
        match first {
            '@' | '`' | '%' => {
                let sign =
                    if first == '`' { "a backtick".to_owned() } else { format!("`{first}`") };
                return Some(quotes(&format!("without quotes, no value starts with {sign}")));
            }
            '*' => return Some(quotes("without quotes, YAML takes this for an alias")),
            '&' => return Some(quotes("without quotes, YAML takes this for an anchor")),
            '!' => return Some(quotes("without quotes, YAML takes this for a tag")),
            _ => {}
        }
        if self.is_flow() && value.contains('[') {
            return Some(quotes("without quotes, YAML takes these brackets for its own"));
        }
        if is_key {
            let is_word = |word: &str| word.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
            if let Some((before, key)) =
                value.rsplit_once(' ').filter(|(_, key)| self.is_flow() && is_word(key))
            {
                let at = start + before.trim_end().len();
                let message = format!("a comma is missing before `{key}`");
                let help = format!("write `{}, {key}: ...`", before.trim_end());
                return Some(self.told(at, at + 1, message, help));
            }
            let (rest, key_end) = (&self.text[end + 1..], end);
            // `a: b: c`, where the second colon makes a key of a value.
            if !self.is_flow() && !rest.trim().is_empty() {
                let from = self.text.len() - rest.trim_start().len();
                let nested = Line { at: from, ..Self::new(self.text, self.start) };
                let value_end = nested.end_of_plain(from);
                let value = self.text[from..].trim_end();
                let is_plain = !value.starts_with(['"', '\'', '{', '[', '|', '>', '&', '*', '!']);
                if is_plain && self.text[value_end..].starts_with(": ") {
                    let message = "without quotes, no value holds a colon with a blank behind it";
                    let help = format!("write it in quotes: {}", in_quotes(value));
                    return Some(self.told(from, from + value.len(), message.to_owned(), help));
                }
            }
            self.at = key_end + 1;
            return None;
        }
        if let Some(slip) = self.lacks_blank(start, value) {
            return Some(slip);
        }
        let comment = behind.trim_start();
        if self.is_flow() && comment.starts_with('#') && comment.contains(['}', ']']) {
            let at = self.text.len() - comment.len();
            let message =
                "a `#` behind a blank starts a comment, to the end of the line".to_owned();
            let help = "if it belongs to the value, write the value in quotes".to_owned();
            return Some(self.told(at, self.text.len(), message, help));
        }
        None
    }

    /// `name:price`, where a blank belongs behind the colon.
    fn lacks_blank(&self, start: usize, value: &str) -> Option<Slip> {
        let (key, behind) = value.split_once(':')?;
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
        (is_key && !behind.is_empty() && !behind.starts_with(['/', ':'])).then(|| {
            let at = start + key.len();
            let message = "a blank belongs behind this colon".to_owned();
            self.told(at, at + 1, message, format!("write `{key}: {behind}`"))
        })
    }
}

fn closing(sign: char) -> char {
    if sign == '{' { '}' } else { ']' }
}

/// Says what else may be wrong, by what the parser says.
pub(super) fn advice(info: &str) -> Option<&'static str> {
    info.contains("while parsing a block").then_some(
        "mind the indentation: the keys of one mapping start in the same column, and so do the items of one list",
    )
}

/// Writes a value in the quotes that it needs fewest escapes in.
pub(super) fn in_quotes(value: &str) -> String {
    match value.contains(['"', '\\']) {
        true => format!("'{}'", value.replace('\'', "''")),
        false => format!("\"{value}\""),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The part of a text that the slip in it is, with what to do.
    fn found(text: &str) -> Option<(&str, String)> {
        let Slip { span, help, .. } = find(text, text.len())?;
        Some((&text[span.start..span.end], help))
    }

    #[test]
    fn values_that_need_quotes_are_found() {
        for (text, value) in [
            ("a: {{b}}", "{{b}}"),
            ("- { a: x-{{b}}-y, c: d }", "x-{{b}}-y"),
            ("- { a: 1, type: text[] }", "text[]"),
            ("- [text[], a]", "text[]"),
            ("- { a: numeric( 6, 2 )[], b: c }", "numeric( 6, 2 )[]"),
            ("a: @b", "@b"),
            ("  a: %b c", "%b c"),
            ("- `b", "`b"),
            ("a: *b", "*b"),
            ("- { a: &b, c: d }", "&b"),
            ("a: !b", "!b"),
            ("a: b: c", "b: c"),
        ] {
            let help = format!("write it in quotes: \"{value}\"");
            assert_eq!(found(text), Some((value, help)), "{text}");
        }
    }

    #[test]
    fn other_slips_are_found() {
        for (text, part) in [
            ("a:\n\tb: c", "\t"),
            ("a: \"b", "\"b"),
            ("{ a: 'it's', b: c }", "s'"),
            ("a: \"b\" c", "c"),
            ("a: \"\\d\"", "\\d"),
            ("- { a: b #{{c}} }", "#{{c}} }"),
            ("{ a:b }", ":"),
            ("-a: b", "-"),
            ("-{ a: b }", "-"),
            ("- { a: b c: d }", " "),
            ("- { a: b ]", "]"),
            ("  - { a: b\n  - { c: d }", "{"),
        ] {
            assert_eq!(found(text).map(|(found, _)| found), Some(part), "{text}");
        }
    }

    #[test]
    fn what_yaml_reads_as_it_is_meant_is_no_slip() {
        for text in [
            "a: b # it's",
            "- { a: \"x{{b}}\", c: [d, 'e''f'], g: \"\\\"\" }",
            "a: http://b.c/d",
            "a: 10:30",
            "a: text[]",
            "- a: b%c@d",
            "{ \"a\": b }",
            "a: b::c",
            "a: [\n  b",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[-a:{}\\[\\]\"'#@ \\\\\t\ną,]{0,40}", at in 0..50usize) {
            if let Some(Slip { span, .. }) = find(&text, at) {
                prop_assert!(text.get(span.start..span.end).is_some());
            }
        }
    }
}
