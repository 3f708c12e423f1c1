//! Fault switches: what an operation does wrong on purpose, so that an app can be tried against it.

use crate::call::{Answer, Call, Input, Refusal};
use crate::rooms::ROOMS;
use crate::world::Entity;
use pano_types::{Code, Entropy as _, Problem};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Longest delay and time-out: the bank gives up on a request of its own after 30 s.
const WAIT_MAX_MS: u32 = 25_000;
/// Certainty, in millionths.
const ALWAYS: u32 = 1_000_000;

/// The switches of one operation. Rates are millionths; each is drawn by itself, a time-out before an error.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Switches {
    /// How long an answer waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latency: Option<Latency>,
    /// How often the operation fails without having been carried out.
    #[serde(default)]
    error_rate_ppm: u32,
    /// With which code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    /// How often no answer comes in time.
    #[serde(default)]
    timeout_rate_ppm: u32,
    /// Whether the operation is carried out all the same when no answer comes.
    #[serde(default)]
    timeout_after_execution: bool,
    /// How often the digest over the answer is that of another one.
    #[serde(default)]
    wrong_digest_rate_ppm: u32,
}

/// Log-normal: half of the answers wait less than `p50_ms`, one in a hundred longer than `p99_ms`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Latency {
    p50_ms: u32,
    p99_ms: u32,
}

/// The switches of an operation, as kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    operation: String,
    switches: Switches,
}

impl Entity for Fault {
    const KIND: &'static str = "sandbox.fault";
    type Id = String;
    fn id(&self) -> String {
        self.operation.clone()
    }
}

/// What a call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Met {
    /// The answer waits so long.
    pub(crate) wait: Duration,
    /// The call fails with this, without having been carried out.
    pub(crate) error: Option<Code>,
    /// The call is not carried out, and no answer comes.
    pub(crate) lost: bool,
    /// The answer does not come, although the call is carried out.
    pub(crate) silent: bool,
    /// The digest is wrong.
    pub(crate) wrong_digest: bool,
}

impl Met {
    /// The same, but the answer does not come.
    pub(crate) fn silenced(self) -> Self {
        Self { wait: Duration::from_millis(WAIT_MAX_MS.into()), silent: true, ..self }
    }
}

/// What this call of the operation meets.
pub(crate) fn meet(call: &Call<'_>, operation: &str) -> Option<Met> {
    let switches = &call.world.get::<Fault>(&operation.to_owned())?.switches;
    let draw = |ppm: u32| ppm > 0 && u32::try_from(call.random().u128() % u128::from(ALWAYS)).unwrap_or(0) < ppm;
    let timed_out = draw(switches.timeout_rate_ppm);
    let failed = draw(switches.error_rate_ppm) && !timed_out;
    let code = switches.error_code.as_deref().and_then(Code::from_text).unwrap_or(Code::Unavailable);
    let wrong_digest = draw(switches.wrong_digest_rate_ppm);
    let wait = switches.latency.as_ref().map_or(Duration::ZERO, |latency| latency.draw(call));
    Some(Met {
        wait: if timed_out { Duration::from_millis(WAIT_MAX_MS.into()) } else { wait },
        error: failed.then_some(code),
        lost: timed_out && !switches.timeout_after_execution,
        silent: timed_out && switches.timeout_after_execution,
        wrong_digest,
    })
}

impl Latency {
    /// Twelve uniform draws less six are as good as normal for this.
    fn draw(&self, call: &Call<'_>) -> Duration {
        let uniform = || (call.random().u128() % 1_000_000) as f64 / 1e6;
        let normal = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        let median = f64::from(self.p50_ms.max(1));
        // 2.326: the normal distribution's 99th percentile.
        let spread = (f64::from(self.p99_ms.max(1)) / median).ln() / 2.326;
        let ms = median * (spread * normal).exp();
        Duration::from_millis((ms.clamp(0.0, f64::from(WAIT_MAX_MS))) as u64)
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FaultView<'f> {
    operation_id: &'f str,
    #[serde(flatten)]
    switches: &'f Switches,
}

impl<'f> From<&'f Fault> for FaultView<'f> {
    fn from(fault: &'f Fault) -> Self {
        Self { operation_id: &fault.operation, switches: &fault.switches }
    }
}

#[derive(Debug, Serialize)]
struct Faults<'f> {
    items: Vec<FaultView<'f>>,
}

pub(super) fn list(call: &mut Call<'_>, _: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&Faults { items: call.world.all::<Fault>().map(FaultView::from).collect() })
}

pub(super) fn switch(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let switches: Switches = input.body()?;
    let operation = known(input)?;
    check(&switches)?;
    let fault = Fault { operation, switches };
    call.world.put(fault.clone());
    Answer::ok(&FaultView::from(&fault))
}

pub(super) fn remove(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let operation = known(input)?;
    if call.world.remove::<Fault>(&operation) { Ok(Answer::none()) } else { Err(Code::NotFound.into()) }
}

/// The operation that the path names. Those of this room never fail on purpose: who would switch them on again?
fn known(input: &Input) -> Result<String, Refusal> {
    let id = input.path("operationId");
    let rooms = ROOMS.iter().filter(|room| room.document.slug != super::ROOM.document.slug);
    let found = rooms.flat_map(|room| room.operations).any(|operation| operation.id == id);
    if found { Ok(id.to_owned()) } else { Err(Code::NotFound.into()) }
}

fn check(switches: &Switches) -> Result<(), Refusal> {
    let mut problem = Problem::new(Code::RequestInvalid);
    let mut refuse = |bad: bool, at: &str, reason: (&str, &str)| {
        if bad {
            problem.errors.push(pano_types::problem::FieldError { at: at.to_owned(), reason: reason.into() });
        }
    };
    for (rate, at) in [
        (switches.error_rate_ppm, "/errorRatePpm"),
        (switches.timeout_rate_ppm, "/timeoutRatePpm"),
        (switches.wrong_digest_rate_ppm, "/wrongDigestRatePpm"),
    ] {
        refuse(rate > ALWAYS, at, ("must be at most 1000000", "不得超过 1000000"));
    }
    if let Some(latency) = &switches.latency {
        refuse(latency.p99_ms > WAIT_MAX_MS, "/latency/p99Ms", ("must be at most 25000", "不得超过 25000"));
        refuse(latency.p50_ms > latency.p99_ms, "/latency/p50Ms", ("must not be more than p99Ms", "不得大于 p99Ms"));
    }
    let failing = |code: &String| Code::from_text(code).is_none_or(|code| !(429..600).contains(&code.status()));
    refuse(
        switches.error_code.as_ref().is_some_and(failing),
        "/errorCode",
        ("must be a code of the table of problems with status 429 or 5xx", "须为问题代码表中状态为 429 或 5xx 的代码"),
    );
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use pano_types::Instant;

    fn met(switches: Switches, draws: u64) -> Vec<Met> {
        let mut world = World::new(Instant::from_unix_micros(0));
        world.put(Fault { operation: "listAccounts".to_owned(), switches });
        (0..draws).map(|seed| meet(&Call::new(&mut world, "app", seed), "listAccounts").unwrap()).collect()
    }

    fn off() -> Switches {
        serde_json::from_str("{}").unwrap()
    }

    #[test]
    fn rates_are_met_about_as_often_as_they_say() {
        let met = met(Switches { error_rate_ppm: 250_000, timeout_rate_ppm: 100_000, ..off() }, 4_000);
        let failed = met.iter().filter(|met| met.error.is_some()).count();
        let lost = met.iter().filter(|met| met.lost).count();
        assert!((800..1_000).contains(&failed) && (320..480).contains(&lost), "{failed} failed, {lost} lost");
        assert!(!met.iter().any(|met| met.silent || met.lost && met.error.is_some()));
    }

    #[test]
    fn latency_has_the_percentiles_that_it_says() {
        let latency = Some(Latency { p50_ms: 100, p99_ms: 900 });
        let mut waits: Vec<_> = met(Switches { latency, ..off() }, 4_000).iter().map(|met| met.wait).collect();
        waits.sort_unstable();
        let at = |place: usize| waits[place].as_millis();
        assert!((92..108).contains(&at(2_000)), "{}", at(2_000));
        assert!((650..1_200).contains(&at(3_960)), "{}", at(3_960));
    }

    #[test]
    fn switches_out_of_bounds_are_named() {
        let bad = Switches {
            latency: Some(Latency { p50_ms: 30_000, p99_ms: 26_000 }),
            error_rate_ppm: 1_000_001,
            error_code: Some("bank.same_account".to_owned()),
            ..off()
        };
        let Refusal::Refused { problem, .. } = check(&bad).unwrap_err() else { panic!("not refused") };
        let at: Vec<_> = problem.errors.iter().map(|error| error.at.as_str()).collect();
        assert_eq!(at, ["/errorRatePpm", "/latency/p99Ms", "/latency/p50Ms", "/errorCode"]);
        assert!(check(&Switches { error_code: Some("unavailable".to_owned()), ..off() }).is_ok());
    }
}
