//! Tells why Git does not have what is asked for, and what helps.

use std::path::Path;

use tdata_core::definition::Version;
use tdata_core::diagnostic::Diagnostic;

use super::git::{git, run};
use super::tag::{commit_of_tag, tags};

/// Says what to do where Git has no such version of a dataset.
pub(super) fn of_version(folder: &Path, dataset: &str, version: Version) -> String {
    let says = |arguments: &[&str]| git(folder, arguments).ok().flatten().unwrap_or_default();
    let named = tags(dataset, version).into_iter();
    let tagged = named.filter_map(|tag| Some((commit_of_tag(folder, &tag).ok()??, tag))).next();
    if let Some((commit, tag)) = tagged {
        let file = format!("{commit}:./{dataset}.yaml");
        return match run(folder, &["show", &file]) {
            Ok((_, refusal)) if refusal.contains("promisor") => {
                "this clone is partial: it has the commit and not the file, and its remote does not give it. \
                 Run `git fetch` where the remote answers, or clone without `--filter`"
                    .to_owned()
            }
            _ => format!(
                "there is the tag `{tag}`, but its commit has no `{dataset}.yaml` in the folder of the \
                 definitions"
            ),
        };
    }
    if says(&["rev-parse", "--is-shallow-repository"]).trim() == "true" {
        return "this clone is shallow, so older commits and tags are not in it: \
                `git fetch --unshallow --tags`; for actions/checkout `fetch-depth: 0`"
            .to_owned();
    }
    if says(&["ls-files", "--stage", "--", "."]).starts_with("160000 ") {
        return "the definitions are in a submodule that is not checked out: `git submodule update --init`"
            .to_owned();
    }
    let own = format!(
        "tag a commit `{version}` or `{dataset}/{version}`, or commit a definition with `version: {version}`"
    );
    let all = says(&["tag", "--list"]);
    let number = version.to_string();
    let number = number.trim_start_matches('v');
    // The tags of other tools: `1.0.0`, `release-1.0.0`, `V1.0.0`.
    if let Some(alike) = all.lines().find(|tag| tag.ends_with(number)) {
        return format!("there is the tag `{alike}`, which names no version of definitions: {own}");
    }
    if all.is_empty() && !says(&["remote"]).is_empty() {
        return format!("this clone has no tags: `git fetch --tags`. If there are none, {own}");
    }
    own
}

/// Tells why Git has no commits of a folder, by its refusal to list them.
pub(super) fn of_repository(folder: &Path, refusal: &str) -> Diagnostic {
    let (message, help) = reason(folder, refusal);
    Diagnostic::new("history::no_repository", message).help(help)
}

/// Why Git has no commits, and what helps.
fn reason(folder: &Path, refusal: &str) -> (String, String) {
    let shown = folder.display();
    // The words of Git 2.35.2, and those of 2.36 and later.
    for words in ["unsafe repository ('", "dubious ownership in repository at '"] {
        if let Some(repository) = quoted(refusal, words) {
            return (
                format!(
                    "Git does not read the repository {repository}: it belongs to another user"
                ),
                format!("trust it: `git config --global --add safe.directory {repository}`"),
            );
        }
    }
    // A file `.git` names the place of the repository, which may be elsewhere on another machine.
    let elsewhere = refusal.lines().find_map(|line| line.split_once("not a git repository: "));
    if let Some((_, place)) = elsewhere.filter(|(_, place)| !place.is_empty()) {
        let place = place.trim();
        let help = match place {
            _ if place.contains("/worktrees/") => {
                "the folder is a worktree: its repository must be there as well, in a container at the same \
                 path. If it was moved: `git worktree repair`, run in the repository"
            }
            _ if place.contains("/modules/") => {
                "the folder is a submodule, whose commits are in the repository around it: that must be \
                 there as well, with `git submodule update --init`"
            }
            _ => "make the repository there available, or clone it anew",
        };
        return (format!("the Git repository of {shown} is not at {place}"), help.to_owned());
    }
    if !folder.exists() {
        return (
            format!("there is no folder {shown}"),
            "write definitions, and commit them".to_owned(),
        );
    }
    if refusal.contains("not a git repository") {
        return (
            format!("{shown} is in no Git repository"),
            "run the tests in a clone: an archive or an image without `.git` has no earlier versions. Or use \
             version = \"latest\""
                .to_owned(),
        );
    }
    if refusal.contains("not have any commits") {
        return (
            format!("the Git repository of {shown} has no commits"),
            "commit the definitions, or use version = \"latest\"".to_owned(),
        );
    }
    let line = refusal.lines().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
    let line = line.trim_start_matches("fatal: ").trim_start_matches("error: ");
    (
        format!("Git does not read the repository of {shown}: {line}"),
        "mend that, or use version = \"latest\"".to_owned(),
    )
}

/// What stands between some words and the next quote.
fn quoted<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.split_once(words)?.1.split_once('\'').map(|(found, _)| found)
}
