//! Definitions as files: folders of them, and texts that no one would write in good faith.

use std::fmt::Write;
use std::path::Path;

use tdata_core::contract::Contract;
use tdata_core::definition::{Definition, Files, Library};
use tdata_core::diagnostic::{Diagnostic, Diagnostics, Origin, Source, Span};
use tdata_core::mask::MaskKey;
use tdata_core::plan::coarse_fingerprint;
use tdata_core::project::Project;

/// Reads the definitions of a folder.
fn read(folder: &Path) -> Result<Library, Diagnostic> {
    Ok(Files::read(folder, "data_definitions")?.library().clone())
}

fn parse_as(stem: &str, text: &str) -> Result<Definition, Diagnostics> {
    Definition::parse(Source::new(format!("data_definitions/{stem}.yaml"), text), stem)
}

/// A definition of the dataset `tags` whose `spec` has these lines, indented by two.
fn document(spec: &str) -> String {
    format!(
        "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: tags }}\nspec:\n{spec}"
    )
}

#[test]
fn a_file_that_does_not_parse_is_told_only_when_its_dataset_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let fields = "  fields: [{ name: id, type: integer, generator: sequence }]\n";
    write("tags.yaml", &document(&format!("  table: tags\n{fields}")));
    write("broken.yml", "apiVersion: [");
    write("notes.txt", "no definition");
    let library = read(folder.path()).unwrap();
    assert_eq!(library.names().collect::<Vec<_>>(), ["broken", "tags"]);
    assert_eq!(library.path("tags").unwrap(), folder.path().join("tags.yaml"));
    assert!(library.get("tags").unwrap().is_ok());
    assert!(library.get("none").is_none());
    assert_eq!(library.closure(["tags"]).unwrap().len(), 1);
    let mistakes = library.closure(["tags", "broken", "tgas"]).unwrap_err();
    assert_eq!(mistakes.len(), 2, "{mistakes}");
    assert!(mistakes.to_string().contains("data_definitions/broken.yml:1:"), "{mistakes}");
    assert!(mistakes.to_string().contains("did you mean `tags`?"), "{mistakes}");
}

#[test]
fn a_file_that_cannot_be_read_is_told_only_when_its_dataset_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    let fields = "  table: tags\n  fields: [{ name: id, type: integer, generator: sequence }]\n";
    write("tags.yaml", document(fields).as_bytes());
    write("latin1.yaml", b"description: Gr\xf6\xdfe\n");
    write("._tags.yaml", b"\x00\x05\x16\x07");
    write(".tags.yaml", b"");
    let library = read(folder.path()).unwrap();
    assert_eq!(library.names().collect::<Vec<_>>(), ["latin1", "tags"]);
    assert_eq!(library.closure(["tags"]).unwrap().len(), 1);
    let mistakes = library.closure(["tags", "latin1"]).unwrap_err();
    assert_eq!(mistakes.iter().next().unwrap().code(), "definition::unreadable");
    assert!(mistakes.to_string().contains("--> data_definitions/latin1.yaml:1:16"), "{mistakes}");
}

#[test]
fn two_files_of_one_dataset_are_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["tags.yaml", "tags.yml"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    std::fs::write(folder.path().join("labels.yaml"), "").unwrap();
    // They are told with all other mistakes, and stand in nobody's way before.
    let library = read(folder.path()).unwrap();
    let mistakes = library.closure(["tags", "labels"]).unwrap_err();
    let codes: Vec<&str> = mistakes.iter().map(|mistake| mistake.code()).collect();
    assert_eq!(codes, ["definition::duplicate", "definition::empty"]);
    assert!(
        mistakes.to_string().contains("data_definitions/tags.yml and data_definitions/tags.yaml")
    );
}

#[test]
fn a_folder_that_cannot_be_read_is_told_and_one_that_is_not_there_has_no_definitions() {
    assert_eq!(read("/nowhere/at/all".as_ref()).unwrap().names().count(), 0);
    let file = tempfile::NamedTempFile::new().unwrap();
    let mistake = read(file.path()).unwrap_err();
    assert_eq!(mistake.code(), "definition::unreadable");
    assert!(mistake.to_string().contains(&*file.path().to_string_lossy()), "{mistake}");
    // A folder that somebody names is to be there.
    let project = tempfile::tempdir().unwrap();
    std::fs::write(project.path().join("tdata.toml"), "definitions = \"defs\"\n").unwrap();
    let mistake = Project::at(project.path()).unwrap().files().map(drop).unwrap_err();
    assert!(mistake.to_string().contains("there is no folder"), "{mistake}");
}

#[test]
fn documents_that_swell_or_go_too_deep_are_mistakes() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let last = level - 1;
        let aliases = vec![format!("*a{last}"); 10].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    let mistakes = parse_as("tags", &laughs).unwrap_err().to_string();
    assert!(mistakes.contains("stand for over 100000 values"), "{mistakes}");
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for deep in [
        format!("a: {}", nested(64)),
        format!("a: {}", nested(200)),
        format!("a: &a {}\nb: [*a]", nested(63)),
    ] {
        let mistakes = parse_as("tags", &deep).unwrap_err().to_string();
        assert!(mistakes.contains("more than 64 deep"), "{mistakes}");
    }
    for fine in [format!("a: {}", nested(63)), format!("a: &a {}\nb: [*a]", nested(62))] {
        let mistakes = parse_as("tags", &fine).unwrap_err().to_string();
        assert!(!mistakes.contains("deep"), "{mistakes}");
    }
}

#[test]
fn a_place_that_is_not_of_the_text_is_shown_as_far_as_it_is() {
    let source = Source::new("tags.yaml", "na\u{ef}ve\nb");
    for (start, end) in [(0, 3), (3, 3), (3, 4), (5, 2), (6, 99), (99, 100), (7, 8), (0, 0)] {
        let origin = Origin::in_text(&source, Span { start, end });
        let diagnostic = Diagnostic::new("x", "wrong").at(&origin).label("here");
        assert!(diagnostic.to_string().contains("wrong"));
        assert!(diagnostic.location().is_some());
    }
    let empty = Source::new("tags.yaml", "");
    let origin = Origin::in_text(&empty, Span { start: 0, end: 1 });
    let diagnostic = Diagnostic::new("x", "wrong").at(&origin);
    assert!(diagnostic.to_string().contains("wrong"));
}

#[test]
fn a_coarse_fingerprint_changes_with_any_file_and_what_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let definition = |name: &str, start: u32| {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\nspec:\n  \
             table: {name}\n  fields:\n    - {{ name: id, type: integer, generator: sequence, start: {start} }}\n"
        );
        std::fs::write(folder.path().join(format!("{name}.yaml")), text).unwrap();
    };
    let coarse = |rows: u64, schema: &str| {
        let files = Files::read(folder.path(), "data_definitions").unwrap();
        let as_of = "2024-05-01".parse().unwrap();
        let contract = Contract::new(["users"], as_of).volume("users", rows);
        coarse_fingerprint(&contract, &files, &MaskKey::development(), schema)
    };
    definition("users", 1);
    definition("orders", 1);
    let first = coarse(5, "");
    assert_eq!(coarse(5, ""), first);
    assert_eq!(first.to_string().parse(), Ok(first));
    assert_ne!(coarse(6, ""), first);
    assert_ne!(coarse(5, "CREATE TABLE users ()"), first);
    definition("orders", 2);
    assert_ne!(coarse(5, ""), first, "whether the contract needs the file or not");
    definition("orders", 1);
    assert_eq!(coarse(5, ""), first);
    std::fs::rename(folder.path().join("orders.yaml"), folder.path().join("others.yaml")).unwrap();
    assert_ne!(coarse(5, ""), first);
}

#[test]
fn names_of_datasets_and_tables_can_be_seen() {
    let fields = "  fields: [{ name: id, type: integer, generator: sequence }]\n";
    for hidden in ["a\u{202e}b", "a\u{feff}b", "a\u{2028}b"] {
        let text = document(&format!("  table: tags\n{fields}"));
        let text = text.replace("name: tags", &format!("name: \"{hidden}\""));
        let told = parse_as(hidden, &text).unwrap_err().to_string();
        assert!(told.contains("cannot name a dataset") && !told.contains(hidden), "{told}");
        let text = document(&format!("  table: \"{hidden}\"\n{fields}"));
        let told = parse_as("tags", &text).unwrap_err().to_string();
        assert!(told.contains("cannot name a table") && !told.contains(hidden), "{told}");
    }
}

#[test]
fn tables_have_names_of_their_own() {
    let fields = "  fields: [{ name: id, type: integer, generator: sequence }]\n";
    for (table, is_told) in [
        ("pg_class", true),
        ("pg_catalog.tags", true),
        ("pg_temp.tags", true),
        ("information_schema.tags", true),
        ("tdata_guard.tags", true),
        ("shop.pg_class", false),
        ("page", false),
    ] {
        let parsed = parse_as("tags", &document(&format!("  table: {table}\n{fields}")));
        let told = parsed.err().map(|mistakes| mistakes.to_string());
        let at =
            told.as_ref().is_some_and(|told| told.contains("--> data_definitions/tags.yaml:5:10"));
        assert_eq!(at, is_told, "{table}: {told:?}");
    }
}

#[test]
fn a_key_without_a_field_has_the_name_of_a_column() {
    let fields = "  table: tags\n  fields: [{ name: id, type: integer, generator: sequence }]\n";
    for key in ["a".repeat(64), "\"a b\"".to_owned(), "a.b".to_owned()] {
        let keys = format!("  relationships: [{{ foreignKey: {key}, references: tags.id }}]\n");
        let told = parse_as("tags", &document(&format!("{fields}{keys}"))).unwrap_err().to_string();
        assert!(told.contains("cannot name a column") && told.contains("tags.yaml:7:33"), "{told}");
    }
}
