//! One mistake at a time, made in a sound journey: the checker says exactly what was done, where.

use pano_journey::bian::Landscape;
use pano_journey::check::{Checked, check};
use pano_journey::diagnostic::Code;
use pano_journey::tree::Limits;
use proptest::prelude::*;
use std::collections::BTreeSet;

const SOUND: &str = include_str!("../fixtures/sound.journey.yaml");

fn landscape() -> Landscape {
    let mut landscape = Landscape::new().whole();
    landscape.add("ConsumerLoan", ["EvaluateRisk", "ExecuteDisbursement", "Control", "Retrieve"]);
    landscape
}

fn checked(text: &str) -> Checked {
    check(text.as_bytes(), &landscape(), &Limits::default())
}

/// What is replaced by what, and the line of the file (from 1) where it is said.
struct Case {
    code: Code,
    swaps: &'static [(&'static str, &'static str)],
    at: &'static str,
}

const fn case(code: Code, swaps: &'static [(&'static str, &'static str)], at: &'static str) -> Case {
    Case { code, swaps, at }
}

/// `at` is a piece of the line where the finding stands.
const CASES: &[Case] = &[
    // The file.
    case(Code::Syntax, &[("version: 1.0.0", "version: @x")], "version: @x"),
    case(Code::Alias, &[("id: sound", "id: &x sound")], "id: &x"),
    case(Code::Tag, &[("id: sound", "id: !!str sound")], "id: !!str"),
    case(Code::KeyDuplicate, &[("version: 1.0.0", "id: twice")], "id: twice"),
    case(Code::KeyUnknown, &[("variants:", "variant:")], "variant:"),
    case(Code::KeyMissing, &[("version: 1.0.0\n", "")], "panorama:"),
    case(Code::KeyBoolean, &[("  frugal: {", "  yes: {")], "  yes:"),
    case(Code::ValueType, &[("title: {zh: 样例, en: Sound}", "title: Sound")], "title: Sound"),
    case(Code::ValueForm, &[("id: sound", "id: Sound Journey")], "id: Sound"),
    case(Code::DurationEmpty, &[("expires_after: P90D", "expires_after: P0D")], "P0D"),
    // Step 1.
    case(Code::BankMissing, &[("kind: partner", "kind: self")], "shop: {kind: self"),
    case(Code::PartyUnknown, &[("{by: customer", "{by: custmer")], "by: custmer"),
    case(Code::PartyIdle, &[("  bank: {kind: self}", "  bank: {kind: self}\n  aunt: {kind: user}")], "aunt"),
    case(Code::PartyAgreement, &[("agreement: merchant, ", "")], "shop: {kind"),
    case(Code::ActivityDuplicate, &[("borrow: {who", "browse: {who")], "browse: {who: customer"),
    case(Code::ActivityBare, &[(", touchpoint: web", "")], "browse: {who: [customer"),
    case(Code::StageUnknown, &[("stage: pay", "stage: paying")], "stage: paying"),
    case(Code::StageEmpty, &[("    stage: pay\n", "    stage: choose\n")], "id: pay"),
    case(Code::ActivityUnknown, &[("activity: browse", "activity: borrow")], "activity: borrow"),
    // Step 2.
    case(Code::ContextUnknown, &[("follows: [shopping]", "follows: [shoping]")], "shoping"),
    case(
        Code::ContextIdle,
        &[("  lending:\n", "  idling: {stage: pay, channels: [web], facts: [city], purpose: x}\n  lending:\n")],
        "idling",
    ),
    case(
        Code::ContextLoop,
        &[("    activity: browse\n", "    activity: browse\n    follows: [lending]\n")],
        "shopping:",
    ),
    case(
        Code::FactBare,
        &[(
            "    facts:\n      income: {type: int, class: C3, from: {loan.asked: data.income}, keep: P90D}",
            "    facts: [income]",
        )],
        "facts: [income]",
    ),
    case(
        Code::FactDiffers,
        &[("      income: {", "      city: {type: int, class: C1}\n      income: {")],
        "city: {type: int",
    ),
    case(Code::FactUnknown, &[("reads: [income]", "reads: [incom]")], "reads: [incom]"),
    case(Code::FactLifetime, &[(", keep: P90D", "")], "income: {"),
    case(Code::FactUnwritten, &[(", from: {order.placed: data.amount}", "")], "idle: {"),
    case(Code::DataLeaves, &[("response: [amount, city]", "response: [amount, income]")], "lookAtLoan"),
    // Step 3, events.
    case(Code::EventUnknown, &[("in: loan.granted", "in: loan.grantd")], "in: loan.grantd"),
    case(Code::EventUnproduced, &[(", outside: true", "")], "score.ready: {by"),
    case(
        Code::EventUnconsumed,
        &[("  score.ready: {by", "  score.late: {by: bank, context: lending, outside: true}\n  score.ready: {by")],
        "score.late",
    ),
    case(
        Code::EventUncorrelated,
        &[("{by: shop, context: shopping, cid: {order_id: data.id}}", "{by: shop, context: shopping}")],
        "order.withdrawn: {by",
    ),
    case(Code::StartUncorrelated, &[("cid: {oneid: data.who, order_id", "cid: {order_id")], "order.placed: {by"),
    case(Code::GoalMissing, &[("outcome: goal", "outcome: conversion")], "id: sound"),
    // Step 3, states.
    case(
        Code::StateAmbiguous,
        &[(
            "            yes_then: {final: true}\n",
            "            yes_then: {final: true}\n            over: {final: true}\n",
        )],
        "moves: {loan.refused: over}",
    ),
    case(
        Code::StateUnreachable,
        &[("order.withdrawn: gone, ", ""), ("in: loan.paid,", "in: [loan.paid, order.withdrawn],")],
        "gone: {final",
    ),
    case(Code::StateDeadEnd, &[("gone: {final: true}", "gone: {}")], "gone: {}"),
    case(Code::StateKind, &[("gone: {final: true}", "gone: {final: true, moves: {loan.paid: paid}}")], "gone: {final"),
    case(Code::InitialUnknown, &[("initial: idle", "initial: idel")], "initial: idel"),
    case(Code::TargetUnknown, &[("loan.paid: paid}", "loan.paid: payed}")], "payed"),
    case(Code::TargetElsewhere, &[("loan.paid: paid}", "loan.paid: loan.over}")], "loan.paid: loan.over"),
    case(Code::TargetsConflict, &[("{to: deciding, when", "{to: [deciding, manual], when")], "deciding, manual"),
    case(
        Code::FinalMissing,
        &[("gone: {final: true}", "gone: {after: {P1D: open}}"), ("paid: {final: true}", "paid: {after: {P1D: open}}")],
        "    order:",
    ),
    case(
        Code::MoveShadowed,
        &[(
            "[{to: deciding, when: facts.amount < 5000}, manual]",
            "[manual, {to: deciding, when: facts.amount < 5000}]",
        )],
        "idle: {",
    ),
    case(
        Code::MoveLoop,
        &[
            ("        manual: {moves", "        manual: {always: idle, moves"),
            ("        idle: {moves", "        idle: {always: manual, moves"),
        ],
        "idle: {",
    ),
    case(
        Code::HistoryDefault,
        &[(
            "            yes_then: {final: true}\n",
            "            yes_then: {final: true}\n            last: {history: deep}\n",
        )],
        "last: {history",
    ),
    case(Code::DoneUnknown, &[("        gone: {final: true}", "        gone: {done: paid}")], "gone: {done"),
    // Guards.
    case(Code::GuardSyntax, &[("when: data.amount > 100", "when: data.amount >")], "start: {event"),
    case(Code::GuardType, &[("when: data.amount > 100", "when: data.city > 100")], "start: {event"),
    case(Code::GuardName, &[("when: data.amount > 100", "when: data.amout > 100")], "start: {event"),
    case(Code::GuardState, &[("'order.open' in states", "'order.opened' in states")], "granted: {moves"),
    case(Code::GuardCost, &[("when: data.amount > 100", "when: \"[1].exists(x, x > 1)\"")], "start: {event"),
    case(
        Code::GuardUnwritten,
        &[
            ("when: facts.amount < 5000", "when: facts.income < 5000"),
            ("loan.asked: [{", "loan.granted: over, score.ready: [{"),
        ],
        "idle: {",
    ),
    // Steps 4 and 5.
    case(Code::TaskUnknown, &[("task: look,", "task: loook,")], "loook"),
    case(Code::TaskIdle, &[("tell_shop: {party: shop, in: loan.paid,", "tell_shop: {party: shop,")], "tell_shop"),
    case(
        Code::TaskForeign,
        &[(
            "ask: {party: customer, api: true, out: loan.asked}",
            "ask: {party: customer, api: true, out: [loan.asked, score.ready]}",
        )],
        "ask: {party",
    ),
    case(Code::TaskPatience, &[("orders, timeout: PT9S", "orders")], "tell_shop"),
    case(Code::TaskRetry, &[("timeout: PT5S, retry", "retry")], "decide: {party"),
    case(Code::UndoMissing, &[("undo: ConsumerLoan/Control, ", "")], "pay_out"),
    case(Code::MappingMissing, &[(", bian: ConsumerLoan/Retrieve}", "}")], "look: {party"),
    case(
        Code::MappingTwice,
        &[("bian: ConsumerLoan/Retrieve}", "bian: ConsumerLoan/Retrieve, capability: bank/loan}")],
        "look: {party",
    ),
    case(Code::BianDomain, &[("bian: ConsumerLoan/Retrieve", "bian: ConsumerLaon/Retrieve")], "look: {party"),
    case(Code::BianOperation, &[("bian: ConsumerLoan/Retrieve", "bian: ConsumerLoan/RetrieveRisk")], "look: {party"),
    case(Code::BianAction, &[("bian: ConsumerLoan/Retrieve", "bian: ConsumerLoan/Fetch")], "look: {party"),
    case(
        Code::CapabilityDuplicate,
        &[("bian: ConsumerLoan/Retrieve", "bian: ConsumerLoan/EvaluateRisk")],
        "look: {party",
    ),
    // Step 6.
    case(Code::TaskClosed, &[("look: {party: bank, api: true,", "look: {party: bank, in: loan.asked,")], "lookAtLoan"),
    case(Code::TaskUnopened, &[("decide: {party: bank,", "decide: {party: bank, api: true,")], "decide: {party"),
    case(Code::MethodMissing, &[("{post: /loans, ", "{")], "askLoan"),
    case(
        Code::RouteDuplicate,
        &[("    lookAtLoan:", "    seeLoan: {get: \"/loans/{no}\", task: look, scope: loan.read}\n    lookAtLoan:")],
        "lookAtLoan",
    ),
    case(Code::PathTemplate, &[("\"/loans/{id}\"", "\"/loans/{id\"")], "lookAtLoan"),
    case(Code::ScopeMissing, &[(", scope: loan.read", "")], "lookAtLoan"),
    case(Code::ControlWeak, &[(", sca: required", "")], "askLoan"),
    case(
        Code::IdempotencyMissing,
        &[
            (", idempotent: true", ""),
            ("out: loan.asked}", "out: loan.asked, funds: credit, undo: ConsumerLoan/Control}"),
        ],
        "askLoan",
    ),
    case(Code::BodyOnRead, &[("task: look, response", "task: look, request: [city], response")], "lookAtLoan"),
    // Steering.
    case(Code::RegionUnknown, &[("at: {order: open, loan", "at: {oder: open, loan")], "oder"),
    case(Code::PlaceUnknown, &[("at: {order: open, loan", "at: {order: opened, loan")], "opened"),
    case(Code::SteerEmpty, &[("    offers: [card]\n", "")], "at: {loan: granted}"),
    case(Code::SteerDuplicate, &[("at: {loan: granted}", "at: {loan: idle, order: open}")], "at: {loan: idle, order"),
    case(Code::VariantAlike, &[("when: facts.amount < 500, without", "without")], "frugal"),
    case(Code::SpanForm, &[("loan.asked->loan.granted:", "loan.asked-loan.granted:")], "loan.asked-loan"),
    case(Code::FunnelShort, &[("funnel: [order.placed, loan.asked, loan.paid]", "funnel: [order.placed]")], "funnel"),
];

/// Mistakes that a text of UTF-8 within the limits cannot have; `tree` has their tests.
const ELSEWHERE: &[Code] = &[Code::Encoding, Code::TooLarge, Code::TooDeep, Code::TooManyValues, Code::BianUnknown];

#[test]
fn a_sound_journey_has_no_finding() {
    let checked = checked(SOUND);
    assert!(checked.is_sound(), "{:#?}", checked.diagnostics);
    assert_eq!(checked.diagnostics, []);
}

#[test]
fn each_mistake_is_named_where_it_stands() {
    let mut wrong = Vec::new();
    for case in CASES {
        let mut text = SOUND.to_owned();
        for (from, to) in case.swaps {
            assert!(text.contains(from), "{}: {from:?} is not in the sound journey", case.code);
            text = text.replacen(from, to, 1);
        }
        let found = checked(&text).diagnostics;
        let line = text.lines().position(|line| line.contains(case.at)).map_or(0, |line| line as u32 + 1);
        if !found.iter().any(|found| found.code == case.code && found.place.line == line) {
            let seen: Vec<_> = found.iter().map(ToString::to_string).collect();
            wrong.push(format!("{} at line {line}: {seen:#?}", case.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_its_case() {
    let cased: BTreeSet<Code> = CASES.iter().map(|case| case.code).chain(ELSEWHERE.iter().copied()).collect();
    let bare: Vec<_> = Code::ALL.iter().filter(|code| !cased.contains(code)).collect();
    assert!(bare.is_empty(), "without a case: {bare:?}");
}

#[test]
fn what_no_text_can_show() {
    let limits = Limits { bytes: 10, depth: 4, values: 20 };
    let code = |bytes: &[u8], limits: &Limits| check(bytes, &landscape(), limits).diagnostics[0].code;
    assert_eq!(code(b"a: \xff", &limits), Code::Encoding);
    assert_eq!(code(SOUND.as_bytes(), &limits), Code::TooLarge);
    assert_eq!(code(SOUND.as_bytes(), &Limits { bytes: 100_000, ..limits }), Code::TooManyValues);
    assert_eq!(code(SOUND.as_bytes(), &Limits { bytes: 100_000, values: 10_000, depth: 3 }), Code::TooDeep);
    let mut half = Landscape::new();
    half.add("CurrentAccount", ["Initiate"]);
    let found = check(SOUND.as_bytes(), &half, &Limits::default());
    assert!(found.is_sound() && found.diagnostics.iter().any(|found| found.code == Code::BianUnknown));
}

proptest! {
    /// However a file is spoilt: the checker ends, and says things only of places in the file.
    #[test]
    fn whatever_is_spoilt_the_checker_points_into_the_file(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6, "[a-z{}\\[\\]:,#'\"&*!|>% \n.-]{0,4}"), 1..6)
    ) {
        let mut text: Vec<char> = SOUND.chars().collect();
        for (at, length, instead) in cuts {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, instead.chars());
        }
        let text: String = text.into_iter().collect();
        let lines = text.lines().count() as u32 + 1;
        for found in checked(&text).diagnostics {
            prop_assert!((1..=lines).contains(&found.place.line), "{} of {} lines", found, lines);
        }
    }
}
