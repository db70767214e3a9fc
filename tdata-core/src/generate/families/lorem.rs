//! `word`, `sentence`: pseudo-Latin.

use std::sync::Arc;

use super::text::{Part, Template, Words, fitting, lorem_words, too_short};
use crate::generate::{AnyGenerator, Build, Cell, CellRng, Family, GeneratorEntry, Told};
use crate::value::{Slot, Text, ValueKind};

pub(in crate::generate) const WORD: GeneratorEntry = GeneratorEntry {
    name: "word",
    version: 1,
    parameters: &[],
    summary: "Single words of pseudo-Latin.",
    build: build_word,
};

pub(in crate::generate) const SENTENCE: GeneratorEntry = GeneratorEntry {
    name: "sentence",
    version: 1,
    parameters: &["words", "min_words", "max_words"],
    summary: "Sentences of pseudo-Latin, of 8 words unless `words` or `min_words` and \
              `max_words` say otherwise; cut to the words that fit the column.",
    build: build_sentence,
};

/// The words of a sentence where nothing else is asked for.
const DEFAULT_WORDS: u64 = 8;

/// The most words a sentence may be asked to have.
const MOST_WORDS: u64 = 1_000;

fn build_word(build: &mut Build<'_>) -> Option<AnyGenerator> {
    fitting(build, [Template::new([Part::Words(lorem_words())])])
}

/// Sentences are numbered by their first words, as many as fit the column whichever they are; the
/// words behind them are random.
#[derive(Debug)]
struct Sentence {
    words: Words,
    fewest: u64,
    most: u64,
    limit: usize,
    /// The words that a sentence's number chooses.
    numbered: u32,
}

fn build_sentence(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let (fewest, most) = word_counts(build)?;
    let limit = build.length_limit().unwrap_or(usize::MAX);
    let words = lorem_words().within(limit.saturating_sub(1));
    if words.len() == 0 {
        let shortest = lorem_words().iter().map(str::len).min().unwrap_or_default();
        too_short(build, shortest + 1);
        return None;
    }
    // Behind each word stands a blank or the full stop.
    let sure = (limit / (words.longest() + 1)).min(fewest as usize).max(1);
    Some(Arc::new(Sentence { words, fewest, most, limit, numbered: sure as u32 }))
}

fn word_counts(build: &mut Build<'_>) -> Option<(u64, u64)> {
    let mut count = |key: &str| {
        let expected = format!("a number from 1 to {MOST_WORDS}");
        let count = build.given::<u64>(key, &expected)?;
        if let Some(count) = count.as_ref().filter(|one| !(1..=MOST_WORDS).contains(&one.value)) {
            let message = format!("a sentence cannot have {} words", count.value);
            build.invalid(&count.origin, message, format!("give {expected}"));
            return Err(Told);
        }
        Ok(count)
    };
    let counts = (count("words"), count("min_words"), count("max_words"));
    let (Ok(words), Ok(fewest), Ok(most)) = counts else { return None };
    if let (Some(words), true) = (&words, fewest.is_some() || most.is_some()) {
        let help = "give `words`, or `min_words` and `max_words`";
        build.invalid(&words.origin, "`words` fixes the number that the others leave open", help);
        return None;
    }
    if let Some(words) = words {
        return Some((words.value, words.value));
    }
    let default = |other: Option<u64>| other.unwrap_or(DEFAULT_WORDS);
    let least = fewest.as_ref().map(|count| count.value);
    let largest = most.as_ref().map(|count| count.value);
    let least = least.unwrap_or_else(|| default(None).min(default(largest)));
    let largest = largest.unwrap_or_else(|| DEFAULT_WORDS.max(least));
    if least > largest {
        let origin = fewest.as_ref().or(most.as_ref());
        let origin = origin.map_or_else(|| build.generator_origin(), |count| &count.origin);
        let message = format!("`min_words: {least}` is above `max_words: {largest}`");
        build.invalid(origin, message, "exchange them");
        return None;
    }
    Some((least, largest))
}

impl Sentence {
    /// Writes the words that `numbered` chooses, and random ones behind them.
    fn write(&self, numbered: Option<u64>, rng: &mut CellRng, out: &mut Text<'_>) {
        let count = self.fewest + rng.below(self.most - self.fewest + 1);
        let (mut rest, mut last) = (numbered.unwrap_or(0), u64::MAX);
        for place in 0..count {
            let number = if numbered.is_some() && place < u64::from(self.numbered) {
                let digit = rest % self.words.len();
                rest /= self.words.len();
                digit
            } else {
                let number = rng.below(self.words.len());
                // A word twice in a row looks like a mistake.
                if number == last { (number + 1) % self.words.len() } else { number }
            };
            last = number;
            let word = self.words.get(number);
            // The words are ASCII, as is all that stands between them.
            if place > 0 {
                if out.len() + 1 + word.len() + 1 > self.limit {
                    break;
                }
                out.push(' ');
            }
            out.push_str(word);
        }
        if let Some(first) = out.as_bytes_mut().first_mut() {
            first.make_ascii_uppercase();
        }
        out.push('.');
    }
}

impl Family for Sentence {
    fn kind(&self) -> ValueKind {
        ValueKind::Text
    }

    fn capacity(&self) -> u64 {
        self.words.len().saturating_pow(self.numbered)
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        out.text(|out| self.write(Some(number), &mut CellRng::from_bits(number), out));
    }

    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        out.text(|out| self.write(None, &mut cell.rng, out));
    }

    fn max_length(&self, _rows: u64) -> usize {
        (self.most as usize).saturating_mul(self.words.longest() + 1).min(self.limit)
    }
}
