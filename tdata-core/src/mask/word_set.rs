//! The words of a text, to look others up in.

use crate::value::utf8;

/// The words of a text, to look others up in: runs of letters and digits, letter case aside.
pub(super) struct WordSet<'a> {
    text: &'a str,
    /// None for texts that are long, or not ASCII.
    short: Option<ShortText>,
    hashes: [u32; MOST_WORDS],
}

/// How many words are looked up quickly. Addresses and names have fewer.
const MOST_WORDS: usize = 16;

impl<'a> WordSet<'a> {
    /// Takes the words of a text.
    pub(super) fn of(text: &'a str) -> Self {
        let mut hashes = [0; MOST_WORDS];
        let short = ShortText::of(text.as_bytes()).filter(|short| short.count() <= MOST_WORDS);
        if let Some(short) = &short {
            hashes.iter_mut().zip(short.words()).for_each(|(hash, word)| *hash = short.hash(word));
        }
        Self { text, short, hashes }
    }

    /// Tells whether another text has one of the words.
    pub(super) fn shares(&self, other: &[u8]) -> bool {
        let (Some(own), Some(short)) = (&self.short, ShortText::of(other)) else {
            let other = utf8(other);
            let has = |word: &str| words_of(other).any(|other| word.eq_ignore_ascii_case(other));
            return words_of(self.text).any(has);
        };
        // Hashes first: nearly always no word is in the other text. Those behind the last are of no word, and matter little.
        short.words().any(|word| {
            let hash = short.hash(word);
            let is_known = self.hashes.iter().fold(false, |known, own| known | (*own == hash));
            is_known && own.words().any(|known| own.bytes(known) == short.bytes(word))
        })
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The most bytes of a [`ShortText`]: a bit for each.
const MOST_BYTES: usize = 64;

/// How many bytes are looked at together.
const TOGETHER: usize = 8;

/// A text of ASCII in small letters, and which of its bytes are letters and digits.
struct ShortText {
    /// The text, and zeros behind it, so that from each of its bytes on so many can be read.
    text: [u8; MOST_BYTES + TOGETHER],
    in_words: u64,
}

/// Where a word stands.
#[derive(Clone, Copy)]
struct Word {
    start: usize,
    length: usize,
}

impl ShortText {
    /// Takes a text; `None` where it is longer, or not ASCII.
    #[inline]
    fn of(original: &[u8]) -> Option<Self> {
        let mut text = [0; MOST_BYTES + TOGETHER];
        text[..MOST_BYTES].get_mut(..original.len())?.copy_from_slice(original);
        let (mut in_words, mut seen) = (0, 0);
        let used = original.len().div_ceil(TOGETHER);
        for (at, bytes) in text.as_chunks_mut::<TOGETHER>().0[..used].iter_mut().enumerate() {
            let eight = u64::from_le_bytes(*bytes);
            seen |= eight;
            let small = eight | each(0x20);
            // Digits have this bit already.
            let found = in_range(small, b'a', b'z') | in_range(eight, b'0', b'9');
            // Gathers the highest bit of each byte.
            let bits = (found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            in_words |= bits << (TOGETHER * at);
            *bytes = small.to_le_bytes();
        }
        (seen & each(0x80) == 0).then_some(Self { text, in_words })
    }

    fn count(&self) -> usize {
        (self.in_words & !(self.in_words << 1)).count_ones() as usize
    }

    #[inline]
    fn words(&self) -> impl Iterator<Item = Word> {
        let mut rest = self.in_words;
        std::iter::from_fn(move || {
            let start = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            let length = (rest >> start).trailing_ones() as usize;
            // All bits of the word, and those before it.
            rest &= u64::MAX.checked_shl((start + length) as u32).unwrap_or(0);
            Some(Word { start, length })
        })
    }

    #[inline]
    fn bytes(&self, word: Word) -> &[u8] {
        &self.text[word.start..word.start + word.length]
    }

    #[inline]
    fn eight(&self, start: usize) -> u64 {
        let bytes = self.text.get(start..).and_then(|text| text.first_chunk());
        u64::from_le_bytes(bytes.copied().unwrap_or_default())
    }

    /// Returns the hash of a word: of its length, its first bytes and its last.
    #[inline]
    fn hash(&self, word: Word) -> u32 {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let first = self.eight(word.start);
        let missing = TOGETHER.saturating_sub(word.length);
        let (first, last) = match word.length.checked_sub(TOGETHER) {
            Some(more) => (first, self.eight(word.start + more)),
            None => (first << (8 * missing), 0),
        };
        let mixed = (first ^ last.rotate_left(31)).wrapping_add(word.length as u64);
        (mixed.wrapping_mul(ODD) >> 32) as u32
    }
}

/// Returns a word of eight equal bytes.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; TOGETHER])
}

/// Sets the highest bit of those bytes that are in a range; all are below 0x80.
#[inline]
fn in_range(eight: u64, first: u8, last: u8) -> u64 {
    let from_first = eight.wrapping_add(each(0x80 - first));
    let behind_last = eight.wrapping_add(each(0x7f - last));
    from_first & !behind_last & each(0x80)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_share_what_their_words_say(
            one in "[aAbzZ09ß ,-]{0,70}|[aB ]{0,70}",
            other in "[aAbß@`{/:,-]{0,12}|[ab]{6,20}",
        ) {
            let words = |text: &str| -> Vec<String> {
                words_of(text).map(str::to_ascii_lowercase).collect()
            };
            let expected = words(&one).iter().any(|word| words(&other).contains(word));
            prop_assert_eq!(WordSet::of(&one).shares(other.as_bytes()), expected);
        }

        #[test]
        fn the_words_of_short_texts_are_those_of_all(text in "[ -~]{0,64}") {
            let short = ShortText::of(text.as_bytes()).unwrap();
            let found: Vec<&[u8]> = short.words().map(|word| short.bytes(word)).collect();
            let small = text.to_ascii_lowercase();
            let expected: Vec<&[u8]> = words_of(&small).map(str::as_bytes).collect();
            prop_assert_eq!(found.len(), short.count());
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn long_words_are_compared_whole() {
        let set = WordSet::of("abcdefgh-x-ijklmnop");
        assert!(!set.shares(b"abcdefgh1ijklmnop") && set.shares(b"ABCDEFGH"));
        let set = WordSet::of("abcdefgh1ijklmnop");
        assert!(!set.shares(b"abcdefgh2ijklmnop") && set.shares(b"x abcdefgh1ijklmnop"));
    }
}
