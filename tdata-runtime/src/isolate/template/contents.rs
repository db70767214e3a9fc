//! What all clones of a template have in common.

use std::sync::Arc;

use tdata_core::plan::Catalog;

use crate::isolate::outline::Outline;
use crate::isolate::shape::Shape;
use crate::notation::noted;

/// What all clones of a template have in common.
#[derive(Clone, Debug)]
pub(super) struct Contents {
    /// The tables that were there before the data, which these were planned against.
    pub(super) catalog: Arc<Catalog>,
    pub(super) shape: Arc<Shape>,
    pub(super) outline: Arc<Outline>,
}

noted! {
    Contents { catalog, shape, outline }
}
