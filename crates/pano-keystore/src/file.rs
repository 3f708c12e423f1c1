//! Small secret files: bounded, private to their owner, replaced whole.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Largest secret file that is read, bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What is wrong with a secret file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Others than the owner may use the file.
    #[error("{} can be used by others (mode {mode:04o}); make it 0600 and consider its content disclosed", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The content is not what was written.
    #[error("{} is damaged ({reason}); restore it from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The content was sealed with another secret.
    #[error("{} was sealed with another secret than the one configured", path.display())]
    WrongSecret {
        /// The file.
        path: PathBuf,
    },
    /// The secret is too short to derive keys from.
    #[error("the secret that seals keys must have at least {min} characters, chosen at random")]
    WeakSecret {
        /// Fewest characters.
        min: usize,
    },
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError::Io { action, path, source }
}

/// The file's content; `None` when there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, FileError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(io("open", path))?,
    };
    check_mode(&file, path)?;
    let mut content = Zeroizing::new(Vec::new());
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content).map_err(io("read", path))?;
    if content.len() as u64 > FILE_BYTES_MAX {
        return Err(FileError::Damaged {
            path: path.to_owned(),
            reason: format!("longer than {FILE_BYTES_MAX} bytes"),
        });
    }
    Ok(Some(content))
}

/// Replaces the file whole, mode 0600. After this returns, the content survives a power cut.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let fresh = path.with_extension("new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(io("remove", &fresh)(error)),
        _ => {}
    }
    let mut file = create_private(&fresh)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(io("write", &fresh))?;
    std::fs::rename(&fresh, path).map_err(io("replace", path))?;
    sync_folder(path)
}

/// Creates the file, mode 0600; fails when it is there already.
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let mut file = create_private(path)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(io("write", path))?;
    sync_folder(path)
}

fn create_private(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(io("create", path))
}

fn sync_folder(path: &Path) -> Result<(), FileError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("sync", folder))
}

#[cfg(unix)]
fn check_mode(file: &File, path: &Path) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map_err(io("inspect", path))?.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(FileError::TooOpen { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &File, _: &Path) -> Result<(), FileError> {
    Ok(())
}
