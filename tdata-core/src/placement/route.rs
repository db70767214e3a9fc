//! How the shards of a dataset's rows are computed.

use std::sync::Arc;

use super::form::HashForm;
use super::hash::{joined, shard_of};
use crate::generate::Cells;
use crate::value::{Block, ValueRef};

/// How the shards of a dataset's rows are computed.
#[derive(Clone, Debug)]
pub(super) enum Route {
    /// Each shard has all rows.
    Every,
    /// By the hash of columns.
    Key(Key),
    /// With rows of another dataset. Those without one go by their own key.
    Parent {
        /// Which rows of the parent a row references: their indices, or null.
        rows: Arc<dyn Cells>,
        parent: Arc<Route>,
        orphans: Option<Columns>,
    },
}

/// The hash of columns.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) columns: Columns,
    /// The columns by which rows go in which one of the others is null; without them, what is null does not count.
    pub(super) orphans: Option<Columns>,
}

/// Columns that are hashed together.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) dataset: String,
    pub(super) columns: Vec<Hashed>,
}

/// A column that is hashed.
#[derive(Clone, Debug)]
pub(super) struct Hashed {
    pub(super) name: String,
    /// Its place among the dataset's columns.
    pub(super) place: usize,
    pub(super) cells: Arc<dyn Cells>,
    pub(super) form: HashForm,
}

/// A column whose values have no hash: they are of another kind than planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unhashed {
    /// The dataset.
    pub dataset: String,
    /// The column.
    pub column: String,
}

impl Route {
    /// Adds the shards of some rows, from 0. `blocks` are the values of these rows, if they are there already.
    pub(super) fn shards(
        &self,
        rows: &[u64],
        blocks: Option<&[Block]>,
        shards: u32,
        out: &mut Vec<u32>,
    ) -> Result<(), Unhashed> {
        match self {
            // Whoever asks for one shard of many rows gets the first.
            Self::Every => out.extend(rows.iter().map(|_| 0)),
            Self::Key(key) => key.shards(rows, blocks, shards, out)?,
            Self::Parent { rows: parents, parent, orphans } => {
                let mut indices = Block::new();
                parents.fill(rows, &mut indices);
                let (mut following, mut followed, mut alone) = (Vec::new(), Vec::new(), Vec::new());
                for at in 0..rows.len() {
                    match indices.get(at) {
                        ValueRef::Int(row) => {
                            following.push(at);
                            followed.push(row.unsigned_abs());
                        }
                        _ => alone.push(at),
                    }
                }
                let first = out.len();
                out.resize(first + rows.len(), 0);
                let mut found = Vec::with_capacity(followed.len());
                parent.shards(&followed, None, shards, &mut found)?;
                for (at, shard) in following.into_iter().zip(found) {
                    out[first + at] = shard;
                }
                if let Some(orphans) = orphans.as_ref().filter(|_| !alone.is_empty()) {
                    orphans.fill_in(&alone, rows, shards, &mut out[first..])?;
                }
            }
        }
        Ok(())
    }
}

impl Key {
    fn shards(
        &self,
        rows: &[u64],
        blocks: Option<&[Block]>,
        shards: u32,
        out: &mut Vec<u32>,
    ) -> Result<(), Unhashed> {
        let first = out.len();
        let alone = self.columns.shards(rows, blocks, shards, out)?;
        match &self.orphans {
            Some(orphans) if !alone.is_empty() => {
                orphans.fill_in(&alone, rows, shards, &mut out[first..])
            }
            _ => Ok(()),
        }
    }
}

impl Columns {
    /// Adds the shards of some rows. Returns the places of those that have a null.
    fn shards(
        &self,
        rows: &[u64],
        blocks: Option<&[Block]>,
        shards: u32,
        out: &mut Vec<u32>,
    ) -> Result<Vec<usize>, Unhashed> {
        let mut hashes = vec![0; rows.len()];
        let mut nulls = Vec::new();
        for column in &self.columns {
            let mut made = Block::new();
            let block = match blocks.and_then(|blocks| blocks.get(column.place)) {
                Some(block) => block,
                None => {
                    column.cells.fill(rows, &mut made);
                    &made
                }
            };
            for (at, hash) in hashes.iter_mut().enumerate() {
                match block.get(at) {
                    ValueRef::Null => nulls.push(at),
                    value => {
                        let of_value = column.form.hash_ref(value);
                        *hash = joined(*hash, of_value.ok_or_else(|| self.unhashed(column))?);
                    }
                }
            }
        }
        nulls.sort_unstable();
        nulls.dedup();
        out.extend(hashes.into_iter().map(|hash| shard_of(hash, shards)));
        Ok(nulls)
    }

    /// Writes the shards of some of the rows, by their places, over those that stand there.
    fn fill_in(
        &self,
        places: &[usize],
        rows: &[u64],
        shards: u32,
        out: &mut [u32],
    ) -> Result<(), Unhashed> {
        let rows: Vec<u64> = places.iter().map(|at| rows[*at]).collect();
        let mut found = Vec::with_capacity(rows.len());
        self.shards(&rows, None, shards, &mut found)?;
        for (at, shard) in places.iter().zip(found) {
            out[*at] = shard;
        }
        Ok(())
    }

    fn unhashed(&self, column: &Hashed) -> Unhashed {
        Unhashed { dataset: self.dataset.clone(), column: column.name.clone() }
    }
}
