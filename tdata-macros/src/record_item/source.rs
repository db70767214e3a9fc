//! Where a record's rows are.

use std::path::PathBuf;
use std::sync::Arc;

use syn::LitStr;
use tdata_core::definition::Definition;

/// Where a record's rows are.
#[derive(Clone)]
pub(crate) enum RecordSource {
    /// In memory only.
    Memory,
    /// In a table that no definition describes.
    Table(LitStr),
    /// In the table of a dataset.
    Dataset(RecordDataset),
}

/// The dataset of a record.
#[derive(Clone)]
pub(crate) struct RecordDataset {
    /// Its name, where it is written.
    pub(crate) name: LitStr,
    /// Its definition, first, and those of all that its relationships bring along.
    pub(crate) closure: Vec<Arc<Definition>>,
    /// The files of these definitions, in the same order.
    pub(crate) files: Vec<PathBuf>,
    /// `tdata.toml` and all files besides that the outcome depends on.
    pub(crate) other_files: Vec<PathBuf>,
}

impl RecordDataset {
    /// Returns the dataset's own definition.
    pub(crate) fn definition(&self) -> &Definition {
        &self.closure[0]
    }
}

impl RecordSource {
    /// Returns the dataset, where there is one.
    pub(crate) fn dataset(&self) -> Option<&RecordDataset> {
        match self {
            Self::Dataset(dataset) => Some(dataset),
            _ => None,
        }
    }
}
