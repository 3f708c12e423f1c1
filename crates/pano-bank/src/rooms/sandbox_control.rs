//! Sandbox control: how the partner's own sandbox stands, its scenario, clock, snapshots, faults and test numbers.
//!
//! The bank's own service, reached by the partner's apps through the gateway, and by operators through the manager.

mod faults;

pub(crate) use faults::{Fault, Met, meet};

use super::{Method, Operation, Room, control, delete, get, put};
use crate::books;
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::numbers;
use crate::seed::Scenario;
use crate::vault::Control;
use crate::world::Kind;
use pano_types::{Code, Instant, Localized};
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub(crate) const ROOM: Room = Room {
    document: Document::new("sandbox-control", include_str!("../../openapi/sandbox-control.yaml")),
    operations: &[
        control(Method::Get, "/sandbox", "retrieveSandbox", |_| Ok(Control::Show)),
        control(Method::Put, "/sandbox/scenario", "updateSandboxScenario", reset),
        put("/sandbox/clock", "updateSandboxClock", clock),
        get("/scenarios", "listSandboxScenarios", scenarios),
        control(Method::Get, "/snapshots", "listSandboxSnapshots", |_| Ok(Control::Snapshots)),
        control(Method::Put, "/snapshots/{snapshotName}", "updateSandboxSnapshot", |input| {
            Ok(Control::Snapshot(input.path("snapshotName").to_owned()))
        }),
        control(Method::Delete, "/snapshots/{snapshotName}", "terminateSandboxSnapshot", |input| {
            Ok(Control::Forget(input.path("snapshotName").to_owned()))
        }),
        control(Method::Put, "/snapshots/{snapshotName}/restoration", "executeSnapshotRestoration", |input| {
            Ok(Control::Restore(input.path("snapshotName").to_owned()))
        }),
        get("/faults", "listSandboxFaults", faults::list),
        put("/faults/{operationId}", "updateSandboxFault", faults::switch),
        delete("/faults/{operationId}", "terminateSandboxFault", faults::remove),
        get("/test-numbers", "listTestNumbers", test_numbers),
        get("/trial-balance", "retrieveTrialBalance", trial_balance),
    ],
    kinds: &[Kind::of::<Fault>()],
    seed: None,
};

/// Farthest that one move of the clock goes.
const MOVE_MAX: Duration = Duration::from_secs(5 * 366 * 86_400);

/// Where operators reach the same operations: below the sandbox they name.
pub(crate) fn operations() -> &'static [Operation] {
    ROOM.operations
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScenarioRequest {
    scenario: String,
}

fn reset(input: &Input) -> Result<Control, Refusal> {
    let request: ScenarioRequest = input.body()?;
    let scenario = Scenario::from_code(&request.scenario).ok_or_else(|| {
        let known: Vec<_> = Scenario::ALL.iter().map(|scenario| scenario.code()).collect();
        let known = known.join(", ");
        let reason = (format!("must be one of {known}"), format!("须为以下之一：{known}"));
        Refusal::from(Code::RequestInvalid).at("/scenario", reason)
    })?;
    Ok(Control::Reset(scenario))
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Clock {
    time: Instant,
}

/// The days on the way are closed, and what is due on the way is done, before the next call is answered.
fn clock(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let Clock { time } = input.body()?;
    let now = call.now();
    if time < now || time.since(now) > MOVE_MAX {
        return Err(Refusal::from(Code::RequestInvalid).at(
            "/time",
            (
                format!("must not be before {now}, nor more than five years after it"),
                format!("不得早于 {now}，也不得晚于其后五年"),
            ),
        ));
    }
    call.world.move_clock(time);
    Answer::ok(&Clock { time })
}

#[derive(Debug, Serialize)]
struct Listed<T> {
    items: Vec<T>,
}

#[derive(Debug, Serialize)]
struct ScenarioView {
    scenario: &'static str,
    description: Localized,
}

fn scenarios(_: &mut Call<'_>, _: &Input) -> Result<Answer, Refusal> {
    let view = |scenario: &Scenario| ScenarioView { scenario: scenario.code(), description: scenario.description() };
    Answer::ok(&Listed { items: Scenario::ALL.iter().map(view).collect() })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TestNumber {
    place: &'static str,
    value: &'static str,
    outcome: &'static str,
    meaning: Localized,
}

fn test_numbers(_: &mut Call<'_>, _: &Input) -> Result<Answer, Refusal> {
    let view = |row: &numbers::Row| TestNumber {
        place: row.place.code(),
        value: row.value,
        outcome: row.outcome.code(),
        meaning: Localized::new(row.zh, row.en),
    };
    Answer::ok(&Listed { items: numbers::TABLE.iter().map(view).collect() })
}

fn trial_balance(call: &mut Call<'_>, _: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&books::trial_balance(call)?)
}
