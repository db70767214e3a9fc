//! What all clones of a template have in common.

use std::str::Lines;
use std::sync::Arc;

use tdata_core::plan::Catalog;

use crate::isolate::notation::{Noted, noted};
use crate::isolate::outline::Outline;
use crate::isolate::reuse::Shape;

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

impl<T: Noted> Noted for Arc<T> {
    fn note(&self, notes: &mut String) {
        T::note(self, notes);
    }

    fn read(notes: &mut Lines<'_>) -> Option<Self> {
        T::read(notes).map(Self::new)
    }
}
