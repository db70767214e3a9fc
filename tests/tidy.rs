//! The house rules that a machine can hold: layers, file budgets, names.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the core, in order: each uses only those before it.
const CORE: &[&str] =
    &["diagnostic", "sql", "spec", "definition", "contract", "project", "generate", "mask", "plan"];

/// Modules of the factories, in order: each uses only those before it.
const FACTORY: &[&str] =
    &["environment", "field", "record", "context", "factory", "store", "create"];

/// Modules of the database side, in order: each uses only those before it.
const POSTGRES: &[&str] = &["refusal", "endpoint", "catalog", "migrate", "load", "validate"];

/// Modules of the runtime, in order: each uses only those before it.
const RUNTIME: &[&str] = &[
    "notice",
    "off_runtime",
    "timings",
    "keyed",
    "background",
    "server",
    "registry",
    "session",
    "config",
    "isolate",
    "inject",
    "post_mortem",
    "history",
    "read_files",
    "engine",
    "resolution",
    "provision",
    "request",
    "harness",
];

/// The one error holds those of all stages, and all stages return it.
const EVERYWHERE: &[&str] = &["error"];

/// The most lines of a file, its tests aside.
const BUDGET: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
                found.push((path, code));
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

fn all_sources() -> Vec<(PathBuf, String)> {
    [
        "src",
        "tdata-core/src",
        "tdata-factory/src",
        "tdata-macros/src",
        "tdata-postgres/src",
        "tdata-runtime/src",
        "examples",
    ]
    .into_iter()
    .flat_map(sources)
    .collect()
}

/// The modules of its crate that a text uses: what follows `crate::`, braces included.
fn used_modules(code: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let list = &list[..list.find('}').unwrap()];
            used.extend(
                list.split(',').map(|part| {
                    part.trim().chars().take_while(|c| is_name(*c)).collect::<String>()
                }),
            );
        } else {
            used.push(rest.chars().take_while(|c| is_name(*c)).collect());
        }
    }
    used.retain(|name| !name.is_empty());
    used
}

fn check_layers(folder: &str, order: &[&str]) {
    let mut violations = Vec::new();
    for (path, code) in sources(folder) {
        let inside = path.strip_prefix(root().join(folder)).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" || EVERYWHERE.contains(&module) {
            continue;
        }
        let place = order.iter().position(|name| *name == module);
        let place =
            place.unwrap_or_else(|| panic!("{folder} has a module `{module}` without a layer"));
        for used in used_modules(&code) {
            if EVERYWHERE.contains(&used.as_str()) || used.chars().next().unwrap().is_uppercase() {
                continue;
            }
            match order.iter().position(|name| *name == used) {
                Some(other) if other > place => {
                    violations.push(format!("{}: {module} uses {used}", path.display()));
                }
                Some(_) => {}
                None => violations.push(format!("{}: {used} has no layer", path.display())),
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn layers_of_the_core_use_only_those_before_them() {
    check_layers("tdata-core/src", CORE);
}

#[test]
fn layers_of_the_factories_use_only_those_before_them() {
    check_layers("tdata-factory/src", FACTORY);
}

#[test]
fn layers_of_the_database_side_use_only_those_before_them() {
    check_layers("tdata-postgres/src", POSTGRES);
}

#[test]
fn layers_of_the_runtime_use_only_those_before_them() {
    check_layers("tdata-runtime/src", RUNTIME);
}

#[test]
fn used_modules_are_found_in_every_form() {
    let code =
        "use crate::{isolate, load::x};\nlet a = crate::plan::b;\n// crate::no\n$crate::n!()";
    assert_eq!(used_modules(code), ["isolate", "load", "plan"]);
}

#[test]
fn the_core_is_pure() {
    let forbidden = [
        "std::env",
        "SystemTime",
        "Instant::now",
        "TcpStream",
        "std::thread",
        "std::process",
        "async ",
    ];
    for (path, code) in sources("tdata-core/src") {
        let code: Vec<&str> =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for word in forbidden {
            assert!(!code.iter().any(|line| line.contains(word)), "{}: {word}", path.display());
        }
        let reads = code.iter().any(|line| line.contains("std::fs"));
        let may =
            ["definition/files.rs", "project/discover.rs"].iter().any(|file| path.ends_with(file));
        assert!(may || !reads, "{} reads files", path.display());
    }
}

#[test]
fn files_keep_their_budget() {
    for (path, code) in all_sources() {
        let lines = code.lines().count();
        assert!(lines <= BUDGET, "{} has {lines} lines", path.display());
    }
}

#[test]
fn a_mod_file_declares_and_re_exports_and_no_more() {
    for (path, code) in all_sources() {
        if !path.ends_with("mod.rs") {
            continue;
        }
        let uncommented: Vec<&str> =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for statement in uncommented.join(" ").split(';').map(str::trim) {
            if statement.is_empty() {
                continue;
            }
            // Attributes say when, not what.
            let statement = match statement.strip_prefix("#[") {
                Some(rest) => rest.split_once(")]").map_or(rest, |(_, behind)| behind).trim(),
                None => statement,
            };
            let declares = ["mod ", "use ", "pub mod ", "pub use ", "pub(crate) ", "pub(super) "];
            let items = ["fn ", "struct ", "enum ", "const ", "static ", "trait ", "impl "];
            assert!(
                declares.iter().any(|start| statement.starts_with(start))
                    && !items.iter().any(|item| statement.contains(item)),
                "{}: {statement}",
                path.display()
            );
        }
    }
}

#[test]
fn names_say_what_things_are() {
    for (path, _) in all_sources() {
        for part in path.strip_prefix(root()).unwrap() {
            let name = part.to_str().unwrap().trim_end_matches(".rs");
            let vague = ["util", "utils", "helper", "helpers", "common", "manager", "misc"];
            assert!(!vague.contains(&name), "{}", path.display());
        }
    }
}

#[test]
fn nothing_is_left_to_do() {
    let marks = [
        ["to", "do!("].concat(),
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["unimple", "mented!("].concat(),
    ];
    for (path, code) in all_sources() {
        for mark in &marks {
            assert!(!code.contains(mark), "{}: {mark}", path.display());
        }
    }
}
