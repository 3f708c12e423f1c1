use super::*;
use pano_types::clock::SeededEntropy;
use std::collections::HashSet;

const NOW: Instant = Instant::from_unix_seconds(1_772_352_000);

fn run(profile: Profile) -> Run {
    let entropy = SeededEntropy::new(1);
    Run::start(CertificationId::new(NOW, &entropy), AppId::new(NOW, &entropy), profile, NOW)
}

fn seen(source: Source, operation: &'static str, status: u16, code: Option<&'static str>) -> Observation<'static> {
    let at = NOW.plus(Duration::from_secs(60));
    Observation { at, source, operation: Some(operation), status: Some(status), code, trace_id: None, drill: None }
}

/// What a well-made app does.
fn story() -> Vec<Observation<'static>> {
    use Source::{Gateway, Sandbox, TokenService};
    let drill = |operation, drill| Observation { drill: Some(drill), ..seen(Sandbox, operation, 201, None) };
    vec![
        seen(TokenService, "", 200, None),
        seen(Sandbox, "listAccounts", 200, None),
        seen(Sandbox, "retrieveAccountBalances", 200, None),
        seen(Sandbox, "retrieveAccount", 404, Some("bank.account_not_found")),
        seen(Gateway, "listParties", 403, Some("gateway.scope_missing")),
        drill("listAccountTransactions", Drill::Waited),
        seen(Sandbox, "initiateInternalTransfer", 201, None),
        seen(Sandbox, "retrievePaymentStatus", 200, None),
        seen(Sandbox, "initiateDomesticPayment", 422, Some("bank.insufficient_funds")),
        seen(Gateway, "initiateInternalTransfer", 400, Some("gateway.body_invalid")),
        drill("initiateInternalTransfer", Drill::Repeated),
    ]
}

#[test]
fn a_well_made_app_passes_with_its_last_step() {
    let story = story();
    for (profile, steps) in [(Profile::AccountInformation, 6), (Profile::Payment, 11)] {
        let mut run = run(profile);
        for (place, seen) in story.iter().enumerate() {
            assert_eq!(run.certificate().is_some(), place >= steps, "{place}");
            assert_eq!(run.observe(seen), place < steps, "{place}");
            assert!(!run.observe(seen), "the same again shows nothing new: {place}");
        }
        let certificate = run.certificate().unwrap();
        assert_eq!((certificate.id, certificate.steps.len()), (run.id, steps));
        assert_eq!(run.standing(run.ends_at), Standing::Passed);
        let names: Vec<_> = certificate.steps.iter().map(|met| met.step.as_str()).collect();
        assert_eq!(names, profile.script().steps().map(|step| step.name).collect::<Vec<_>>());
    }
}

#[test]
fn without_any_one_of_its_steps_no_app_passes() {
    let story = story();
    for left_out in 0..story.len() {
        let mut run = run(Profile::Payment);
        for (_, seen) in story.iter().enumerate().filter(|(place, _)| *place != left_out) {
            run.observe(seen);
        }
        assert_eq!(run.certificate(), None, "{left_out}");
        assert_eq!(run.standing(NOW), Standing::Running);
        assert_eq!(run.standing(run.ends_at), Standing::Expired);
    }
}

#[test]
fn what_others_saw_or_what_was_too_early_or_too_late_counts_for_nothing() {
    let mut run = run(Profile::Payment);
    for source in [Source::TokenService, Source::Gateway] {
        // Only the sandbox can say that it answered.
        let told = seen(source, "listAccounts", 200, None);
        assert_eq!(run.observe(&told), source == Source::TokenService && run.evidence("signature").is_some());
        assert_eq!(run.evidence("accounts"), None);
    }
    for at in [Instant::from_unix_seconds(0), run.ends_at] {
        assert!(!run.observe(&Observation { at, ..seen(Source::Sandbox, "listAccounts", 200, None) }));
    }
    // A status is read after a payment, and a payment refused is none.
    assert!(!run.observe(&seen(Source::Sandbox, "retrievePaymentStatus", 200, None)));
    assert!(!run.observe(&seen(Source::Sandbox, "initiateInternalTransfer", 422, Some("bank.same_account"))));
}

#[test]
fn a_certificate_covers_what_is_less_and_ends() {
    let mut run = run(Profile::AccountInformation);
    for seen in &story() {
        run.observe(seen);
    }
    let less = run.certificate().unwrap().held();
    assert!(less.covers(Profile::AccountInformation, NOW));
    assert!(!less.covers(Profile::Payment, NOW));
    let more = Held { profile: Profile::Payment, ..less };
    assert!(more.covers(Profile::AccountInformation, NOW) && more.covers(Profile::Payment, NOW));
    assert!(!less.covers(Profile::AccountInformation, less.valid_until));
    let old = Held { script_version: less.profile.script().least - 1, ..less };
    assert!(!old.covers(Profile::AccountInformation, NOW), "a script that no longer suffices");
    for profile in Profile::ALL {
        assert!(profile.script().least <= profile.script().version, "what is passed today counts");
    }
}

#[test]
fn names_of_steps_are_unique_and_told_in_both_languages() {
    for profile in Profile::ALL {
        let mut names = HashSet::new();
        for step in profile.script().steps() {
            assert!(names.insert(step.name) && !step.zh.is_empty() && !step.en.is_empty());
            assert!(step.after.is_none_or(|before| names.contains(before)), "{} comes after nothing", step.name);
        }
        assert_eq!(Profile::from_text(profile.text()), Some(profile));
        assert_eq!(serde_json::to_value(profile).unwrap(), profile.text());
    }
}
