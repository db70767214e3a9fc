//! The words of a text, to look others up in.

/// How many words are looked up quickly. Addresses and names have fewer.
const MOST: usize = 16;

/// The words of a text, to look others up in: runs of letters and digits, letter case aside.
///
/// In texts of ASCII it compares hashes before words, as nearly always none is in the other text.
pub(super) struct WordSet<'a> {
    text: &'a str,
    hashes: [u32; MOST],
    count: usize,
    is_hashed: bool,
}

impl<'a> WordSet<'a> {
    /// Takes the words of a text.
    pub(super) fn of(text: &'a str) -> Self {
        let mut set = Self { text, hashes: [0; MOST], count: 0, is_hashed: text.is_ascii() };
        if set.is_hashed {
            set.is_hashed = !any_hash(text, |hash| {
                if set.count < MOST {
                    set.hashes[set.count] = hash;
                }
                set.count += 1;
                set.count > MOST
            });
        }
        set
    }

    /// Tells whether another text has one of the words.
    pub(super) fn shares(&self, other: &str) -> bool {
        let known = &self.hashes[..self.count.min(MOST)];
        if self.is_hashed && other.is_ascii() && !any_hash(other, |hash| known.contains(&hash)) {
            return false;
        }
        words_of(self.text)
            .any(|word| words_of(other).any(|other| word.eq_ignore_ascii_case(other)))
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Gives the hash of each word of an ASCII text to `found`, until that says true; tells whether it did. Equal words,
/// letter case aside, have equal hashes.
fn any_hash(text: &str, mut found: impl FnMut(u32) -> bool) -> bool {
    // FNV-1a, with 32 bits.
    const START: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    let (mut hash, mut length) = (START, 0);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            hash = (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(PRIME);
            length += 1;
        } else if length > 0 {
            if found(hash) {
                return true;
            }
            (hash, length) = (START, 0);
        }
    }
    length > 0 && found(hash)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_share_what_their_words_say(one in "[aAbß ,-]{0,60}", other in "[aAbßc ,-]{0,12}") {
            let words = |text: &str| -> Vec<String> {
                words_of(text).map(str::to_ascii_lowercase).collect()
            };
            let expected = words(&one).iter().any(|word| words(&other).contains(word));
            prop_assert_eq!(WordSet::of(&one).shares(&other), expected);
        }
    }
}
