//! Many APIs, in small: what `./dev bench --scale` measures at full size holds here too.

use crate::scale::Scene;
use std::time::Duration;

/// A second is the promise; a build without optimisation on a busy machine is given more.
const LIVE_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 1 });
const READY_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 2 });
/// For a few dozen APIs; of what 300 may take, most is there with none.
const MEMORY_MAX: f64 = 150.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishes_among_many_operations_fail_no_request_and_a_start_is_soon_over() {
    let mut scene = Scene::new().await;
    scene.apis_up_to(32, None).await;
    let served = scene.operations_up_to(500).await;
    assert!(served >= 500, "{served}");
    let waiting = scene.approved(5).await;
    let load = scene.load(4, 25).await;
    let mut slowest = Duration::ZERO;
    for (version, path) in &waiting {
        let times = scene.publish_one(version, path).await;
        assert!(times.answered <= times.live);
        slowest = slowest.max(times.live);
    }
    let (tally, lasted) = load.stop().await;
    println!("slowest publish {slowest:?}, {} requests in {lasted:?}", tally.sent);
    assert_eq!((tally.good, &tally.failed), (tally.sent, &Default::default()), "requests failed");
    assert!(tally.sent > 2 * waiting.len() as u64, "{} requests are no load", tally.sent);
    assert!(slowest < LIVE_MAX, "{slowest:?}");
    let restart = scene.restart().await;
    let memory = scene.memory();
    println!("{} APIs: {restart:?}, {memory:?}", scene.apis());
    assert!(restart.ready < READY_MAX && restart.in_step < 2 * READY_MAX, "{restart:?}");
    assert!(memory.now <= memory.peak && memory.now < MEMORY_MAX, "{memory:?}");
    // What was published before is still there.
    let before = scene.operations().await;
    assert!(before > served, "{before}");
}
