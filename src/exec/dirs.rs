//! The short runtime directory for control sockets.
//!
//! A socket's path has room for 108 bytes, which an incident's directory may well exceed. Below
//! `/tmp` first, because `XDG_RUNTIME_DIR` is removed when the user's last session closes, and a
//! step must be within reach after that. The directory belongs to this user alone; one that does
//! not is refused, not repaired.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The directory, created if need be.
pub(super) fn runtime_dir() -> io::Result<PathBuf> {
    let uid = rustix::process::getuid().as_raw();
    let first = PathBuf::from(format!("/tmp/backout-{uid}"));
    let Err(refused) = private_dir(&first, uid) else {
        return Ok(first);
    };
    let base = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    match base.filter(|base| base.is_absolute() && base.as_os_str().len() < 80) {
        Some(base) => {
            let second = base.join("backout");
            private_dir(&second, uid).map(|()| second)
        }
        None => Err(refused),
    }
}

fn private_dir(dir: &Path, uid: u32) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let found = fs::symlink_metadata(dir)?;
    if found.is_dir() && found.uid() == uid && found.permissions().mode().trailing_zeros() >= 6 {
        return Ok(());
    }
    let message = format!("{} is not a private directory of this user", dir.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_others_may_enter_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let uid = rustix::process::getuid().as_raw();
        let dir = home.path().join("run");
        assert!(private_dir(&dir, uid).is_ok());
        assert!(private_dir(&dir, uid + 1).is_err());
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(private_dir(&dir, uid).is_err());
        let link = home.path().join("link");
        std::os::unix::fs::symlink(home.path(), &link).unwrap();
        assert!(private_dir(&link, uid).is_err());
    }
}
