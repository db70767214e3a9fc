//! Where a dataset's rows come from.

/// Where a dataset's rows come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataSource {
    /// Generated.
    #[default]
    Synthetic,
    /// Rows that migrations inserted: referenced, counted and read, never changed.
    Existing,
    /// Rows that the definition writes out.
    Rows,
    /// Production rows, masked.
    MaskedProduction,
    /// A stored snapshot.
    Snapshot,
    /// Existing or stored rows, with generated ones behind them.
    Hybrid,
}

impl DataSource {
    pub(crate) const WORDS: &'static [(&'static str, Self)] = &[
        ("synthetic", Self::Synthetic),
        ("existing", Self::Existing),
        ("rows", Self::Rows),
        ("masked_production", Self::MaskedProduction),
        ("snapshot", Self::Snapshot),
        ("hybrid", Self::Hybrid),
    ];

    /// Tells whether the rows are there as they are, and no generator makes any.
    ///
    /// ```
    /// use tdata_core::spec::DataSource;
    ///
    /// assert!(DataSource::Existing.is_given() && DataSource::Rows.is_given());
    /// assert!(!DataSource::Hybrid.is_given());
    /// ```
    pub fn is_given(self) -> bool {
        matches!(self, Self::Existing | Self::Rows)
    }

    /// Returns the word a definition writes for it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, source)| *source == self).map_or("", |(word, _)| word)
    }
}
