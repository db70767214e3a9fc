//! Texts as rows of parts, numbered in mixed radix.

use std::sync::Arc;

use super::part::Part;
use super::step::{Step, steps};
use crate::generate::{AnyGenerator, Build, Cell, CellRng, Divisor, Family, UniqueBy};
use crate::value::{Slot, Text, ValueKind};

/// A form that texts have: parts, one behind the other.
///
/// Texts are numbered in mixed radix, a digit for each part, so that different numbers choose
/// different parts. Whoever joins the parts sees to it that different parts read differently: that
/// parts of variable length are separated by what does not occur in them.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    parts: Vec<Part>,
    /// What writes the parts.
    steps: Vec<Step>,
    /// What each choice among a part's values divides a text's number by.
    radices: Vec<Divisor>,
}

impl Template {
    pub(crate) fn new(parts: impl Into<Vec<Part>>) -> Self {
        let parts = parts.into();
        let mut radices = Vec::new();
        for part in &parts {
            let choose = |radix: u64| {
                radices.push(Divisor::new(radix));
                0
            };
            part.write(0, choose, &mut Text::behind(&mut Vec::new()));
        }
        Self { steps: steps(&parts), parts, radices }
    }

    /// Tells whether the row's index is written into the text.
    fn has_index(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Index(_)))
    }

    /// Returns how many texts there are; `u64::MAX` stands for that many or more.
    pub(crate) fn capacity(&self) -> u64 {
        if self.has_index() {
            return u64::MAX;
        }
        let product = self.parts.iter().map(Part::capacity).fold(1, u128::saturating_mul);
        u64::try_from(product).unwrap_or(u64::MAX)
    }

    fn write(&self, row: u64, mut choose: impl FnMut(u64) -> u64, out: &mut Text<'_>) {
        for step in &self.steps {
            step.write(row, &mut choose, out);
        }
    }

    fn nth(&self, number: u64, capacity: u64, out: &mut Text<'_>) {
        if capacity < u64::MAX {
            // The usual case: the number names every part.
            let (mut rest, mut radices) = (number, self.radices.iter());
            let choose = |_| {
                let (above, digit) = radices.next().map_or((0, 0), |radix| radix.divide(rest));
                rest = above;
                digit
            };
            return self.write(number, choose, out);
        }
        // Parts beyond what 64 bits can number, and those beside a row's index, are random.
        let mut rng = CellRng::from_bits(number);
        let (mut rest, mut numbered) = (number, if self.has_index() { u128::MAX } else { 1 });
        let choose = |radix: u64| {
            if numbered > u128::from(u64::MAX) {
                return rng.below(radix);
            }
            // The numbers that are left for this part and those behind it: as many as 64 bits have for each of those before.
            let left = (1u128 << 64).div_ceil(numbered);
            numbered *= u128::from(radix);
            match u64::try_from(left) {
                // The last of them tell this part's values apart; which of many such values it is, is random.
                Ok(left) if left < radix => rest + left * rng.below(radix / left),
                _ => {
                    let digit = rest % radix;
                    rest /= radix;
                    digit
                }
            }
        };
        self.write(number, choose, out);
    }

    /// Returns the most characters a text has in rows below `rows`.
    fn max_length(&self, rows: u64) -> usize {
        self.parts.iter().map(|part| part.max_length(rows)).sum()
    }

    /// Returns the fewest characters a text has.
    pub(crate) fn min_length(&self) -> usize {
        self.parts.iter().map(Part::min_length).sum()
    }

    /// Drops the longest words, until every text of rows below `rows` has at most `limit`
    /// characters; `None` when no words are left.
    pub(crate) fn within(&self, limit: Option<usize>, rows: u64) -> Option<Self> {
        let limit = limit.unwrap_or(usize::MAX);
        if self.max_length(rows) <= limit {
            return Some(self.clone());
        }
        let (mut fixed, mut lengths) = (0, Vec::new());
        for part in &self.parts {
            match part {
                Part::Words(words) => lengths.push(words.lengths()),
                part => fixed += part.max_length(rows),
            }
        }
        let longest = lengths.iter().filter_map(|lengths| lengths.last().copied()).max()?;
        let cap = (1..=longest).rev().find(|cap| {
            let kept = lengths.iter().map(|lengths| lengths.range(..=*cap).next_back().copied());
            kept.sum::<Option<usize>>().is_some_and(|kept| fixed + kept <= limit)
        })?;
        let parts = self.parts.iter().map(|part| match part {
            Part::Words(words) => Part::Words(words.within(cap)),
            part => part.clone(),
        });
        Some(Self::new(parts.collect::<Vec<_>>()))
    }
}

/// The texts of one or more forms, none of which can look like another.
#[derive(Debug)]
pub(crate) struct Texts {
    forms: Vec<(Template, u64)>,
}

impl Texts {
    /// Joins forms, at least one.
    pub(crate) fn generator(forms: Vec<Template>) -> AnyGenerator {
        let forms = forms.into_iter().map(|form| {
            let capacity = form.capacity();
            (form, capacity)
        });
        Arc::new(Self { forms: forms.collect() })
    }
}

impl Family for Texts {
    fn kind(&self) -> ValueKind {
        ValueKind::Text
    }

    fn capacity(&self) -> u64 {
        self.forms.iter().fold(0, |sum, (_, capacity)| sum.saturating_add(*capacity))
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        let mut number = number;
        for (form, capacity) in &self.forms {
            if number < *capacity {
                return out.text(|out| form.nth(number, *capacity, out));
            }
            number -= capacity;
        }
    }

    /// Every form as likely, however many texts it has.
    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        let form = match self.forms.as_slice() {
            [only] => only,
            forms => &forms[cell.rng.below(forms.len() as u64) as usize],
        };
        out.text(|out| form.0.write(cell.row, |bound| cell.rng.below(bound), out));
    }

    fn unique_by(&self) -> UniqueBy {
        let by_row = self.forms.iter().all(|(form, _)| form.has_index());
        if by_row { UniqueBy::Row } else { UniqueBy::Number }
    }

    fn max_length(&self, rows: u64) -> usize {
        self.forms.iter().map(|(form, _)| form.max_length(rows)).max().unwrap_or(0)
    }
}

/// Builds the generator of those forms and words that fit the column; tells when none does.
pub(crate) fn fitting(
    build: &mut Build<'_>,
    forms: impl IntoIterator<Item = Template>,
) -> Option<AnyGenerator> {
    let (limit, rows) = (build.length_limit(), build.rows);
    let (mut shortest, mut fitting) = (usize::MAX, Vec::new());
    for form in forms {
        shortest = shortest.min(form.min_length());
        fitting.extend(form.within(limit, rows));
    }
    if fitting.is_empty() {
        too_short(build, shortest);
        return None;
    }
    Some(Texts::generator(fitting))
}

/// Tells that the column is too short for any value; the shortest has `shortest` characters.
pub(crate) fn too_short(build: &mut Build<'_>, shortest: usize) {
    let message = format!("no `{}` fits `{}`", build.generator_name(), build.sql_type);
    let help = format!("the shortest has {shortest} characters: make the column longer");
    build.invalid(build.type_origin(), message, help);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::words::Words;
    use super::*;
    use crate::value::written;

    fn text(template: &Template, number: u64) -> String {
        written(|out| template.nth(number, template.capacity(), out))
    }

    #[test]
    fn every_number_below_the_capacity_has_its_own_text() {
        let words = Part::Words(Words::new(["a", "bb", "c"]));
        let template = Template::new([words, Part::literal("-"), Part::number(8, 12)]);
        assert_eq!(template.capacity(), 15);
        let texts: HashSet<String> = (0..15).map(|number| text(&template, number)).collect();
        assert_eq!(texts.len(), 15);
        assert_eq!(template.max_length(1), 5);
    }

    #[test]
    fn beyond_64_bits_numbers_still_differ() {
        let template = Template::new([Part::digits(18), Part::literal(":"), Part::Uuid]);
        assert_eq!(template.capacity(), u64::MAX);
        let numbers = (0..1_000).chain((0..1_000).map(|step| u64::MAX - 1 - (step << 54)));
        let texts: HashSet<String> = numbers.map(|number| text(&template, number)).collect();
        assert_eq!(texts.len(), 2_000);
    }

    #[test]
    fn no_part_beyond_64_bits_is_left_empty() {
        let wide = [
            vec![Part::Letters(13), Part::Letters(12)],
            vec![Part::digits(18), Part::digits(7)],
            vec![Part::Hex(15), Part::Hex(15)],
            vec![Part::literal("x-"), Part::Letters(9), Part::digits(9), Part::Letters(13)],
        ];
        for parts in wide {
            let template = Template::new(parts);
            let numbers: Vec<u64> =
                (0..500).map(|step: u64| step.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
            let texts: Vec<String> =
                numbers.iter().map(|number| text(&template, *number)).collect();
            assert_eq!(texts.iter().collect::<HashSet<_>>().len(), texts.len());
            // Each place has many characters, the last ones too.
            let length = texts[0].len();
            for at in 0..length {
                let seen: HashSet<u8> = texts.iter().map(|text| text.as_bytes()[at]).collect();
                let is_fixed = at < 2 && texts[0].starts_with("x-");
                assert!(is_fixed || seen.len() >= 8, "{at}: {}", texts[0]);
            }
        }
    }

    #[test]
    fn the_longest_words_go_first() {
        let words = Part::Words(Words::new(["abc", "ab", "a"]));
        let template = Template::new([words.clone(), Part::literal("."), words]);
        assert_eq!(template.within(Some(6), 1).map(|fit| fit.capacity()), Some(4));
        assert_eq!(template.within(Some(3), 1).map(|fit| fit.capacity()), Some(1));
        assert!(template.within(Some(2), 1).is_none());
    }
}
