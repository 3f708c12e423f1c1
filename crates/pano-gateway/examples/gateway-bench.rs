//! Runs a standalone gateway from one file until it is killed: `cargo run --release -p pano-gateway --example gateway-bench -- bench.toml`.

use pano_types::clock::{OsEntropy, SystemClock};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("the configuration file is missing")?;
    let mut running = pano_gateway::standalone::start(Path::new(&file), Arc::new(SystemClock), Arc::new(OsEntropy))?;
    let modified = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    let mut seen = running.routes().and_then(modified);
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let now = running.routes().and_then(modified);
        if now != seen {
            seen = now;
            running.reload()?;
        }
    }
}
