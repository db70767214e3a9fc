//! Definitions by chance: samples of all that the format has, and those of this repository, with changes that
//! nobody would think of.

mod bytes;
mod sample;
mod seeds;
mod structure;
mod tree;
mod words;

pub(crate) use seeds::MIGRATION;
use tree::Tree;

use crate::chance::Chance;

/// The definitions of one project, and what is asked of them.
pub(crate) struct Case {
    /// The files of definitions: names and contents.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// Whether the project has the migration.
    pub(crate) migrated: bool,
    /// How many rows of each dataset.
    pub(crate) rows: Option<u64>,
    pub(crate) apply_masking: bool,
    pub(crate) seed: u64,
}

impl Case {
    /// Returns the case of a number, which is the same each time.
    pub(crate) fn of(number: u64) -> Self {
        let chance = &mut Chance(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let migrated = chance.below(4) == 0;
        let sampled = chance.below(10) < 8;
        let texts = match (sampled, migrated) {
            (true, _) => Vec::new(),
            (false, true) => seeds::migrated(),
            (false, false) => seeds::any(chance),
        };
        // Some keep their comments and blanks.
        let as_written = !sampled && chance.below(4) == 0;
        let mut files: Vec<(String, Vec<u8>)> = if as_written {
            texts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
        } else {
            let datasets = match sampled {
                true => sample::datasets(migrated, chance),
                false => {
                    texts.iter().map(|(name, text)| (name.clone(), Tree::read(text))).collect()
                }
            };
            let changes: &[usize] = if sampled { &[0, 0, 0, 0, 1, 2] } else { &[1, 1, 2, 3] };
            changed(datasets, chance.of(changes), migrated, chance)
        };
        if as_written || chance.below(12) == 0 {
            for _ in 0..=chance.below(3) {
                let other = files[chance.below(files.len())].1.clone();
                let file = chance.below(files.len());
                bytes::change(&mut files[file].1, &other, chance);
            }
        }
        for (name, _) in &mut files {
            name.push_str(".yaml");
        }
        let rows = chance.of(&[None, Some(0), Some(1), Some(20), Some(20), Some(50)]);
        let apply_masking = chance.below(5) > 0;
        Self { files, migrated, rows, apply_masking, seed: chance.below(3) as u64 }
    }
}

/// Changes the structure of definitions some times, and writes them.
fn changed(
    mut datasets: Vec<(String, Tree)>,
    changes: usize,
    migrated: bool,
    chance: &mut Chance,
) -> Vec<(String, Vec<u8>)> {
    for _ in 0..changes {
        structure::change(&mut datasets, migrated, chance);
    }
    if chance.below(12) == 0 {
        structure::rename(&mut datasets, chance);
    }
    datasets.into_iter().map(|(name, tree)| (name, tree.write().into_bytes())).collect()
}
