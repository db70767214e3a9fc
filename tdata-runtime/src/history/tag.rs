//! The tags that name versions.

use std::path::Path;

use tdata_core::definition::Version;
use tdata_core::diagnostic::Diagnostics;

use super::git::git;

/// The tags that name a version of a dataset, the first that exists is meant.
pub(super) fn tags(dataset: &str, version: Version) -> [String; 2] {
    [format!("{dataset}/{version}"), version.to_string()]
}

/// The commit that a tag names.
pub(super) fn commit_of_tag(folder: &Path, tag: &str) -> Result<Option<String>, Diagnostics> {
    let name = format!("refs/tags/{tag}^{{commit}}");
    let commit = git(folder, &["rev-parse", "--verify", "--quiet", &name])?;
    Ok(commit.map(|commit| commit.trim().to_owned()))
}
