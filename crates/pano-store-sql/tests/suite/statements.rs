//! Every statement in both dialects, as a file to review. Written anew with `PANORAMA_UPDATE_EXPECTED=1`.

use pano_store_sql::StatementLog;
use std::path::Path;
use std::sync::Arc;

#[tokio::test]
async fn statements_are_as_reviewed() {
    let log = Arc::new(StatementLog::default());
    crate::base::on_every_store::tour(&log).await;
    crate::operator::on_every_store::tour(&log).await;
    crate::audit::on_every_store::tour(&log).await;
    crate::outbox::on_every_store::tour(&log).await;
    crate::meta::on_every_store::tour(&log).await;
    crate::gateway::on_every_store::tour(&log).await;
    crate::usage::on_every_store::tour(&log).await;

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/statements.sql");
    let now = log.print();
    if std::env::var_os("PANORAMA_UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    let changed = now.lines().zip(reviewed.lines()).find(|(now, then)| now != then);
    assert!(
        now == reviewed,
        "statements differ from {}; first at {changed:?}. Look at the difference, then PANORAMA_UPDATE_EXPECTED=1",
        path.display()
    );
}
