//! Texts of `tsvector`: words, each with the positions where it stands.

use std::iter::Peekable;
use std::str::Chars;

/// The most bytes of a word.
const MOST_BYTES: usize = 2_046;

/// Reads words that stand in quotes or end with a blank, such as `'a b':1,2A c`.
pub(super) fn read(text: &str) -> Result<String, String> {
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Ok(text.to_owned());
        }
        let word = word(&mut rest).filter(|word| (1..=MOST_BYTES).contains(&word.len()));
        if word.is_none() || positions(&mut rest).is_none() {
            return Err("words such as `a b` or `'a b':1,2`".to_owned());
        }
    }
}

fn word(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let is_quoted = rest.next_if_eq(&'\'').is_some();
    let mut word = String::new();
    loop {
        match rest.peek().copied() {
            None if is_quoted => return None,
            None => return Some(word),
            Some('\'') if is_quoted => {
                rest.next();
                // Two of them stand for one.
                if rest.next_if_eq(&'\'').is_none() {
                    return Some(word);
                }
                word.push('\'');
            }
            Some(c) if c.is_whitespace() && !is_quoted => return Some(word),
            // At the start of a word it is a part of it.
            Some(':') if !is_quoted && !word.is_empty() => return Some(word),
            Some('\\') => {
                rest.next();
                word.push(rest.next()?);
            }
            Some(c) => {
                rest.next();
                word.push(c);
            }
        }
    }
}

/// Reads what stands behind a word: `:` and numbers from 1, each with a weight if it has one.
fn positions(rest: &mut Peekable<Chars<'_>>) -> Option<()> {
    if rest.next_if_eq(&':').is_none() {
        return Some(());
    }
    loop {
        let mut digits = String::new();
        while let Some(digit) = rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        if digits.trim_start_matches('0').is_empty() {
            return None;
        }
        let _weight = rest.next_if(|c| matches!(c, 'a'..='d' | 'A'..='D' | '*'));
        match rest.peek() {
            Some(',') => drop(rest.next()),
            None => return Some(()),
            Some(c) if c.is_whitespace() => return Some(()),
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn words_and_positions_are_read() {
        for text in
            ["", " ", "a b", "'a b':1,2A c", "a:3B", "O'Brien", "'it''s'", "a\\:b", "'a'b", ":1"]
        {
            assert!(read(text).is_ok(), "{text}");
        }
        for text in ["'", "''", "'a", "a:", "a:b", "a:0", "https://a.b", "a:1,", "\\"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
