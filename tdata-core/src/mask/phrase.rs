//! Phrases: words drawn from lists and joined, none longer than a limit.
//!
//! Each piece that has a choice takes a word of the HMAC, in order. If the phrase then has a word of the
//! original, letter case aside, each piece whose own text is a word of the original moves on to the next in
//! its list that is none; a list goes on at its start. If the phrase still has a word of the original
//! (one of two pieces), all pieces start from the next in their lists, and so on. Where 32
//! steps find nothing, the first phrase of them that is not the original is taken, else `*`.

use super::key::{WORDS_PER_HMAC, Words};
use super::word_set::WordSet;
use crate::generate::text::{self, Part, Step};
use crate::value::{Short, Snippet, Text};

/// A word with its length in characters.
pub(super) type Word = (usize, Snippet);

/// Returns the different words of a list, the shortest first: so the words that fit a limit come
/// first. That takes its time; lists are kept in statics.
pub(super) fn by_length(list: impl IntoIterator<Item = &'static str>) -> Vec<Word> {
    let mut words: Vec<(usize, &str)> = list.into_iter().map(|word| (length(word), word)).collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(|(length, word)| (length, Snippet::of(word))).collect()
}

/// A piece of a phrase.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// The same text in every phrase.
    Fixed(Snippet),
    /// One word of a list made by [`by_length`], each as likely.
    Words(&'static [Word]),
    /// A whole number from 1 on, with at most that many digits, at least one.
    Number(usize),
    /// Exactly that many digits.
    Digits(usize),
}

impl Piece {
    /// Returns the least length the piece can be cut to, with still two words to choose from.
    fn least(&self) -> usize {
        match self {
            Self::Words(words) => words.get(1).or(words.first()).map_or(0, |(length, _)| *length),
            Self::Number(_) => 1,
            Self::Fixed(_) | Self::Digits(_) => self.longest(),
        }
    }

    fn longest(&self) -> usize {
        match self {
            Self::Fixed(text) => length(&text.text()),
            Self::Words(words) => words.last().map_or(0, |(length, _)| *length),
            Self::Number(digits) | Self::Digits(digits) => *digits,
        }
    }

    /// Returns how many texts of at most `most` characters the piece has.
    fn count(&self, most: usize) -> u64 {
        match self {
            Self::Fixed(_) => 1,
            Self::Words(words) => words.partition_point(|(length, _)| *length <= most) as u64,
            Self::Number(digits) => 10u64.pow((*digits).min(most) as u32) - 1,
            Self::Digits(digits) => 10u64.pow(*digits as u32),
        }
    }

    /// Returns how many texts the piece has.
    fn total(&self) -> u32 {
        match self {
            // To count words is to look for the longest; all of them are so many.
            Self::Words(words) => words.len() as u32,
            piece => piece.count(usize::MAX) as u32,
        }
    }

    /// Returns the number of the first text, from `number` on, that is no word of `original`; `number` where
    /// all that are looked at are.
    fn unlike(&self, number: u32, original: &WordSet<'_>) -> u32 {
        let mut text = Vec::new();
        let total = self.total();
        let other = (number..number.saturating_add(STEPS)).find(|number| {
            text.clear();
            self.write(*number % total.max(1), &mut Text::behind(&mut text));
            !original.shares(&text)
        });
        other.unwrap_or(number)
    }

    /// Tells whether there is anything to choose.
    fn is_drawn(&self) -> bool {
        !matches!(self, Self::Fixed(_))
    }

    /// Writes text number `number`, which is below the total.
    #[inline]
    fn write(&self, number: u32, out: &mut Text<'_>) {
        match self {
            Self::Fixed(text) => out.push_snippet(text),
            Self::Words(words) => {
                if let Some((_, word)) = words.get(number as usize) {
                    out.push_snippet(word);
                }
            }
            Self::Number(_) => out.push_number(u64::from(number) + 1, 0),
            Self::Digits(digits) => out.push_number(number.into(), *digits),
        }
    }

    /// Returns what writes the piece; `None` where it is a long text.
    fn step(&self) -> Option<Step> {
        let short = |text: &Snippet| match text {
            Snippet::Short(short) => Some(*short),
            Snippet::Long(_) => None,
        };
        Some(match self {
            Self::Fixed(text) => Step::Fixed(text.clone()),
            Self::Words(words) => {
                let list: Option<Vec<Short>> = words.iter().map(|(_, word)| short(word)).collect();
                Step::Choice(list?.into())
            }
            Self::Number(_) => {
                Step::Part(Part::Number { first: 1, count: self.total().into(), width: 0 })
            }
            Self::Digits(digits) => Step::Part(Part::digits(*digits as u32)),
        })
    }

    /// The same text in every phrase.
    pub(super) fn fixed(text: &'static str) -> Self {
        Self::Fixed(Snippet::of(text))
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Words drawn from lists and joined.
#[derive(Debug)]
pub(super) struct Phrase {
    /// Each with the number of its texts.
    pieces: Vec<(Piece, u32)>,
    /// What writes the pieces, some of them joined; none where a text of them is long.
    steps: Vec<Step>,
    max_length: usize,
}

impl Phrase {
    /// Returns the least limit that phrases of some pieces can fit.
    pub(super) fn least(pieces: &[Piece]) -> usize {
        pieces.iter().map(Piece::least).sum()
    }

    /// Joins pieces, leaving out their longest words until every phrase fits `limit`, or the least limit there is.
    pub(super) fn fitting(mut pieces: Vec<Piece>, limit: usize) -> Self {
        let mut longest: Vec<usize> = pieces.iter().map(Piece::longest).collect();
        while longest.iter().sum::<usize>() > limit {
            // The piece that loses the smallest share of its texts is cut by a character.
            let kept = |index: &usize| {
                let (piece, length) = (&pieces[*index], longest[*index]);
                piece.count(length - 1) as f64 / piece.count(length) as f64
            };
            let cut = (0..pieces.len())
                .filter(|index| longest[*index] > pieces[*index].least())
                .max_by(|one, other| kept(one).total_cmp(&kept(other)));
            let Some(cut) = cut else { break };
            longest[cut] -= 1;
        }
        for (piece, longest) in pieces.iter_mut().zip(&longest) {
            let count = piece.count(*longest) as usize;
            match piece {
                Piece::Words(words) => *words = &words[..count],
                Piece::Number(digits) => *digits = *longest,
                Piece::Fixed(_) | Piece::Digits(_) => {}
            }
        }
        let max_length = pieces.iter().map(Piece::longest).sum();
        let steps: Option<Vec<Step>> = pieces.iter().map(Piece::step).collect();
        let steps = steps.map(text::joined).unwrap_or_default();
        let pieces = pieces.into_iter().map(|piece| {
            let total = piece.total();
            (piece, total)
        });
        Self { pieces: pieces.collect(), steps, max_length }
    }

    /// Returns the most characters a phrase has.
    pub(super) fn max_length(&self) -> usize {
        self.max_length
    }

    /// Returns how many phrases there are.
    pub(super) fn count(&self) -> u128 {
        self.pieces.iter().map(|(_, total)| u128::from(*total)).product()
    }

    /// Writes the phrase that words choose; it is not `original` and, where one is found in a few steps,
    /// has no word of it.
    pub(super) fn write_other(&self, words: &mut Words<'_>, original: &str, out: &mut Text<'_>) {
        let (mut drawn, mut count): (Drawn, usize) = ([0; WORDS_PER_HMAC], 0);
        let mut draw = |total: u32| {
            let number = words.below(total);
            drawn[count % WORDS_PER_HMAC] = number;
            count += 1;
            number
        };
        for step in &self.steps {
            step.write(0, |total| draw(total as u32).into(), out);
        }
        if self.steps.is_empty() {
            for (piece, total) in &self.pieces {
                let number = if piece.is_drawn() { draw(*total) } else { 0 };
                piece.write(number, out);
            }
        }
        let own = WordSet::of(original);
        if own.shares(out.as_bytes()) {
            self.write_unlike(&drawn, &own, original, out);
        }
    }

    /// Writes the next phrase that has no word of the original, or else is another.
    #[cold]
    fn write_unlike(&self, drawn: &Drawn, own: &WordSet<'_>, original: &str, out: &mut Text<'_>) {
        for step in 0..STEPS {
            self.write(out, drawn, |piece, number| piece.unlike(number + step, own));
            if !own.shares(out.as_bytes()) {
                return;
            }
        }
        for step in 0..STEPS {
            self.write(out, drawn, |_, number| number + step);
            if !out.as_bytes().eq_ignore_ascii_case(original.as_bytes()) {
                return;
            }
        }
        // There is hardly any other phrase.
        out.clear();
        out.push('*');
    }

    /// Writes a phrase; `choose` says which text of a piece, given the number that was drawn.
    fn write(&self, out: &mut Text<'_>, drawn: &Drawn, mut choose: impl FnMut(&Piece, u32) -> u32) {
        out.clear();
        let mut drawn = drawn.iter();
        for (piece, total) in &self.pieces {
            let mut number = match piece.is_drawn() {
                true => choose(piece, drawn.next().copied().unwrap_or_default()),
                false => 0,
            };
            // Behind the last comes the first.
            if number >= *total {
                number %= (*total).max(1);
            }
            piece.write(number, out);
        }
    }
}

/// What was drawn, for each piece that has a choice: as many words as one HMAC has.
type Drawn = [u32; WORDS_PER_HMAC];

/// How far a phrase goes on for one without a word of the original.
const STEPS: u32 = 32;

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::mask::MaskKey;
    use crate::value::written;

    fn words() -> Piece {
        static LIST: LazyLock<Vec<Word>> =
            LazyLock::new(|| by_length(["cc", "bbb", "a", "dddd", "a", "b"]));
        Piece::Words(&LIST)
    }

    fn drawn(phrase: &Phrase, original: &str) -> String {
        let key = MaskKey::development().rule("t", 1, "t");
        written(|out| phrase.write_other(&mut key.words(original), original, out))
    }

    #[test]
    fn the_longest_words_are_left_out_until_phrases_fit() {
        let pieces = || vec![words(), Piece::fixed(" "), words()];
        for limit in 3..=12 {
            let phrase = Phrase::fitting(pieces(), limit);
            assert!(phrase.max_length() <= limit);
            for original in ["", "a", "x"] {
                assert!(drawn(&phrase, original).len() <= phrase.max_length());
            }
        }
        assert_eq!(Phrase::least(&pieces()), 3);
    }

    #[test]
    fn joined_steps_write_what_their_pieces_write() {
        let pieces = || {
            let end = Piece::fixed(", ");
            vec![Piece::Number(2), Piece::fixed(" "), words(), end, words(), Piece::Digits(3)]
        };
        let joined = Phrase::fitting(pieces(), 99);
        assert!(!joined.steps.is_empty() && joined.steps.len() < joined.pieces.len());
        let alone = Phrase { steps: Vec::new(), ..Phrase::fitting(pieces(), 99) };
        for original in 0..200 {
            let original = format!("original {original}");
            assert_eq!(drawn(&joined, &original), drawn(&alone, &original));
        }
    }

    #[test]
    fn phrases_are_counted() {
        let pieces = vec![Piece::Number(2), words(), Piece::Digits(3)];
        assert_eq!(Phrase::fitting(pieces, 99).count(), 99 * 5 * 1000);
    }

    #[test]
    fn the_original_is_never_drawn() {
        let phrase = Phrase::fitting(vec![words()], 1);
        assert_eq!((drawn(&phrase, "A").as_str(), drawn(&phrase, "b").as_str()), ("b", "a"));
        let only = Phrase::fitting(vec![Piece::fixed("x")], 1);
        assert_eq!(drawn(&only, "x"), "*");
    }

    #[test]
    fn words_of_the_original_are_avoided() {
        let phrase = Phrase::fitting(vec![words(), Piece::fixed(" "), words()], 99);
        assert!(!drawn(&phrase, "dddd-bbb, b").contains('b'));
    }
}
