//! Containers that were made and never started: their process was killed in between, and what should have removed
//! them as well.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest, Sha256};
use testcontainers_modules::testcontainers::bollard::Docker;
use testcontainers_modules::testcontainers::bollard::query_parameters::{
    ListContainersOptions, RemoveContainerOptions,
};

/// The label of containers that says which workspace they are of.
const WORKSPACE: &str = "tdata.workspace";

/// Returns the label of a workspace's containers: its key and its value.
pub(super) fn label(workspace: &Path) -> (&'static str, String) {
    let digest = Sha256::digest(workspace.as_os_str().as_encoded_bytes());
    (WORKSPACE, digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// Lists the containers of a workspace that are not started yet, by id.
pub(super) async fn list(engine: &Docker, workspace: &Path) -> Vec<String> {
    let (key, value) = label(workspace);
    let filters = HashMap::from([
        ("label".to_owned(), vec![format!("{key}={value}")]),
        ("status".to_owned(), vec!["created".to_owned()]),
    ]);
    let options = ListContainersOptions {
        all: true,
        filters: Some(filters),
        ..ListContainersOptions::default()
    };
    // The next boot looks again.
    let listed = engine.list_containers(Some(options)).await.unwrap_or_default();
    listed.into_iter().filter_map(|container| container.id).collect()
}

/// Removes those containers that nobody has started in the meantime, which took another one its whole boot.
pub(super) async fn remove(engine: &Docker, containers: &[String]) {
    for container in containers {
        let options = RemoveContainerOptions { v: true, ..RemoveContainerOptions::default() };
        // Not by force: the engine refuses to remove one that runs.
        let _ = engine.remove_container(container, Some(options)).await;
    }
}
