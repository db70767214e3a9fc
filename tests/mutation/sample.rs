//! Definitions made of all that the format has, most of them right.

use super::tree::{Tree, plain, quoted};
use super::words::{self, Kind};
use crate::chance::Chance;

fn map(entries: &[(&str, Tree)]) -> Tree {
    Tree::Map(entries.iter().map(|(key, value)| (plain(key), value.clone())).collect())
}

/// A project of one to three datasets.
pub(super) fn datasets(migrated: bool, chance: &mut Chance) -> Vec<(String, Tree)> {
    let mut datasets: Vec<(String, Tree)> = Vec::new();
    let count = chance.of(&[1, 1, 1, 2, 3]);
    let names: Vec<&str> = ["rows", "others", "thirds"][..count].to_vec();
    for (at, name) in names.iter().enumerate() {
        // The rest references what stands before it, and now and then itself.
        let parents = &names[..at + usize::from(chance.below(4) == 0)];
        datasets.push(((*name).to_owned(), dataset(name, parents, migrated, chance)));
    }
    datasets
}

fn dataset(name: &str, parents: &[&str], migrated: bool, chance: &mut Chance) -> Tree {
    let mut fields = Vec::new();
    if chance.below(8) > 0 {
        let step = plain(chance.of(&["1", "1", "5", "-1"]));
        let sql_type =
            plain(chance.of(&["integer", "bigint", "bigint", "numeric", "smallint", "text"]));
        let generator = plain("sequence");
        let id =
            [("name", plain("id")), ("type", sql_type), ("generator", generator), ("step", step)];
        fields.push(map(&id));
    }
    let names = ["a", "b", "c", "d", "e"];
    let count = 1 + chance.below(names.len());
    for field_name in &names[..count] {
        let field_name = if chance.below(25) == 0 { chance.of(words::NAMES) } else { field_name };
        fields.push(field(field_name, migrated, chance));
    }
    let mut spec = vec![("table", plain(name)), ("fields", Tree::List(fields))];
    if chance.below(20) == 0 {
        spec[0].1 = quoted(chance.of(words::TABLES));
    }
    if chance.below(3) == 0 {
        let count = chance.of(&["0", "1", "7", "100", "1000000000", "9223372036854775807"]);
        spec.push(("volume", map(&[("count", plain(count))])));
    }
    // Names of fields that there are, as a rule.
    let known = ["id", "a", "b", "c"];
    let known = &known[..1 + count.min(if chance.below(10) == 0 { 3 } else { 2 })];
    let any = |chance: &mut Chance| plain(chance.of(&known[known.len().min(2) - 1..]));
    let some = |chance: &mut Chance| {
        let from = chance.below(2);
        let names = &known[from..from + 1 + chance.below(known.len() - from)];
        Tree::List(names.iter().map(|name| plain(name)).collect())
    };
    if chance.below(8) == 0 {
        spec.push(("primary_key", some(chance)));
    }
    if chance.below(6) == 0 {
        spec.push(("unique", Tree::List(vec![some(chance)])));
    }
    let relationships: Vec<Tree> = parents
        .iter()
        .map(|parent| {
            let own = format!("{parent}_id");
            let key = if chance.below(12) == 0 { "a" } else { &own };
            let referenced = chance.of(&["id", "id", "id", "a"]);
            let deletes = ["cascade", "restrict", "no_action", "set_null", "set_default"];
            map(&[
                ("foreignKey", plain(key)),
                ("references", plain(&format!("{parent}.{referenced}"))),
                ("onDelete", plain(chance.of(&deletes))),
            ])
        })
        .collect();
    if !relationships.is_empty() {
        spec.push(("relationships", Tree::List(relationships)));
    }
    if chance.below(4) == 0 {
        let (rule, keys) = chance.of(words::RULES);
        let mut entries = vec![("field", any(chance)), ("rule", plain(rule))];
        for key in keys.iter().chain(&["domain", "normalize"]) {
            if chance.below(4) == 0 {
                let known = [
                    "first",
                    "city",
                    "nfc",
                    "person",
                    "DE",
                    "example.org",
                    "3650",
                    "***",
                    "sha256",
                ];
                entries.push((key, plain(chance.of(&known))));
            }
        }
        spec.push(("masking_rules", Tree::List(vec![map(&entries)])));
    }
    if chance.below(4) == 0 {
        let condition = [("constraint", quoted(chance.of(words::CONDITIONS)))];
        spec.push(("validation", Tree::List(vec![map(&condition)])));
    }
    map(&[
        ("apiVersion", plain("data.automation/v1")),
        ("kind", plain("DataDefinition")),
        ("metadata", map(&[("name", plain(name))])),
        ("spec", map(&spec)),
    ])
}

/// A field of any type, with a generator that suits it as a rule.
pub(super) fn field(name: &str, migrated: bool, chance: &mut Chance) -> Tree {
    let types: Vec<_> = words::TYPES.iter().chain(words::made_types(migrated)).copied().collect();
    // Those of the migration come as often as all others.
    let made = words::made_types(migrated);
    let known = if !made.is_empty() && chance.below(2) == 0 { made } else { &types[..] };
    let (sql_type, kind, texts) = chance.of(known);
    let sql_type =
        if chance.below(12) == 0 { modified(sql_type, chance) } else { sql_type.to_owned() };
    let written = chance.of(&["choice", "choice", "constant", "pattern", "null"]);
    let suitable = words::suitable(kind);
    let any = chance.of(words::GENERATORS).0;
    let generator = match kind {
        _ if chance.below(12) == 0 => any,
        Kind::Text if chance.below(3) > 0 => any,
        _ if suitable.is_empty() || chance.below(3) == 0 => written,
        _ => chance.of(suitable),
    };
    let mut entries =
        vec![("name", quoted(name)), ("type", quoted(&sql_type)), ("generator", plain(generator))];
    if chance.below(6) == 0 {
        entries.push(("unique", plain("true")));
    }
    if chance.below(5) == 0 {
        entries.push(("null_probability", plain(chance.of(&["0.2", "0.5", "1"]))));
    }
    if chance.below(8) == 0 {
        entries.push(("masking", plain("true")));
        let categories =
            ["email", "phone", "ssn", "city", "pin", "full_name", "ip", "dob", "date", "card"];
        if chance.below(3) > 0 {
            entries.push(("pii_category", plain(chance.of(&categories))));
        }
    }
    parameters(generator, texts, &mut entries, chance);
    map(&entries)
}

/// A type with other modifiers, or an array of it.
fn modified(sql_type: &str, chance: &mut Chance) -> String {
    if chance.below(3) == 0 {
        return format!("{sql_type}{}", chance.of(&["[]", "[][]", "[3]", " array"]));
    }
    let words = [
        "varchar",
        "char",
        "numeric",
        "bit",
        "varbit",
        "time",
        "timestamp",
        "interval",
        "timetz",
        "bpchar",
    ];
    let word = chance.of(&words);
    let numbers = [
        "0",
        "1",
        "2",
        "3",
        "6",
        "7",
        "18",
        "19",
        "63",
        "1000",
        "1001",
        "10485760",
        "10485761",
        "2147483648",
    ];
    let modifier = chance.of(&numbers);
    match word {
        "numeric" => {
            format!("numeric({modifier},{})", chance.of(&["0", "1", "2", "5", "18", "19", "-2"]))
        }
        _ => format!("{word}({modifier})"),
    }
}

fn parameters(
    generator: &str,
    texts: &[&str],
    entries: &mut Vec<(&'static str, Tree)>,
    chance: &mut Chance,
) {
    // The first texts are right for their type, the rest may be.
    let text = |chance: &mut Chance| match chance.below(10) {
        0 => words::nasty(chance),
        1 | 2 => chance.of(texts),
        _ => texts[chance.below(texts.len().min(2))],
    };
    let numbers =
        ["-5", "0", "1", "3", "9", "100", "99.5", "2147483647", "32767", "-9223372036854775808"];
    let moments = [
        "-30d",
        "-1y",
        "now",
        "+2h",
        "2024-05-01",
        "1900-01-01T00:00:01",
        "-1mo",
        "0001-01-01",
        "9999-12-31",
    ];
    let patterns = [
        "{{index}}",
        "{{digits:3}}",
        "{{hex:2}}-{{index:5}}",
        "{{uuid}}",
        "a{{letters:2}}",
        "{{timestamp}}",
        "{{date}}",
        "x",
        "{{dataset}}",
        "{\"a\": {{index}}}",
        "10.0.0.{{digits:1}}",
        "{{{index}}}",
        "1{{digits:2}}",
        "10:{{digits:2}}",
    ];
    let mut maybe = |key: &'static str, words: &[&str], chance: &mut Chance| {
        if chance.below(2) == 0 {
            entries.push((key, plain(chance.of(words))));
        }
    };
    match generator {
        "choice" => {
            let count = 1 + chance.below(4);
            let mut choices: Vec<&str> = (0..count).map(|_| text(chance)).collect();
            if chance.below(10) > 0 {
                choices.sort_unstable();
                choices.dedup();
            }
            let count = choices.len();
            let choices = choices.into_iter().map(quoted).collect();
            if chance.below(4) == 0 {
                let weights = (0..count).map(|_| plain(chance.of(&["1", "20", "0", "0.5"])));
                entries.push(("weights", Tree::List(weights.collect())));
            }
            entries.push(("choices", Tree::List(choices)));
        }
        "constant" => entries.push(("value", quoted(text(chance)))),
        "pattern" => entries.push(("pattern", quoted(chance.of(&patterns)))),
        "email" if chance.below(3) == 0 => {
            entries
                .push(("pattern", quoted(chance.of(&["a{{index}}@example.com", "{{hex:4}}@x"]))));
        }
        "random_int" | "random_decimal" => {
            maybe("min", &numbers[..4], chance);
            maybe("max", &numbers[3..], chance);
            maybe("distribution", &["zipf", "normal", "exponential", "uniform"], chance);
        }
        "date_between" | "datetime_between" => {
            maybe("start_date", &moments, chance);
            maybe("end_date", &moments, chance);
            maybe("distribution", &["zipf", "normal", "exponential", "uniform"], chance);
        }
        "date_of_birth" => {
            maybe("min_age", &["0", "18", "100"], chance);
            maybe("max_age", &["18", "90", "7000"], chance);
        }
        "sequence" => {
            maybe("start", &numbers, chance);
            maybe("step", &numbers[2..], chance);
        }
        "reference" => {
            entries.push(("reference_table", plain(chance.of(&["rows", "others"]))));
            entries.push(("reference_field", plain(chance.of(&["id", "id", "a"]))));
        }
        "sentence" => maybe("words", &["1", "3", "100"], chance),
        "country" | "state" => maybe("format", &["name", "code"], chance),
        "ip_address" => maybe("version", &["4", "6"], chance),
        "phone_number" => maybe("country_code", &["US", "DE", "GB"], chance),
        _ => {}
    }
}
