//! Where a dataset's rows come from.

/// Where a dataset's rows come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataSource {
    /// Generated.
    #[default]
    Synthetic,
    /// Production rows, masked.
    MaskedProduction,
    /// A stored snapshot.
    Snapshot,
    /// Production rows, masked, with generated ones beside them.
    Hybrid,
}

impl DataSource {
    pub(crate) const WORDS: &'static [(&'static str, Self)] = &[
        ("synthetic", Self::Synthetic),
        ("masked_production", Self::MaskedProduction),
        ("snapshot", Self::Snapshot),
        ("hybrid", Self::Hybrid),
    ];

    /// Returns the word a definition writes for it.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, source)| *source == self).map_or("", |(word, _)| word)
    }
}
