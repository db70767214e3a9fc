//! Definitions as trees, to be changed and written again.

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::chance::Chance;

/// A value of a definition.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// A text, and whether it stands in quotes.
    Text(String, bool),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
}

/// A text as YAML reads it without quotes.
pub(crate) fn plain(text: &str) -> Tree {
    Tree::Text(text.to_owned(), false)
}

/// A text in quotes.
pub(crate) fn quoted(text: &str) -> Tree {
    Tree::Text(text.to_owned(), true)
}

impl Tree {
    /// Reads a text that is valid YAML.
    pub(crate) fn read(text: &str) -> Self {
        let mut open: Vec<Vec<Self>> = vec![Vec::new()];
        for event in Parser::new_from_str(text) {
            match event.unwrap().0 {
                Event::Scalar(text, style, ..) => {
                    // Within braces, what holds their marks needs quotes.
                    let is_quoted =
                        style != ScalarStyle::Plain || text.contains([',', '[', ']', '{', '}']);
                    let text = Self::Text(text.into_owned(), is_quoted);
                    open.last_mut().unwrap().push(text);
                }
                Event::SequenceStart(..) | Event::MappingStart(..) => open.push(Vec::new()),
                Event::SequenceEnd => {
                    let items = open.pop().unwrap();
                    open.last_mut().unwrap().push(Self::List(items));
                }
                Event::MappingEnd => {
                    let items = open.pop().unwrap();
                    let entries =
                        items.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
                    open.last_mut().unwrap().push(Self::Map(entries));
                }
                _ => {}
            }
        }
        open.remove(0).remove(0)
    }

    /// Writes it as definitions are: parts in blocks, fields in braces.
    pub(crate) fn write(&self) -> String {
        let mut out = String::new();
        self.write_block(0, &mut out);
        out.push('\n');
        out
    }

    fn write_block(&self, level: usize, out: &mut String) {
        let indent = "  ".repeat(level);
        match self {
            Self::Map(entries) if level < 2 && !entries.is_empty() => {
                for (key, value) in entries {
                    out.push('\n');
                    out.push_str(&indent);
                    key.write_flow(out);
                    out.push_str(": ");
                    value.write_block(level + 1, out);
                }
            }
            Self::List(items) if level == 2 && !items.is_empty() => {
                for item in items {
                    out.push('\n');
                    out.push_str(&indent);
                    out.push_str("- ");
                    item.write_flow(out);
                }
            }
            _ => self.write_flow(out),
        }
    }

    fn write_flow(&self, out: &mut String) {
        match self {
            Self::Text(text, false) => out.push_str(text),
            Self::Text(text, true) => {
                out.push('"');
                for c in text.chars() {
                    match c {
                        '"' | '\\' => out.extend(['\\', c]),
                        '\0'..='\u{1f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
                        c => out.push(c),
                    }
                }
                out.push('"');
            }
            Self::List(items) => {
                out.push('[');
                for item in items {
                    item.write_flow(out);
                    out.push_str(", ");
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push_str("{ ");
                for (key, value) in entries {
                    key.write_flow(out);
                    out.push_str(": ");
                    value.write_flow(out);
                    out.push_str(", ");
                }
                out.push('}');
            }
        }
    }

    /// Returns what a key of a mapping stands for.
    pub(crate) fn get(&mut self, key: &str) -> Option<&mut Self> {
        let Self::Map(entries) = self else { return None };
        let found =
            |(name, _): &&mut (Self, Self)| matches!(name, Self::Text(text, _) if text == key);
        entries.iter_mut().find(found).map(|(_, value)| value)
    }

    /// Gives a key of a mapping a value, in place of the one it has.
    pub(crate) fn set(&mut self, key: &str, value: Self) {
        match self.get(key) {
            Some(old) => *old = value,
            None => {
                if let Self::Map(entries) = self {
                    entries.push((plain(key), value));
                }
            }
        }
    }

    /// How many values there are, this one included, and keys not.
    fn count(&self) -> usize {
        1 + match self {
            Self::Text(..) => 0,
            Self::List(items) => items.iter().map(Self::count).sum(),
            Self::Map(entries) => entries.iter().map(|(_, value)| value.count()).sum(),
        }
    }

    /// Returns a value of this tree, whichever chance gives, and the key that it, or the list around it, stands
    /// behind.
    pub(crate) fn any(&mut self, chance: &mut Chance) -> (String, &mut Self) {
        let mut at = chance.below(self.count());
        let (mut key, mut tree) = (String::new(), self);
        loop {
            if at == 0 {
                return (key, tree);
            }
            at -= 1;
            let children: Vec<(Option<&str>, &mut Self)> = match tree {
                Self::Text(..) => Vec::new(),
                Self::List(items) => items.iter_mut().map(|item| (None, item)).collect(),
                Self::Map(entries) => entries
                    .iter_mut()
                    .map(|(key, value)| match key {
                        Self::Text(text, _) => (Some(text.as_str()), value),
                        _ => (None, value),
                    })
                    .collect(),
            };
            let mut next = None;
            for (name, child) in children {
                let count = child.count();
                if at < count {
                    next = Some((name.map(str::to_owned), child));
                    break;
                }
                at -= count;
            }
            let (name, child) = next.unwrap();
            key = name.unwrap_or(key);
            tree = child;
        }
    }
}
