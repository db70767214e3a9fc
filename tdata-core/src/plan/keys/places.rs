//! How many rows each class has room for, and which row is which of its class.
//!
//! The rows of a dataset that share a parent, such as a tenant's users, are a class. Classes can hold classes: a
//! tenant's regions, a region's users. Rows are dealt like cards: each round gives one row to each class that has
//! room left. So any row's class is computed, and so is any row of a class.

use crate::generate::Divisor;

/// The room that a class has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Places {
    /// How many rows fit, whatever the classes inside hold.
    limit: u64,
    /// The classes inside; `None` where rows are not told apart any further.
    classes: Option<Classes>,
    /// Which of a dataset's numberings holds here.
    pub(super) numbering: usize,
}

/// Classes side by side. None has more room than the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Classes {
    runs: Vec<Run>,
    bands: Vec<Band>,
    /// The room of all of them together.
    total: u64,
}

/// Classes of equal room, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    first: u64,
    count: u64,
    each: Places,
}

/// Rounds of dealing in which equally many classes take part.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Band {
    /// How many rows come before the first of these rounds.
    start: u64,
    /// How many rounds come before them.
    round: u64,
    /// How many classes take part.
    classes: u64,
    by_classes: Divisor,
}

impl Places {
    /// Makes room for rows that are not told apart.
    pub(super) fn rows(limit: u64) -> Self {
        Self { limit, classes: None, numbering: 0 }
    }

    /// Makes room for at most `limit` rows in classes: so many, and the room of each.
    ///
    /// A class gets no more room than those before it, and the first class without any ends the list.
    pub(super) fn classes(limit: u64, runs: impl IntoIterator<Item = (u64, Self)>) -> Self {
        let mut made: Vec<Run> = Vec::new();
        let (mut first, mut most) = (0u64, u64::MAX);
        for (count, mut each) in runs.into_iter().filter(|(count, _)| *count > 0) {
            each.limit = each.limit.min(most);
            most = each.room();
            if most == 0 {
                break;
            }
            match made.last_mut() {
                Some(last) if last.each == each => last.count = last.count.saturating_add(count),
                _ => made.push(Run { first, count, each }),
            }
            first = first.saturating_add(count);
        }
        let mut bands: Vec<Band> = Vec::new();
        let (mut start, mut round) = (0u64, 0u64);
        for run in made.iter().rev() {
            // The classes up to here take part until the last of them is full.
            let (room, classes) = (run.each.room(), run.first.saturating_add(run.count));
            if room > round {
                bands.push(Band { start, round, classes, by_classes: Divisor::new(classes) });
                start = start.saturating_add((room - round).saturating_mul(classes));
                round = room;
            }
        }
        let classes = Classes { runs: made, bands, total: start };
        Self { limit, classes: Some(classes), numbering: 0 }
    }

    /// Returns how many rows fit.
    pub(super) fn room(&self) -> u64 {
        self.classes.as_ref().map_or(self.limit, |classes| classes.total.min(self.limit))
    }

    /// Returns how many classes have room.
    pub(super) fn class_count(&self) -> u64 {
        let last = self.classes.as_ref().and_then(|classes| classes.runs.last());
        last.map_or(0, |run| run.first.saturating_add(run.count))
    }

    /// Returns the runs of equal classes: the first behind each, and the room of each class.
    pub(super) fn runs(&self) -> impl Iterator<Item = (u64, &Self)> {
        let runs = self.classes.iter().flat_map(|classes| &classes.runs);
        runs.map(|run| (run.first.saturating_add(run.count), &run.each))
    }

    /// Returns the room of a class; `None` for one without.
    pub(super) fn class(&self, class: u64) -> Option<&Self> {
        let runs = &self.classes.as_ref()?.runs;
        let behind = runs.partition_point(|run| run.first <= class);
        let run = runs.get(behind.checked_sub(1)?)?;
        (class - run.first < run.count).then_some(&run.each)
    }

    /// Returns the room of a class within classes: `path` leads there.
    pub(super) fn at(&self, path: &[u64]) -> Option<&Self> {
        path.iter().try_fold(self, |places, class| places.class(*class))
    }

    /// Returns the class of a row, and which row of its class it is, from 0. The row fits.
    pub(super) fn class_of(&self, row: u64) -> (u64, u64) {
        let Some(classes) = &self.classes else { return (0, row) };
        let behind = classes.bands.partition_point(|band| band.start <= row);
        let Some(band) = behind.checked_sub(1).and_then(|at| classes.bands.get(at)) else {
            return (0, row);
        };
        let (round, class) = band.by_classes.divide(row - band.start);
        (class, band.round + round)
    }

    /// Returns which row of all is row number `of_class` of a class.
    fn row_of(&self, class: u64, of_class: u64) -> u64 {
        let Some(classes) = &self.classes else { return of_class };
        let behind = classes.bands.partition_point(|band| band.round <= of_class);
        let Some(band) = behind.checked_sub(1).and_then(|at| classes.bands.get(at)) else {
            return of_class;
        };
        band.start + (of_class - band.round) * band.classes + class
    }

    /// Returns which row of all is row number `of_class` of the class that `path` leads to.
    pub(super) fn row(&self, path: &[u64], of_class: u64) -> u64 {
        match path.split_first() {
            None => of_class,
            Some((class, rest)) => {
                let inside = self.class(*class).map_or(of_class, |each| each.row(rest, of_class));
                self.row_of(*class, inside)
            }
        }
    }

    /// Returns how many rows are in each class once `rows` rows are dealt, of which all fit.
    pub(super) fn filled(&self, rows: u64) -> Self {
        let Some(classes) = &self.classes else { return Self::rows(rows) };
        if rows >= classes.total {
            let all = classes.runs.iter().map(|run| (run.count, run.each.filled(run.each.room())));
            return Self::classes(rows, all);
        }
        // The row behind the last tells the round, and the first class that it leaves out.
        let (behind, round) = self.class_of(rows);
        let runs = classes.runs.iter().flat_map(|run| {
            let room = run.each.room();
            let one_more =
                if room > round { behind.saturating_sub(run.first).min(run.count) } else { 0 };
            let fuller = run.each.filled(room.min(round.saturating_add(1)));
            [(one_more, fuller), (run.count - one_more, run.each.filled(room.min(round)))]
        });
        Self::classes(rows, runs)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// Room for rows in up to three levels of classes.
    fn places() -> impl Strategy<Value = Places> {
        let leaf = (0u64..5).prop_map(Places::rows);
        leaf.prop_recursive(3, 30, 4, |inner| {
            (prop_oneof![Just(u64::MAX), 0u64..20], prop::collection::vec((0u64..4, inner), 0..4))
                .prop_map(|(limit, mut runs)| {
                    runs.sort_by_key(|(_, each)| std::cmp::Reverse(each.room()));
                    Places::classes(limit, runs)
                })
        })
    }

    /// The path of a row, as deep as classes go.
    fn path(places: &Places, row: u64) -> (Vec<u64>, u64) {
        let (mut places, mut row, mut path) = (places, row, Vec::new());
        while places.classes.is_some() {
            let (class, of_class) = places.class_of(row);
            path.push(class);
            (places, row) = (places.class(class).unwrap(), of_class);
        }
        (path, row)
    }

    proptest! {
        #[test]
        fn a_row_is_found_again_at_every_depth(places in places()) {
            for row in 0..places.room() {
                let (path, _) = path(&places, row);
                let (mut inside, mut of_class) = (&places, row);
                for depth in 0..=path.len() {
                    prop_assert_eq!(places.row(&path[..depth], of_class), row);
                    if let Some(class) = path.get(depth) {
                        let (found, next) = inside.class_of(of_class);
                        prop_assert_eq!(found, *class);
                        inside = inside.class(found).unwrap();
                        prop_assert!(next < inside.room());
                        of_class = next;
                    }
                }
            }
        }

        #[test]
        fn the_rows_of_a_class_are_numbered_without_gaps(places in places()) {
            let mut seen: HashMap<u64, u64> = HashMap::new();
            for row in 0..places.room() {
                if places.classes.is_some() {
                    let (class, of_class) = places.class_of(row);
                    let next = seen.entry(class).or_default();
                    prop_assert_eq!(of_class, *next);
                    *next += 1;
                }
            }
        }

        #[test]
        fn filling_counts_the_rows_of_every_class(places in places()) {
            for rows in 0..=places.room() {
                let filled = places.filled(rows);
                prop_assert_eq!(filled.room(), rows);
                let mut counts: HashMap<Vec<u64>, u64> = HashMap::new();
                for row in 0..rows {
                    let (path, _) = path(&places, row);
                    for depth in 0..=path.len() {
                        *counts.entry(path[..depth].to_vec()).or_default() += 1;
                    }
                }
                for (path, count) in &counts {
                    prop_assert_eq!(filled.at(path).map(Places::room), Some(*count));
                }
                let classes = counts.keys().filter(|path| path.len() == 1).count();
                prop_assert_eq!(filled.class_count(), classes as u64);
            }
        }
    }

    #[test]
    fn room_without_end_is_dealt_in_turns() {
        let places = Places::classes(u64::MAX, [(10, Places::rows(u64::MAX))]);
        assert_eq!(places.room(), u64::MAX);
        assert_eq!(places.class_of(1_000_000_007), (7, 100_000_000));
        assert_eq!(places.row(&[7], 100_000_000), 1_000_000_007);
        let filled = places.filled(25);
        assert_eq!(filled.class(4).map(Places::room), Some(3));
        assert_eq!(filled.class(5).map(Places::room), Some(2));
        assert_eq!(filled.class(10), None);
    }
}
