//! A text that is being written.

use std::fmt::{self, Write as _};
use std::ops::{Deref, Range};

/// A text that is being written, at the end of others: those before it are out of reach.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    buffer: &'a mut String,
    start: usize,
}

impl<'a> Text<'a> {
    /// Begins an empty text at the end of a buffer.
    pub(crate) fn behind(buffer: &'a mut String) -> Self {
        let start = buffer.len();
        Self { buffer, start }
    }

    /// Appends a text.
    pub(crate) fn push_str(&mut self, text: &str) {
        self.buffer.push_str(text);
    }

    /// Appends a character.
    pub(crate) fn push(&mut self, character: char) {
        self.buffer.push(character);
    }

    /// Appends a value as it is displayed.
    pub(crate) fn push_display(&mut self, value: &impl fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.buffer, "{value}");
    }

    /// Takes all away that was written.
    pub(crate) fn clear(&mut self) {
        self.buffer.truncate(self.start);
    }

    /// Puts a text in the place of some bytes.
    pub(crate) fn replace_range(&mut self, range: Range<usize>, text: &str) {
        self.buffer.replace_range(self.start + range.start..self.start + range.end, text);
    }

    /// Returns some bytes to change in place; `None` where they do not begin and end with characters.
    pub(crate) fn get_mut(&mut self, range: Range<usize>) -> Option<&mut str> {
        self.buffer.get_mut(self.start + range.start..self.start + range.end)
    }

    /// The buffer's end, for whatever writes to strings.
    pub(crate) fn end(&mut self) -> &mut String {
        self.buffer
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.buffer[self.start..]
    }
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.buffer.push_str(text);
        Ok(())
    }
}

impl Extend<char> for Text<'_> {
    fn extend<I: IntoIterator<Item = char>>(&mut self, characters: I) {
        self.buffer.extend(characters);
    }
}

impl<'b> Extend<&'b str> for Text<'_> {
    fn extend<I: IntoIterator<Item = &'b str>>(&mut self, texts: I) {
        self.buffer.extend(texts);
    }
}
