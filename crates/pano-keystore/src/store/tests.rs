use super::*;
use pano_types::Secret;
use pano_types::clock::SeededEntropy;
use std::time::Duration;

const SCHEDULE: Schedule =
    Schedule { rotate_every: None, publish_lead: Duration::from_secs(60), retire_after: Duration::from_secs(600) };

struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }
    fn path(&self) -> PathBuf {
        self.dir.path().join("signing.keys")
    }
    fn open(&self) -> Result<KeyFile, FileError> {
        self.open_with(&"s".repeat(40))
    }
    fn open_with(&self, secret: &str) -> Result<KeyFile, FileError> {
        let master = MasterKey::new(&Secret::new(secret.to_owned()))?;
        KeyFile::open(&self.path(), Alg::Es256, master, Arc::new(SeededEntropy::new(5)))
    }
    fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }
    fn write(&self, text: &str) {
        std::fs::write(self.path(), text).unwrap();
    }
}

fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(seconds)
}

fn shown(store: &KeyFile) -> Vec<(String, &'static str)> {
    store.versions().iter().map(|v| (v.kid().to_owned(), v.state.text())).collect()
}

#[test]
fn keys_survive_reopening_through_a_whole_rotation() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    assert!(matches!(store.signer(), Err(KeyStoreError::Empty)));
    let first = store.stage(at(0)).unwrap();
    store.activate(at(0), &SCHEDULE).unwrap();
    let second = store.stage(at(100)).unwrap();
    let early = store.activate(at(101), &SCHEDULE);
    assert!(matches!(early, Err(KeyStoreError::Refused(pano_crypto::ring::Refusal::TooEarly(_)))));

    let store = folder.open().unwrap();
    assert_eq!(store.signer().unwrap().kid(), first);
    store.activate(at(160), &SCHEDULE).unwrap();
    assert_eq!(shown(&store), [(first.clone(), "retiring"), (second.clone(), "current")]);
    let signature = store.signer().unwrap().sign(b"m").unwrap();

    let store = folder.open().unwrap();
    assert_eq!(store.signer().unwrap().kid(), second);
    let public = store.versions().into_iter().find(|v| v.kid() == second).unwrap().public;
    pano_crypto::VerifyingKey::new(&public).unwrap().verify(b"m", &signature).unwrap();
    assert_eq!(store.sweep(at(760)).unwrap(), 1);
    assert_eq!(shown(&folder.open().unwrap()), [(first, "removed"), (second, "current")]);
}

#[test]
fn no_key_is_in_the_clear_and_every_write_is_sealed_afresh() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    store.stage(at(0)).unwrap();
    let kid = store.versions()[0].kid().to_owned();
    let before = folder.text();
    store.activate(at(0), &SCHEDULE).unwrap();
    let after = folder.text();
    assert!(!before.contains(&kid) && !before.contains("private"));
    let member = |text: &str, name: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()[name].clone();
    for name in ["salt", "nonce", "sealed", "secret_check"] {
        assert_ne!(member(&before, name), member(&after, name), "{name}");
    }
}

#[test]
fn damage_and_a_wrong_secret_are_told_apart() {
    let folder = Folder::new();
    folder.open().unwrap().stage(at(0)).unwrap();
    let good = folder.text();
    assert!(matches!(folder.open_with(&"x".repeat(40)), Err(FileError::WrongSecret { .. })));
    assert!(matches!(folder.open_with("short"), Err(FileError::WeakSecret { .. })));

    let swap = |text: &str, name: &str| {
        let mut json: serde_json::Value = serde_json::from_str(text).unwrap();
        let old = json[name].as_str().unwrap().to_owned();
        let first = if old.starts_with('A') { "B" } else { "A" };
        json[name] = format!("{first}{}", &old[1..]).into();
        json.to_string()
    };
    for (text, reason) in [
        (String::new(), "EOF"),
        (good[..good.len() / 2].to_owned(), "EOF"),
        (good.replace("keys/1", "keys/9"), "format"),
        (good.replace("\"salt\"", "\"extra\""), "extra"),
        (swap(&good, "sealed"), "seal"),
        (swap(&good, "nonce"), "seal"),
        ("{".repeat(2 << 20), "longer"),
    ] {
        folder.write(&text);
        let Err(FileError::Damaged { reason: found, .. }) = folder.open() else { panic!("{reason}: opened") };
        assert!(found.contains(reason), "{reason}: {found}");
    }
    folder.write(&good);
    folder.open().unwrap();
}

#[test]
fn a_move_that_cannot_be_kept_does_not_count() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    store.stage(at(0)).unwrap();
    store.activate(at(0), &SCHEDULE).unwrap();
    let before = shown(&store);
    // A folder under the temporary name: it can neither be removed as a file nor created.
    std::fs::create_dir(folder.path().with_extension("new")).unwrap();
    assert!(matches!(store.stage(at(9)), Err(KeyStoreError::Backend(_))));
    assert_eq!(shown(&store), before);
    std::fs::remove_dir(folder.path().with_extension("new")).unwrap();
    // What a crash left half-written is replaced.
    std::fs::write(folder.path().with_extension("new"), "half").unwrap();
    store.stage(at(9)).unwrap();
    assert_eq!(shown(&folder.open().unwrap()).len(), 2);
}

#[cfg(unix)]
#[test]
fn files_open_to_others_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    folder.open().unwrap().stage(at(0)).unwrap();
    let mode = |mode| std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(std::fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o600);
    for open in [0o640, 0o604, 0o666] {
        mode(open);
        assert!(matches!(folder.open(), Err(FileError::TooOpen { mode, .. }) if mode == open));
    }
    mode(0o400);
    folder.open().unwrap();
}

#[test]
fn the_default_master_key_is_made_once() {
    let folder = Folder::new();
    let path = folder.dir.path().join("master.key");
    assert!(matches!(MasterKey::read(&path), Err(FileError::Io { .. })));
    let made = MasterKey::ensure(&path, &SeededEntropy::new(1)).unwrap();
    let again = MasterKey::ensure(&path, &SeededEntropy::new(2)).unwrap();
    assert_eq!(made.bytes(), again.bytes());
    assert_eq!(made.bytes().len(), 43);
}
