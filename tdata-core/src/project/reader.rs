//! The values of settings, each read with its mistakes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use crate::definition::Instant;
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin, Source, Span, or_list};

/// Reads the value of one key.
pub(super) struct Reader<'a, 'text> {
    pub(super) source: &'a Arc<Source>,
    pub(super) key: &'a Spanned<Cow<'text, str>>,
    pub(super) value: &'a Spanned<DeValue<'text>>,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl Reader<'_, '_> {
    pub(super) fn invalid(&mut self, expected: &str) {
        let range = self.value.span();
        let message = format!("`{}` must be {expected}", self.key.get_ref());
        let origin = origin(self.source, &range);
        self.diagnostics.push(Diagnostic::new("settings::value", message).at(&origin));
    }

    pub(super) fn unknown(&mut self, keys: &[&str]) {
        let range = self.key.span();
        let origin = origin(self.source, &range);
        let key = self.key.get_ref();
        let message = format!("there is no setting `{key}`");
        let mistake = Diagnostic::new("settings::unknown_key", message).at(&origin);
        let is_section = self.value.get_ref().as_table().is_some_and(|table| {
            table.iter().any(|(key, _)| keys.contains(&key.get_ref().as_ref()))
        });
        self.diagnostics.push(match is_section {
            true => mistake.help(format!(
                "keys stand at the top of tdata.toml: drop the line `[{key}]`, and write them above other sections"
            )),
            false => mistake.did_you_mean(key, keys.iter().copied()),
        });
    }

    /// Joins what was read and its place.
    pub(super) fn located<T>(&self, value: T) -> Located<T> {
        Located::new(value, origin(self.source, &self.value.span()))
    }

    /// Reads each value of a list; another value is one by itself.
    pub(super) fn each(&mut self, mut read: impl FnMut(&mut Reader<'_, '_>)) {
        let (key, value) = (self.key, self.value);
        match value.get_ref() {
            DeValue::Array(list) => list.iter().for_each(|one| read(&mut self.inner(key, one))),
            _ => read(self),
        }
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let text = self.value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.invalid("a text in quotes");
        }
        text
    }

    pub(super) fn parsed<T: FromStr>(&mut self, expected: &str) -> Option<T> {
        let parsed = self.value.get_ref().as_str().and_then(|text| text.parse().ok());
        if parsed.is_none() {
            self.invalid(expected);
        }
        parsed
    }

    /// Reads one of some words.
    pub(super) fn word<T: FromStr>(&mut self, words: &[&str]) -> Option<T> {
        let written = self.value.get_ref().as_str().unwrap_or_default();
        let word = written.parse().ok();
        if word.is_none() {
            let range = self.value.span();
            let expected = or_list(words.iter().copied());
            let message = format!("`{}` must be {expected}", self.key.get_ref());
            let mistake = Diagnostic::new("settings::value", message)
                .at(&origin(self.source, &range))
                .did_you_mean(written, words.iter().copied());
            self.diagnostics.push(mistake);
        }
        word
    }

    /// Reads the URLs of databases: one, or a list of them.
    pub(super) fn urls(&mut self) -> Vec<Located<String>> {
        let mut urls = Vec::new();
        self.each(|reader| match reader.value.get_ref().as_str() {
            Some(url) if !url.is_empty() => urls.push(reader.located(url.to_owned())),
            _ => reader.invalid("URLs of databases, or @FILE for a file that has one"),
        });
        urls
    }

    /// Reads a table of texts.
    pub(super) fn texts(&mut self) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        let Some(table) = self.value.get_ref().as_table() else {
            self.invalid("a table of texts, such as { name = \"value\" }");
            return texts;
        };
        for (key, value) in table {
            let mut reader = self.inner(key, value);
            texts.extend(reader.text().map(|text| (key.get_ref().to_string(), text)));
        }
        texts
    }

    /// Reads a key within the value.
    pub(super) fn inner<'inner, 'other>(
        &'inner mut self,
        key: &'inner Spanned<Cow<'other, str>>,
        value: &'inner Spanned<DeValue<'other>>,
    ) -> Reader<'inner, 'other> {
        Reader { source: self.source, key, value, diagnostics: self.diagnostics }
    }

    /// Returns where the key stands.
    pub(super) fn origin_of_key(&self) -> Origin {
        origin(self.source, &self.key.span())
    }

    pub(super) fn yes_or_no(&mut self) -> Option<bool> {
        let value = self.value.get_ref().as_bool();
        if value.is_none() {
            self.invalid("true or false");
        }
        value
    }

    pub(super) fn seed(&mut self) -> Option<u64> {
        // TOML writes whole numbers in other bases too: `0x10` is 16.
        let number = self.value.get_ref().as_integer();
        let seed =
            number.and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        if seed.is_none() {
            self.invalid("a whole number from 0 on");
        }
        seed
    }

    pub(super) fn as_of(&mut self) -> Option<Instant> {
        let text = match self.value.get_ref() {
            DeValue::Datetime(datetime) => Some(datetime.to_string()),
            value => value.as_str().map(str::to_owned),
        };
        let as_of = text.and_then(|text| text.parse().ok());
        if as_of.is_none() {
            self.invalid("a date such as 2024-05-01, or an RFC 3339 time");
        }
        as_of
    }
}

pub(super) fn origin(source: &Arc<Source>, range: &Range<usize>) -> Origin {
    Origin::in_text(source, Span { start: range.start, end: range.end })
}
