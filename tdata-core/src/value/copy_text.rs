//! Rows in COPY's text format: every type has a text form, so it serves every column.

use super::block::{Block, Data};
use super::single::Value;
use super::text::Text;
use super::value_ref::ValueRef;

/// Appends a row in the text format of `COPY`.
pub fn append_row(values: &[Value], out: &mut Vec<u8>) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(b'\t');
        }
        append_value(value.into(), out);
    }
    out.push(b'\n');
}

/// Appends all rows of some blocks, one for each column, in the text format of `COPY`.
pub fn append_rows(blocks: &[Block], out: &mut Vec<u8>) {
    let rows = blocks.first().map_or(0, Block::len);
    let is_plain: Vec<bool> = blocks.iter().map(has_no_escapes).collect();
    for at in 0..rows {
        for (column, block) in blocks.iter().enumerate() {
            if column > 0 {
                out.push(b'\t');
            }
            match block.get(at) {
                ValueRef::Text(text) if is_plain[column] => out.extend_from_slice(text.as_bytes()),
                value => append_value(value, out),
            }
        }
        out.push(b'\n');
    }
}

fn append_value(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"\\N"),
        ValueRef::Text(text) => append_escaped(text, out),
        ValueRef::Int(number) => {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        }
        value => value.to_value().write_text(&mut Text::behind(out)),
    }
}

/// Tells whether no text of a block has a character that is escaped.
fn has_no_escapes(block: &Block) -> bool {
    match block.data() {
        Data::Text { texts, .. } => !texts.iter().any(|byte| is_escaped(*byte)),
        _ => false,
    }
}

fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')
}

fn append_escaped(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| is_escaped(*byte)) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(match rest[at] {
            b'\\' => b"\\\\",
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            _ => b"\\r",
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::super::slot::Slot;
    use super::*;

    #[test]
    fn what_has_a_meaning_is_escaped() {
        let mut out = Vec::new();
        let values = [Value::Text("a\tb\\N\nc\r".into()), Value::Null, Value::Int(-5)];
        append_row(&values, &mut out);
        let expected = "a\\tb\\\\N\\nc\\r\t\\N\t-5\n";
        assert_eq!(str::from_utf8(&out), Ok(expected));
        let mut blocks: [Block; 3] = Default::default();
        blocks.iter_mut().zip(&values).for_each(|(block, value)| block.copy(value.into()));
        out.clear();
        append_rows(&blocks, &mut out);
        assert_eq!(str::from_utf8(&out), Ok(expected));
    }
}
