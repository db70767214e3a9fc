//! Which parents' rows a row's keys reference, and which numbers its other values have: computed from its index.

use std::sync::Arc;

use super::numbering::{Member, Together};
use super::paths::{DEEPEST, Level, Way};
use super::places::Places;
use super::room::{Listing, Numberings};
use super::shape::Unlisted;
use crate::generate::{Distribution, FieldKey};

/// How a dataset's keys and unique groups are met.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Arrangement {
    pub(super) paths: Vec<PathPlan>,
    pub(super) keys: Vec<KeyPlan>,
    /// The path whose classes the rows are dealt to, or why they cannot be listed.
    pub(super) dealt: Result<usize, Unlisted>,
    /// The room of a dataset whose rows are not dealt.
    pub(super) flat: Places,
    pub(super) together: Vec<Together>,
    pub(super) numberings: Numberings,
}

/// A path with all that is needed to go along it.
#[derive(Clone, Debug)]
pub(super) struct PathPlan {
    pub(super) levels: Vec<Level>,
    /// The listing of each level's dataset, where it has one.
    pub(super) classes: Vec<Option<Arc<Listing>>>,
    pub(super) places: Places,
    /// How classes are drawn where rows are not dealt.
    pub(super) draws: Vec<Distribution>,
    pub(super) key: FieldKey,
}

/// A key with all that is needed to choose its parent's rows.
#[derive(Clone, Debug)]
pub(super) struct KeyPlan {
    pub(super) way: Way,
    pub(super) columns: Vec<usize>,
    pub(super) parent_rows: u64,
    pub(super) listing: Option<Arc<Listing>>,
    pub(super) distribution: Distribution,
    pub(super) key: FieldKey,
}

/// Where the values of a column come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Origin {
    /// From its own generator.
    Own,
    /// From a column of the class behind so many levels of a path.
    Class { path: usize, depth: usize, dataset: usize, column: usize },
    /// From the row that a key references.
    Key(usize),
}

/// Where a row is on a path.
struct Place {
    classes: [u64; DEEPEST],
    /// Which row of its class it is, behind each level.
    of_class: [u64; DEEPEST + 1],
    numberings: [usize; DEEPEST + 1],
}

impl Arrangement {
    /// Returns how many rows there is room for.
    pub(in crate::plan) fn room(&self) -> u64 {
        self.dealt.map_or(&self.flat, |path| &self.paths[path].places).room()
    }

    /// Returns why the rows cannot be listed by the parents they belong to, if they cannot.
    pub(in crate::plan) fn unlisted(&self) -> Option<Unlisted> {
        self.dealt.err()
    }

    /// Tells where the values of a column come from.
    pub(in crate::plan) fn origin(&self, column: usize) -> Origin {
        for (path, plan) in self.paths.iter().enumerate() {
            for (depth, level) in plan.levels.iter().enumerate() {
                if let Some((_, of_class)) = level.columns.iter().find(|(own, _)| *own == column) {
                    let (dataset, column) = (level.class, *of_class);
                    return Origin::Class { path, depth: depth + 1, dataset, column };
                }
            }
        }
        let owner = self
            .keys
            .iter()
            .position(|key| !matches!(key.way, Way::Within(_)) && key.columns.contains(&column));
        owner.map_or(Origin::Own, Origin::Key)
    }

    /// Tells whether a key chooses among all rows, as one that shares nothing does.
    pub(in crate::plan) fn is_free(&self, key: usize) -> bool {
        self.keys[key].way == Way::Free
    }

    /// Tells whether a key has one column.
    pub(in crate::plan) fn is_single(&self, key: usize) -> bool {
        self.keys[key].columns.len() == 1
    }

    /// Tells whether every key and column is made as it would be without an arrangement.
    pub(in crate::plan) fn is_idle(&self) -> bool {
        let alone = |key: &KeyPlan| key.way == Way::Free && key.columns.len() == 1;
        // Groups that share no members are numbered where fields are made.
        let apart = self.together.iter().all(|together| together.groups.len() < 2);
        self.paths.is_empty() && self.keys.iter().all(alone) && apart
    }

    /// Returns the row of the class behind so many levels of a path that a row belongs to.
    pub(in crate::plan) fn class_row(&self, path: usize, depth: usize, row: u64) -> u64 {
        let place = self.place(path, row);
        self.row_of_class(path, depth, &place)
    }

    fn row_of_class(&self, path: usize, depth: usize, place: &Place) -> u64 {
        let Some(last) = depth.checked_sub(1) else { return 0 };
        let class = place.classes[last];
        match &self.paths[path].classes[last] {
            Some(listing) => listing.places.row(&place.classes[..last], class),
            None => class,
        }
    }

    /// Returns the parent's row that a row's key references.
    pub(in crate::plan) fn parent_row(&self, at: usize, row: u64) -> u64 {
        let key = &self.keys[at];
        let draw = |rows: u64| key.distribution.below(rows, &mut key.key.cell(row));
        match key.way {
            Way::Free | Way::Within(_) => {
                self.number(Member::Key(at), row).unwrap_or_else(|| draw(key.parent_rows))
            }
            Way::Class { path, depth } => self.class_row(path, depth, row),
            Way::Leaf { path, depth } => {
                let place = self.place(path, row);
                let classes = &place.classes[..depth];
                let Some(listing) = &key.listing else { return 0 };
                let of_class = self
                    .number(Member::Key(at), row)
                    .unwrap_or_else(|| draw(listing.filled.at(classes).map_or(0, Places::room)));
                listing.places.row(classes, of_class)
            }
        }
    }

    /// Returns which of its numbered values a column has in a row; `None` where it may have any.
    pub(in crate::plan) fn column_number(&self, column: usize, row: u64) -> Option<u64> {
        self.number(Member::Column(column), row)
    }

    /// Returns which row of its parent a free key has in a row; `None` where it may have any.
    pub(in crate::plan) fn key_number(&self, key: usize, row: u64) -> Option<u64> {
        self.number(Member::Key(key), row)
    }

    /// Tells whether a column or key may need a number.
    pub(in crate::plan) fn is_numbered(&self, column: Option<usize>, key: Option<usize>) -> bool {
        let member = column.map(Member::Column).or(key.map(Member::Key));
        self.together
            .iter()
            .any(|together| member.is_some_and(|one| together.members.contains(&one)))
    }

    fn number(&self, member: Member, row: u64) -> Option<u64> {
        let find = |together: &Together| together.members.iter().position(|one| *one == member);
        let (at, (together, place)) = self
            .together
            .iter()
            .enumerate()
            .find_map(|(at, together)| Some((at, (together, find(together)?))))?;
        let (numbering, of_class, class) = match self.dealt {
            Ok(path) => {
                let on_path = self.place(path, row);
                let depth = together.depth;
                let class = on_path.classes[..depth].iter().fold(0, |sum: u64, class| {
                    sum.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(class + 1)
                });
                (on_path.numberings[depth], on_path.of_class[depth], class)
            }
            Err(_) => (self.flat.numbering, row, 0),
        };
        let numbered = self.numberings.get(numbering)?.get(at)?.as_ref()?;
        let bound = numbered.shuffle.bound();
        // Each class starts elsewhere, so that they do not all have the same combinations.
        let start = if together.depth == 0 {
            0
        } else {
            self.paths[self.dealt.ok()?].key.cell(class).below(bound)
        };
        let combination =
            if of_class < bound - start { of_class + start } else { of_class - (bound - start) };
        let value = numbered.digits.value(place, numbered.shuffle.apply(combination))?;
        Some(numbered.spread[place].apply(value))
    }

    fn place(&self, path: usize, row: u64) -> Place {
        let plan = &self.paths[path];
        let mut place = Place {
            classes: [0; DEEPEST],
            of_class: [0; DEEPEST + 1],
            numberings: [0; DEEPEST + 1],
        };
        place.of_class[0] = row;
        let mut rng = plan.key.cell(row);
        let mut inside = &plan.places;
        let is_dealt = self.dealt == Ok(path);
        place.numberings[0] = inside.numbering;
        for depth in 0..plan.levels.len() {
            let (class, of_class) = if is_dealt {
                inside.class_of(place.of_class[depth])
            } else {
                (plan.draws[depth].below(inside.class_count(), &mut rng), 0)
            };
            place.classes[depth] = class;
            place.of_class[depth + 1] = of_class;
            let Some(next) = inside.class(class) else { break };
            inside = next;
            place.numberings[depth + 1] = inside.numbering;
        }
        place
    }
}
