//! Texts with `${VAR}` and `${VAR:-default}` in them, filled in when used.

/// A text with environment variables in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpolated {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable { name: String, default: Option<String> },
}

/// A variable that is not set and has no default.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is not set, and `${{{0}}}` gives no default")]
pub struct MissingVariable(pub String);

impl Interpolated {
    /// Reads a text; `None` when a `${` is not closed or names no variable.
    ///
    /// ```
    /// use tdata_core::definition::Interpolated;
    ///
    /// let host = Interpolated::parse("${PGHOST:-localhost}:5432").unwrap();
    /// assert_eq!(host.resolve(|_| None).unwrap(), "localhost:5432");
    /// assert_eq!(host.resolve(|_| Some("db".into())).unwrap(), "db:5432");
    /// assert!(Interpolated::parse("${PGHOST").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (variable, behind) = behind.split_once('}')?;
            let (name, default) = match variable.split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (variable, None),
            };
            let valid = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !valid {
                return None;
            }
            parts.push(Part::Variable { name: name.to_owned(), default });
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Some(Self { parts })
    }

    /// Fills in the variables, asking `lookup` for each; empty ones count as not set.
    ///
    /// # Errors
    ///
    /// The first variable that is not set and has no default.
    pub fn resolve(
        &self,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<String, MissingVariable> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Variable { name, default } => {
                    let value = lookup(name).filter(|value| !value.is_empty());
                    let value = value.or_else(|| default.clone());
                    text.push_str(&value.ok_or_else(|| MissingVariable(name.clone()))?);
                }
            }
        }
        Ok(text)
    }
}
