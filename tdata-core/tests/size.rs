//! Definitions of size: the time they take grows with the text, not with its square.
//!
//! Each case takes well below a second, and took more than the limit, often minutes, while it grew with the square.

use std::time::{Duration, Instant};

use tdata_core::contract::Contract;
use tdata_core::definition::{self, Definition, Library};
use tdata_core::diagnostic::{Diagnostics, Source};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, plan};

const LIMIT: Duration = Duration::from_secs(60);

const AS_OF: definition::Instant = definition::Instant::from_micros(0);

const ID: &str = "    - { name: id, type: integer, generator: sequence }\n";

/// A definition with these fields, and what stands behind them.
fn definition(dataset: &str, fields: &str, behind: &str) -> String {
    format!(
        "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {dataset} }}\nspec:\n  \
         table: {dataset}\n  fields:\n{fields}{behind}"
    )
}

/// Writes `count` lines.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|number| line(number) + "\n").collect()
}

/// Writes the definition of a field over several lines.
fn field(keys: &str) -> String {
    format!("    - name: id\n      type: text\n{keys}")
}

fn planned(library: &Library) -> Result<(), Diagnostics> {
    let contract = Contract::new(library.names(), AS_OF);
    plan(&contract, library, &MaskKey::development(), &Catalog::default()).map(|_| ())
}

/// Does all that is done with a text within the limit: reads it, plans it, and tells what is wrong.
fn told(text: String) -> Diagnostics {
    let start = Instant::now();
    let source = Source::new("big.yaml", text);
    let mistakes = match Definition::parse(source.clone(), "big") {
        Err(mistakes) => mistakes,
        Ok(_) => {
            let mut library = Library::default();
            library.insert(source, "big", None);
            planned(&library).err().unwrap_or_default()
        }
    };
    assert_eq!(mistakes.to_string().is_empty(), mistakes.is_empty());
    mistakes.iter().for_each(|mistake| assert!(!mistake.to_string().is_empty()));
    let took = start.elapsed();
    assert!(took < LIMIT, "{took:?}");
    mistakes
}

#[test]
fn many_mistakes_are_counted_and_the_first_hundred_told() {
    const COUNT: usize = 8_000;
    let number =
        |number: usize| format!("    - {{ name: f{number}, type: integer, generator: sequence }}");
    let fields = lines(1_000, number);
    for (text, mistakes) in [
        (definition("big", ID, &lines(COUNT, |n| format!("  key{n}: 1"))), COUNT),
        (
            definition(
                "big",
                &field(&lines(COUNT, |n| format!("      key{n}: 1")))
                    .replace("text", "uuid\n      generator: uuid"),
                "",
            ),
            COUNT,
        ),
        (
            definition(
                "big",
                &field(&format!(
                    "      generator: choice\n      choices:\n{}",
                    lines(COUNT, |_| "        - same".to_owned())
                )),
                "",
            ),
            COUNT - 1,
        ),
        (
            definition(
                "big",
                &fields,
                &format!(
                    "  masking_rules:\n{}",
                    lines(COUNT, |n| format!("    - {{ field: other{n}, rule: redact }}"))
                ),
            ),
            COUNT,
        ),
        (
            definition(
                "big",
                &fields,
                &format!(
                    "  validation:\n{}",
                    lines(COUNT, |n| format!("    - constraint: NOT NULL (other{n})"))
                ),
            ),
            COUNT,
        ),
        // All in one line, which every message would show.
        (
            definition(
                "big",
                &format!(
                    "    - {{ name: id, type: uuid, generator: uuid, {} }}\n",
                    (0..COUNT).map(|n| format!("key{n}: 1")).collect::<Vec<_>>().join(", ")
                ),
                "",
            ),
            COUNT,
        ),
    ] {
        let found = told(text);
        assert_eq!((found.len(), found.iter().count()), (mistakes, 100));
        let rest = format!("and {} more mistakes: mend these first", mistakes - 100);
        assert!(found.to_string().ends_with(&format!("\n\n{rest}")));
        assert_eq!(found.rest(), Some(rest));
    }
}

#[test]
fn a_place_far_behind_in_a_line_is_shown_with_what_is_around_it() {
    let padding = "x".repeat(6_000);
    let line = format!("    - {{ description: {padding}, name: id, what: 1 }}\n");
    let text = definition("big", &line, "");
    let mistakes = told(text);
    let shown = mistakes.iter().find(|one| one.message().contains("no generator")).unwrap();
    let (_, line, column) = shown.location().unwrap();
    assert_eq!((line, column), (7, 6_030));
    let shown = shown.to_string();
    assert!(shown.contains("--> big.yaml:7:6030\n"), "{shown}");
    assert!(shown.contains("name: id, what: 1 }") && shown.contains("^^"), "{shown}");
    assert!(shown.len() < 1_000, "{shown}");
}

#[test]
fn much_that_is_right_is_read_and_planned() {
    let number =
        |number: usize| format!("    - {{ name: f{number}, type: integer, generator: sequence }}");
    let choices = lines(60_000, |n| format!("        - choice{n}"));
    let wide = "1,".repeat(100_000);
    let long =
        format!("{ID}    - {{ name: v, type: text, unique: true, generator: pattern, pattern: '");
    for text in [
        definition(
            "big",
            &format!(
                "{ID}    - {{ name: v, type: jsonb, generator: constant, value: '[{wide}1]' }}\n"
            ),
            "",
        ),
        definition("big", &format!("{long}{}' }}\n", "{{digits:9}}".repeat(1_000)), ""),
        definition(
            "big",
            &field(&format!(
                "      unique: true\n      generator: choice\n      choices:\n{choices}"
            )),
            "",
        ),
        definition(
            "big",
            &lines(1_000, number),
            &format!("  unique:\n{}", lines(999, |n| format!("    - [f{n}, f{}]", n + 1))),
        ),
        definition(
            "big",
            ID,
            &format!(
                "  relationships:\n{}",
                lines(1_000, |n| format!("    - {{ foreignKey: k{n}, references: big.id }}"))
            ),
        ),
        definition(
            "big",
            ID,
            &format!("  validation:\n{}", lines(8_000, |n| format!("    - constraint: id > -{n}"))),
        ),
    ] {
        let found = told(text);
        assert!(found.is_empty(), "{found}");
    }
}

#[test]
fn variables_that_are_not_closed_are_searched_once() {
    for text in
        ["${".repeat(300_000), format!("{}}}", "${".repeat(300_000)), "${x\n".repeat(150_000)]
    {
        told(definition("big", ID, &format!("  other: \"{text}\"\n")));
    }
    // All characters for private use, which stand in for braces while YAML is read.
    let private = ('\u{e000}'..='\u{f8ff}').cycle().take(200_000).collect::<String>();
    told(definition("big", ID, &format!("  other: \"${{A}}{private}\"\n")));
}

#[test]
fn long_names_are_compared_with_none() {
    let name = |c: &str| c.repeat(50_000);
    let fields = format!("    - {{ name: {}, type: uuid, generator: uuid }}\n", name("n"));
    let rules = format!("  masking_rules:\n    - {{ field: {}, rule: redact }}\n", name("m"));
    assert_eq!(told(definition("big", &fields, &rules)).len(), 2);
    let typed = format!("    - {{ name: v, type: {}, generator: 'null' }}\n", name("t"));
    assert_eq!(told(definition("big", &typed, "")).len(), 1);
}

#[test]
fn a_table_has_no_more_columns_than_postgresql_can() {
    let number =
        |number: usize| format!("    - {{ name: f{number}, type: uuid, generator: uuid }}");
    assert!(told(definition("big", &lines(1_600, number), "")).is_empty());
    let found = told(definition("big", &lines(8_000, number), ""));
    assert_eq!(found.len(), 1);
    let shown = found.to_string();
    assert!(shown.contains("`big` has 8000 fields"), "{shown}");
    assert!(shown.contains("--> big.yaml:1607:"), "{shown}");
}

#[test]
fn many_datasets_are_ordered() {
    const COUNT: usize = 1_000;
    let chain = |n: usize| (n + 1).min(COUNT - 1);
    let star = |_: usize| 0;
    for parent in [&chain as &dyn Fn(usize) -> usize, &star] {
        let mut library = Library::default();
        for number in 0..COUNT {
            let name = format!("d{number}");
            let key = format!(
                "  relationships:\n    - {{ foreignKey: k, references: d{}.id }}\n",
                parent(number)
            );
            let source = Source::new(format!("{name}.yaml"), definition(&name, ID, &key));
            library.insert(source, &name, None);
        }
        let start = Instant::now();
        let found = planned(&library);
        assert!(found.is_ok(), "{}", found.unwrap_err());
        assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
    }
}
