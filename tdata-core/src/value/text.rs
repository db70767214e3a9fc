//! A text that is being written.

use std::fmt::{self, Write as _};

use super::short::{Short, Snippet};

/// A text that is being written, at the end of others: those before it are out of reach.
///
/// It is bytes, so that a short piece is written by copying as many bytes as fit a register: to copy just as many as
/// it has takes a call. All that is written is UTF-8.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    buffer: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Text<'a> {
    /// Begins an empty text at the end of a buffer.
    #[inline]
    pub(crate) fn behind(buffer: &'a mut Vec<u8>) -> Self {
        let start = buffer.len();
        Self { buffer, start }
    }

    /// Appends a text.
    #[inline]
    pub(crate) fn push_str(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Appends a character.
    #[inline]
    pub(crate) fn push(&mut self, character: char) {
        match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() => self.buffer.push(byte),
            _ => self.push_str(character.encode_utf8(&mut [0; 4])),
        }
    }

    /// Appends a short text.
    #[inline]
    pub(crate) fn push_short(&mut self, text: Short) {
        self.push_first(&text.with_padding(), text.len());
    }

    /// Appends a text that is written again and again.
    #[inline]
    pub(crate) fn push_snippet(&mut self, text: &Snippet) {
        match text {
            Snippet::Short(short) => self.push_short(*short),
            Snippet::Long(text) => self.push_str(text),
        }
    }

    /// Appends the first of some bytes, which are UTF-8, by copying all.
    #[inline]
    pub(crate) fn push_first<const N: usize>(&mut self, bytes: &[u8; N], length: usize) {
        let end = self.buffer.len() + length;
        self.buffer.extend_from_slice(bytes);
        self.buffer.truncate(end);
    }

    /// Appends a number in at least `width` digits.
    #[inline]
    pub(crate) fn push_number(&mut self, number: u64, width: usize) {
        match Short::number(number, width) {
            Some(digits) => self.push_short(digits),
            None => {
                let mut buffer = itoa::Buffer::new();
                let digits = buffer.format(number);
                (digits.len()..width).for_each(|_| self.push('0'));
                self.push_str(digits);
            }
        }
    }

    /// Appends a value as it is displayed.
    pub(crate) fn push_display(&mut self, value: &impl fmt::Display) {
        // Writing to memory cannot fail.
        let _ = write!(self, "{value}");
    }

    /// Takes all away that was written.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.buffer.truncate(self.start);
    }

    /// Returns how many bytes there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Returns what was written.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Returns what was written, to be changed in place: ASCII for ASCII.
    pub(crate) fn as_bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..]
    }
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }

    fn write_char(&mut self, character: char) -> fmt::Result {
        self.push(character);
        Ok(())
    }
}

impl Extend<char> for Text<'_> {
    fn extend<I: IntoIterator<Item = char>>(&mut self, characters: I) {
        characters.into_iter().for_each(|character| self.push(character));
    }
}

impl<'b> Extend<&'b str> for Text<'_> {
    fn extend<I: IntoIterator<Item = &'b str>>(&mut self, texts: I) {
        texts.into_iter().for_each(|text| self.push_str(text));
    }
}

/// Returns the text that is written.
pub(crate) fn written(write: impl FnOnce(&mut Text<'_>)) -> String {
    let mut bytes = Vec::new();
    write(&mut Text::behind(&mut bytes));
    let text = String::from_utf8(bytes);
    debug_assert!(text.is_ok(), "texts are UTF-8");
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::utf8::utf8;
    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_there(
            before in ".{0,3}",
            word in "[a-zé]{0,15}",
            number: u64,
            small in 0u64..200_000,
            width in 0usize..25,
        ) {
            let mut buffer = before.clone().into_bytes();
            let mut text = Text::behind(&mut buffer);
            let mut expected = word.clone();
            match Short::of(&word) {
                Some(short) => text.push_short(short),
                None => text.push_str(&word),
            }
            for number in [number, small] {
                text.push_number(number, width);
                expected.push_str(&format!("{number:0width$}"));
            }
            text.push('é');
            expected.push('é');
            prop_assert_eq!(utf8(text.as_bytes()), &expected);
            prop_assert_eq!(utf8(&buffer), before + &expected);
        }
    }

    #[test]
    fn what_was_written_can_be_changed() {
        let mut buffer = b"x".to_vec();
        let mut text = Text::behind(&mut buffer);
        text.push_str("abc");
        text.as_bytes_mut()[0] = b'A';
        assert_eq!(text.as_bytes(), b"Abc");
        text.clear();
        text.push_display(&1.5);
        assert_eq!(text.len(), 3);
        assert_eq!(buffer, b"x1.5");
    }
}
