//! The house rules that a machine can hold: layers, file budgets, names.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the core, in order: each uses only those before it.
const CORE: &[&str] = &[
    "diagnostic",
    "sql",
    "spec",
    "definition",
    "contract",
    "project",
    "words",
    "value",
    "generate",
    "mask",
    "rows",
    "plan",
    "placement",
];

/// Modules of the factories, in order: each uses only those before it.
const FACTORY: &[&str] =
    &["environment", "field", "record", "context", "factory", "store", "create"];

/// Modules of the database side, in order: each uses only those before it.
const POSTGRES: &[&str] =
    &["refusal", "without_rows", "endpoint", "catalog", "migrate", "load", "validate"];

/// Modules of the runtime, in order: each uses only those before it.
const RUNTIME: &[&str] = &[
    "notation",
    "notice",
    "panics",
    "off_runtime",
    "timings",
    "keyed",
    "background",
    "open_folder",
    "program",
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

/// Modules of the jobs, in order: each uses only those before it.
const JOBS: &[&str] = &[
    "watch",
    "checksum",
    "format",
    "file",
    "manifest",
    "generate",
    "tree",
    "spec",
    "verify",
    "provision",
];

/// Modules of the command, in order: each uses only those before it.
const CLI: &[&str] = &[
    "console",
    "output",
    "exit",
    "stop",
    "progress",
    "range",
    "volumes",
    "project",
    "database",
    "record",
    "own",
    "copy_line",
    "entries",
    "provisioned",
    "verbs",
    "command",
    "main",
];

/// The crates.
const CRATES: &[&str] = &[
    "tdata-cli/src",
    "tdata-core/src",
    "tdata-jobs/src",
    "tdata-postgres/src",
    "tdata-factory/src",
    "tdata-macros/src",
    "tdata-runtime/src",
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
        "tdata-cli/src",
        "tdata-core/src",
        "tdata-factory/src",
        "tdata-jobs/src",
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
fn layers_of_the_jobs_use_only_those_before_them() {
    check_layers("tdata-jobs/src", JOBS);
}

#[test]
fn layers_of_the_command_use_only_those_before_them() {
    check_layers("tdata-cli/src", CLI);
}

#[test]
fn used_modules_are_found_in_every_form() {
    let code =
        "use crate::{isolate, load::x};\nlet a = crate::plan::b;\n// crate::no\n$crate::n!()";
    assert_eq!(used_modules(code), ["isolate", "load", "plan"]);
}

/// The modules of a crate: by path, what each uses, and what its names stand for that it re-exports.
#[derive(Default)]
struct Modules(BTreeMap<Vec<String>, Module>);

#[derive(Default)]
struct Module {
    /// The paths it uses, from the crate on.
    uses: Vec<Vec<String>>,
    /// By name: the path that stands for it.
    names: BTreeMap<String, Vec<String>>,
}

impl Modules {
    fn of(folder: &str) -> Self {
        let sources = sources(folder);
        let texts = sources.iter().map(|(path, code)| {
            let inside = path.strip_prefix(root().join(folder)).unwrap().with_extension("");
            let mut path: Vec<String> =
                inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            path.pop_if(|last| matches!(last.as_str(), "mod" | "lib"));
            (path, code.as_str())
        });
        Self::read(texts)
    }

    fn read<'a>(texts: impl Iterator<Item = (Vec<String>, &'a str)>) -> Self {
        let mut modules = Self::default();
        for (path, code) in texts {
            let module = modules.0.entry(path.clone()).or_default();
            for (mut used, is_relative) in used_paths(code) {
                match used[0].as_str() {
                    "crate" => drop(used.remove(0)),
                    _ => {
                        let up = used.iter().take_while(|part| *part == "super").count();
                        let from = used.iter().take_while(|part| *part == "self").count();
                        let above = path[..path.len().saturating_sub(up)].iter().cloned();
                        used = above.chain(used.drain(..).skip(up + from)).collect();
                    }
                }
                let name = used.last().unwrap().clone();
                if is_relative {
                    // `use child::Name` in a `mod.rs`, which others then name by it.
                    module.names.insert(name, used.clone());
                } else {
                    module.uses.push(used);
                }
            }
        }
        modules
    }

    /// Follows a path as far as it names modules, through re-exports.
    fn resolve(&self, path: &[String]) -> Vec<String> {
        let mut at = Vec::new();
        for (index, part) in path.iter().enumerate() {
            let inner: Vec<String> = at.iter().cloned().chain([part.clone()]).collect();
            if self.0.contains_key(&inner) {
                at = inner;
                continue;
            }
            let Some(whole) = self.0.get(&at).and_then(|module| module.names.get(part)) else {
                break;
            };
            if whole[..] == path[..=index] {
                break;
            }
            let rest = path[index + 1..].iter().cloned();
            return self.resolve(&whole.iter().cloned().chain(rest).collect::<Vec<_>>());
        }
        at
    }

    /// Returns which modules beside each other use which, by the module that they are in.
    fn uses(&self) -> BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> {
        let mut all: BTreeMap<_, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (path, module) in &self.0 {
            for used in module.uses.iter().map(|used| self.resolve(used)) {
                let shared = path.iter().zip(&used).take_while(|(one, other)| one == other).count();
                let everywhere = |name: &String| shared == 0 && EVERYWHERE.contains(&name.as_str());
                if let (Some(user), Some(used)) = (path.get(shared), used.get(shared))
                    && !everywhere(user)
                    && !everywhere(used)
                {
                    let beside = all.entry(path[..shared].to_vec()).or_default();
                    beside.entry(user.clone()).or_default().insert(used.clone());
                }
            }
        }
        all
    }

    /// Returns the modules that use each other in circles, by the module that they are in.
    fn circles(&self) -> BTreeSet<(String, Vec<String>)> {
        let mut circles = BTreeSet::new();
        for (parent, uses) in self.uses() {
            let reached = |from: &String| {
                let mut reached = BTreeSet::new();
                let mut waiting = vec![from];
                while let Some(one) = waiting.pop() {
                    let used = uses.get(one).into_iter().flatten();
                    waiting.extend(used.filter(|one| reached.insert((*one).clone())));
                }
                reached
            };
            let reached: BTreeMap<&String, BTreeSet<String>> =
                uses.keys().map(|one| (one, reached(one))).collect();
            for (one, others) in &reached {
                let is_back =
                    |other: &&String| reached.get(other).is_some_and(|r| r.contains(*one));
                let circle: Vec<String> = others.iter().filter(is_back).cloned().collect();
                if circle.len() > 1 {
                    circles.insert((parent.join("/"), circle));
                }
            }
        }
        circles
    }
}

/// The paths that a text uses: those from `crate`, `self` or `super` on, braces taken apart; and, marked, those of
/// its modules whose names it re-exports.
fn used_paths(code: &str) -> Vec<(Vec<String>, bool)> {
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let start = code[..at].rfind(|c| !is_name(c)).map_or(0, |before| before + 1);
        let first = &code[start..at];
        let before = &code[..start];
        let is_re_export = before.trim_end().ends_with("use") && !before.ends_with(':');
        let is_inside = matches!(first, "crate" | "self" | "super");
        if before.ends_with(['$', ':']) || !(is_inside || is_re_export) {
            continue;
        }
        let mut paths = Vec::new();
        read_path(&code[start..], &mut Vec::new(), &mut paths);
        found.extend(paths.into_iter().map(|path| (path, !is_inside)));
    }
    found
}

/// Reads a path or a tree of them; returns what follows.
fn read_path<'a>(
    mut text: &'a str,
    begun: &mut Vec<String>,
    paths: &mut Vec<Vec<String>>,
) -> &'a str {
    let depth = begun.len();
    loop {
        text = text.trim_start();
        if let Some(mut rest) = text.strip_prefix('{') {
            while !rest.trim_start().starts_with('}') {
                rest = read_path(rest, begun, paths).trim_start();
                rest = rest.strip_prefix(',').unwrap_or(rest);
            }
            begun.truncate(depth);
            return &rest.trim_start()[1..];
        }
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '*'));
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        begun.push(name.to_owned());
        match rest.strip_prefix("::").filter(|rest| !rest.starts_with('<')) {
            Some(rest) if !name.is_empty() => text = rest,
            _ => {
                paths.push(begun.clone());
                begun.truncate(depth);
                // Another name of it does not matter.
                let other = rest.trim_start().strip_prefix("as ");
                return other.map_or(rest, |other| other.trim_start_matches(is_word));
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[test]
fn no_modules_use_each_other_in_circles() {
    let mut found = Vec::new();
    for folder in CRATES {
        let circles = Modules::of(folder).circles();
        found.extend(
            circles
                .into_iter()
                .map(|(parent, circle)| format!("{folder}/{parent}: {}", circle.join(", "))),
        );
    }
    assert!(found.is_empty(), "these use each other in circles:\n{}", found.join("\n"));
}

#[test]
fn circles_are_found_in_every_form() {
    let circles = |texts: &[(&str, &str)]| {
        let paths = texts.iter().map(|(path, code)| {
            (path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(), *code)
        });
        let found = Modules::read(paths).circles();
        found
            .iter()
            .map(|(parent, circle)| format!("{parent}: {}", circle.join(" ")))
            .collect::<Vec<_>>()
    };
    let lib = ("", "mod a;\nmod b;\npub use b::{Two, x as y};");
    for (a, b, is_circle) in [
        ("use crate::b::Two;", "use crate::a::One;", true),
        ("use super::b;", "let one = super::a::one::<u8>();", true),
        ("use crate::{b::{Two, Three}, c};", "use crate::{c, a};", true),
        ("use crate::Two;", "use super::a::One;", true),
        ("use crate::b::Two;", "use crate::c::One;\n// crate::a", false),
        ("use crate::a::One;", "use crate::a::One;", false),
    ] {
        let found = circles(&[lib, ("a", a), ("b", b), ("c", "")]);
        assert_eq!(found, if is_circle { vec![": a b"] } else { vec![] }, "{a} {b}");
    }
    let nested = [
        ("", "mod a;"),
        ("a", "mod b;\nmod c;\nmod d;\npub(crate) use c::see;"),
        ("a/b", "use super::see;"),
        ("a/c", "use super::d::dig;"),
        ("a/d", "use crate::a::b::be as is;"),
    ];
    assert_eq!(circles(&nested), ["a: b c d"]);
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
        let may = ["definition/files.rs", "project/discover.rs", "project/unnamed_migrations.rs"]
            .iter()
            .any(|file| path.ends_with(file));
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

/// Returns where the links of a document lead within the repository.
fn links(document: &str) -> Vec<&str> {
    let targets = document.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let paths = targets.filter_map(|target| target.split('#').next());
    paths.filter(|path| !path.is_empty() && !path.contains("://")).collect()
}

#[test]
fn links_of_documents_lead_somewhere() {
    let folders = [".", "docs", "benches", "data_definitions"];
    for folder in folders.map(|folder| root().join(folder)) {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "md") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for link in links(&text) {
                assert!(folder.join(link).exists(), "{}: {link}", path.display());
            }
        }
    }
}

#[test]
fn every_layout_of_migrations_is_documented() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let words = read("tdata-core/src/project/migration_folder.rs");
    let words = words.split("MigrationLayout {").nth(1).unwrap().split("\n    }").next().unwrap();
    let table = read("docs/migrations.md");
    let words: Vec<&str> = words.split('"').skip(1).step_by(2).collect();
    assert!(words.len() > 9, "{words:?}");
    for word in words {
        let row = format!("\n| `{word}` |");
        assert_eq!(table.matches(&row).count(), 1, "docs/migrations.md has no row of `{word}`");
    }
}

#[test]
fn every_feature_and_source_of_servers_is_in_the_readme() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (manifest, readme) = (read("Cargo.toml"), read("README.md"));
    let table = readme.split("\n## Features\n").nth(1).unwrap();
    let table: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    let features = manifest.split("\n[features]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let features: Vec<(&str, &str)> =
        features.lines().filter_map(|line| line.split_once(" = ")).collect();
    let (_, defaults) = features.iter().find(|(name, _)| *name == "default").unwrap();
    assert!(features.len() > 9, "{features:?}");
    for (name, _) in features.iter().filter(|(name, _)| *name != "default") {
        let cell = format!("`{name}`");
        let row = table.iter().find(|row| row.split('|').nth(1).unwrap().contains(&cell));
        let row = row.unwrap_or_else(|| panic!("README.md has no row of the feature {name}"));
        // `server` is brought along by the others.
        let is_default = defaults.contains(&format!("\"{name}\"")) || *name == "server";
        assert_eq!(row.split('|').nth(2).unwrap().trim() == "yes", is_default, "{name}");
    }
    let words = read("tdata-core/src/project/settings.rs");
    let words = words.split("ServerChoice {").nth(1).unwrap().split("\n    }").next().unwrap();
    let sources = readme.split("\n## Servers\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let words = words.split('"').skip(1).step_by(2).filter(|word| *word != "auto");
    let words: Vec<&str> = words.collect();
    assert!(words.len() > 3, "{words:?}");
    for (at, word) in (1..).zip(words) {
        let item = format!("\n{at}. **`{word}`**: ");
        assert!(sources.contains(&item), "README.md does not list the source {word} as {at}.");
    }
}
