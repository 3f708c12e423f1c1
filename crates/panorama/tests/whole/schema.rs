//! The committed JSON Schema of the configuration file is the one that the types give.

#[test]
fn the_committed_schema_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/config.schema.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&panorama::config::Config::schema()).unwrap());
    if std::env::var_os("PANORAMA_WRITE_DOCS").is_some() {
        std::fs::write(path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == fresh, "docs/config.schema.json is stale: run ./dev generate and commit it");
}
