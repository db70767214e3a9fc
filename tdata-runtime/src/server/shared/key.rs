//! What tells servers apart.

use std::fmt;
use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
use tdata_core::project::ServerChoice;

use crate::server::programs;
use crate::server::settings::ServerSettings;
use crate::server::tuning;

/// What tells servers apart: processes with the same key share one.
///
/// It covers the user, the workspace, the settings, the tuning, the server's programs and the version of tdata,
/// whose next one may watch servers in another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Key(String);

impl Key {
    pub(in crate::server) fn of(settings: &ServerSettings) -> Self {
        Self::of_user(settings, rustix::process::geteuid().as_raw())
    }

    /// Users share nothing, even where the server of one runs as the other.
    fn of_user(settings: &ServerSettings, user: u32) -> Self {
        let mut digest = Digester(Sha256::new());
        // A server that a URL names is nobody's to boot; how long one stays its last user says.
        let ServerSettings {
            choice,
            url: _,
            image,
            engine,
            binaries,
            workspace,
            superuser,
            migrations,
            keep_alive: _,
        } = settings;
        (user, workspace, choice, image, engine, superuser, migrations, tuning::SETTINGS)
            .hash(&mut digest);
        if *choice != ServerChoice::Container {
            programs::find(binaries.as_deref()).ok().hash(&mut digest);
        }
        env!("CARGO_PKG_VERSION").hash(&mut digest);
        let digest = digest.0.finalize();
        Self(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Feeds values to a digest that is the same in every process.
struct Digester(Sha256);

impl Hasher for Digester {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the digest is taken as a whole")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn users_and_workspaces_have_servers_of_their_own() {
        let settings = |workspace: &str| ServerSettings {
            choice: ServerChoice::Container,
            url: None,
            image: "postgres".to_owned(),
            engine: None,
            binaries: None,
            workspace: workspace.into(),
            superuser: true,
            migrations: None,
            keep_alive: Duration::ZERO,
        };
        let key = Key::of_user(&settings("/shop"), 1000);
        assert_eq!(key, Key::of_user(&settings("/shop"), 1000));
        assert_ne!(key, Key::of_user(&settings("/shop"), 0));
        assert_ne!(key, Key::of_user(&settings("/store"), 1000));
    }
}
