//! Masks for values that no definition describes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::defaults::{categories, category_rule};
use super::key::MaskKey;
use super::registry::{MaskEntry, find};
use super::rule::{DOMAIN_EXPECTED, is_domain};
use super::technique::Mask;
use crate::diagnostic::nearest;
use crate::value::Value;

/// How a field is masked: its category, and what narrows that down.
///
/// The category says what kind of personal data the field holds: `email`, `phone`, `ssn`, `first_name`,
/// `city`, and whatever else a definition may write as `pii_category`. It may also be the name of a
/// technique, such as `hash_ssn`. A text alone is a category, so `"email"` will do for most fields.
#[derive(Clone, Copy, Debug)]
pub struct MaskAs<'a> {
    category: &'a str,
    domain: Option<&'a str>,
    limit: usize,
}

impl<'a> MaskAs<'a> {
    /// Masks as a category, or by a technique of that name.
    pub fn category(category: &'a str) -> Self {
        Self { category, domain: None, limit: usize::MAX }
    }

    /// Gives values the masks that they have in a domain, as a rule's `domain` does. Without it, the domain is
    /// the technique's name.
    #[must_use]
    pub fn domain(self, domain: &'a str) -> Self {
        Self { domain: Some(domain), ..self }
    }

    /// Makes no mask longer than so many characters.
    ///
    /// In a project all columns of a domain take the form that fits the narrowest of them. Whoever wants the
    /// same masks here gives the width of that column.
    #[must_use]
    pub fn at_most(self, characters: usize) -> Self {
        Self { limit: characters, ..self }
    }
}

impl<'a> From<&'a str> for MaskAs<'a> {
    fn from(category: &'a str) -> Self {
        Self::category(category)
    }
}

impl<'a> From<&'a String> for MaskAs<'a> {
    fn from(category: &'a String) -> Self {
        Self::category(category)
    }
}

/// Why a field cannot be masked as it was said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskerError {
    /// There is no such category, and no technique of that name.
    #[error("there is no category `{category}` of personal data{}", suggestion(category))]
    UnknownCategory {
        /// The category as it was written.
        category: String,
    },
    /// The text cannot name a domain.
    #[error("`{domain}` cannot name a domain: give one {DOMAIN_EXPECTED}")]
    Domain {
        /// The domain as it was written.
        domain: String,
    },
    /// No mask of the category is so short.
    #[error("masks of `{category}` have at least {least} characters, and {limit} were given")]
    TooNarrow {
        /// The category.
        category: String,
        /// The characters that were given.
        limit: usize,
        /// The fewest that do.
        least: usize,
    },
}

fn suggestion(category: &str) -> String {
    match nearest(category, categories()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => "; such as `email`, `phone`, `name`, `address` or `ssn`".to_owned(),
    }
}

/// Masks values in code of your own: a value, a record, or many records.
///
/// Under one key a value has the mask here that it has in the rows of tests. Texts go in, and texts come
/// out. `None` stands for null, and stays.
///
/// ```
/// use std::collections::BTreeMap;
/// use tdata_core::mask::{MaskKey, Masker};
///
/// # fn main() -> Result<(), tdata_core::mask::MaskerError> {
/// let masker = Masker::new(MaskKey::new("a secret")).field("mail", "email")?.field("town", "city")?;
/// let mut customer = BTreeMap::from([
///     ("id", Some("7".to_owned())),
///     ("mail", Some("ada@lovelace.uk".to_owned())),
///     ("town", None),
/// ]);
/// masker.record(&mut customer);
///
/// assert_eq!(customer["id"].as_deref(), Some("7"));
/// assert!(customer["mail"].as_deref().is_some_and(|mail| mail.ends_with("@example.com")));
/// assert_eq!(customer["town"], None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Masker {
    key: MaskKey,
    fields: BTreeMap<String, Arc<dyn Mask>>,
}

impl Masker {
    /// Makes a masker that knows no field yet.
    pub fn new(key: MaskKey) -> Self {
        Self { key, fields: BTreeMap::new() }
    }

    /// Adds a field of records, in place of one of the same name.
    ///
    /// # Errors
    ///
    /// When there is no such category, or it cannot be masked as it was said.
    ///
    /// ```
    /// use tdata_core::mask::{MaskAs, MaskKey, Masker};
    ///
    /// # fn main() -> Result<(), tdata_core::mask::MaskerError> {
    /// let ssn = MaskAs::category("ssn").domain("person").at_most(11);
    /// let masker = Masker::new(MaskKey::development()).field("ssn", ssn)?;
    /// assert_eq!(masker.field_value("ssn", "123-45-6789").map(|mask| mask.len()), Some(11));
    /// # Ok(())
    /// # }
    /// ```
    pub fn field<'a>(
        mut self,
        name: impl Into<String>,
        mask_as: impl Into<MaskAs<'a>>,
    ) -> Result<Self, MaskerError> {
        let mask = self.mask(mask_as.into())?;
        self.fields.insert(name.into(), mask);
        Ok(self)
    }

    /// Adds fields, each with how it is masked.
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field); the first field that cannot be masked is told.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use tdata_core::mask::{MaskKey, Masker};
    ///
    /// let categories = HashMap::from([("mail", "email"), ("mobile", "phone")]);
    /// assert!(Masker::new(MaskKey::development()).fields(categories).is_ok());
    /// ```
    pub fn fields<'a, N, M>(
        self,
        fields: impl IntoIterator<Item = (N, M)>,
    ) -> Result<Self, MaskerError>
    where
        N: Into<String>,
        M: Into<MaskAs<'a>>,
    {
        let mut fields = fields.into_iter();
        fields.try_fold(self, |masker, (name, mask_as)| masker.field(name, mask_as))
    }

    /// Masks one value.
    ///
    /// This makes the technique ready each time. For many values add a [`field`](Self::field), and ask for
    /// its [values](Self::field_value).
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field).
    ///
    /// ```
    /// use tdata_core::mask::{MaskKey, Masker};
    ///
    /// let masker = Masker::new(MaskKey::development());
    /// let mask = masker.value("phone", "+1-212-664-7665").unwrap();
    /// assert!(mask.contains("-555-01"));
    ///
    /// let error = masker.value("emial", "ada@lovelace.uk").unwrap_err();
    /// let message = "there is no category `emial` of personal data; did you mean `email`?";
    /// assert_eq!(error.to_string(), message);
    /// ```
    pub fn value<'a>(
        &self,
        mask_as: impl Into<MaskAs<'a>>,
        value: &str,
    ) -> Result<String, MaskerError> {
        Ok(masked(&*self.mask(mask_as.into())?, value.to_owned()))
    }

    /// Masks one value of a field; `None` when the masker has no such field.
    pub fn field_value(&self, field: &str, value: &str) -> Option<String> {
        Some(masked(&**self.fields.get(field)?, value.to_owned()))
    }

    /// Masks a record: the values of the fields that the masker has. Others stay as they are.
    ///
    /// A record is whatever gives its fields with their values: a map, or pairs.
    pub fn record<'v, F: AsRef<str>>(
        &self,
        record: impl IntoIterator<Item = (F, &'v mut Option<String>)>,
    ) {
        for (field, value) in record {
            if let Some(mask) = self.fields.get(field.as_ref()) {
                *value = value.take().map(|value| masked(&**mask, value));
            }
        }
    }

    /// Masks many records.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use tdata_core::mask::{MaskKey, Masker};
    ///
    /// let masker = Masker::new(MaskKey::development()).field("ip", "ip_address").unwrap();
    /// let record = || HashMap::from([("ip".to_owned(), Some("10.1.2.3".to_owned()))]);
    /// let mut records = vec![record(), record()];
    /// masker.records(&mut records);
    /// assert_eq!(records[0], records[1]);
    /// assert_ne!(records[0], record());
    /// ```
    pub fn records<'v, R, F>(&self, records: impl IntoIterator<Item = R>)
    where
        R: IntoIterator<Item = (F, &'v mut Option<String>)>,
        F: AsRef<str>,
    {
        records.into_iter().for_each(|record| self.record(record));
    }

    fn mask(&self, mask_as: MaskAs<'_>) -> Result<Arc<dyn Mask>, MaskerError> {
        let MaskAs { category, domain, limit } = mask_as;
        let entry = find(category).or_else(|| find(category_rule(category)?));
        let Some(MaskEntry { name, version, usual, .. }) = entry else {
            return Err(MaskerError::UnknownCategory { category: category.to_owned() });
        };
        if let Some(domain) = domain.filter(|domain| !is_domain(domain)) {
            return Err(MaskerError::Domain { domain: domain.to_owned() });
        }
        let technique = usual(category);
        let least = technique.least();
        if least > limit {
            return Err(MaskerError::TooNarrow { category: category.to_owned(), limit, least });
        }
        Ok(technique.mask(self.key.rule(name, *version, domain.unwrap_or(name)), limit))
    }
}

/// Shows the key's id and the fields: no secret.
impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<&String> = self.fields.keys().collect();
        f.debug_struct("Masker").field("key", &self.key).field("fields", &fields).finish()
    }
}

fn masked(mask: &dyn Mask, value: String) -> String {
    let mut value = Value::Text(value);
    mask.apply(&mut value);
    match value {
        Value::Text(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::MASKS;

    fn masker() -> Masker {
        Masker::new(MaskKey::development())
    }

    #[test]
    fn every_category_and_technique_masks() {
        for category in categories().chain(MASKS.iter().map(|entry| entry.name)) {
            let mask = masker().value(category, "2024-05-31").unwrap();
            assert_ne!(mask, "2024-05-31", "{category}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (mask_as, message) in [
            (
                MaskAs::category("adress"),
                "there is no category `adress` of personal data; did you mean `address`?",
            ),
            (
                MaskAs::category("blood group"),
                "there is no category `blood group` of personal data; such as `email`, `phone`, `name`, \
                 `address` or `ssn`",
            ),
            (
                MaskAs::category("ssn").domain("example.com"),
                "`example.com` cannot name a domain: give one such as `person`: small letters, digits and \
                 `_`, a letter first, 63 at most",
            ),
            (
                MaskAs::category("email").at_most(12),
                "masks of `email` have at least 25 characters, and 12 were given",
            ),
        ] {
            let error = masker().field("f", mask_as).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn fields_that_are_not_named_and_nulls_stay() {
        let masker = masker().fields([("a", "email"), ("b", "phone")]).unwrap();
        let text = |text: &str| Some(text.to_owned());
        let mut record = [("a", None), ("b", text("1")), ("c", text("ada@lovelace.uk"))];
        masker.record(record.iter_mut().map(|(field, value)| (*field, value)));
        assert_eq!((&record[0].1, &record[2].1), (&None, &text("ada@lovelace.uk")));
        assert_eq!(record[1].1, masker.field_value("b", "1"));
        assert_eq!(masker.field_value("c", "1"), None);
    }

    #[test]
    fn domains_differ() {
        let mask = |mask_as| masker().value(mask_as, "123-45-6789").unwrap();
        let ssn = MaskAs::category("ssn");
        assert_eq!(mask(ssn), mask(ssn.domain("hash_ssn")));
        assert_ne!(mask(ssn), mask(ssn.domain("person")));
    }
}
