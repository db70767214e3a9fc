//! Folders of this user's in which tdata keeps what can be made again.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

use tdata_factory::environment;

use crate::open_folder::OpenFolder;

/// Opens a folder in tdata's cache folder, and makes it where there is none. `None` where there is no cache folder, none
/// can be made, or others may enter it.
pub(super) fn open(name: &str) -> Option<OpenFolder> {
    open_in(&environment::cache()?, name)
}

pub(super) fn open_in(cache: &Path, name: &str) -> Option<OpenFolder> {
    let path = cache.join(name);
    if !path.exists() {
        // In a folder of somebody else's, as that of the user who called `sudo`, nothing is put.
        let there = path.ancestors().find(|folder| folder.exists())?;
        let is_ours = fs::metadata(there).ok()?.uid() == rustix::process::geteuid().as_raw();
        if !is_ours {
            return None;
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).ok()?;
    }
    let folder = OpenFolder::open(&path, None).ok()?;
    folder.is_private().is_ok_and(|is_private| is_private).then_some(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    const NAME: &str = "things";

    #[test]
    fn a_folder_that_others_may_enter_is_not_trusted() {
        let all = tempfile::tempdir().unwrap();
        let cache = all.path().join("cache");
        let folder = cache.join(NAME);
        assert!(open_in(&cache, NAME).is_some() && folder.is_dir());
        for mode in [0o770, 0o702, 0o777, 0o750] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            assert!(open_in(&cache, NAME).is_none(), "{mode:o}");
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(open_in(&cache, NAME).is_some());
        // A link leads elsewhere.
        fs::rename(&folder, all.path().join("elsewhere")).unwrap();
        symlink(all.path().join("elsewhere"), &folder).unwrap();
        assert!(open_in(&cache, NAME).is_none());
    }

    #[test]
    fn what_is_no_folder_is_none() {
        assert!(open_in(Path::new("/dev/null"), NAME).is_none());
        assert!(open_in(Path::new("/proc/no/such"), NAME).is_none());
    }

    #[test]
    fn nothing_is_put_among_what_is_another_users() {
        if !rustix::process::geteuid().is_root() {
            // Nobody else can give files away.
            return;
        }
        let all = tempfile::tempdir().unwrap();
        let cache = all.path().join("cache");
        let other = Some(65_534);
        assert!(open_in(&cache, NAME).is_some());
        std::os::unix::fs::chown(cache.join(NAME), other, None).unwrap();
        assert!(open_in(&cache, NAME).is_none(), "a folder of somebody else's");
        fs::remove_dir_all(cache.join(NAME)).unwrap();
        std::os::unix::fs::chown(&cache, other, None).unwrap();
        assert!(open_in(&cache, NAME).is_none(), "a home of somebody else's");
        assert!(!cache.join(NAME).exists());
    }
}
