//! Images that could not be pulled: for a while the next processes do not try again.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::open_folder::OpenFolder;
use crate::server::cache_folder;

/// The folder of what could not be pulled, in tdata's cache folder.
const FOLDER: &str = "pulls";

/// How long a pull that failed is not tried again. Whoever pulls the image by hand is not kept waiting: an image that is
/// there is used.
const PAUSE: Duration = Duration::from_secs(10 * 60);

/// What is known of pulling one image by one engine.
pub(super) struct Pulls {
    folder: Option<OpenFolder>,
    name: String,
}

impl Pulls {
    /// Looks up an image; `engine` is the address of an engine that is not this machine's own.
    pub(super) fn of(image: &str, engine: Option<&str>) -> Self {
        Self::in_folder(cache_folder::open(FOLDER), image, engine)
    }

    fn in_folder(folder: Option<OpenFolder>, image: &str, engine: Option<&str>) -> Self {
        let mut digest = Sha256::new();
        for part in [image, engine.unwrap_or_default()] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        let digest = digest.finalize();
        let name = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { folder, name }
    }

    /// Returns why pulling it failed, if that was a short while ago.
    pub(super) fn failed(&self) -> Option<String> {
        let folder = self.folder.as_ref()?;
        // The clock may have been set back.
        let age = folder.modified(&self.name).ok()?.elapsed().ok()?;
        let mut reason = String::new();
        folder.file_to_read(&self.name).ok()?.take(1000).read_to_string(&mut reason).ok()?;
        (age < PAUSE && !reason.is_empty()).then_some(reason)
    }

    /// Remembers that pulling it failed.
    pub(super) fn remember(&self, reason: &str) {
        let Some(folder) = &self.folder else { return };
        // Should it not be remembered, the next process finds out for itself.
        let _ = folder.remove(&self.name);
        let written = folder.create_new(&self.name);
        let _ = written.and_then(|mut file| file.write_all(reason.as_bytes()));
        for name in folder.names() {
            let age = folder.modified(&name).ok().and_then(|changed| changed.elapsed().ok());
            if age.is_some_and(|age| age >= PAUSE) {
                let _ = folder.remove(&name);
            }
        }
    }
}

/// Tells in a few words what an engine answered that could not pull an image.
pub(super) fn in_short(answer: &str) -> String {
    /// What answers contain, and what that means.
    const KNOWN: &[(&str, &str)] = &[
        ("no such host", "its registry cannot be reached: no such host"),
        ("network is unreachable", "its registry cannot be reached: no network"),
        ("connection refused", "its registry cannot be reached: connection refused"),
        ("timeout", "its registry does not answer"),
        ("deadline exceeded", "its registry does not answer"),
        ("server misbehaving", "its registry cannot be reached: no name server answers"),
        ("manifest unknown", "its registry has no such image"),
        ("not found", "its registry has no such image"),
        ("denied", "its registry refuses it"),
        ("unauthorized", "its registry refuses it"),
        ("toomanyrequests", "its registry has answered too often"),
        ("no space left", "there is no room for it"),
    ];
    /// The longest part of another answer that is told.
    const LONGEST: usize = 100;
    let lower = answer.to_lowercase();
    if let Some((_, meaning)) = KNOWN.iter().find(|(words, _)| lower.contains(words)) {
        return (*meaning).to_owned();
    }
    let line = answer.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_pull_that_failed_is_remembered_for_a_while() {
        let all = tempfile::tempdir().unwrap();
        let of = |image: &str, engine| {
            Pulls::in_folder(cache_folder::open_in(all.path(), FOLDER), image, engine)
        };
        assert_eq!(of("a", None).failed(), None);
        of("a", None).remember("no network");
        assert_eq!(of("a", None).failed().as_deref(), Some("no network"));
        assert_eq!(of("b", None).failed(), None, "another image");
        assert_eq!(of("a", Some("tcp://other")).failed(), None, "another engine");
        let folder = cache_folder::open_in(all.path(), FOLDER).unwrap();
        let file = folder.file(&of("a", None).name).unwrap();
        file.set_modified(SystemTime::now() - PAUSE).unwrap();
        assert_eq!(of("a", None).failed(), None, "it is over");
        file.set_modified(SystemTime::now() + PAUSE).unwrap();
        assert_eq!(of("a", None).failed(), None, "the clock was set back");
        file.set_modified(SystemTime::now() - PAUSE).unwrap();
        of("b", None).remember("no network");
        assert_eq!(folder.names(), [of("b", None).name], "what is over is removed");
    }

    #[test]
    fn without_a_folder_nothing_is_remembered() {
        let pulls = Pulls::in_folder(None, "a", None);
        pulls.remember("no network");
        assert_eq!(pulls.failed(), None);
    }

    #[test]
    fn answers_are_told_in_a_few_words() {
        let answer = "failed to pull the image 'postgres:18-alpine', error: Docker responded with status code 500: \
                      Get \"https://registry/v2/\": dial tcp: lookup registry on 10.0.0.1:53: no such host";
        assert_eq!(in_short(answer), "its registry cannot be reached: no such host");
        assert_eq!(in_short("manifest unknown: x"), "its registry has no such image");
        assert_eq!(in_short("something else\nmore"), "something else");
        assert_eq!(in_short(&"ä".repeat(300)).chars().count(), 101);
        assert_eq!(in_short(""), "");
    }
}
