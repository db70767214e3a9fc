//! Definitions of earlier versions, read from the project's Git history without a checkout.

use std::path::Path;
use std::process::Command;

use tdata_core::definition::{Definition, Library, Version};
use tdata_core::diagnostic::{Diagnostic, Diagnostics, Source};
use tdata_core::project::Project;
use tdata_core::spec::Relationship;

/// Returns a library with that version of the named datasets and of what their relationships bring
/// along.
///
/// A version is the Git tag `v1.2.0` or `<dataset>/v1.2.0`, else the newest commit whose definition
/// carries that `metadata.version`. A parent that has no such version is taken from the commit of the
/// dataset that brought it.
pub(crate) fn library(
    project: &Project,
    datasets: &[String],
    version: Version,
) -> Result<Library, Diagnostics> {
    let folder = project.definitions_folder();
    let mut library = Library::default();
    let mut diagnostics = Diagnostics::new();
    let mut waiting: Vec<(String, Option<String>)> =
        datasets.iter().rev().map(|dataset| (dataset.clone(), None)).collect();
    while let Some((dataset, brought_by)) = waiting.pop() {
        if library.get(&dataset).is_some() {
            continue;
        }
        let found = find(&folder, &dataset, version)?.or(brought_by);
        let Some((commit, text)) =
            found.and_then(|commit| Some((commit.clone(), show(&folder, &commit, &dataset)?)))
        else {
            let message = format!("the dataset `{dataset}` has no version {version} in Git");
            let help = format!(
                "tag a commit `{version}` or `{dataset}/{version}`, or commit a definition with \
                 `version: {version}`"
            );
            diagnostics.push(Diagnostic::new("history::unknown_version", message).help(help));
            continue;
        };
        let short = commit.get(..12).unwrap_or(&commit);
        let source = Source::new(format!("{dataset}.yaml at {short}"), text);
        library.insert(source, &dataset, None);
        if let Some(Ok(spec)) = library.get(&dataset) {
            let parents: Vec<String> = spec
                .relationships
                .iter()
                .map(|relationship| parent(&folder, &commit, relationship))
                .collect();
            waiting.extend(parents.into_iter().map(|parent| (parent, Some(commit.clone()))));
        }
    }
    diagnostics.into_result(library)
}

/// The dataset that a relationship references at a commit: by its name, or by that of its table.
fn parent(folder: &Path, commit: &str, relationship: &Relationship) -> String {
    let named = relationship.dataset.value.clone();
    if show(folder, commit, &named).is_some() {
        return named;
    }
    let files = git(folder, &["ls-tree", "--name-only", commit, "./"]).ok().flatten();
    let mut library = Library::default();
    for file in files.unwrap_or_default().lines() {
        let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        if let Some((stem, text)) = stem.and_then(|s| Some((s.clone(), show(folder, commit, &s)?)))
        {
            library.insert(Source::new(file, text), &stem, None);
        }
    }
    library.referenced(relationship).map_or(named, str::to_owned)
}

/// Finds the commit of a dataset's version.
fn find(folder: &Path, dataset: &str, version: Version) -> Result<Option<String>, Diagnostics> {
    for tag in [format!("{dataset}/{version}"), version.to_string()] {
        let name = format!("refs/tags/{tag}^{{commit}}");
        if let Some(commit) = git(folder, &["rev-parse", "--verify", "--quiet", &name])? {
            let commit = commit.trim().to_owned();
            if show(folder, &commit, dataset).is_some() {
                return Ok(Some(commit));
            }
        }
    }
    let files = [format!("./{dataset}.yaml"), format!("./{dataset}.yml")];
    let Some(commits) = git(folder, &["log", "--format=%H", "--", &files[0], &files[1]])? else {
        let message = format!("{} is in no Git repository with commits", folder.display());
        let help = "commit the definitions, or use version = \"latest\"";
        return Err(Diagnostic::new("history::no_repository", message).help(help).into());
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

/// Runs Git in a folder; `None` when it answers no.
fn git(folder: &Path, arguments: &[&str]) -> Result<Option<String>, Diagnostics> {
    let mut command = Command::new("git");
    // A hook that runs the tests has Git look at its own repository.
    for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    let output = command.arg("-C").arg(folder).args(arguments).output();
    let output = output.map_err(|error| {
        Diagnostic::new(
            "history::git",
            format!("earlier versions need Git, and it cannot run: {error}"),
        )
        .help("install Git, or use version = \"latest\"")
    })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(output.status.success().then_some(text))
}
