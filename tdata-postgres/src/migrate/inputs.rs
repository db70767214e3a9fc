//! The files that decide what programs do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use tdata_core::diagnostic::Located;

use super::checksums::Sha256;
use super::mistake::Mistake;

/// How many folders deep files are looked for.
const DEPTH: u8 = 32;

/// Marks a folder that programs fill and may empty, such as Cargo's `target`.
const CACHE: &str = "CACHEDIR.TAG";

/// Patterns mean what they mean to shells.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// Files by what messages and fingerprints call them: their paths from the project's folder on.
type InputFiles = BTreeMap<String, PathBuf>;

/// Finds the files that settings name by themselves, by a folder or by a pattern, from a folder on. What names none
/// is left out.
pub fn input_files(home: &Path, said: &[Located<String>]) -> BTreeMap<String, PathBuf> {
    let mut files = InputFiles::new();
    said.iter().for_each(|input| files.extend(named(home, input).unwrap_or_default()));
    files
}

/// Reads the files that settings name. Returns what stands for them in fingerprints.
pub(super) fn digest(home: &Path, said: &[Located<String>], mistakes: &mut Vec<Mistake>) -> String {
    let mut files = InputFiles::new();
    for input in said {
        match named(home, input) {
            Ok(found) if found.is_empty() => {
                let text = format!(
                    "`migrate_inputs` names {:?}, and no such file is in {}; name files, folders or patterns such as \
                     \"migration/src/**/*.rs\"",
                    input.value,
                    home.display()
                );
                mistakes.push(Mistake::at(&input.origin, text));
            }
            Ok(found) => files.extend(found),
            Err(reason) => {
                let text = format!("`migrate_inputs` names {:?}, {reason}", input.value);
                mistakes.push(Mistake::at(&input.origin, text));
            }
        }
    }
    let mut digest = Sha256::default();
    for (name, path) in files {
        match fs::read(path) {
            Ok(bytes) => {
                digest.part(name.as_bytes());
                digest.part(&bytes);
            }
            Err(error) => {
                let text = format!("is one of `migrate_inputs`, and cannot be read: {error}");
                mistakes.push(Mistake { file: name, line: None, text });
            }
        }
    }
    digest.hex()
}

/// Finds the files that one text names.
fn named(home: &Path, said: &str) -> Result<InputFiles, String> {
    let mut files = InputFiles::new();
    let path = home.join(said);
    // A name is a name, whatever signs are in it.
    if path.exists() {
        add(home, &path, DEPTH, &mut files);
        return match files.is_empty() {
            false => Ok(files),
            true if path.is_dir() => Err(format!(
                "and that folder has no file that counts: hidden ones, and folders with a {CACHE}, are left out"
            )),
            true => Err("and that is no file; only files and folders are read".to_owned()),
        };
    }
    // A slash at the end says no more than that it is a folder.
    let (start, rest) = split(said.trim_end_matches('/'));
    // Two stars at the end are all that is below, as in shells.
    let all = if rest == "**" || rest.ends_with("/**") { "/*" } else { "" };
    let pattern = Pattern::new(&format!("{rest}{all}")).map_err(|error| {
        format!("which is no pattern: {}; write `[*]` for `*` itself", error.msg)
    })?;
    let is_deep = rest.contains("**");
    let walk = Walk {
        home,
        start: home.join(start),
        pattern,
        enters_hidden: rest.starts_with('.') || rest.contains("/."),
        is_deep,
    };
    let depth =
        if is_deep { DEPTH } else { u8::try_from(rest.matches('/').count()).unwrap_or(DEPTH) };
    // A folder within a cache is one, too.
    let mut around = walk.start.ancestors().take_while(|folder| *folder != home);
    if !around.any(|folder| folder.join(CACHE).exists()) {
        walk.below(&walk.start, depth, &mut files);
    }
    Ok(files)
}

/// Parts a pattern into the folder that it starts from and what is below.
fn split(said: &str) -> (&str, &str) {
    let special = said.find(['*', '?', '[']).unwrap_or(said.len());
    let start = said[..special].rfind('/').map_or(0, |slash| slash + 1);
    said.split_at(start)
}

/// Looks for the files of a pattern, without a look into folders where none can be.
struct Walk<'a> {
    home: &'a Path,
    start: PathBuf,
    pattern: Pattern,
    enters_hidden: bool,
    /// Whether the pattern is for folders of any depth.
    is_deep: bool,
}

impl Walk<'_> {
    fn below(&self, folder: &Path, depth: u8, files: &mut InputFiles) {
        if folder.join(CACHE).exists() {
            return;
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let below = path.strip_prefix(&self.start).unwrap_or(&path);
            if self.pattern.matches_path_with(below, OPTIONS) {
                add(self.home, &path, DEPTH, files);
            } else if depth > 0 && path.is_dir() {
                let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
                // A link may lead back up.
                let leads_away = self.is_deep && path.is_symlink();
                if !leads_away && (self.enters_hidden || !is_hidden) {
                    self.below(&path, depth - 1, files);
                }
            }
        }
    }
}

/// Adds a file, or all in a folder but what is hidden.
fn add(home: &Path, path: &Path, depth: u8, files: &mut InputFiles) {
    if path.is_dir() {
        if depth == 0 || path.join(CACHE).exists() {
            return;
        }
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            // A link may lead back up.
            let leads_away = entry.path().is_dir() && entry.path().is_symlink();
            if !is_hidden && !leads_away {
                add(home, &entry.path(), depth - 1, files);
            }
        }
        return;
    }
    // Reading a pipe waits for who writes to it, and a link may lead nowhere.
    if !path.is_file() {
        return;
    }
    let name = path.strip_prefix(home).unwrap_or(path).to_string_lossy().into_owned();
    files.insert(name, path.to_owned());
}

#[cfg(test)]
mod tests {
    use tdata_core::diagnostic::Origin;

    use super::*;

    fn project() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for name in [
            "m/src/a.rs",
            "m/src/b/c.rs",
            "m/src/notes.md",
            "m/src/.hidden.rs",
            "m/target/x.rs",
            "m/target/CACHEDIR.TAG",
            "m/[odd]/*.sql",
            "Cargo.toml",
        ] {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        home
    }

    fn said(inputs: &[&str]) -> Vec<Located<String>> {
        let located = |input: &&str| Located::new((*input).to_owned(), Origin::named("here"));
        inputs.iter().map(located).collect()
    }

    #[test]
    fn files_folders_and_patterns_name_files() {
        let home = project();
        for (input, expected) in [
            ("Cargo.toml", &["Cargo.toml"][..]),
            ("./Cargo.toml", &["Cargo.toml"]),
            ("m/src", &["m/src/a.rs", "m/src/b/c.rs", "m/src/notes.md"]),
            ("m/src/", &["m/src/a.rs", "m/src/b/c.rs", "m/src/notes.md"]),
            ("m/src/**/*.rs", &["m/src/a.rs", "m/src/b/c.rs"]),
            ("m/src/**", &["m/src/a.rs", "m/src/b/c.rs", "m/src/notes.md"]),
            ("m/**/*.rs", &["m/src/a.rs", "m/src/b/c.rs"]),
            ("m/src/*.rs", &["m/src/a.rs"]),
            ("m/*rc/?.rs", &["m/src/a.rs"]),
            ("m/s*", &["m/src/a.rs", "m/src/b/c.rs", "m/src/notes.md"]),
            ("**/*.md", &["m/src/notes.md"]),
            ("**/b/*", &["m/src/b/c.rs"]),
            ("m/src/.h*", &["m/src/.hidden.rs"]),
            ("*/src/.h*.rs", &["m/src/.hidden.rs"]),
            ("[a-n]/src/?.rs", &["m/src/a.rs"]),
            ("m/../*.toml", &["m/../Cargo.toml"]),
            ("m/[odd]", &["m/[odd]/*.sql"]),
            ("m/[[]odd]/[*].sql", &["m/[odd]/*.sql"]),
            ("*.lock", &[]),
            ("gone", &[]),
        ] {
            let files = input_files(home.path(), &said(&[input]));
            let names: Vec<&str> = files.keys().map(|name| name.trim_start_matches("./")).collect();
            assert_eq!(names, expected, "{input}");
        }
        let outside = input_files(&home.path().join("m"), &said(&["../Cargo.toml", "../*.toml"]));
        assert_eq!(outside.keys().collect::<Vec<_>>(), ["../Cargo.toml"]);
    }

    #[test]
    fn each_name_that_is_wrong_is_told() {
        let home = project();
        let mut mistakes = Vec::new();
        digest(home.path(), &said(&["gone", "m/src", "m/***", "*.lock"]), &mut mistakes);
        let told: Vec<&str> = mistakes.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("\"gone\", and no such file"), "{told:?}");
        assert!(told[1].contains("\"m/***\", which is no pattern"), "{told:?}");
        assert_eq!(mistakes[0].file, "here");
    }

    #[cfg(unix)]
    #[test]
    fn only_files_are_read() {
        let home = project();
        let source = home.path().join("m/src");
        let _socket = std::os::unix::net::UnixListener::bind(source.join("s.rs")).unwrap();
        std::os::unix::fs::symlink("nowhere", source.join("dangling.rs")).unwrap();
        std::os::unix::fs::symlink("a.rs", source.join("link.rs")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(source.join("pipe.rs")).status();
        assert!(pipe.unwrap().success());
        let expected = ["m/src/a.rs", "m/src/link.rs"];
        let files = input_files(home.path(), &said(&["m/src/*.rs"]));
        assert_eq!(files.keys().collect::<Vec<_>>(), expected);
        let mut mistakes = Vec::new();
        digest(home.path(), &said(&["m/src", "m/src/*.rs"]), &mut mistakes);
        assert!(mistakes.is_empty(), "{:?}", mistakes[0].text);
        fs::create_dir(source.join("empty")).unwrap();
        digest(home.path(), &said(&["m/src/pipe.rs", "m/src/empty", "m/target"]), &mut mistakes);
        assert!(mistakes[0].text.contains("that is no file"), "{}", mistakes[0].text);
        assert!(mistakes[1].text.contains("has no file that counts"), "{}", mistakes[1].text);
        assert!(mistakes[2].text.contains("CACHEDIR.TAG"), "{}", mistakes[2].text);
    }

    #[test]
    fn names_and_texts_decide() {
        let home = project();
        let mut none = Vec::new();
        let mut of = |inputs: &[&str]| digest(home.path(), &said(inputs), &mut none);
        let first = of(&["m/src"]);
        assert_eq!(first, of(&["m/src", "m/src/*.rs"]));
        assert_ne!(first, of(&["m/src/*.rs"]));
        fs::write(home.path().join("m/src/a.rs"), "other").unwrap();
        assert_ne!(first, of(&["m/src"]));
        assert!(none.is_empty());
    }
}
