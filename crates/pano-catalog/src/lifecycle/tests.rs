use super::*;
use pano_types::clock::SeededEntropy;
use proptest::prelude::*;

fn operator(n: u64) -> OperatorId {
    OperatorId::new(Instant::from_unix_seconds(1), &SeededEntropy::new(n))
}

fn step(who: u64) -> Step {
    Step { who: operator(who), at: Instant::from_unix_seconds(1_000), why: "because".into() }
}

fn at(stage: Stage) -> State {
    let draft = State::draft();
    let review = || draft.clone().submit(step(1)).unwrap();
    let approved = || review().approve(step(2)).unwrap();
    let published = || approved().publish(step(3)).unwrap();
    match stage {
        Stage::Draft => draft,
        Stage::InReview => review(),
        Stage::Approved => approved(),
        Stage::Published => published(),
        Stage::Deprecated => published().deprecate(step(3), None, Some("/next".into())).unwrap(),
        Stage::Retired => published().retire(step(3), None).unwrap(),
    }
}

fn go(state: State, m: Move, by: Step) -> Result<State, Refused> {
    match m {
        Move::Submit => state.submit(by),
        Move::Approve => state.approve(by),
        Move::Reject => state.reject(by),
        Move::Withdraw => state.withdraw(by),
        Move::Publish => state.publish(by),
        Move::Deprecate => state.deprecate(by, None, None),
        Move::Retire => state.retire(by, None),
    }
}

#[test]
fn every_stage_allows_exactly_the_moves_it_names() {
    for stage in Stage::ALL {
        assert_eq!(at(stage).stage(), stage);
        assert_eq!(Stage::from_text(stage.text()), Some(stage));
        for m in Move::ALL {
            let done = go(at(stage), m, step(9));
            assert_eq!(done.is_ok(), stage.moves().contains(&m), "{stage} {m}: {done:?}");
            if let Err(refused) = done {
                let Refused::WrongState { from, wanted, allowed } = refused else { panic!("{refused}") };
                assert_eq!((from, wanted, allowed.as_slice()), (stage, m, stage.moves()));
            }
        }
    }
}

#[test]
fn moves_refuse_what_is_not_theirs_alone() {
    assert_eq!(at(Stage::InReview).approve(step(1)), Err(Refused::SamePerson(operator(1))));
    let silent = Step { why: "  ".into(), ..step(9) };
    assert_eq!(at(Stage::InReview).reject(silent.clone()), Err(Refused::ReasonMissing(Move::Reject)));
    assert_eq!(at(Stage::Published).retire(silent.clone(), None), Err(Refused::ReasonMissing(Move::Retire)));
    assert!(at(Stage::Draft).retire(silent, None).is_ok());
    let past = at(Stage::Published).deprecate(step(3), Some(Instant::from_unix_seconds(1_000)), None);
    assert_eq!(past, Err(Refused::SunsetInPast));
    let State::Retired { link, .. } = at(Stage::Deprecated).retire(step(1), None).unwrap() else { panic!() };
    assert_eq!(link.as_deref(), Some("/next"), "the link of the notice stays");
}

#[test]
fn the_stored_form_of_old_states_still_loads() {
    let who = operator(1);
    let at = "2026-01-01T00:00:00Z";
    for (text, stage) in [
        (r#"{"state":"draft"}"#.to_owned(), Stage::Draft),
        (format!(r#"{{"state":"in_review","submitted":{{"who":"{who}","at":"{at}"}}}}"#), Stage::InReview),
        (format!(r#"{{"state":"retired","retired":{{"who":"{who}","at":"{at}","why":"x"}}}}"#), Stage::Retired),
    ] {
        assert_eq!(serde_json::from_str::<State>(&text).unwrap().stage(), stage);
    }
    for stage in Stage::ALL {
        let state = self::at(stage);
        let json = serde_json::to_value(&state).unwrap();
        assert_eq!(json["state"], stage.text());
        assert_eq!(serde_json::from_value::<State>(json).unwrap(), state);
    }
}

proptest! {
    /// Whatever anybody tries in whatever order: what is published was submitted and approved by two people, and what is
    /// retired never comes back.
    #[test]
    fn nothing_is_published_without_two_people(moves in proptest::collection::vec((0usize..7, 1u64..4), 0..40)) {
        let mut state = State::draft();
        let mut retired = false;
        for (m, who) in moves {
            if let Ok(next) = go(state.clone(), Move::ALL[m], step(who)) {
                prop_assert!(!retired);
                state = next;
            }
            retired = state.stage() == Stage::Retired;
            if let State::Published { submitted, approved, .. } | State::Deprecated { submitted, approved, .. } = &state {
                prop_assert_ne!(submitted.who, approved.who);
            }
        }
    }
}
