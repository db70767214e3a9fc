//! The message of a failure, without the values that are hidden.
//!
//! Which values these are, the database tells: it is asked for those of hidden columns that are in the message, and
//! for no others. What PostgreSQL itself quotes of rows is left out whatever it is, since it may be of no row.

use std::collections::BTreeSet;
use std::ops::Range;

use tdata_core::sql::quote_identifier;

use super::hidden::{Column, Shown};
use super::reader::Reader;
use super::trouble::Trouble;

/// What stands in place of a value.
const HIDDEN: &str = "(hidden)";

/// The most characters of a message that are kept, and how many are looked at behind them, where a value may end.
const LONGEST: usize = 20_000;
const BEHIND: usize = 2_000;

/// The fewest characters of a value that is looked for, by what is known of its column. Shorter ones are no
/// personal data by themselves, and stand in any message.
const FEWEST_PERSONAL: usize = 2;
const FEWEST_UNDESCRIBED: usize = 4;

/// From how many characters on a value is hidden within a longer word, too.
const WITHIN_WORDS: usize = 8;

/// The values within a value: itself, the texts and numbers in an array, in JSON and in a row, and the bounds of a range.
const PARTS: &str = "SELECT c.whole \
     UNION ALL SELECT j #>> '{}' FROM jsonb_path_query(c.json, '$.**') AS j \
               WHERE jsonb_typeof(j) IN ('string', 'number') \
     UNION ALL SELECT btrim(part, '{}[]()\" ') FROM regexp_split_to_table(c.whole, ',') AS part \
               WHERE c.whole ~ '^[{]?[[(].*[])][}]?$'";

/// The forms that a value may have in a message: PostgreSQL's text, and those of Rust that differ from it (an
/// address without its mask, a number without zeros behind it, the day of a point in time, a time down to its second,
/// and bytes as numbers, as digits and as text). What stands behind the second is found in the message. Bytes that are
/// longer as numbers than a message are in none.
const FORMS: &str = "SELECT p.v \
     UNION ALL SELECT regexp_replace(p.v, '/(32|128)$', '') \
     UNION ALL SELECT regexp_replace(p.v, '[.]?0+$', '') WHERE p.v ~ '^-?[0-9]+[.][0-9]+$' \
     UNION ALL SELECT unnest(ARRAY[left(p.v, 10), replace(left(p.v, 19), 'T', ' '), replace(left(p.v, 19), ' ', 'T')]) \
               WHERE p.v ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]' \
     UNION ALL SELECT left(p.v, 8) WHERE p.v ~ '^[0-9]{2}:[0-9]{2}:[0-9]{2}[.+-]' \
     UNION ALL SELECT unnest(ARRAY[substr(p.v, 3), upper(substr(p.v, 3)), encode(b, 'escape'), \
                   (SELECT string_agg(get_byte(b, i)::text, ', ' ORDER BY i) FROM generate_series(0, length(b) - 1) AS i)]) \
               FROM (SELECT CASE WHEN p.v ~ '^[\\\\]x([0-9a-f]{2})+$' THEN decode(substr(p.v, 3), 'hex') END AS b) AS b \
               WHERE length(b) <= 10000";

/// Finds the values of hidden columns that are in a message.
pub(super) fn hidden_values(
    message: &str,
    reader: &mut Reader<'_>,
    shown: &Shown,
) -> Result<BTreeSet<String>, Trouble> {
    let mut found = BTreeSet::new();
    // A text that is shown within another has its escapes written again.
    let message = first(message, LONGEST + BEHIND);
    let once = unescaped(message);
    // PostgreSQL has no texts with a NUL.
    let in_a_line: Vec<&str> = message.split_whitespace().collect();
    let searched = [message, &once, &unescaped(&once), &in_a_line.join(" ")];
    let searched = searched.join("\n").replace('\0', "\n");
    for table in reader.tables()? {
        let hidden = table.columns.iter().filter_map(|column| {
            let fewest = match shown.known(&table.schema, &table.name, &column.name) {
                Column::Shown => return None,
                Column::Personal => FEWEST_PERSONAL,
                Column::Undescribed => FEWEST_UNDESCRIBED,
            };
            let column = quote_identifier(&column.name);
            Some(format!("(t.{column}::text, to_jsonb(t.{column}), {fewest})"))
        });
        let hidden: Vec<String> = hidden.collect();
        if hidden.is_empty() {
            continue;
        }
        let sql = format!(
            "SELECT DISTINCT f.v FROM ONLY {} AS t, LATERAL (VALUES {}) AS c(whole, json, fewest), \
             LATERAL ({PARTS}) AS p(v), LATERAL ({FORMS}) AS f(v) \
             WHERE length(f.v) >= c.fewest AND f.v NOT IN ('true', 'false') AND strpos($1::text, f.v) > 0",
            table.quoted,
            hidden.join(", "),
        );
        let rows = reader.within(|reader| Ok(reader.client.query(&sql, &[&searched])?))?;
        found.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    }
    Ok(found)
}

/// Returns the message without these values, and without what PostgreSQL quotes of rows.
pub(super) fn without(message: &str, values: &BTreeSet<String>) -> String {
    let message = first(message, LONGEST + BEHIND);
    let mut ranges = quoted_by_postgres(message);
    for value in values {
        let debug = |text: &str| {
            let quoted = format!("{text:?}");
            quoted[1..quoted.len() - 1].to_owned()
        };
        let once = debug(value);
        let forms: BTreeSet<String> =
            [debug(&once), value.escape_debug().to_string(), once, value.clone()].into();
        for form in forms {
            ranges.extend(occurrences(message, &form).map(|range| to_end_of_time(message, range)));
        }
        ranges.extend(spread_lists(message, value));
    }
    let told = replaced(message, ranges);
    match first(&told, LONGEST) {
        whole if whole.len() == told.len() => told,
        cut => format!("{cut}…"),
    }
}

/// Returns the first characters of a text.
fn first(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

fn occurrences<'a>(message: &'a str, value: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_long = value.chars().count() >= WITHIN_WORDS;
    let is_word = char::is_alphanumeric;
    message.match_indices(value).map(|(at, value)| at..at + value.len()).filter(move |range| {
        let before = message[..range.start].chars().next_back().is_some_and(is_word);
        let behind = message[range.end..].chars().next().is_some_and(is_word);
        let is_cut = before && value.starts_with(is_word) || behind && value.ends_with(is_word);
        is_long || !is_cut
    })
}

/// Returns where a value stands, with the fraction and the zone behind it if it is a time down to its second.
fn to_end_of_time(message: &str, range: Range<usize>) -> Range<usize> {
    let is_time = match message.as_bytes()[range.clone()] {
        [.., h, b':', m, _, b':', s, _] => [h, m, s].iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !is_time {
        return range;
    }
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut end = range.end;
    if let Some(fraction) = message[end..].strip_prefix('.') {
        end += match digits(fraction) {
            0 => 0,
            length => 1 + length,
        };
    }
    let behind = &message[end..];
    let zone = behind.strip_prefix(' ').unwrap_or(behind);
    let blank = behind.len() - zone.len();
    let is_offset = |text: &str| text.starts_with(['+', '-']) && digits(&text[1..]) >= 2;
    end += match zone {
        _ if zone.starts_with("UTC") => blank + 3,
        _ if zone.starts_with('Z') && blank == 0 => 1,
        _ if is_offset(zone) => {
            let rest = zone[1..].trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
            blank + zone.len() - rest.len()
        }
        _ => 0,
    };
    range.start..end
}

/// Where a list of numbers stands that is written over several lines.
fn spread_lists(message: &str, value: &str) -> Vec<Range<usize>> {
    let is_list = value.contains(", ")
        && value
            .split(", ")
            .all(|item| !item.is_empty() && item.bytes().all(|b| b.is_ascii_digit()));
    if !is_list {
        return Vec::new();
    }
    let Some((first, rest)) = value.split_once(',') else { return Vec::new() };
    let starts = message.match_indices(first).map(|(at, _)| at);
    let found = starts.filter_map(|start| {
        let mut behind = &message[start + first.len()..];
        for item in rest.split(',') {
            behind = behind.strip_prefix(',')?.trim_start().strip_prefix(item.trim_start())?;
        }
        Some(start..message.len() - behind.len())
    });
    let is_digit = |c: char| c.is_ascii_digit();
    found
        .filter(|range| {
            !message[..range.start].ends_with(is_digit)
                && !message[range.end..].starts_with(is_digit)
        })
        .collect()
}

/// Where PostgreSQL's answers quote rows and values, in the ways that clients show them.
fn quoted_by_postgres(message: &str) -> Vec<Range<usize>> {
    /// What stands before a text in quotes.
    const IN_QUOTES: &[&str] = &["detail: Some(", "where_: Some(", "where: Some("];
    /// What stands before the rest of a line.
    const LINES: &[&str] = &["DETAIL: ", "CONTEXT: ", "Failing row contains (", ")=("];
    /// What stands in the line before a value in quotes.
    const VALUES: &[&str] = &[
        "invalid input syntax for type ",
        "invalid input value for enum ",
        "field value out of range: ",
        "malformed array literal: ",
        "malformed record literal: ",
        "malformed range literal: ",
        "malformed multirange literal: ",
    ];
    let mut found = Vec::new();
    let mut behind = |marks: &[&str], length: fn(&str) -> Option<Range<usize>>| {
        for mark in marks {
            for (at, _) in message.match_indices(mark) {
                let start = at + mark.len();
                let range = length(&message[start..]);
                found.extend(range.map(|range| start + range.start..start + range.end));
            }
        }
    };
    behind(IN_QUOTES, in_quotes);
    behind(LINES, |text| Some(0..line(text)));
    behind(VALUES, |text| {
        let line = &text[..text.find('\n').unwrap_or(text.len())];
        let quote = line.find(": \"").map(|at| at + 2).or_else(|| line.find('"'))?;
        in_quotes(&line[quote..]).map(|range| quote + range.start..quote + range.end)
    });
    found
}

/// Returns where the text stands whose quote a text starts with.
fn in_quotes(text: &str) -> Option<Range<usize>> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let end = end.unwrap_or(inner.len());
    Some(1..1 + end)
}

/// Returns where a line ends, or the text in quotes that it is in.
fn line(text: &str) -> usize {
    let ends = ["\n", "\\n", "\")", "\",", "\" }"].into_iter().filter_map(|end| text.find(end));
    ends.min().unwrap_or(text.len())
}

fn replaced(message: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut text = String::with_capacity(message.len());
    let mut done = 0;
    for range in ranges {
        if range.end <= done {
            continue;
        }
        if range.start >= done {
            text.push_str(&message[done..range.start]);
            text.push_str(HIDDEN);
        }
        done = range.end;
    }
    text.push_str(&message[done..]);
    text
}

/// Undoes the escapes that `Debug` writes.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let (character, taken) = escape(behind).unwrap_or(('\\', 0));
        plain.push(character);
        rest = &behind[taken..];
    }
    plain.push_str(rest);
    plain
}

/// Returns what stands behind a backslash, and its length.
fn escape(text: &str) -> Option<(char, usize)> {
    Some(match text.chars().next()? {
        'n' => ('\n', 1),
        't' => ('\t', 1),
        'r' => ('\r', 1),
        '0' => ('\0', 1),
        plain @ ('"' | '\'' | '\\') => (plain, 1),
        'u' => {
            let (digits, _) = text.strip_prefix("u{")?.split_once('}')?;
            (char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, digits.len() + 3)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(message: &str, values: &[&str]) -> String {
        without(message, &values.iter().map(|&value| value.to_owned()).collect())
    }

    #[test]
    fn values_are_hidden_in_every_form() {
        for (message, value) in [
            ("left: \"ada@corp.uk\"", "ada@corp.uk"),
            ("left: \"O'Brien \\\"x\\\"\"", "O'Brien \"x\""),
            ("error: \"left: \\\"O\\\\\\\"Brien\\\"\"", "O\"Brien"),
            ("left: \"two\\nlines\"", "two\nlines"),
            ("it is Zoë", "Zoë"),
        ] {
            let told = hidden(message, &[value]);
            assert!(
                told.contains(HIDDEN) && !told.contains("Brien") && !told.contains("lines"),
                "{told}"
            );
        }
        assert_eq!(hidden("Al is in Alabama", &["Al"]), "(hidden) is in Alabama");
        assert_eq!(hidden("MrBeeblebrox", &["Beeblebrox"]), "Mr(hidden)");
        assert_eq!(hidden("ada ada@x.uk", &["ada", "ada@x.uk"]), "(hidden) (hidden)");
        assert_eq!(hidden("left: 5\nright: 7", &[]), "left: 5\nright: 7");
    }

    #[test]
    fn a_time_is_hidden_to_its_end() {
        for value in ["2024-05-01T10:11:12", "2024-05-01 10:11:12", "10:11:12"] {
            for behind in ["", ".5", ".500Z", "Z", " UTC", ".25 UTC", "+00:00", ".5 +00:00:00"] {
                assert_eq!(hidden(&format!("[{value}{behind}, x]"), &[value]), "[(hidden), x]");
            }
            for behind in [". Then", " and", " - 2", " + x"] {
                assert_eq!(
                    hidden(&format!("{value}{behind}"), &[value]),
                    format!("(hidden){behind}")
                );
            }
        }
        assert_eq!(hidden("Ada.5", &["Ada"]), "(hidden).5");
    }

    #[test]
    fn bytes_are_hidden_over_lines() {
        let value = "97, 100, 97";
        assert_eq!(hidden("left: [97, 100, 97]", &[value]), "left: [(hidden)]");
        let told = hidden("left: [\n    97,\n    100,\n    97,\n]", &[value]);
        assert_eq!(told, "left: [\n    (hidden),\n]");
        let other = "[\n197,\n100,\n97] [\n97,\n100,\n971]";
        assert_eq!(hidden(other, &[value]), other);
    }

    #[test]
    fn what_postgresql_quotes_of_rows_is_hidden() {
        for message in [
            "db error: ERROR: duplicate key\nDETAIL: Key (email)=(ada@corp.uk) already exists.",
            "Error { code: SqlState(E23505), detail: Some(\"Key (email)=(ada@corp.uk) \\\"x\\\" exists.\"), hint: None }",
            "\"DETAIL: Failing row contains (1, ada@corp.uk, null).\"",
            "Failing row contains (1, ada@corp.uk).",
            "where_: Some(\"COPY users, line 1: \\\"ada@corp.uk\\\"\")",
            "invalid input syntax for type integer: \"ada@corp.uk\"",
            "message: \"invalid input value for enum mood: \\\"ada@corp.uk\\\"\", detail: None",
            "date/time field value out of range: \"ada@corp.uk\"",
            "malformed array literal: \"{ada@corp.uk\"",
            "message: \"malformed range literal: \\\"[ada@corp.uk\\\"\", detail: None",
        ] {
            let told = hidden(message, &[]);
            assert!(told.contains(HIDDEN) && !told.contains("corp"), "{told}");
        }
        let told = hidden("{ detail: Some(\"Key (a)=(b)\"), hint: None }", &[]);
        assert_eq!(told, "{ detail: Some(\"(hidden)\"), hint: None }");
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescaped("a\\\"b\\n\\u{e9}\\\\n\\x\\"), "a\"b\né\\n\\x\\");
    }

    #[test]
    fn a_long_message_is_cut() {
        let told = hidden(&"é".repeat(LONGEST + 1), &[]);
        assert_eq!(told.chars().count(), LONGEST + 1);
        assert!(told.ends_with('…'));
    }
}
