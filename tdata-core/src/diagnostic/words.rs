//! Settings and options whose values are words.

use super::or_list;

/// A word that is none of the valid ones; `valid` lists those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of {}", or_list(self.valid.iter().copied()))]
pub struct UnknownWord {
    /// The words that are valid.
    pub valid: &'static [&'static str],
}

/// Makes an enum whose values are words, each with the other words that are read as it.
macro_rules! words {
    ($(#[$of_enum:meta])* $name:ident {
        $($(#[$of_variant:meta])* $variant:ident = $word:literal $(| $other:literal)*,)+
    }) => {
        $(#[$of_enum])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$of_variant])* $variant,)+
        }

        impl $name {
            /// The words of all values.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// Returns the value's word.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::diagnostic::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let words = [$(($word, Self::$variant), $(($other, Self::$variant),)*)+];
                $crate::diagnostic::find_word(text, &words, Self::WORDS)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

/// Finds the word that was meant; letter case, `_`, `-` and blanks do not count.
pub(crate) fn find_word<T: Copy>(
    text: &str,
    words: &[(&str, T)],
    valid: &'static [&'static str],
) -> Result<T, UnknownWord> {
    let letters = |word: &str| word.to_lowercase().replace(['_', '-', ' '], "");
    let written = letters(text.trim());
    let found = words.iter().find(|(word, _)| letters(word) == written);
    found.map(|(_, value)| *value).ok_or(UnknownWord { valid })
}
