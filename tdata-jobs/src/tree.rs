//! What is told in YAML or JSON, its keys in the order in which they are to be read.

/// What is told in YAML or JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// A number, a truth value, or nothing: as both write it.
    Bare(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// Keys and their values.
    Map(Vec<(String, Tree)>),
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Tree {
    fn from(number: u64) -> Self {
        Self::Bare(number.to_string())
    }
}

impl From<bool> for Tree {
    fn from(truth: bool) -> Self {
        Self::Bare(truth.to_string())
    }
}

impl<T: Into<Tree>> FromIterator<T> for Tree {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl Tree {
    /// Makes a mapping.
    pub fn map<const N: usize>(entries: [(&str, Tree); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Adds a key to a mapping; anything else stays as it is.
    pub fn push(&mut self, key: &str, value: impl Into<Tree>) {
        if let Self::Map(entries) = self {
            entries.push((key.to_owned(), value.into()));
        }
    }

    /// Writes it as YAML.
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        self.yaml(0, &mut out);
        out
    }

    /// Writes it as JSON, in lines.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.json(0, &mut out);
        out.push('\n');
        out
    }

    /// Tells whether it fits behind its key: it has no parts, or only a few short ones.
    fn is_short(&self) -> bool {
        match self {
            Self::Bare(_) | Self::Text(_) => true,
            Self::List(items) => {
                items.iter().all(|item| matches!(item, Self::Bare(_) | Self::Text(_)))
                    && items.iter().map(|item| item.flow().len() + 2).sum::<usize>() < 100
            }
            Self::Map(entries) => entries.is_empty(),
        }
    }

    /// Writes it in one line of YAML.
    fn flow(&self) -> String {
        match self {
            Self::Bare(text) => text.clone(),
            Self::Text(text) if is_plain(text) => text.clone(),
            Self::Text(text) => quoted(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::flow).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(entries) => {
                let entry = |(key, value): &(String, Self)| {
                    format!("{}: {}", Self::from(&**key).flow(), value.flow())
                };
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    fn yaml(&self, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        match self {
            Self::Map(entries) => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    // The first key of a list's item stands behind its dash.
                    if at > 0 || !out.ends_with("- ") {
                        out.push_str(&indent);
                    }
                    out.push_str(&Self::from(&**key).flow());
                    out.push(':');
                    value.yaml_behind_key(depth, out);
                }
            }
            Self::List(items) => {
                for item in items {
                    out.push_str(&indent);
                    out.push_str("- ");
                    match item {
                        Self::Map(entries) if !entries.is_empty() => item.yaml(depth + 1, out),
                        _ => {
                            out.push_str(&item.flow());
                            out.push('\n');
                        }
                    }
                }
            }
            _ => {
                out.push_str(&self.flow());
                out.push('\n');
            }
        }
    }

    fn yaml_behind_key(&self, depth: usize, out: &mut String) {
        if self.is_short() {
            out.push(' ');
            out.push_str(&self.flow());
            out.push('\n');
        } else {
            out.push('\n');
            self.yaml(depth + 1, out);
        }
    }

    fn json(&self, depth: usize, out: &mut String) {
        let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
        match self {
            Self::Bare(text) => out.push_str(text),
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::Map(entries) if entries.is_empty() => out.push_str("{}"),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "[\n" } else { ",\n" });
                    out.push_str(&inner);
                    item.json(depth + 1, out);
                }
                out.push_str(&format!("\n{outer}]"));
            }
            Self::Map(entries) => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at == 0 { "{\n" } else { ",\n" });
                    out.push_str(&format!("{inner}{}: ", quoted(key)));
                    value.json(depth + 1, out);
                }
                out.push_str(&format!("\n{outer}}}"));
            }
        }
    }
}

/// Writes a text of JSON, which YAML reads as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Tells whether YAML reads a text as such without quotes.
fn is_plain(text: &str) -> bool {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || "_-./() ".contains(c);
    let reads_as_other = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(is_usual)
        && !text.ends_with(' ')
        && !reads_as_other.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::map([
            ("name", "users".into()),
            ("rows", 5.into()),
            ("says", "it's: \"a\"\n".into()),
            ("key", ["id"].into_iter().collect()),
            ("none", Tree::List(Vec::new())),
            (
                "fields",
                Tree::List(vec![
                    Tree::map([("name", "id".into()), ("unique", true.into())]),
                    Tree::map([("name", "no".into()), ("of", Tree::map([("a", 1.into())]))]),
                ]),
            ),
        ])
    }

    #[test]
    fn yaml_is_read_as_it_was_meant() {
        let expected = "name: users\nrows: 5\nsays: \"it's: \\\"a\\\"\\n\"\nkey: [id]\nnone: []\nfields:\n  \
                        - name: id\n    unique: true\n  - name: \"no\"\n    of:\n      a: 1\n";
        assert_eq!(tree().to_yaml(), expected);
    }

    #[test]
    fn json_is_json() {
        let json: serde_json::Value = serde_json::from_str(&tree().to_json()).unwrap();
        assert_eq!(json["fields"][1]["of"]["a"], 1);
        assert_eq!(json["says"], "it's: \"a\"\n");
        assert!(tree().to_json().starts_with("{\n  \"name\": \"users\",\n  \"rows\": 5,"));
    }
}
