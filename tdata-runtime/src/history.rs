//! Definitions of earlier versions, read from the project's Git history without a checkout.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tdata_core::definition::{Definition, Library, Version};
use tdata_core::diagnostic::{Diagnostic, Diagnostics, Source};
use tdata_core::project::Project;
use tdata_core::spec::Relationship;
use tdata_factory::environment::without_secrets;

/// Returns a library with that version of the named datasets and of what their relationships bring
/// along.
///
/// A version is the Git tag `v1.2.0` or `<dataset>/v1.2.0`, else the newest commit whose definition
/// carries that `metadata.version`. A parent that has no such version is taken from the commit of the
/// dataset that brought it. All other datasets of the first commit are there too, as masks are as narrow
/// as the columns of the whole project.
pub(crate) fn library(
    project: &Project,
    datasets: &[String],
    version: Version,
) -> Result<Library, Diagnostics> {
    let folder = project.definitions_folder();
    let mut library = Library::default();
    let mut diagnostics = Diagnostics::new();
    let mut first = None;
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
            let help = match is_shallow(&folder) {
                true => "this clone is shallow, so older commits and tags are not in it: \
                         `git fetch --unshallow --tags`; for actions/checkout `fetch-depth: 0`"
                    .to_owned(),
                false => format!(
                    "tag a commit `{version}` or `{dataset}/{version}`, or commit a definition with \
                     `version: {version}`"
                ),
            };
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
        return Err(no_repository(folder).into());
    };
    Ok(commits.lines().find(|commit| carries(folder, commit, dataset, version)).map(str::to_owned))
}

/// Tells why Git has no commits of a folder.
fn no_repository(folder: &Path) -> Diagnostic {
    let refused = run(folder, &["rev-parse", "--git-dir"]).unwrap_or_default().1;
    let of_another = refused.split_once("dubious ownership in repository at '");
    let (message, help) = match of_another.and_then(|(_, rest)| rest.split_once('\'')) {
        Some((repository, _)) => (
            format!("Git does not read the repository {repository}: it belongs to another user"),
            format!("trust it: `git config --global --add safe.directory {repository}`"),
        ),
        None => (
            format!("{} is in no Git repository with commits", folder.display()),
            "commit the definitions, or use version = \"latest\"".to_owned(),
        ),
    };
    Diagnostic::new("history::no_repository", message).help(help)
}

/// Tells whether a clone has only the newest commits.
fn is_shallow(folder: &Path) -> bool {
    let answer = git(folder, &["rev-parse", "--is-shallow-repository"]).ok().flatten();
    answer.is_some_and(|answer| answer.trim() == "true")
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
    run(folder, arguments).map(|(answer, _)| answer)
}

/// Runs Git in a folder. Returns its answer, `None` when that is no, and what it says besides.
fn run(folder: &Path, arguments: &[&str]) -> Result<(Option<String>, String), Diagnostics> {
    let mut command = Command::new("git");
    // A hook that runs the tests has Git look at its own repository.
    for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    // A repository's settings may name programs for Git to run.
    without_secrets(&mut command);
    // What it says is read.
    command.env("LC_ALL", "C");
    let output = command.arg("-C").arg(folder).args(arguments).output();
    let output = output.map_err(|error| {
        Diagnostic::new(
            "history::git",
            format!("earlier versions need Git, and it cannot run: {error}"),
        )
        .help("install Git, or use version = \"latest\"")
    })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let answer = output.status.success().then(|| text(&output.stdout));
    Ok((answer, text(&output.stderr)))
}
