//! Whether folders of parts have other files than the parts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Says which files are named like parts, stand beside parts, and are none: whoever reads the whole folder reads them along.
pub(super) fn others_beside(parts: &BTreeSet<PathBuf>) -> Vec<String> {
    let parts = parts.iter().filter(|part| is_named_like_a_part(part));
    let known: BTreeSet<PathBuf> = parts.clone().filter_map(|part| whole(part)).collect();
    let folders: BTreeSet<&Path> = parts.filter_map(|part| part.parent()).collect();
    let mut problems = Vec::new();
    for folder in folders {
        // That a folder is missing is told of its files.
        let Ok(files) = fs::read_dir(folder) else { continue };
        let mut files: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
        files.sort();
        for file in files.iter().filter(|file| is_named_like_a_part(file)) {
            if whole(file).is_some_and(|file| !known.contains(&file)) {
                let shown = file.display();
                problems.push(format!("{shown} is beside the parts, and no manifest has it"));
            }
        }
    }
    problems
}

/// The same file has one path only.
fn whole(file: &Path) -> Option<PathBuf> {
    fs::canonicalize(file).ok()
}

/// Parts have numbers as names: `00000.csv`.
fn is_named_like_a_part(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (number, ending) = name.split_once('.').unwrap_or_default();
    number.len() >= 5 && number.bytes().all(|byte| byte.is_ascii_digit()) && !ending.is_empty()
}
