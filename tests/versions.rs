//! Definitions of earlier versions, out of Git.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::process::Command;

use project::Project;
use tdata::{Stage, TestData, VersionChoice};

fn git(project: &Project, arguments: &[&str]) {
    let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    let output = Command::new("git")
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .arg("-C")
        .arg(project.path())
        .args(identity)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn commit(project: &Project, message: &str) {
    git(project, &["add", "-A"]);
    git(project, &["commit", "-q", "-m", message]);
}

fn users(count: u64) -> String {
    format!(
        "  volume: {{ count: {count} }}\n  fields:\n    - {{ name: id, type: integer, generator: sequence }}\n"
    )
}

fn versioned(project: Project, dataset: &str, version: &str, spec: &str) -> Project {
    let project = project.define(dataset, spec);
    let path = project.path().join(format!("data_definitions/{dataset}.yaml"));
    let text = std::fs::read_to_string(&path).unwrap();
    let named = format!("name: {dataset}, version: {version}");
    std::fs::write(&path, text.replace(&format!("name: {dataset}"), &named)).unwrap();
    project
}

fn rows(project: &Project, dataset: &str, version: &str) -> u64 {
    let version: VersionChoice = version.parse().unwrap();
    let request = TestData::request([dataset]).version(version).project(project.path());
    request.provision().unwrap().counts()[dataset]
}

#[test]
fn tags_and_metadata_name_versions() {
    let project = versioned(Project::with(&[]), "users", "v1.0.0", &users(11));
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    let project = versioned(project, "users", "v1.1.0", &users(12));
    commit(&project, "two");
    git(&project, &["tag", "v3.0.0"]);
    let project = versioned(project, "users", "v1.1.0", &users(13));
    commit(&project, "three");
    git(&project, &["tag", "users/v4.0.0"]);
    let project = versioned(project, "users", "v9.0.0", &users(14));
    assert_eq!(rows(&project, "users", "v1.0.0"), 11);
    // The newest commit that carries the version.
    assert_eq!(rows(&project, "users", "v1.1.0"), 13);
    assert_eq!(rows(&project, "users", "v3.0.0"), 12);
    assert_eq!(rows(&project, "users", "v4.0.0"), 13);
    assert_eq!(rows(&project, "users", "latest"), 14);
}

#[test]
fn parents_come_from_the_commit_of_their_child() {
    let project = Project::with(&[]).define("users", &users(5));
    let orders = format!(
        "{}  relationships:\n    - {{ foreignKey: user_id, references: users.id }}\n",
        users(9)
    );
    let project = versioned(project, "orders", "v2.0.0", &orders);
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    let project = project.define("users", &users(50));
    let request = TestData::request(["orders"]).version("v2.0.0".parse().unwrap());
    let data = request.project(project.path()).provision().unwrap();
    assert_eq!(data.counts()["users"], 5);
}

#[test]
fn references_by_table_name_are_followed() {
    let project = Project::with(&[]).define("people", &users(5));
    let path = project.path().join("data_definitions/people.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("table: people", "table: app_users")).unwrap();
    let orders = format!(
        "{}  relationships:\n    - {{ foreignKey: user_id, references: app_users.id }}\n",
        users(9)
    );
    let project = versioned(project, "orders", "v2.0.0", &orders);
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    assert_eq!(rows(&project, "orders", "v2.0.0"), 9);
}

#[test]
fn masks_are_as_narrow_as_all_columns_of_that_version() {
    let masked = |sql_type: &str| {
        format!(
            "  fields:\n    - {{ name: id, type: integer, generator: sequence }}\n    \
             - {{ name: ssn, type: {sql_type}, generator: ssn, masking: true }}\n"
        )
    };
    let project = versioned(Project::with(&[]), "users", "v1.0.0", &masked("text"));
    let project = project.define("people", &masked("varchar(11)"));
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    let project = project.define("people", &masked("varchar(20)"));
    let length = |version: &str| {
        let request = TestData::request(["users"]).version(version.parse().unwrap());
        let data = request.project(project.path()).provision().unwrap();
        let sql = "SELECT max(length(ssn)) FROM users";
        data.client().query_one(sql, &[]).unwrap().get::<_, i32>(0)
    };
    assert_eq!(length("v1.0.0"), 11);
    assert_eq!(length("latest"), 20);
}

#[test]
fn a_project_outside_git_is_told() {
    let project = Project::with(&[]).define("users", &users(5));
    let request = TestData::request(["users"]).version("v1.0.0".parse().unwrap());
    let error = request.project(project.path()).provision().unwrap_err();
    assert!(error.to_string().contains("is in no Git repository"), "{error}");
}

#[test]
fn a_version_that_is_not_there_is_told() {
    let project = Project::with(&[]).define("users", &users(5));
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    let request = TestData::request(["users"]).version("v7.0.0".parse().unwrap());
    let error = request.project(project.path()).provision().unwrap_err();
    assert_eq!(error.stage(), Stage::Plan);
    assert!(error.to_string().contains("`users` has no version v7.0.0"), "{error}");
}

/// What is told of a version that Git does not find in a project.
fn told(project: &std::path::Path) -> String {
    let request = TestData::request(["users"]).version("v1.0.0".parse().unwrap());
    request.project(project).provision().unwrap_err().to_string()
}

#[test]
fn a_shallow_clone_is_told() {
    let project = Project::with(&[]).define("users", &users(5));
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    git(&project, &["tag", "v1.0.0"]);
    std::fs::write(project.path().join("more"), "").unwrap();
    commit(&project, "two");
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    let from = format!("file://{}", project.path().display());
    git(&project, &["clone", "-q", "--depth", "1", "--no-tags", &from, clone.to_str().unwrap()]);
    assert_told(
        &clone,
        &["`users` has no version v1.0.0", "this clone is shallow", "fetch-depth: 0"],
    );
}

/// Proves that the message about a project has these parts.
fn assert_told(project: &std::path::Path, parts: &[&str]) {
    let text = told(project);
    for part in parts {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn tags_that_are_missing_or_named_otherwise_are_told() {
    let project = Project::with(&[]).define("users", &users(5));
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    assert_told(project.path(), &["tag a commit `v1.0.0` or `users/v1.0.0`"]);
    git(&project, &["tag", "release-1.0.0"]);
    assert_told(project.path(), &["there is the tag `release-1.0.0`, which names no version"]);
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    let from = project.path().to_str().unwrap();
    git(&project, &["clone", "-q", "--no-tags", from, clone.to_str().unwrap()]);
    assert_told(&clone, &["this clone has no tags: `git fetch --tags`"]);
    git(&project, &["rm", "-q", "--cached", "data_definitions/users.yaml"]);
    git(&project, &["commit", "-q", "-m", "two"]);
    git(&project, &["tag", "users/v1.0.0"]);
    assert_told(project.path(), &["the tag `users/v1.0.0`, but its commit has no `users.yaml`"]);
}

#[test]
fn a_worktree_has_the_versions_of_its_repository() {
    let project = Project::with(&[]).define("users", &users(6));
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    git(&project, &["tag", "v1.0.0"]);
    let folder = tempfile::tempdir().unwrap();
    let worktree = folder.path().join("worktree");
    git(&project, &["worktree", "add", "-q", worktree.to_str().unwrap()]);
    let request = TestData::request(["users"]).version("v1.0.0".parse().unwrap());
    assert_eq!(request.project(&worktree).provision().unwrap().counts()["users"], 6);
    // A container has the worktree mounted, and not the repository.
    std::fs::rename(project.path().join(".git"), project.path().join("git")).unwrap();
    assert_told(
        &worktree,
        &["is not at", "/worktrees/", "the folder is a worktree", "git worktree repair"],
    );
    std::fs::rename(project.path().join("git"), project.path().join(".git")).unwrap();
}

#[test]
fn definitions_in_a_submodule_have_its_versions() {
    let definitions = Project::with(&[]).define("users", &users(7));
    git(&definitions, &["init", "-q"]);
    commit(&definitions, "one");
    git(&definitions, &["tag", "v1.0.0"]);
    let project = Project::with(&[]);
    git(&project, &["init", "-q"]);
    let from = definitions.path().to_str().unwrap();
    let allowed =
        ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "shared"];
    git(&project, &allowed);
    commit(&project, "one");
    let within = project.path().join("shared");
    let request = TestData::request(["users"]).version("v1.0.0".parse().unwrap());
    assert_eq!(request.project(&within).provision().unwrap().counts()["users"], 7);
    // Its repository is in the folder of that around it.
    std::fs::rename(project.path().join(".git"), project.path().join("git")).unwrap();
    assert_told(
        &within,
        &["is not at", "/modules/", "the folder is a submodule", "submodule update --init"],
    );
}

#[test]
fn what_is_no_repository_with_commits_is_told() {
    let project = Project::with(&[]).define("users", &users(5));
    assert_told(
        project.path(),
        &["is in no Git repository", "an archive or an image without `.git`"],
    );
    git(&project, &["init", "-q"]);
    assert_told(project.path(), &["has no commits", "commit the definitions"]);
    commit(&project, "one");
    std::fs::write(project.path().join(".git/config"), "[core\n").unwrap();
    assert_told(project.path(), &["Git does not read the repository", "config"]);
}

#[test]
fn a_repository_of_another_user_is_told() {
    let project = Project::with(&[]).define("users", &users(5));
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    git(&project, &["tag", "v1.0.0"]);
    // Only root gives files away, and only where it trusts not all of them.
    let given = Command::new("chown").args(["-R", "4242"]).arg(project.path()).status();
    let trusts = Command::new("git").args(["config", "--get-all", "safe.directory"]).output();
    if !given.is_ok_and(|status| status.success()) || !trusts.unwrap().stdout.is_empty() {
        return;
    }
    assert_told(project.path(), &["it belongs to another user", "--add safe.directory"]);
}
