//! A field's values, finished: generator, nulls, uniqueness and mask together.

use std::sync::Arc;

use super::arranged::ArrangedNumbers;
use crate::generate::{AnyGenerator, Cell, Cells, Divisor, FieldKey, Permutation, UniqueBy};
use crate::mask::AnyMask;
use crate::value::{Block, Value, ValueKind, with_spare};

/// A field's values as a function of the row's index.
#[derive(Clone, Debug)]
pub(super) struct Column {
    key: FieldKey,
    null_key: FieldKey,
    null_probability: f64,
    generator: AnyGenerator,
    numbering: Option<Numbers>,
    mask: Option<AnyMask>,
}

/// Where the numbers of a field's values come from.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    /// A shuffle of its own, or of its group.
    Shuffled(Numbering),
    /// What arranges the dataset's keys and groups.
    Arranged(ArrangedNumbers),
}

/// Which of a generator's values a row of a unique field gets.
#[derive(Clone, Debug)]
pub(super) struct Numbering {
    /// Shuffles the rows over the combinations of values there are.
    pub(super) permutation: Permutation,
    /// How many combinations the fields before this one have; 1 for a field unique by itself.
    pub(super) divisor: Divisor,
    /// How many values the generator has.
    pub(super) capacity: Divisor,
}

/// A field of a group that is unique only together, as far as numbering it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// How many values the generator has.
    pub(super) capacity: u64,
    /// Whether a mask changes the values; different ones may then become the same.
    pub(super) masked: bool,
}

/// How many values per row one field needs to keep its group apart by itself: so many that drawing
/// them freely would hardly repeat one either.
const AMPLE: u64 = 16;

impl Numbering {
    /// Numbers the values of a field that is unique by itself.
    pub(super) fn alone(key: &FieldKey, capacity: u64) -> Self {
        Self {
            permutation: Permutation::new(key, capacity),
            divisor: Divisor::new(1),
            capacity: Divisor::new(capacity),
        }
    }

    /// Numbers field number `at` of a group that is unique only together; `None` for one that may
    /// draw its values freely.
    ///
    /// Where a field has ample values, it alone is shuffled, and the others keep their
    /// distributions. Else all share one permutation of their combinations, and each takes its
    /// digit of the combination's number.
    pub(super) fn shared(key: &FieldKey, members: &[Member], at: usize, rows: u64) -> Option<Self> {
        let ample =
            |member: &Member| !member.masked && member.capacity >= rows.saturating_mul(AMPLE);
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_key(|member| members[*member].capacity);
        if let Some(shuffled) = order.iter().rev().copied().find(|one| ample(&members[*one])) {
            return (shuffled == at).then(|| Self::alone(key, members[at].capacity));
        }
        // The field with the most values is the last digit: a large one before the others would
        // leave them none of the 64 bits that a combination's number has.
        let (mut product, mut digit) = (1u64, None);
        for member in order {
            let capacity = members[member].capacity;
            if member == at {
                digit = Some((product, capacity));
            }
            match product.checked_mul(capacity) {
                Some(combinations) => product = combinations,
                None => {
                    // Those behind this one are not needed to tell 2^64 rows apart.
                    product = u64::MAX;
                    break;
                }
            }
        }
        let (divisor, capacity) = digit?;
        let (divisor, capacity) = (Divisor::new(divisor), Divisor::new(capacity));
        // Too few combinations were told; rows beyond them are never asked for.
        Some(Self { permutation: Permutation::new(key, product), divisor, capacity })
    }

    fn number(&self, row: u64) -> u64 {
        let (above, _) = self.divisor.divide(self.permutation.apply(row));
        self.capacity.divide(above).1
    }
}

impl Column {
    /// Joins the parts. With a numbering, rows below its bound get different values.
    pub(super) fn new(
        key: FieldKey,
        generator: AnyGenerator,
        numbering: Option<Numbers>,
        null_probability: f64,
        mask: Option<AnyMask>,
    ) -> Self {
        Self { key, null_key: key.part("null"), null_probability, generator, numbering, mask }
    }

    fn fill_unmasked(&self, rows: &[u64], out: &mut Block) {
        let first = out.len();
        match &self.numbering {
            None => self.generator.fill_rows(&self.key, rows, out),
            Some(Numbers::Shuffled(numbering)) => {
                let numbers: Vec<u64> = rows.iter().map(|row| numbering.number(*row)).collect();
                self.generator.fill_numbers(&numbers, out);
            }
            Some(Numbers::Arranged(arranged)) => {
                let (numbers, mut rest) = (arranged.numbers(rows), rows);
                // Classes may differ in whether they need numbers.
                for part in numbers.chunk_by(|one, next| one.is_some() == next.is_some()) {
                    let (rows, behind) = rest.split_at(part.len());
                    rest = behind;
                    match part.iter().copied().collect::<Option<Vec<u64>>>() {
                        Some(numbers) => self.generator.fill_numbers(&numbers, out),
                        None => self.generator.fill_rows(&self.key, rows, out),
                    }
                }
            }
        }
        if self.null_probability > 0.0 {
            for (at, row) in (first..).zip(rows) {
                if self.null_key.cell(*row).chance(self.null_probability) {
                    out.set_null(at);
                }
            }
        }
    }
}

impl Cells for Column {
    fn write(&self, row: u64, out: &mut Value) {
        if self.null_probability > 0.0 && self.null_key.cell(row).chance(self.null_probability) {
            *out = Value::Null;
            return;
        }
        let number = match &self.numbering {
            Some(Numbers::Shuffled(numbering)) => Some(numbering.number(row)),
            Some(Numbers::Arranged(arranged)) => arranged.number(row),
            None => None,
        };
        match number {
            Some(number) => self.generator.nth(number, out),
            None => self.generator.draw(&mut Cell { row, rng: self.key.cell(row) }, out),
        }
        if let Some(mask) = &self.mask
            && !out.is_null()
        {
            mask.apply(out);
        }
    }

    fn fill(&self, rows: &[u64], out: &mut Block) {
        match &self.mask {
            None => self.fill_unmasked(rows, out),
            Some(mask) => with_spare(|originals| {
                self.fill_unmasked(rows, originals);
                mask.fill(originals, out);
            }),
        }
    }

    fn kind(&self) -> ValueKind {
        let kind = self.generator.kind();
        self.mask.as_ref().and_then(|mask| mask.kind(kind)).unwrap_or(kind)
    }

    fn is_of_its_kind(&self) -> bool {
        self.generator.is_of_its_kind()
    }

    fn rows(&self) -> u64 {
        match &self.numbering {
            Some(Numbers::Shuffled(numbering)) => numbering.permutation.bound(),
            Some(Numbers::Arranged(arranged)) => arranged.arrangement.room(),
            None if self.generator.unique_by() == UniqueBy::Row => self.generator.capacity(),
            None => u64::MAX,
        }
    }

    fn max_length(&self, rows: u64) -> usize {
        let length = self.generator.max_length(rows);
        self.mask.as_ref().map_or(length, |mask| mask.max_length(length))
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        if self.mask.is_some() { None } else { self.generator.integer_range(rows) }
    }

    fn rows_of(&self, dataset: &str, field: &str) -> Option<Arc<dyn Cells>> {
        let generator = self.generator.rows_of(dataset, field)?;
        Some(Arc::new(Self { generator, mask: None, ..self.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const ROWS: u64 = 100;

    /// Returns how many numbers each member gets, and how many combinations.
    fn spread(capacities: &[u64]) -> (Vec<usize>, usize) {
        let member = |capacity: &u64| Member { capacity: *capacity, masked: false };
        let members: Vec<Member> = capacities.iter().map(member).collect();
        let key = FieldKey::derive(1, "t", "f", "g", 1);
        let numberings: Vec<_> =
            (0..members.len()).map(|at| Numbering::shared(&key, &members, at, ROWS)).collect();
        let rows = (0..ROWS).map(|row| {
            let number = |numbering: &Option<Numbering>| {
                numbering.as_ref().map(|numbering| numbering.number(row))
            };
            numberings.iter().map(number).collect::<Vec<_>>()
        });
        let rows: Vec<Vec<Option<u64>>> = rows.collect();
        let distinct = (0..members.len()).map(|at| {
            let numbers: HashSet<u64> = rows.iter().filter_map(|row| row[at]).collect();
            numbers.len()
        });
        (distinct.collect(), rows.iter().collect::<HashSet<_>>().len())
    }

    #[test]
    fn one_field_with_ample_values_leaves_the_others_alone() {
        assert_eq!(spread(&[u64::MAX, 30]), (vec![100, 0], 100));
        assert_eq!(spread(&[30, u64::MAX]), (vec![0, 100], 100));
        assert_eq!(spread(&[u64::MAX, 1_600, 30]), (vec![100, 0, 0], 100));
    }

    #[test]
    fn digits_keep_combinations_apart_in_either_order() {
        for capacities in [[10, 12], [12, 10], [100, 1], [3, 1_000]] {
            let (distinct, combinations) = spread(&capacities);
            assert_eq!(combinations, 100, "{capacities:?}");
            let few = distinct
                .iter()
                .zip(capacities)
                .all(|(seen, most)| *seen as u64 >= most.min(60) * 2 / 3);
            assert!(few, "{capacities:?}: {distinct:?}");
        }
    }

    #[test]
    fn a_masked_field_is_never_shuffled_alone() {
        let members = [(u64::MAX, true), (30, false)];
        let members = members.map(|(capacity, masked)| Member { capacity, masked });
        let key = FieldKey::derive(1, "t", "f", "g", 1);
        let numbering = |at| Numbering::shared(&key, &members, at, ROWS).unwrap();
        assert_eq!(
            (numbering(0).divisor, numbering(1).divisor),
            (Divisor::new(30), Divisor::new(1))
        );
    }
}
