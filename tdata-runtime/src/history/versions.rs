//! Definitions of earlier versions, read from the project's Git history without a checkout.

use std::path::Path;
use std::sync::Arc;

use tdata_core::definition::{Definition, Library, Version};
use tdata_core::diagnostic::{Diagnostic, Diagnostics, Source};
use tdata_core::project::Project;
use tdata_core::spec::Relationship;

use super::advice;
use super::git::{git, run};
use super::tag::{commit_of_tag, tags};

/// Returns a library with that version of the named datasets and of what their relationships bring
/// along.
///
/// A version is the Git tag `v1.2.0` or `<dataset>/v1.2.0`, else the newest commit whose definition
/// carries that `metadata.version`. A parent that has no such version is taken from the commit of the
/// dataset that brought it. All other datasets of the first commit are there too, as masks are as narrow
/// as the columns of the whole project. `migrates` says whether something makes tables beside the definitions.
pub(crate) fn library(
    project: &Project,
    datasets: &[String],
    version: Version,
    migrates: bool,
) -> Result<Library, Diagnostics> {
    let folder = project.definitions_folder();
    let mut library = Library::default();
    library.set_beside_migrations(migrates);
    let mut diagnostics = Diagnostics::new();
    let mut first = None;
    let mut waiting: Vec<(String, Option<String>)> =
        datasets.iter().rev().map(|dataset| (dataset.clone(), None)).collect();
    while let Some((dataset, brought_by)) = waiting.pop() {
        if library.get(&dataset).is_some() {
            continue;
        }
        // What a relationship names without a definition may be a table that migrations make.
        let may_be_table = migrates && brought_by.is_some();
        let found = find(&folder, &dataset, version)?.or(brought_by);
        let Some((commit, text)) =
            found.and_then(|commit| Some((commit.clone(), show(&folder, &commit, &dataset)?)))
        else {
            if may_be_table {
                continue;
            }
            let message = format!("the dataset `{dataset}` has no version {version} in Git");
            let help = advice::of_version(&folder, &dataset, version);
            diagnostics.push(Diagnostic::new("history::unknown_version", message).help(help));
            continue;
        };
        first.get_or_insert_with(|| commit.clone());
        library.insert(source(&dataset, &commit, text), &dataset, None);
        if let Some(Ok(spec)) = library.get(&dataset) {
            let parents: Vec<String> = spec
                .relationships
                .iter()
                .map(|relationship| parent(&folder, &commit, relationship))
                .collect();
            waiting.extend(parents.into_iter().map(|parent| (parent, Some(commit.clone()))));
        }
    }
    if let Some(commit) = first {
        for (dataset, text) in definitions(&folder, &commit) {
            if library.get(&dataset).is_none() {
                library.insert(source(&dataset, &commit, text), &dataset, None);
            }
        }
    }
    diagnostics.into_result(library)
}

fn source(dataset: &str, commit: &str, text: String) -> Arc<Source> {
    let short = commit.get(..12).unwrap_or(commit);
    Source::new(format!("{dataset}.yaml at {short}"), text)
}

/// The dataset that a relationship references at a commit: by its name, or by that of its table.
fn parent(folder: &Path, commit: &str, relationship: &Relationship) -> String {
    let named = relationship.dataset.value.clone();
    if show(folder, commit, &named).is_some() {
        return named;
    }
    let mut library = Library::default();
    for (dataset, text) in definitions(folder, commit) {
        library.insert(source(&dataset, commit, text), &dataset, None);
    }
    library.referenced(relationship).map_or(named, str::to_owned)
}

/// The definitions of a commit, by the names of their datasets.
fn definitions(folder: &Path, commit: &str) -> Vec<(String, String)> {
    let files = git(folder, &["ls-tree", "--name-only", commit, "./"]).ok().flatten();
    let files = files.unwrap_or_default();
    let yaml = |file: &&str| file.ends_with(".yaml") || file.ends_with(".yml");
    let named = files.lines().filter(yaml).filter_map(|file| {
        let dataset = Path::new(file).file_stem()?.to_string_lossy().into_owned();
        let text = show(folder, commit, &dataset)?;
        Some((dataset, text))
    });
    named.collect()
}

/// Finds the commit of a dataset's version.
fn find(folder: &Path, dataset: &str, version: Version) -> Result<Option<String>, Diagnostics> {
    for tag in tags(dataset, version) {
        if let Some(commit) = commit_of_tag(folder, &tag)?
            && show(folder, &commit, dataset).is_some()
        {
            return Ok(Some(commit));
        }
    }
    let files = [format!("./{dataset}.yaml"), format!("./{dataset}.yml")];
    let (commits, refusal) = run(folder, &["log", "--format=%H", "--", &files[0], &files[1]])?;
    let Some(commits) = commits else {
        return Err(advice::of_repository(folder, &refusal).into());
    };
    Ok(commits.lines().find(|commit| carries(folder, commit, dataset, version)).map(str::to_owned))
}

fn carries(folder: &Path, commit: &str, dataset: &str, version: Version) -> bool {
    let Some(text) = show(folder, commit, dataset) else { return false };
    let source = Source::new(format!("{dataset}.yaml"), text);
    Definition::parse(source, dataset).is_ok_and(|found| found.version == Some(version))
}

/// The text of a definition at a commit.
fn show(folder: &Path, commit: &str, dataset: &str) -> Option<String> {
    let yaml = format!("{commit}:./{dataset}.yaml");
    let yml = format!("{commit}:./{dataset}.yml");
    [yaml, yml].iter().find_map(|object| git(folder, &["show", object]).ok().flatten())
}
