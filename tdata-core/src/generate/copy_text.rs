//! Rows in COPY's text format: every type has a text form, so it serves every column.

use super::value::Value;

/// Appends a row in the text format of `COPY`; `scratch` is memory for values.
pub fn append_row(values: &[Value], scratch: &mut String, out: &mut Vec<u8>) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(b'\t');
        }
        match value {
            Value::Null => out.extend_from_slice(b"\\N"),
            Value::Text(text) => append_escaped(text, out),
            value => {
                scratch.clear();
                value.write_text(scratch);
                out.extend_from_slice(scratch.as_bytes());
            }
        }
    }
    out.push(b'\n');
}

fn append_escaped(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r'))
    {
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
    use super::*;

    #[test]
    fn what_has_a_meaning_is_escaped() {
        let mut out = Vec::new();
        let values = [Value::Text("a\tb\\N\nc\r".into()), Value::Null, Value::Int(-5)];
        append_row(&values, &mut String::new(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "a\\tb\\\\N\\nc\\r\t\\N\t-5\n");
    }
}
