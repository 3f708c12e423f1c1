//! The data folder: made private at first start; where `up` says on which addresses it can be reached.

use anyhow::{Context, bail};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Mode of a place where each may write and none may take away what is another's.
const STICKY: u32 = 0o1000;

/// Makes the folder (mode 0700) when it is absent; takes away from others what they may do in one that is there, and says so.
///
/// # Errors
/// When it cannot be made or made private, is no folder, or is a place that all share, such as `/tmp`.
pub fn ensure(folder: &Path) -> anyhow::Result<PathBuf> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make the data folder {}", folder.display()))?;
    let folder = folder.canonicalize().with_context(|| format!("cannot reach the data folder {}", folder.display()))?;
    let shown = folder.display();
    let mode = fs::metadata(&folder).with_context(|| format!("cannot look at {shown}"))?.permissions().mode() & 0o7777;
    if mode & STICKY != 0 {
        bail!("{shown} is shared with others (mode {mode:04o}): name a folder of Panorama's own");
    }
    if mode & 0o077 != 0 {
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("{shown} is open to others (mode {mode:04o}) and cannot be made private"))?;
        tracing::warn!(folder = %shown, was = format!("{mode:04o}"), "the folder was open to others; its mode is 0700 now");
    }
    Ok(folder)
}

/// Reads a secret from a file. Its owner's group may be meant to read it, as for the keys of TLS; everybody never is.
///
/// # Errors
/// A text that names the file, never its content.
pub fn read_secret(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let failed = |error| format!("cannot read {shown}: {error}");
    let mut file = fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Err(format!(
            "{shown} can be used by everybody on this machine (mode {mode:04o}): give it mode 0600, and consider what is \
             in it disclosed"
        ));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Writes a file that only its owner may read, in one step: readers see the old or the new content, whole.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&fresh, path));
    written.with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_private_is_private() {
        let temp = tempfile::tempdir().unwrap();
        let folder = ensure(&temp.path().join("a/b")).unwrap();
        let file = folder.join("x.json");
        write_private(&file, b"1").unwrap();
        write_private(&file, b"2").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"2");
        assert_eq!((mode(&file), mode(&folder)), (0o600, 0o700));
    }

    #[test]
    fn a_folder_open_to_others_is_closed_and_a_shared_one_refused() {
        let temp = tempfile::tempdir().unwrap();
        for open in [0o755, 0o750, 0o777] {
            set(temp.path(), open);
            ensure(temp.path()).unwrap();
            assert_eq!(mode(temp.path()), 0o700, "{open:o}");
        }
        set(temp.path(), 0o1777);
        assert!(ensure(temp.path()).unwrap_err().to_string().contains("shared"));
        assert_eq!(mode(temp.path()), 0o1777, "it is not ours to change");
    }

    #[test]
    fn a_secret_that_everybody_can_read_is_refused_and_not_told() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("secret");
        write_private(&file, b"hunter2\n").unwrap();
        for (bits, good) in [(0o600, true), (0o640, true), (0o644, false), (0o602, false)] {
            set(&file, bits);
            let read = read_secret(&file);
            assert_eq!(read.is_ok(), good, "{bits:o}");
            assert!(read.is_ok() || read.is_err_and(|said| said.contains("secret") && !said.contains("hunter2")));
        }
        assert!(read_secret(&temp.path().join("none")).unwrap_err().contains("none"));
    }
}
