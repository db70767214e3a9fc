//! Chooses what the rows of a dataset reference, and the numbers of their other values.
//!
//! What does not depend on the row is found once, for a row or for as many as there are.

use super::arrangement::{Arrangement, KeyPlan, PathPlan};
use super::numbering::{Member, Together};
use super::paths::{DEEPEST, Way};
use super::places::Places;

/// Chooses the row of another dataset for each row.
#[derive(Debug)]
pub(in crate::plan) struct Chooser<'a>(Choice<'a>);

#[derive(Debug)]
enum Choice<'a> {
    /// The class behind the last level of a walk.
    Class(Walk<'a>),
    /// One of all rows of a key's parent.
    Free(&'a KeyPlan, Option<Numberer<'a>>),
    /// One of the rows of a key's parent that belong to the class behind so many levels of a walk.
    Leaf { walk: Walk<'a>, depth: usize, key: &'a KeyPlan, number: Option<Numberer<'a>> },
}

/// Gives each row the number of a member's value.
#[derive(Debug)]
pub(in crate::plan) struct Numberer<'a> {
    arrangement: &'a Arrangement,
    /// The place of what is numbered together, and that of the member in it.
    at: usize,
    member: usize,
    together: &'a Together,
    /// How rows are dealt, if they are.
    dealt: Option<Walk<'a>>,
}

/// Finds the places of rows on a path, so many levels down.
#[derive(Clone, Copy, Debug)]
struct Walk<'a> {
    plan: &'a PathPlan,
    is_dealt: bool,
    depth: usize,
}

/// Where a row is on a path.
struct Place {
    classes: [u64; DEEPEST],
    /// Which row of its class it is, behind each level.
    of_class: [u64; DEEPEST + 1],
    numberings: [usize; DEEPEST + 1],
}

impl Arrangement {
    /// Returns what chooses the rows of the class behind so many levels of a path.
    pub(in crate::plan) fn of_class(&self, path: usize, depth: usize) -> Chooser<'_> {
        Chooser(Choice::Class(self.walk(path, depth)))
    }

    /// Returns what chooses the parent's rows that a key references.
    pub(in crate::plan) fn of_key(&self, at: usize) -> Chooser<'_> {
        let key = &self.keys[at];
        let number = || self.numberer(Member::Key(at));
        Chooser(match key.way {
            Way::Free | Way::Within(_) => Choice::Free(key, number()),
            Way::Class { path, depth } => return self.of_class(path, depth),
            Way::Leaf { path, depth } => {
                let number = number();
                // Where rows are dealt along the same path, one walk serves both.
                let deepest =
                    number.as_ref().map_or(depth, |number| number.together.depth.max(depth));
                let walk = self.walk(path, if self.dealt == Ok(path) { deepest } else { depth });
                Choice::Leaf { walk, depth, key, number }
            }
        })
    }

    /// Returns what numbers a column's values, where something does.
    pub(in crate::plan) fn of_column(&self, column: usize) -> Option<Numberer<'_>> {
        self.numberer(Member::Column(column))
    }

    /// Returns what numbers the parent's rows of a free key, where something does.
    pub(in crate::plan) fn of_free_key(&self, key: usize) -> Option<Numberer<'_>> {
        self.numberer(Member::Key(key))
    }

    fn numberer(&self, member: Member) -> Option<Numberer<'_>> {
        let mut all = self.together.iter().enumerate();
        let (at, together, member) = all.find_map(|(at, together)| {
            let place = together.members.iter().position(|one| *one == member)?;
            Some((at, together, place))
        })?;
        let dealt = self.dealt.ok().map(|path| self.walk(path, together.depth));
        Some(Numberer { arrangement: self, at, member, together, dealt })
    }

    fn walk(&self, path: usize, depth: usize) -> Walk<'_> {
        Walk { plan: &self.paths[path], is_dealt: self.dealt == Ok(path), depth }
    }
}

impl Chooser<'_> {
    /// Returns the row that is chosen for a row.
    #[inline]
    pub(in crate::plan) fn row(&self, row: u64) -> u64 {
        match &self.0 {
            Choice::Class(walk) => walk.class(&walk.place(row)),
            Choice::Free(key, number) => {
                let number = number.as_ref().and_then(|number| number.number(row));
                number.unwrap_or_else(|| key.draw(key.parent_rows, row))
            }
            Choice::Leaf { walk, depth, key, number } => {
                let Some(listing) = &key.listing else { return 0 };
                let place = walk.place(row);
                let classes = &place.classes[..*depth];
                let number = number.as_ref().and_then(|number| match walk.is_dealt {
                    true => number.at(&place),
                    false => number.number(row),
                });
                let room = || listing.filled.at(classes).map_or(0, Places::room);
                let of_class = number.unwrap_or_else(|| key.draw(room(), row));
                listing.places.row(classes, of_class)
            }
        }
    }
}

impl Numberer<'_> {
    /// Returns which of its numbered values the member has in a row; `None` where it may have any.
    #[inline]
    pub(in crate::plan) fn number(&self, row: u64) -> Option<u64> {
        match &self.dealt {
            Some(walk) => self.at(&walk.place(row)),
            None => self.value(self.arrangement.flat.numbering, row, 0),
        }
    }

    /// The same for a row whose place is known, where rows are dealt.
    #[inline]
    fn at(&self, place: &Place) -> Option<u64> {
        let depth = self.together.depth;
        let class = place.classes[..depth].iter().fold(0, |sum: u64, class| {
            sum.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(class + 1)
        });
        self.value(place.numberings[depth], place.of_class[depth], class)
    }

    #[inline]
    fn value(&self, numbering: usize, of_class: u64, class: u64) -> Option<u64> {
        let numbered = self.arrangement.numberings.get(numbering)?.get(self.at)?.as_ref()?;
        let bound = numbered.shuffle.bound();
        // Each class starts elsewhere, so that they do not all have the same combinations.
        let start = match self.together.depth {
            0 => 0,
            _ => self.dealt?.plan.key.cell(class).below(bound),
        };
        let combination =
            if of_class < bound - start { of_class + start } else { of_class - (bound - start) };
        let value = numbered.digits.value(self.member, numbered.shuffle.apply(combination))?;
        Some(numbered.spread[self.member].apply(value))
    }
}

impl KeyPlan {
    #[inline]
    fn draw(&self, rows: u64, row: u64) -> u64 {
        self.distribution.below(rows, &mut self.key.cell(row))
    }
}

impl Walk<'_> {
    /// Returns the row of the class behind the last level.
    #[inline]
    fn class(&self, place: &Place) -> u64 {
        let Some(last) = self.depth.checked_sub(1) else { return 0 };
        let class = place.classes[last];
        match &self.plan.classes[last] {
            Some(listing) => listing.places.row(&place.classes[..last], class),
            None => class,
        }
    }

    #[inline]
    fn place(&self, row: u64) -> Place {
        let mut place = Place {
            classes: [0; DEEPEST],
            of_class: [0; DEEPEST + 1],
            numberings: [0; DEEPEST + 1],
        };
        place.of_class[0] = row;
        let mut rng = self.plan.key.cell(row);
        let mut inside = &self.plan.places;
        place.numberings[0] = inside.numbering;
        for depth in 0..self.depth {
            let (class, of_class) = if self.is_dealt {
                inside.class_of(place.of_class[depth])
            } else {
                (self.plan.draws[depth].below(inside.class_count(), &mut rng), 0)
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
