//! How many rows each class of a dataset has room for: as many as its parents' rows and its unique groups allow.

use super::digits::Digits;
use super::numbering::{Member, Together};
use super::paths::{Path, Way};
use super::places::Places;
use super::shape::Shape;
use crate::generate::{FieldKey, Permutation};

/// The rows of a dataset, listed by the classes they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// Which row is which of its class.
    pub(super) places: Places,
    /// How many rows each class has.
    pub(super) filled: Places,
}

/// What keeps the rows of a class apart.
#[derive(Clone, Debug)]
pub(super) struct Numbered {
    pub(super) digits: Digits,
    /// Shuffles the rows over the combinations.
    pub(super) shuffle: Permutation,
    /// Shuffles each member's values.
    pub(super) spread: Vec<Permutation>,
}

/// The numberings of a dataset: by the class, and by what is numbered together.
pub(super) type Numberings = Vec<Vec<Option<Numbered>>>;

/// Finds the room of a dataset's classes.
pub(super) struct Rooms<'a> {
    pub(super) shapes: &'a [Shape],
    pub(super) shape: &'a Shape,
    pub(super) ways: &'a [Way],
    /// The listings of all datasets that have one; those of a circle, once they are known.
    pub(super) listings: &'a [Option<Listing>],
    pub(super) together: &'a [Together],
    pub(super) numberings: Numberings,
}

/// Follows the classes of another dataset down a path.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    /// Where it is; nothing is known of a dataset in a circle at first.
    at: Option<&'a Places>,
    /// How many levels it follows.
    depth: usize,
    of: Of,
}

impl<'a> Cursor<'a> {
    /// Goes into a class; `None` where it has no rows.
    fn inside(self, depth: usize, class: u64) -> Option<Cursor<'a>> {
        match self.at {
            Some(places) if self.depth > depth => {
                Some(Cursor { at: Some(places.class(class)?), ..self })
            }
            _ => Some(self),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// The classes behind so many levels.
    Level(usize),
    /// The rows that a key can choose among.
    Key(usize),
}

impl Rooms<'_> {
    /// Finds the room of a dataset whose rows are not dealt to classes.
    pub(super) fn flat(&mut self) -> Places {
        let (limit, numbering) = self.number(0, &[]);
        let mut places = Places::rows(limit);
        places.numbering = numbering;
        places
    }

    /// Finds the room of the classes of a path; `is_dealt` says whether unique groups limit it.
    pub(super) fn of_path(&mut self, at: usize, path: &Path, is_dealt: bool) -> Places {
        let listings = self.listings;
        let filled = |dataset: usize| listings[dataset].as_ref().map(|listing| &listing.filled);
        let mut cursors = Vec::new();
        for (level, step) in path.levels.iter().enumerate() {
            cursors.push(Cursor { at: filled(step.class), depth: level, of: Of::Level(level) });
        }
        for key in &path.keys {
            let parent = self.shape.keys[*key].parent;
            let depth = match self.ways[*key] {
                Way::Leaf { path, depth } if path == at => depth,
                // A class of the parent's own classes: only some of them need have a row of the parent.
                Way::Class { path, depth } if path == at => depth,
                _ => continue,
            };
            let is_class = matches!(self.ways[*key], Way::Class { .. });
            if !is_class || path.levels[depth - 1].class != parent {
                cursors.push(Cursor { at: filled(parent), depth, of: Of::Key(*key) });
            }
        }
        self.inside(
            0,
            &path.levels.iter().map(|level| level.class).collect::<Vec<_>>(),
            &cursors,
            is_dealt,
        )
    }

    fn inside(
        &mut self,
        depth: usize,
        classes: &[usize],
        cursors: &[Cursor<'_>],
        is_dealt: bool,
    ) -> Places {
        let (limit, numbering) = if is_dealt { self.number(depth, cursors) } else { (u64::MAX, 0) };
        let mut places = match classes.get(depth) {
            None => Places::rows(limit),
            Some(class) => {
                let level = cursors.iter().find(|cursor| cursor.of == Of::Level(depth));
                let listed = level.and_then(|cursor| cursor.at).map(Places::room);
                let count = listed.unwrap_or(self.shapes[*class].rows);
                let runs = self.runs(depth, classes, cursors, count, is_dealt);
                Places::classes(limit, runs)
            }
        };
        places.numbering = numbering;
        places
    }

    /// Runs of classes in which all that is followed is the same.
    fn runs(
        &mut self,
        depth: usize,
        classes: &[usize],
        cursors: &[Cursor<'_>],
        count: u64,
        is_dealt: bool,
    ) -> Vec<(u64, Places)> {
        let follows = |cursor: &&Cursor<'_>| cursor.depth > depth;
        let mut ends: Vec<u64> = cursors
            .iter()
            .filter(follows)
            .filter_map(|cursor| cursor.at)
            .flat_map(|places| places.runs().map(|(end, _)| end))
            .filter(|end| *end < count)
            .collect();
        ends.push(count);
        ends.sort_unstable();
        ends.dedup();
        let (mut runs, mut first) = (Vec::new(), 0);
        for end in ends {
            // Where one of them has no rows, none of the classes behind has.
            let inner = cursors.iter().map(|cursor| cursor.inside(depth, first));
            let Some(inner) = inner.collect::<Option<Vec<_>>>() else { break };
            if end > first {
                runs.push((end - first, self.inside(depth + 1, classes, &inner, is_dealt)));
            }
            first = end;
        }
        runs
    }

    /// Numbers what is numbered from a depth on. Returns how many rows that keeps apart, and the place of the numbering.
    fn number(&mut self, depth: usize, cursors: &[Cursor<'_>]) -> (u64, usize) {
        let shape = self.shape;
        let mut limit = u64::MAX;
        let numbered = self.together.iter().map(|together| {
            if together.depth != depth {
                return None;
            }
            let values: Vec<u64> =
                together.members.iter().map(|member| self.values(*member, cursors)).collect();
            let digits = Digits::solve(&values, &together.groups, shape.rows);
            limit = limit.min(digits.combinations());
            let key = together_key(shape, together);
            let spread = together.members.iter().zip(&values).map(|(member, values)| {
                Permutation::new(&key.part(&member_name(shape, *member)), *values)
            });
            let (shuffle, spread) =
                (Permutation::new(&key, digits.combinations()), spread.collect());
            Some(Numbered { digits, shuffle, spread })
        });
        let numbered = numbered.collect();
        self.numberings.push(numbered);
        (limit, self.numberings.len() - 1)
    }

    /// How many values a member has.
    fn values(&self, member: Member, cursors: &[Cursor<'_>]) -> u64 {
        match member {
            Member::Column(column) => self.shape.columns[column].values.unwrap_or(0),
            Member::Key(key) => match cursors.iter().find(|cursor| cursor.of == Of::Key(key)) {
                Some(cursor) => cursor.at.map_or(u64::MAX, Places::room),
                None => self.shapes[self.shape.keys[key].parent].rows,
            },
        }
    }
}

fn together_key(shape: &Shape, together: &Together) -> FieldKey {
    let names: Vec<String> =
        together.members.iter().map(|member| member_name(shape, *member)).collect();
    shape.key.part(&format!("together {}", names.join(",")))
}

/// Names a member, so that what is chosen for it does not change with other fields.
fn member_name(shape: &Shape, member: Member) -> String {
    match member {
        Member::Column(column) => shape.columns[column].name.clone(),
        Member::Key(key) => key_name(shape, key),
    }
}

/// Names a key by its columns.
pub(super) fn key_name(shape: &Shape, key: usize) -> String {
    let names = shape.keys[key].columns.iter().map(|column| shape.columns[*column].name.as_str());
    format!("({})", names.collect::<Vec<_>>().join(","))
}
