//! Nothing in the data folder is for others, whatever it was before.

use crate::process::Deployment;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Everything below `folder` that others may look into.
fn open(folder: &Path, found: &mut Vec<String>) {
    let mut check = |path: &Path, most: u32| {
        let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        if mode & !most != 0 {
            found.push(format!("{} {mode:o}", path.display()));
        }
    };
    check(folder, 0o700);
    let entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.iter().filter(|path| !path.is_dir()).for_each(|path| check(path, 0o600));
    entries.iter().filter(|path| path.is_dir()).for_each(|path| open(path, found));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_data_folder_is_its_owners_from_the_first_start_on_and_again_when_it_was_opened() {
    let mut deployment = Deployment::embedded().await;
    let data = deployment.site.data.clone();
    let mut found = Vec::new();
    open(&data, &mut found);
    assert_eq!(found, Vec::<String>::new(), "after the first start");
    for name in ["panorama.db", "panorama.db-wal", "events", "gateway-1", "credentials/metrics.token"] {
        assert!(data.join(name).exists(), "{name} is not among what was looked at");
    }

    deployment.processes[0].kill();
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    set(&data, 0o755);
    set(&data.join("panorama.db"), 0o644);
    set(&data.join("panorama.db-wal"), 0o644);
    deployment.processes[0].start();
    deployment.processes[0].ready().await;
    open(&data, &mut found);
    assert_eq!(found, Vec::<String>::new(), "after the second start");
    let log = deployment.processes[0].log();
    assert!(log.contains("was open to others"), "{log}");
}
