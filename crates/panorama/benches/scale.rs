//! `./dev bench --scale`: memory and start with 300 published APIs, publishes among 10,000 operations under load. A release
//! build, real processes, the public interfaces. Ends with an exit code: what is promised holds, or it does not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    reason = "a program that measures ends by panicking when it cannot, and says what it saw; tests use more of the shared code"
)]

#[path = "../tests/whole/process.rs"]
mod process;
#[path = "../tests/whole/scale.rs"]
mod scale;

use scale::Scene;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What is promised (issue of the backbone): memory, start, publish.
const APIS: usize = 300;
const MEMORY_MAX: f64 = 150.0;
const READY_MAX: Duration = Duration::from_secs(2);
const OPERATIONS: usize = 10_000;
const PUBLISHES: usize = 20;
const LIVE_MAX: Duration = Duration::from_secs(1);
/// Partners and what each asks for a second.
const LOAD: (usize, u32) = (8, 100);
const STARTS: usize = 5;

fn main() -> ExitCode {
    // `cargo bench FILTER` offers every bench the same arguments.
    let wanted = std::env::args().skip(1).any(|argument| argument == "--scale");
    if !wanted {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if runtime.block_on(measure()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure() -> bool {
    let number = |name: &str, usual: usize| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (apis, operations) = (number("PANORAMA_SCALE_APIS", APIS), number("PANORAMA_SCALE_OPERATIONS", OPERATIONS));
    let specs = std::env::var_os("PANORAMA_SPECS").map(PathBuf::from).filter(|folder| folder.is_dir());
    let mut good = true;
    let begun = Instant::now();
    let mut scene = Scene::new().await;
    println!("nothing but the sandbox bank's own APIs: {:.0} MB", rest(&scene).await);
    scene.apis_up_to(apis, specs.as_deref()).await;
    let served = scene.operations().await;
    let real = if specs.is_some() { "real descriptions first" } else { "all generated: PANORAMA_SPECS is not set" };
    println!("{apis} APIs, {served} operations ({real}), published in {:.0} s", begun.elapsed().as_secs_f64());
    println!("after publishing them: {:.0} MB", rest(&scene).await);
    good &= starts(&mut scene, &format!("{apis} APIs")).await;
    let served = scene.operations_up_to(operations).await;
    println!("\n{} APIs, {served} operations", scene.apis());
    starts(&mut scene, &format!("{served} operations")).await;
    good &= publishes(&mut scene, served).await;
    println!("\nmemory in the end: {:.0} MB", rest(&scene).await);
    good
}

/// Memory once nothing happens any more, MB: threads for what blocks have ended, freed memory is given back.
async fn rest(scene: &Scene) -> f64 {
    tokio::time::sleep(Duration::from_secs(12)).await;
    let mut last = scene.memory().now;
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = scene.memory().now;
        if (last - now).abs() < 0.3 {
            return now;
        }
        last = now;
    }
    last
}

async fn starts(scene: &mut Scene, what: &str) -> bool {
    let (mut ready, mut in_step, mut idle, mut peak) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let restart = scene.restart().await;
        idle.push(rest(scene).await);
        peak.push(scene.memory().peak);
        ready.push(restart.ready);
        in_step.push(restart.in_step);
    }
    let (ready, in_step) = (spread(ready), spread(in_step));
    let (idle, peak) = (spread(idle), spread(peak));
    println!("\nstart with {what}, {STARTS} times, median (lowest–highest)");
    println!("| ready, ms | gateway in step, ms | idle memory, MB | peak of the start, MB |\n|---:|---:|---:|---:|");
    let ms =
        |(a, b, c): (Duration, Duration, Duration)| format!("{} ({}–{})", b.as_millis(), a.as_millis(), c.as_millis());
    let mb = |(a, b, c): (f64, f64, f64)| format!("{b:.0} ({a:.0}–{c:.0})");
    println!("| {} | {} | {} | {} |", ms(ready), ms(in_step), mb(idle), mb(peak));
    promise("ready", ready.2 < READY_MAX) & promise("memory", idle.2 < MEMORY_MAX)
}

async fn publishes(scene: &mut Scene, served: usize) -> bool {
    let waiting = scene.approved(PUBLISHES).await;
    let load = scene.load(LOAD.0, LOAD.1).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (mut answered, mut live) = (Vec::new(), Vec::new());
    for (version, path) in &waiting {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let times = scene.publish_one(version, path).await;
        answered.push(times.answered);
        live.push(times.live);
    }
    let (tally, lasted) = load.stop().await;
    let (answered, live) = (spread(answered), spread(live));
    let percentile =
        |p: usize| tally.times.get(tally.times.len() * p / 1000).copied().unwrap_or_default().as_secs_f64() * 1e3;
    println!("\n{PUBLISHES} publishes among {served} operations, under load, median (lowest–highest)");
    println!(
        "| admin API answers, ms | live at the gateway, ms | requests | a second | failed | p50, ms | p99, ms | p99.9, ms |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    let ms =
        |(a, b, c): (Duration, Duration, Duration)| format!("{} ({}–{})", b.as_millis(), a.as_millis(), c.as_millis());
    println!(
        "| {} | {} | {} | {:.0} | {} | {:.2} | {:.2} | {:.2} |",
        ms(answered),
        ms(live),
        tally.sent,
        tally.sent as f64 / lasted.as_secs_f64(),
        tally.sent - tally.good,
        percentile(500),
        percentile(990),
        percentile(999)
    );
    for (what, count) in &tally.failed {
        println!("failed: {count} × {what}");
    }
    promise("live", live.2 <= LIVE_MAX) & promise("no request fails", tally.sent == tally.good && tally.sent > 0)
}

fn promise(what: &str, held: bool) -> bool {
    println!("{what}: {}", if held { "as promised" } else { "NOT as promised" });
    held
}

/// Lowest, median, highest.
fn spread<T: PartialOrd + Copy>(mut values: Vec<T>) -> (T, T, T) {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap());
    (values[0], values[values.len() / 2], values[values.len() - 1])
}
