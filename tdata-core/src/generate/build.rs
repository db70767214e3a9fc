//! What a generator is built from: its field, and the plan around it.

use std::str::FromStr;
use std::sync::Arc;

use super::choice::Distribution;
use super::key::FieldKey;
use crate::definition::{Instant, Moment};
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin};
use crate::spec::{DatasetSpec, Field, Node, NodeKind, ParameterReader};
use crate::sql::SqlType;
use crate::value::{Block, Value, ValueKind};

/// The finished values of a field, as a function of the row's index.
pub trait Cells: Send + Sync + std::fmt::Debug {
    /// Writes the value of a row's cell.
    fn write(&self, row: u64, out: &mut Value);

    /// Adds the values of some rows to a block.
    fn fill(&self, rows: &[u64], out: &mut Block);

    /// Returns the kind of the values.
    fn kind(&self) -> ValueKind;

    /// Tells whether all values that are not null are of that kind.
    fn is_of_its_kind(&self) -> bool;

    /// Returns how many rows, from 0 on, get values before these repeat where they must not;
    /// `u64::MAX` stands for that many or more.
    fn rows(&self) -> u64;

    /// Returns the most characters a value of a row below `rows` has in text form.
    fn max_length(&self, rows: u64) -> usize;

    /// Returns the smallest and the largest value of rows below `rows`, where the values are whole
    /// numbers.
    fn integer_range(&self, rows: u64) -> Option<(i64, i64)>;

    /// Returns which rows of a dataset the values are of, as whole numbers, if they are those of its field: null where the value is.
    /// `None` where that is not computed.
    fn rows_of(&self, _dataset: &str, _field: &str) -> Option<Arc<dyn Cells>> {
        None
    }
}

/// The field that a reference draws its values from.
#[derive(Clone, Debug)]
pub(crate) struct Referenced {
    /// The referenced dataset.
    pub(crate) dataset: String,
    /// The referenced field.
    pub(crate) field: String,
    /// The values of the referenced field.
    pub(crate) cells: Arc<dyn Cells>,
    /// The rows of the referenced dataset.
    pub(crate) rows: u64,
}

/// A parameter was wrong, and that was told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told;

/// What a generator is built from.
pub(crate) struct Build<'a> {
    /// The dataset that the field is of.
    pub(crate) spec: &'a DatasetSpec,
    /// The field.
    pub(crate) field: &'a Field,
    /// The column's type.
    pub(crate) sql_type: &'a SqlType,
    /// What the field's random choices start from.
    pub(crate) key: FieldKey,
    /// The as-of time.
    pub(crate) as_of: Instant,
    /// The rows of the dataset.
    pub(crate) rows: u64,
    /// The field that this one references, if it is a foreign key.
    pub(crate) referenced: Option<Referenced>,
    /// Where mistakes go.
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl<'a> Build<'a> {
    /// Returns the most characters a value may have, where the column's type sets a limit.
    pub(crate) fn length_limit(&self) -> Option<usize> {
        self.sql_type.length_limit()
    }

    /// Tells of a mistake in the field, made at `origin`.
    pub(crate) fn invalid(
        &mut self,
        origin: &Origin,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::new("plan::parameter", message).at(origin).help(help);
        self.diagnostics.push(diagnostic);
    }

    /// Returns the origin of the generator's name, or of the field's where it has none.
    pub(crate) fn generator_origin(&self) -> &'a Origin {
        self.field.generator.as_ref().map_or(&self.field.name.origin, |name| &name.origin)
    }

    /// Returns the origin of the column's type, or of the field's name where it has none.
    pub(crate) fn type_origin(&self) -> &'a Origin {
        let sql_type = self.field.sql_type.as_ref();
        sql_type.map_or(&self.field.name.origin, |sql_type| &sql_type.origin)
    }

    /// Returns the generator's name.
    pub(crate) fn generator_name(&self) -> &str {
        self.field.generator.as_ref().map_or("reference", |name| &name.value)
    }

    /// Returns the value of a parameter.
    pub(crate) fn node(&self, key: &str) -> Option<&'a Node> {
        self.field.parameters.get(key)
    }

    fn reader(&mut self) -> ParameterReader<'_> {
        ParameterReader {
            parameters: &self.field.parameters,
            code: "plan::parameter",
            diagnostics: self.diagnostics,
        }
    }

    /// Returns a parameter's text; tells when it is no single value.
    pub(crate) fn text(&mut self, key: &str) -> Option<Located<String>> {
        self.reader().text(key)
    }

    /// Returns a parameter, parsed; tells when it does not parse. `expected` says what it should be.
    pub(crate) fn parsed<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<Located<T>> {
        self.reader().parsed(key, expected)
    }

    /// Returns a parameter that may be absent, parsed.
    ///
    /// # Errors
    ///
    /// When it does not parse, which was told: what is wrong must not be taken for absent.
    pub(crate) fn given<T: FromStr>(
        &mut self,
        key: &str,
        expected: &str,
    ) -> Result<Option<Located<T>>, Told> {
        if self.node(key).is_none() {
            return Ok(None);
        }
        self.parsed(key, expected).map(Some).ok_or(Told)
    }

    /// Returns a whole number that may be absent.
    ///
    /// # Errors
    ///
    /// When it is none, or does not fit 64 bits, which was told.
    pub(crate) fn whole(&mut self, key: &str) -> Result<Option<Located<i64>>, Told> {
        let text = self.node(key).and_then(Node::as_text).unwrap_or_default();
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let too_large = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        // Of the whole numbers, only those that are too large do not parse.
        let limit = format!("a whole number from {} to {}, which 64 bits hold", i64::MIN, i64::MAX);
        self.given(key, if too_large { &limit } else { "a whole number" })
    }

    /// Returns a parameter that is one of a closed set of words.
    pub(crate) fn word<T: Copy>(&mut self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        self.reader().word(key, words)
    }

    /// Returns a parameter's list of texts, each with its place.
    pub(crate) fn texts(&mut self, key: &str) -> Option<Vec<Located<String>>> {
        let node = self.node(key)?;
        let texts = match &node.kind {
            NodeKind::Sequence(items) => items
                .iter()
                .map(|item| Some(Located::new(item.as_text()?.to_owned(), item.origin.clone())))
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        if texts.is_none() {
            let help = format!("write `{key}: [a, b, c]`");
            self.invalid(&node.origin, format!("`{key}` is a list of single values"), help);
        }
        texts
    }

    /// Returns a point in time, counted from the as-of time where it is relative.
    pub(crate) fn moment(&mut self, key: &str, default: Moment) -> Option<Instant> {
        let as_of = self.as_of;
        match self.node(key) {
            None => Some(default.resolve(as_of)),
            Some(_) => {
                let moment = self.parsed::<Moment>(key, Moment::EXPECTED)?;
                Some(moment.value.resolve(as_of))
            }
        }
    }

    /// Returns the distribution the field asks for.
    pub(crate) fn distribution(&mut self) -> Distribution {
        self.word("distribution", Distribution::WORDS).unwrap_or_default()
    }

    /// Tells that a parameter is missing.
    pub(crate) fn missing(&mut self, key: &str, example: &str) {
        let message = format!("`{}` needs `{key}`", self.generator_name());
        self.invalid(self.generator_origin(), message, format!("add `{example}`"));
    }
}
