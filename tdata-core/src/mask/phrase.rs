//! Phrases: words drawn from lists and joined, none longer than a limit.

use std::fmt::Write;

use super::key::MaskStream;

/// A word with its length in characters.
pub(super) type Word = (usize, &'static str);

/// Returns the different words of a list, the shortest first: so the words that fit a limit come
/// first. That takes its time; lists are kept in statics.
pub(super) fn by_length(list: &[&'static str]) -> Vec<Word> {
    let mut words: Vec<Word> = list.iter().map(|word| (length(word), *word)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// A piece of a phrase.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// The same text in every phrase.
    Fixed(&'static str),
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
            Self::Fixed(text) => length(text),
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

    fn write(&self, rng: &mut MaskStream, out: &mut String) {
        let number = rng.below(self.count(usize::MAX));
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Fixed(text) => out.write_str(text),
            Self::Words(words) => {
                out.write_str(words.get(number as usize).map_or("", |(_, word)| word))
            }
            Self::Number(_) => write!(out, "{}", number + 1),
            Self::Digits(digits) => write!(out, "{number:0digits$}"),
        };
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Words drawn from lists and joined.
#[derive(Debug)]
pub(super) struct Phrase {
    pieces: Vec<Piece>,
    max_length: usize,
}

impl Phrase {
    /// Joins pieces, leaving out their longest words until every phrase fits `limit`.
    ///
    /// # Errors
    ///
    /// The least limit that phrases of these pieces can fit.
    pub(super) fn fitting(mut pieces: Vec<Piece>, limit: usize) -> Result<Self, usize> {
        let least = pieces.iter().map(Piece::least).sum();
        if limit < least {
            return Err(least);
        }
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
            let Some(cut) = cut else { return Err(least) };
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
        Ok(Self { pieces, max_length })
    }

    /// Returns the most characters a phrase has.
    pub(super) fn max_length(&self) -> usize {
        self.max_length
    }

    /// Returns how many phrases there are.
    pub(super) fn count(&self) -> u128 {
        self.pieces.iter().map(|piece| u128::from(piece.count(usize::MAX))).product()
    }

    /// Writes a phrase that is not `original` and, where one is easily found, has no word of it.
    pub(super) fn write_other(&self, rng: &mut MaskStream, original: &str, out: &mut String) {
        /// How many draws may be thrown away for a word of the original's.
        const STRICT: usize = 32;
        for attempt in 0..2 * STRICT {
            out.clear();
            for piece in &self.pieces {
                piece.write(rng, out);
            }
            let near = if attempt < STRICT { share_a_word } else { str::eq_ignore_ascii_case };
            if !near(out, original) {
                return;
            }
        }
        // All these draws gave the original: there are hardly any other phrases.
        out.clear();
        out.push('*');
    }
}

/// Tells whether two texts have a word in common, letter case aside.
fn share_a_word(one: &str, other: &str) -> bool {
    fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
    }
    words(one).any(|word| words(other).any(|other| word.eq_ignore_ascii_case(other)))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::mask::MaskKey;

    fn words() -> Piece {
        static LIST: LazyLock<Vec<Word>> =
            LazyLock::new(|| by_length(&["cc", "bbb", "a", "dddd", "a", "b"]));
        Piece::Words(&LIST)
    }

    fn drawn(phrase: &Phrase, original: &str) -> String {
        let mut out = String::new();
        phrase.write_other(
            &mut MaskKey::development().technique("t").stream(original),
            original,
            &mut out,
        );
        out
    }

    #[test]
    fn the_longest_words_are_left_out_until_phrases_fit() {
        let pieces = || vec![words(), Piece::Fixed(" "), words()];
        for limit in 3..=12 {
            let phrase = Phrase::fitting(pieces(), limit).unwrap();
            assert!(phrase.max_length() <= limit);
            for original in ["", "a", "x"] {
                assert!(drawn(&phrase, original).len() <= phrase.max_length());
            }
        }
        assert_eq!(Phrase::fitting(pieces(), 2).unwrap_err(), 3);
    }

    #[test]
    fn phrases_are_counted() {
        let pieces = vec![Piece::Number(2), words(), Piece::Digits(3)];
        assert_eq!(Phrase::fitting(pieces, 99).unwrap().count(), 99 * 5 * 1000);
    }

    #[test]
    fn the_original_is_never_drawn() {
        let phrase = Phrase::fitting(vec![words()], 1).unwrap();
        assert_eq!((drawn(&phrase, "A").as_str(), drawn(&phrase, "b").as_str()), ("b", "a"));
        let only = Phrase::fitting(vec![Piece::Fixed("x")], 1).unwrap();
        assert_eq!(drawn(&only, "x"), "*");
    }

    #[test]
    fn words_of_the_original_are_avoided() {
        let phrase = Phrase::fitting(vec![words(), Piece::Fixed(" "), words()], 99).unwrap();
        assert!(!drawn(&phrase, "dddd-bbb, b").contains('b'));
    }
}
