//! Changes of a file's bytes.

use crate::chance::Chance;

/// What is put between other bytes.
const PIECES: [&[u8]; 30] = [
    b"\0",
    b"\n",
    b"\r",
    b"\t",
    b"\x1b[2J",
    b"\x7f",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x8f\xb3",
    b"'",
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b": ",
    b", ",
    b"- ",
    b"#",
    b"&a ",
    b"*a",
    b"!!int ",
    b"| ",
    b"---\n",
    b"${",
    b"{{",
];

/// Changes some bytes.
pub(super) fn change(bytes: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    let start = chance.below(bytes.len() + 1);
    let end = start + chance.below((bytes.len() - start).min(60) + 1);
    match chance.below(7) {
        0 => {
            if let Some(byte) = bytes.get_mut(start) {
                *byte ^= 1 << chance.below(8);
            }
        }
        1 => drop(bytes.drain(start..end)),
        2 => {
            let run = bytes[start..end].to_vec();
            bytes.splice(start..start, run);
        }
        3 => drop(bytes.splice(start..start, chance.of(&PIECES).iter().copied())),
        4 => {
            let run = chance.of(&PIECES).repeat(chance.of(&[2, 70, 300, 5_000]));
            bytes.splice(start..start, run);
        }
        5 => bytes.truncate(start),
        _ => {
            let from = chance.below(other.len() + 1);
            let until = from + chance.below((other.len() - from).min(200) + 1);
            bytes.splice(start..end, other[from..until].iter().copied());
        }
    }
}
