//! The semantics of SCXML 1.0 as charts of ours. Numbers are those of the W3C's implementation report tests that a case follows.

use super::*;
use crate::check::check_tree;
use crate::diagnostic::Severity;
use crate::model::Journey;
use crate::tree::{Limits, Tree};
use proptest::prelude::*;
use serde_json::json;

const NOON: Instant = Instant::from_unix_seconds(1_800_000_000);

fn journey(regions: &str) -> String {
    let regions = regions.replace('\n', "\n    ");
    format!(
        "panorama: journey/v1\nid: x\nversion: 1.0.0\ntitle: {{zh: 一, en: x}}\ninstance: {{subject: who, key: what, expires_after: P9D}}\n\
         parties: {{bank: {{kind: self}}}}\nvalue_chain: [{{id: s, activities: [a]}}]\n\
         contexts: {{c: {{stage: s, channels: [web], facts: {{n: {{type: int, class: C1, from: {{go.on: data.n}}}}}}, purpose: p}}}}\n\
         events: {{go.on: {{by: bank, context: c}}}}\nchart:\n  start: {{event: go.on}}\n  regions:\n    {regions}\n\
         tasks: {{t: {{party: bank}}}}\n"
    )
}

fn plan(regions: &str) -> Plan {
    let text = journey(regions);
    let tree = Tree::read(&text, &Limits::default()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let wrong = crate::grammar::conform(&tree.root);
    assert!(wrong.is_empty(), "{wrong:?}\n{text}");
    let (plan, wrong) = Plan::draw(&Journey::of(&tree.root));
    assert!(wrong.is_empty(), "{wrong:?}\n{text}");
    plan
}

fn event<'e>(name: &'e str, data: &'e Value) -> Happening<'e> {
    Happening::Event { name, data }
}

/// Where a chart stands after the events, and what the last of them did: `-` left, `+` entered, `!` raised.
fn run(regions: &str, events: &[&str]) -> (String, String) {
    let plan = plan(regions);
    let mut step = begin(&plan, "go.on", &json!({"n": 1}), NOON).unwrap().unwrap();
    for name in events {
        step = take(&plan, &step.position, event(name, &json!({"n": 1})), NOON).unwrap();
    }
    let log = step.effects.iter().filter_map(|effect| match effect {
        Effect::Left(path) => Some(format!("-{path}")),
        Effect::Entered(path) => Some(format!("+{path}")),
        Effect::Raised(event) => Some(format!("!{event}")),
        _ => None,
    });
    (step.position.holds.join(" "), log.collect::<Vec<_>>().join(" "))
}

#[test]
fn where_a_chart_comes_to_stand() {
    let parallel = "r: {initial: q, states: {q: {regions: {one: {initial: a, states: {a: {moves: {e.x: b}}, b: {}}}, two: {initial: c, states: {c: {moves: {e.x: out}}}}}}, out: {}}}";
    let descendant = "r: {initial: q, states: {q: {moves: {e.x: out}, regions: {one: {initial: a, states: {a: {}}}, two: {initial: c, states: {c: {moves: {e.x: d}}, d: {}}}}}, out: {}}}";
    let ends = "r: {initial: q, states: {q: {done: next, regions: {one: {initial: a, states: {a: {moves: {e.x: f}}, f: {final: true}}}, two: {initial: b, states: {b: {moves: {e.y: f}}, f: {final: true}}}}}, next: {}}}";
    let history = "r: {initial: p, states: {p: {initial: a, moves: {e.out: away}, states: {a: {moves: {e.n: b}}, b: {initial: c, states: {c: {moves: {e.n: d}}, d: {}}}, sh: {history: shallow, default: a}, de: {history: deep, default: b}}}, away: {moves: {e.s: p.sh, e.d: p.de}}}}";
    let no_memory = &history.replacen("initial: p", "initial: away", 1);
    let cases: &[(&str, &str, &[&str], &str)] = &[
        (
            "364: a compound begins with its initial, down to the innermost",
            "r: {initial: p, states: {x: {}, p: {initial: q, states: {y: {}, q: {initial: s, states: {s: {}}}}}}}",
            &[],
            "r.p.q.s",
        ),
        (
            "396, 399: events match by their first names",
            "r: {initial: a, states: {a: {moves: {e.y: b, e.*: c}}, b: {}, c: {}}}",
            &["e.x"],
            "r.c",
        ),
        (
            "401: an expression without a value raises error.execution",
            "r: {initial: a, states: {a: {moves: {e.x: {to: b, when: data.no == 1}, error.execution: c}}, b: {}, c: {}}}",
            &["e.x"],
            "r.c",
        ),
        (
            "403a: the state further in goes first",
            "r: {initial: p, states: {p: {initial: a, moves: {e.x: bad}, states: {a: {moves: {e.x: ok}}, ok: {}}}, bad: {}}}",
            &["e.x"],
            "r.p.ok",
        ),
        (
            "403a: the outer one goes when the inner has no move",
            "r: {initial: p, states: {p: {initial: a, moves: {e.x: ok}, states: {a: {moves: {e.y: bad}}, bad: {}}}, ok: {}}}",
            &["e.x"],
            "r.ok",
        ),
        (
            "403b: of one state's moves the first whose guard holds",
            "r: {initial: a, states: {a: {moves: {e.x: [{to: b, when: data.n > 1}, c, d]}}, b: {}, c: {}, d: {}}}",
            &["e.x"],
            "r.c",
        ),
        (
            "403c: of two moves that leave the same states the first in the document",
            parallel,
            &["e.x"],
            "r.q.one.b r.q.two.c",
        ),
        ("403c: but the one further in before its ancestor", descendant, &["e.x"], "r.q.one.a r.q.two.d"),
        (
            "416: a compound's final state raises done.state",
            "r: {initial: p, states: {p: {initial: a, done: ok, states: {a: {moves: {e.x: f}}, f: {final: true}}}, ok: {}}}",
            &["e.x"],
            "r.ok",
        ),
        ("417: regions end only together", ends, &["e.x"], "r.q.one.f r.q.two.b"),
        ("417: and then raise done.state", ends, &["e.x", "e.y"], "r.next"),
        (
            "419: a move without an event goes before an event of its own",
            "r: {initial: a, states: {a: {enter: [{raise: i.x}], always: ok, moves: {i.x: bad}}, ok: {}, bad: {}}}",
            &[],
            "r.ok",
        ),
        (
            "421: an event of its own goes before one from outside",
            "r: {initial: s, states: {s: {moves: {e.s: {to: a, do: [{raise: i.x}]}}}, a: {moves: {i.x: b, e.x: bad}}, b: {moves: {e.x: ok}}, ok: {}, bad: {}}}",
            &["e.s", "e.x"],
            "r.ok",
        ),
        ("387: a history without memory begins at its default", no_memory, &["e.s"], "r.p.a"),
        ("387: a deep one too", no_memory, &["e.d"], "r.p.b.c"),
        ("388: a shallow history remembers one level", history, &["e.n", "e.n", "e.out", "e.s"], "r.p.b.c"),
        ("388: a deep one all of them", history, &["e.n", "e.n", "e.out", "e.d"], "r.p.b.d"),
        ("580: a history is never where a chart stands", history, &["e.out", "e.s"], "r.p.a"),
        (
            "move to several regions at once",
            "r: {initial: s, states: {s: {moves: {e.x: {to: [q.one.b, q.two.d]}}}, q: {regions: {one: {initial: a, states: {a: {}, b: {}}}, two: {initial: c, states: {c: {}, d: {}}}}}}}",
            &["e.x"],
            "r.q.one.b r.q.two.d",
        ),
        (
            "144: raised events are taken in their order",
            "r: {initial: s, states: {s: {moves: {e.x: {to: a, do: [{raise: i.a}, {raise: i.b}]}}}, a: {moves: {i.a: b, i.b: bad}}, b: {moves: {i.b: ok}}, ok: {}, bad: {}}}",
            &["e.x"],
            "r.ok",
        ),
        (
            "a guard may ask where other regions stand",
            "r: {initial: a, states: {a: {moves: {e.x: [{to: b, when: \"'q.d' in states\"}]}}, b: {}}}\nq: {initial: c, states: {c: {moves: {e.y: d}}, d: {}}}",
            &["e.x", "e.y", "e.x"],
            "r.b q.d",
        ),
        (
            "an event nobody waits for changes nothing",
            "r: {initial: a, states: {a: {moves: {e.x: b}}, b: {}}}",
            &["e.z"],
            "r.a",
        ),
    ];
    for (name, regions, events, expected) in cases {
        assert_eq!(run(regions, events).0, *expected, "{name}");
    }
}

#[test]
fn in_which_order_states_are_left_and_entered() {
    let order = "r: {initial: p, states: {p: {leave: [{raise: l.p}], moves: {e.x: {to: s, do: [{raise: t.x}]}}, regions: {one: {initial: a, leave: [{raise: l.one}], states: {a: {leave: [{raise: l.a}]}}}, two: {initial: c, leave: [{raise: l.two}], states: {c: {leave: [{raise: l.c}]}}}}}, s: {enter: [{raise: n.s}], initial: i, states: {i: {enter: [{raise: n.i}]}}}}}";
    let within = |internal: &str| {
        format!(
            "r: {{initial: p, states: {{p: {{initial: a, moves: {{e.x: {{to: a, internal: {internal}, do: [{{raise: t.x}}]}}, e.out: {{to: s, internal: {internal}}}}}, states: {{a: {{}}}}}}, s: {{}}}}}}"
        )
    };
    let region = "r: {initial: q, states: {q: {moves: {e.x: {to: q.one.a, internal: true}}, regions: {one: {initial: a, states: {a: {}}}, two: {initial: b, states: {b: {}}}}}}}";
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "404, 405, 406",
            order,
            "e.x",
            "!l.c -r.p.two.c !l.two -r.p.two !l.a -r.p.one.a !l.one -r.p.one !l.p -r.p !t.x +r.s !n.s +r.s.i !n.i",
        ),
        (
            "503: a move without a target leaves nothing",
            "r: {initial: a, states: {a: {moves: {e.x: {do: [{raise: t.x}]}}}}}",
            "e.x",
            "!t.x",
        ),
        (
            "504: a move to itself leaves and enters",
            "r: {initial: a, states: {a: {moves: {e.x: a}}}}",
            "e.x",
            "-r.a +r.a",
        ),
        ("504: and so does one to a state within", &within("false"), "e.x", "-r.p.a -r.p !t.x +r.p +r.p.a"),
        ("505: but not an internal one", &within("true"), "e.x", "-r.p.a !t.x +r.p.a"),
        ("506: an internal move to a state outside is as any other", &within("true"), "e.out", "-r.p.a -r.p +r.s"),
        (
            "533: and so is one of a parallel state",
            region,
            "e.x",
            "-r.q.two.b -r.q.two -r.q.one.a -r.q.one -r.q +r.q +r.q.one +r.q.one.a +r.q.two +r.q.two.b",
        ),
    ];
    for (name, regions, happened, expected) in cases {
        assert_eq!(run(regions, &[happened]).1, *expected, "{name}");
    }
}

fn scheduled(step: &Step) -> Vec<Timer> {
    step.effects
        .iter()
        .filter_map(|e| if let Effect::Schedule(timer) = e { Some(timer.clone()) } else { None })
        .collect()
}

#[test]
fn timers_are_data() {
    let plan = plan("r: {initial: a, states: {a: {moves: {e.x: b}, after: {PT15M: c}}, b: {moves: {e.y: a}}, c: {}}}");
    let first = begin(&plan, "go.on", &json!({"n": 1}), NOON).unwrap().unwrap();
    let [expiry, waiting] = scheduled(&first).try_into().unwrap();
    assert_eq!(expiry.due.unix_seconds() - NOON.unix_seconds(), 9 * 86_400);
    assert_eq!((waiting.due.unix_seconds() - NOON.unix_seconds(), waiting.state.as_str()), (900, "r.a"));
    let due = Happening::Timer { id: &waiting.id };
    assert_eq!(take(&plan, &first.position, due, NOON), Err(Refused::Early(waiting.id.clone())));
    let moved = take(&plan, &first.position, due, waiting.due).unwrap();
    assert_eq!((moved.position.holds.join(" "), moved.moved), ("r.c".to_owned(), true));
    // Leaving a state forgets what it waited for; a timer that comes late all the same does nothing.
    let left = take(&plan, &first.position, event("e.x", &Value::Null), NOON).unwrap();
    assert!(left.effects.contains(&Effect::Forget(waiting.id.clone())));
    let late = take(&plan, &left.position, due, waiting.due).unwrap();
    assert_eq!((late.position.holds.join(" "), late.moved, late.effects.len()), ("r.b".to_owned(), false, 0));
    // Entered again it waits anew, under another id.
    let back = take(&plan, &left.position, event("e.y", &Value::Null), NOON).unwrap();
    assert_ne!(scheduled(&back)[0].id, waiting.id);
    let over = take(&plan, &back.position, Happening::Timer { id: &expiry.id }, expiry.due).unwrap();
    assert_eq!(over.position.ended, Some(Ending::Expired));
    assert!(over.position.timers.is_empty());
    assert_eq!(take(&plan, &over.position, event("e.x", &Value::Null), NOON), Err(Refused::Over));
}

#[test]
fn a_journey_ends_when_every_region_has_or_one_says_so() {
    let plan = plan(
        "r: {initial: a, states: {a: {moves: {e.x: f, e.stop: g}}, f: {final: true}, g: {final: journey}}}\nq: {initial: b, states: {b: {moves: {e.y: f}}, f: {final: true}}}",
    );
    let first = begin(&plan, "go.on", &json!({"n": 1}), NOON).unwrap().unwrap();
    let after = |events: &[&str]| {
        events.iter().fold(first.position.clone(), |position, name| {
            take(&plan, &position, event(name, &Value::Null), NOON).unwrap().position
        })
    };
    assert_eq!(after(&["e.x"]).ended, None);
    assert_eq!(after(&["e.x", "e.y"]).ended, Some(Ending::Completed));
    assert_eq!(after(&["e.stop"]).ended, Some(Ending::Completed));
}

#[test]
fn facts_come_with_events_and_by_actions() {
    let plan = plan(
        "r: {initial: a, states: {a: {moves: {e.x: {to: b, when: facts.n == 7, do: [{set: {n: facts.n + 1}}]}}}, b: {enter: [{set: {n: facts.n * 2}}]}}}",
    );
    let first = begin(&plan, "go.on", &json!({"n": 7}), NOON).unwrap().unwrap();
    assert_eq!(first.position.facts.get("n"), Some(&json!(7)));
    let next = take(&plan, &first.position, event("e.x", &Value::Null), NOON).unwrap();
    assert_eq!(next.position.facts.get("n"), Some(&json!(16)));
}

#[test]
fn what_cannot_be_run_is_refused_and_nothing_changes() {
    let plan = plan(
        "r: {initial: a, states: {a: {moves: {e.x: b}}, b: {always: {to: c, when: facts.n == 1}}, c: {always: {to: b, when: facts.n == 1}}}}",
    );
    assert_eq!(begin(&plan, "other.event", &Value::Null, NOON), Ok(None));
    let first = begin(&plan, "go.on", &json!({"n": 1}), NOON).unwrap().unwrap();
    assert_eq!(take(&plan, &first.position, event("e.x", &Value::Null), NOON), Err(Refused::Restless));
    for holds in [vec!["r.nowhere"], vec!["r"], vec!["r.a", "r.b"], vec![]] {
        let foreign = Position { holds: holds.into_iter().map(str::to_owned).collect(), ..first.position.clone() };
        let refused = take(&plan, &foreign, event("e.x", &Value::Null), NOON);
        assert!(matches!(refused, Err(Refused::Foreign(_))), "{refused:?}");
    }
}

#[test]
fn a_position_is_stored_and_read_again() {
    let plan = plan("r: {initial: a, states: {a: {after: {PT1S: b}}, b: {}}}");
    let first = begin(&plan, "go.on", &json!({"n": 1}), NOON).unwrap().unwrap().position;
    let text = serde_json::to_string(&first).unwrap();
    assert_eq!(serde_json::from_str::<Position>(&text).unwrap(), first);
}

/// The agreed sample of a journey, which lies beside the API descriptions; left out where there are none.
fn abroad() -> Option<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/specs");
    let specs = std::env::var("PANORAMA_SPECS").unwrap_or_else(|_| root.to_owned());
    let path = std::path::Path::new(&specs).join("../journeys/going-abroad.journey.yaml");
    if !path.exists() {
        println!("left out: {} is missing (set PANORAMA_SPECS)", path.display());
        return None;
    }
    Some(std::fs::read_to_string(path).unwrap())
}

#[test]
fn a_traveller_goes_abroad() {
    let Some(text) = abroad() else { return };
    let tree = Tree::read(&text, &Limits::default()).unwrap();
    let checked = check_tree(&tree, &crate::bian::Landscape::new());
    assert_eq!(checked.count(Severity::Error), 0, "{:?}", checked.diagnostics);
    let (_, plan) = checked.journey.unwrap();
    assert_eq!(begin(&plan, "ticket.issued", &json!({"international": false}), NOON), Ok(None));
    let mut step = begin(&plan, "ticket.issued", &json!({"international": true}), NOON).unwrap().unwrap();
    assert_eq!(step.position.holds, ["trip.booked", "money.open", "cover.uninsured"]);
    for name in [
        "fx.quoted",
        "fx.accepted",
        "insurance.bought",
        "card.used_abroad",
        "fx.bought",
        "trip.returned",
        "tax.refunded",
    ] {
        step = take(&plan, &step.position, event(name, &Value::Null), NOON).unwrap();
        assert!(step.moved, "{name}");
    }
    assert_eq!(step.position.holds, ["trip.closed", "money.ready", "cover.insured"]);
    assert_eq!(step.position.ended, Some(Ending::Completed));
}

/// A state's inside, before it has a name.
#[derive(Debug, Clone)]
enum Inside {
    Plain,
    Final,
    History(bool),
    States(Vec<Inside>),
    Regions(Vec<Vec<Inside>>),
}

fn inside() -> impl Strategy<Value = Inside> {
    let leaf =
        prop_oneof![4 => Just(Inside::Plain), 1 => Just(Inside::Final), 1 => any::<bool>().prop_map(Inside::History)];
    leaf.prop_recursive(3, 24, 3, |inner| {
        let states = prop::collection::vec(inner, 1..4);
        prop_oneof![
            states.clone().prop_map(Inside::States),
            prop::collection::vec(states, 1..3).prop_map(Inside::Regions)
        ]
    })
}

/// The chart as JSON, and the paths of all its states with pointers to them.
fn drawn(regions: &[Vec<Inside>]) -> (Value, Vec<(String, String, bool)>) {
    fn states(insides: &[Inside], path: &str, pointer: &str, all: &mut Vec<(String, String, bool)>) -> Value {
        let mut made = Map::new();
        // A compound begins with a plain state, so that every history has a default beside it.
        made.insert("s".into(), json!({}));
        all.push((format!("{path}.s"), format!("{pointer}/states/s"), true));
        for (index, inside) in insides.iter().enumerate() {
            let name = format!("s{index}");
            let (path, pointer) = (format!("{path}.{name}"), format!("{pointer}/states/{name}"));
            let moves = !matches!(inside, Inside::Final | Inside::History(_));
            all.push((path.clone(), pointer.clone(), moves));
            let state = match inside {
                Inside::Plain => json!({}),
                Inside::Final => json!({ "final": true }),
                Inside::History(deep) => json!({ "history": if *deep { "deep" } else { "shallow" }, "default": "s" }),
                Inside::States(inner) => states(inner, &path, &pointer, all),
                Inside::Regions(inner) => json!({ "regions": tops(inner, &path, &format!("{pointer}/regions"), all) }),
            };
            made.insert(name, state);
        }
        json!({ "initial": "s", "states": made })
    }
    fn tops(inner: &[Vec<Inside>], path: &str, pointer: &str, all: &mut Vec<(String, String, bool)>) -> Value {
        let mut made = Map::new();
        for (index, insides) in inner.iter().enumerate() {
            // A name of its own: a target is looked for nearby first.
            let name = format!("r{}x{index}", all.len());
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            made.insert(name.clone(), states(insides, &path, &format!("{pointer}/{name}"), all));
        }
        Value::Object(made)
    }
    let mut all = Vec::new();
    (tops(regions, "", "", &mut all), all)
}

type Way = (prop::sample::Index, usize, prop::sample::Index, bool);

proptest! {
    #[test]
    fn whatever_happens_the_states_that_hold_are_legal(
        regions in prop::collection::vec(prop::collection::vec(inside(), 1..4), 1..3),
        ways in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index, bool)>().prop_flat_map(|(from, to, internal)| (Just(from), 0usize..5, Just(to), Just(internal))), 1..24),
        events in prop::collection::vec(0usize..4, 0..24),
    ) {
        let ways: Vec<Way> = ways;
        let (mut chart, all) = drawn(&regions);
        let sources: Vec<_> = all.iter().filter(|(_, _, moves)| *moves).collect();
        for (from, event, to, internal) in ways {
            let (_, pointer, _) = from.get(&sources);
            let (target, _, _) = to.get(&all);
            let state = chart.pointer_mut(pointer).unwrap();
            let moved = json!({ "to": target, "internal": internal });
            match event {
                4 => state["after"] = json!({ "PT1S": moved }),
                event => state["moves"][format!("e.{}", ["a", "b", "c", "d"][event])] = moved,
            }
        }
        let text = journey("r0: {}");
        let mut file = Tree::read(&text, &Limits::default()).unwrap().root.to_json();
        file["chart"]["regions"] = chart;
        let tree = Tree::read(&file.to_string(), &Limits::default()).unwrap();
        let (plan, wrong) = Plan::draw(&Journey::of(&tree.root));
        prop_assert!(wrong.is_empty(), "{:?}\n{}", wrong, file);
        let mut position = begin(&plan, "go.on", &json!({"n": 1}), NOON).unwrap().unwrap().position;
        for happened in events {
            // Each run begins by refusing a position that is not legal.
            let name = format!("e.{}", ["a", "b", "c", "d"][happened]);
            let timer = position.timers.iter().rev().find(|timer| !timer.state.is_empty() && happened == 3).cloned();
            let happening = match &timer {
                Some(timer) => Happening::Timer { id: &timer.id },
                None => event(&name, &Value::Null),
            };
            let now = timer.as_ref().map_or(NOON, |timer| timer.due);
            match take(&plan, &position, happening, now) {
                Ok(step) => position = step.position,
                Err(Refused::Over) => break,
                Err(refused) => prop_assert!(false, "{refused} after {happened}\n{file}"),
            }
            for timer in &position.timers {
                let waits = timer.state.is_empty() || position.holds.iter().any(|path| *path == timer.state || path.starts_with(&format!("{}.", timer.state)));
                prop_assert!(waits, "{} waits though it does not hold", timer.state);
            }
        }
        let last = take(&plan, &position, event("e.none", &Value::Null), NOON);
        prop_assert!(matches!(last, Ok(_) | Err(Refused::Over)), "{last:?}");
    }
}
