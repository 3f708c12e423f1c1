//! Every statement in both dialects, as files to review: `tests/expected/VERTICAL.sql`, drawn by running the vertical's cases
//! on SQLite. Written anew with `PANORAMA_UPDATE_EXPECTED=1`.

use pano_store_sql::StatementLog;
use std::path::Path;

/// Compares what a vertical's cases executed with the reviewed file.
pub(crate) fn compare(module: &str, log: &StatementLog) {
    let vertical = module.split("::").nth(1).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/expected/{vertical}.sql"));
    let now = log.print();
    if std::env::var_os("PANORAMA_UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    let changed = now.lines().zip(reviewed.lines()).find(|(now, then)| now != then);
    assert!(
        now == reviewed,
        "statements differ from {}; first at {changed:#?}. Review, then run this test with PANORAMA_UPDATE_EXPECTED=1",
        path.display()
    );
}
