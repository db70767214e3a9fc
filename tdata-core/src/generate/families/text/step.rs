//! What writes the parts of a text, some of them joined.

use std::sync::Arc;

use super::part::Part;
use crate::value::{Short, Snippet, Text};

/// Writes one part of a text, or one of a choice with the fixed parts beside it.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The same text for every row.
    Fixed(Snippet),
    /// One of short texts.
    Choice(Arc<[Short]>),
    /// Any part.
    Part(Part),
}

/// Numbers of which there are so many at the most are listed.
const LISTED: u64 = 100;

impl Step {
    fn of(part: &Part) -> Self {
        match part {
            Part::Literal(text) => Self::Fixed(text.clone()),
            Part::Words(words) => match words.short() {
                Some(list) => Self::Choice(list),
                None => Self::Part(part.clone()),
            },
            Part::Number { first, count, width } if *count <= LISTED => {
                let numbers = (0..*count).map(|number| Short::number(first + number, *width));
                let list: Option<Vec<Short>> = numbers.collect();
                list.map_or_else(|| Self::Part(part.clone()), |list| Self::Choice(list.into()))
            }
            _ => Self::Part(part.clone()),
        }
    }

    /// Joins two steps, where one is a fixed text beside a choice and all of the choice stays short.
    fn joined(&self, next: &Self) -> Option<Self> {
        let list: Option<Vec<Short>> = match (self, next) {
            (Self::Choice(list), Self::Fixed(Snippet::Short(text))) => {
                list.iter().map(|one| one.followed_by(*text)).collect()
            }
            (Self::Fixed(Snippet::Short(text)), Self::Choice(list)) => {
                list.iter().map(|one| text.followed_by(*one)).collect()
            }
            _ => None,
        };
        list.map(|list| Self::Choice(list.into()))
    }

    /// Writes what `choose` chooses: a number below the one it is given.
    #[inline]
    pub(crate) fn write(&self, row: u64, mut choose: impl FnMut(u64) -> u64, out: &mut Text<'_>) {
        match self {
            Self::Fixed(text) => out.push_snippet(text),
            Self::Choice(list) => {
                if let Some(text) = list.get(choose(list.len() as u64) as usize) {
                    out.push_short(*text);
                }
            }
            Self::Part(part) => part.write(row, choose, out),
        }
    }
}

/// Returns what writes some parts.
pub(super) fn steps(parts: &[Part]) -> Vec<Step> {
    joined(parts.iter().map(Step::of))
}

/// Joins fixed texts with the choices beside them: fewer steps write the same.
pub(crate) fn joined(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let mut joined: Vec<Step> = Vec::new();
    for next in steps {
        match joined.last().and_then(|last| last.joined(&next)) {
            Some(both) => {
                joined.pop();
                joined.push(both);
            }
            None => joined.push(next),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::super::words::Words;
    use super::*;
    use crate::value::written;

    #[test]
    fn steps_write_what_their_parts_write() {
        let long = "a text that is copied by a call";
        let words = || Part::Words(Words::new(["one", "three", "fifteen letters"]));
        let few = || Part::Words(Words::new(["a", "bb"]));
        for parts in [
            vec![Part::literal("+"), few(), Part::literal("-"), Part::number(98, 102)],
            vec![words(), Part::literal(" "), Part::literal(long), few(), Part::Index(3)],
            vec![Part::literal("<"), Part::number(0, 99_999), few(), Part::literal(">")],
        ] {
            let steps = steps(&parts);
            assert!(steps.len() <= parts.len());
            for number in 0..6 {
                let choose = |radix: u64| number % radix;
                let expected = written(|out| {
                    parts.iter().for_each(|part| part.write(number, choose, out));
                });
                let found = written(|out| {
                    steps.iter().for_each(|step| step.write(number, choose, out));
                });
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn fixed_texts_are_joined_with_choices() {
        let parts = [Part::literal("+"), Part::number(1, 9), Part::literal("-")];
        assert_eq!(steps(&parts).len(), 1);
    }
}
