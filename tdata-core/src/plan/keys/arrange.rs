//! Arranges all datasets of a plan.

use std::sync::Arc;

use super::arrangement::{Arrangement, KeyPlan, PathPlan};
use super::numbering::{Together, numbering};
use super::paths::{Level, Paths, Way, join_circular, paths};
use super::places::Places;
use super::room::{Listing, Rooms, key_name};
use super::shape::{Refusal, Shape};
use crate::generate::Distribution;

/// How often datasets in a circle are asked again what room they leave each other.
const MOST_ROUNDS: usize = 64;

/// Arranges datasets: each gets what its keys and unique groups need, or why that cannot be.
pub(in crate::plan) fn arrange(shapes: &[Shape]) -> Vec<Result<Arrangement, Vec<Refusal>>> {
    let mut work = Work {
        shapes,
        listed: vec![Vec::new(); shapes.len()],
        listings: vec![None; shapes.len()],
        arranged: (0..shapes.len()).map(|_| None).collect(),
    };
    for circle in circles(shapes) {
        work.circle(&circle);
    }
    work.arranged
        .into_iter()
        .map(|arranged| arranged.unwrap_or_else(|| Err(vec![Refusal::Unsettled])))
        .collect()
}

struct Work<'a> {
    shapes: &'a [Shape],
    /// The levels by which rows can be listed.
    listed: Vec<Vec<Level>>,
    listings: Vec<Option<Listing>>,
    arranged: Vec<Option<Result<Arrangement, Vec<Refusal>>>>,
}

impl Work<'_> {
    /// Arranges datasets that reference each other; those that they reference besides are arranged.
    fn circle(&mut self, circle: &[usize]) {
        let shapes = self.shapes;
        let circular: Vec<bool> = (0..shapes.len())
            .map(|dataset| {
                let is_circle = circle.len() > 1
                    || shapes[dataset].keys.iter().any(|key| key.parent == dataset);
                is_circle && circle.contains(&dataset)
            })
            .collect();
        let mut found: Vec<(usize, Paths, Vec<Together>)> = Vec::new();
        let mut refused: Vec<(usize, Vec<Refusal>)> = Vec::new();
        let mut begun = Vec::new();
        for dataset in circle {
            let find = |shallow| paths(shapes, *dataset, &self.listed, &circular, shallow);
            match find(false) {
                Ok(deep) => {
                    // Groups of different classes may share a member: then as few classes as needed may do.
                    let is_met = |paths: &Paths| numbering(shapes, *dataset, paths).is_ok();
                    let shallow = || find(true).ok().filter(is_met);
                    let paths = if is_met(&deep) { deep } else { shallow().unwrap_or(deep) };
                    begun.push((*dataset, paths));
                }
                Err(refusals) => refused.push((*dataset, refusals)),
            }
        }
        for (dataset, paths) in &begun {
            if let Ok(path) = paths.dealt {
                self.listed[*dataset] = paths.paths[path].levels.clone();
            }
        }
        for (dataset, mut paths) in begun {
            let refusals = join_circular(shapes, dataset, &self.listed, &circular, &mut paths);
            if !refusals.is_empty() {
                refused.push((dataset, refusals));
                continue;
            }
            match numbering(shapes, dataset, &paths) {
                Ok(together) => found.push((dataset, paths, together)),
                Err(refusals) => refused.push((dataset, refusals)),
            }
        }
        let settled = self.settle(&found);
        for (dataset, paths, together) in found {
            let arranged = match settled {
                true => self.finish(dataset, &paths, together),
                false => Err(vec![Refusal::Unsettled]),
            };
            self.arranged[dataset] = Some(arranged);
        }
        for (dataset, refusals) in refused {
            self.listed[dataset] = Vec::new();
            self.arranged[dataset] = Some(Err(refusals));
        }
    }

    /// Lists the rows of datasets in a circle until none changes what another has room for.
    fn settle(&mut self, found: &[(usize, Paths, Vec<Together>)]) -> bool {
        for _ in 0..MOST_ROUNDS {
            let mut changed = false;
            for (dataset, paths, together) in found {
                let Ok(path) = paths.dealt else { continue };
                let mut rooms = self.rooms(*dataset, paths, together);
                let places = rooms.of_path(path, &paths.paths[path], true);
                let filled = places.filled(self.shapes[*dataset].rows.min(places.room()));
                let listing = Some(Listing { places, filled });
                if self.listings[*dataset] != listing {
                    self.listings[*dataset] = listing;
                    changed = true;
                }
            }
            if !changed {
                return true;
            }
        }
        false
    }

    fn rooms<'b>(
        &'b self,
        dataset: usize,
        paths: &'b Paths,
        together: &'b [Together],
    ) -> Rooms<'b> {
        Rooms {
            shapes: self.shapes,
            shape: &self.shapes[dataset],
            ways: &paths.keys,
            listings: &self.listings,
            together,
            numberings: Vec::new(),
        }
    }

    fn finish(
        &self,
        dataset: usize,
        paths: &Paths,
        together: Vec<Together>,
    ) -> Result<Arrangement, Vec<Refusal>> {
        let shape = &self.shapes[dataset];
        let mut rooms = self.rooms(dataset, paths, &together);
        let flat = match paths.dealt {
            Ok(_) => Places::rows(0),
            Err(_) => rooms.flat(),
        };
        let all: Vec<Places> = paths
            .paths
            .iter()
            .enumerate()
            .map(|(at, path)| rooms.of_path(at, path, paths.dealt == Ok(at)))
            .collect();
        let numberings = rooms.numberings;
        let mut refused = Vec::new();
        for (path, places) in paths.paths.iter().zip(&all) {
            if shape.rows > 0 && places.class_count() == 0 {
                refused.push(Refusal::NoRows { keys: path.keys.clone() });
            }
        }
        let room = paths.dealt.map_or(&flat, |path| &all[path]).room();
        if refused.is_empty() && room < shape.rows {
            let groups = together.iter().flat_map(|together| together.of.iter().copied()).collect();
            refused.push(Refusal::Room { rows: room, groups });
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        let listing = |dataset: usize| self.listings[dataset].clone().map(Arc::new);
        let plans = paths.paths.iter().zip(all).enumerate().map(|(at, (path, places))| {
            let draws = (1..=path.levels.len()).map(|depth| {
                let class = path
                    .keys
                    .iter()
                    .find(|key| paths.keys[**key] == Way::Class { path: at, depth });
                class.map_or(Distribution::Uniform, |key| shape.keys[*key].distribution)
            });
            PathPlan {
                levels: path.levels.clone(),
                classes: path.levels.iter().map(|level| listing(level.class)).collect(),
                places,
                draws: draws.collect(),
                key: shape.key.part(&format!("path {}", key_name(shape, path.keys[0]))),
            }
        });
        let keys = shape.keys.iter().enumerate().map(|(at, key)| KeyPlan {
            way: paths.keys[at],
            columns: key.columns.clone(),
            parent_rows: self.shapes[key.parent].rows,
            listing: listing(key.parent),
            distribution: key.distribution,
            key: shape.key.part(&format!("key {}", key_name(shape, at))),
        });
        Ok(Arrangement {
            paths: plans.collect(),
            keys: keys.collect(),
            dealt: paths.dealt,
            flat,
            together,
            numberings,
        })
    }
}

/// The datasets in circles, each behind those that it references.
fn circles(shapes: &[Shape]) -> Vec<Vec<usize>> {
    let reached: Vec<Vec<bool>> = (0..shapes.len()).map(|from| reach(shapes, from)).collect();
    let mut left: Vec<usize> = (0..shapes.len()).collect();
    let mut circles = Vec::new();
    while let Some(first) = left.iter().copied().find(|one| {
        left.iter().all(|other| !reached[*one][*other] || reached[*other][*one] || other == one)
    }) {
        let in_circle =
            |other: &usize| *other == first || reached[first][*other] && reached[*other][first];
        let (circle, others): (Vec<usize>, Vec<usize>) = left.into_iter().partition(in_circle);
        left = others;
        circles.push(circle);
    }
    circles
}

fn reach(shapes: &[Shape], from: usize) -> Vec<bool> {
    let mut reached = vec![false; shapes.len()];
    let mut waiting = vec![from];
    while let Some(dataset) = waiting.pop() {
        for key in &shapes[dataset].keys {
            if !reached[key.parent] {
                reached[key.parent] = true;
                waiting.push(key.parent);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests;
