//! Cases of `pano_store::partner`.

use pano_partner::certification::{Evidence, Met, Profile, Source};
use pano_partner::credential::{Credential, Registration};
use pano_partner::plan::Limits;
use pano_partner::{
    App, Certificate, Environment, Partner, Plan, Rate, Slug, Step, Subscription, Tier, app, partner, subscription,
};
use pano_store::partner::{AppFilter, PartnerFilter, PlanFilter, RememberedAnswer, SubscriptionFilter};
use pano_store::{StoreError, UnitOfWork};
use pano_testkit::TestStore;
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, AppId, CertificationId, CredentialId, OperatorId, PartnerId, PlanId, SubscriptionId};
use pano_types::{Instant, Localized, PageRequest};
use serde_json::json;
use std::time::Duration;

cases! {
    partners_round_trip_page_and_filter,
    slugs_are_taken_once,
    an_update_names_what_it_read,
    credentials_are_revoked_and_used_once,
    a_key_is_one_apps,
    one_live_subscription_to_an_api,
    certificates_are_kept_once_and_count_for_a_time,
    only_what_may_call_is_served,
    served_apps_come_in_pages,
    answers_are_remembered_once,
}

const NOW: Instant = Instant::from_unix_seconds(1_700_000_000);

fn later(seconds: u64) -> Instant {
    NOW.plus(Duration::from_secs(seconds))
}

fn step(why: &str) -> Step {
    Step { who: OperatorId::new(NOW, &SeededEntropy::new(1)), at: NOW, why: why.into() }
}

fn admitted() -> partner::State {
    partner::State::Admitted { submitted: step("s"), admitted: step("a"), tier: Tier::Tier2 }
}

fn a_partner(n: u64, state: partner::State) -> Partner {
    Partner {
        id: PartnerId::new(later(n), &SeededEntropy::new(n)),
        slug: Slug::parse(&format!("partner-{n}")).unwrap(),
        name: Localized::new("伙伴", format!("Partner {n}")),
        registration: "91310000MA1FL00000".into(),
        contact: "api@partner.example".into(),
        scenario: partner::Scenario { sensitive_data: true, moves_funds: false },
        evidence: vec![partner::Evidence { area: partner::Area::Personnel, reference: "doc 7".into() }],
        rate: Some(Rate::new(100, 1, 200).unwrap()),
        state,
        managed_by: (n == 2).then(|| "folder".to_owned()),
        created_at: later(n),
        generation: 1,
    }
}

fn an_app(n: u64, partner: &Partner, active: bool) -> App {
    let activated = step("on");
    App {
        id: AppId::new(later(n), &SeededEntropy::new(n)),
        partner: partner.id,
        slug: Slug::parse(&format!("app-{n}")).unwrap(),
        name: Localized::new("应用", "App"),
        description: "does things".into(),
        redirect_uris: vec!["https://partner.example/callback".to_owned().try_into().unwrap()],
        state: if active { app::State::Active { activated } } else { app::State::Registered },
        managed_by: None,
        created_at: later(n),
        generation: 1,
    }
}

fn a_plan(n: u64) -> Plan {
    let rate = Rate::new(5, 1, 10).unwrap();
    Plan {
        id: PlanId::new(later(n), &SeededEntropy::new(n)),
        slug: Slug::parse(&format!("plan-{n}")).unwrap(),
        name: Localized::new("套餐", "Plan"),
        limits: Limits { app_rate: Some(rate), operation_rate: None, quota_per_day: Some(1_000) },
        retired: false,
        managed_by: None,
        created_at: later(n),
        generation: 1,
    }
}

fn a_subscription(n: u64, app: &App, api: ApiId, plan: &Plan, state: subscription::State) -> Subscription {
    Subscription {
        id: SubscriptionId::new(later(n), &SeededEntropy::new(n)),
        app: app.id,
        api,
        plan: plan.id,
        environment: Environment::Sandbox,
        state,
        managed_by: None,
        created_at: later(n),
        generation: 1,
    }
}

fn requested() -> subscription::State {
    subscription::State::Requested { requested: step("") }
}

fn approved() -> subscription::State {
    subscription::State::Approved { requested: step(""), approved: step("") }
}

fn an_api(n: u64) -> ApiId {
    ApiId::new(NOW, &SeededEntropy::new(100 + n))
}

/// RFC 7517 appendix A.1 and RFC 8037 appendix A.2: two different keys.
fn a_credential(n: u64, app: &App) -> Credential {
    let jwk = if n == 1 {
        json!({ "kty": "EC", "crv": "P-256", "kid": "k1",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM" })
    } else {
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k2", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPJHURo" })
    };
    let registration = Registration {
        jwk: Some(jwk),
        certificate: None,
        label: "key".into(),
        not_before: None,
        expires_at: Some(later(3_600)),
    };
    Credential::register(CredentialId::new(later(n), &SeededEntropy::new(n)), app.id, registration, NOW).unwrap()
}

async fn save(store: &TestStore, write: impl AsyncFn(&mut dyn UnitOfWork) -> Result<(), StoreError>) {
    let mut unit = store.store().begin().await.unwrap();
    write(&mut *unit).await.unwrap();
    unit.save().await.unwrap();
}

async fn partners_round_trip_page_and_filter(store: &TestStore) {
    let partners: Vec<_> = (1..=3)
        .map(|n| a_partner(n, if n == 1 { admitted() } else { partner::State::Registered { returned: None } }))
        .collect();
    save(store, async |unit| {
        for partner in &partners {
            unit.partner_add(partner).await?;
        }
        Ok(())
    })
    .await;
    let mut unit = store.store().read().await.unwrap();
    for partner in &partners {
        assert_eq!(unit.partner_by_id(partner.id).await.unwrap().as_ref(), Some(partner));
    }
    let first = unit.partner_list(&PartnerFilter::default(), &PageRequest::new(None, Some(2))).await.unwrap();
    assert_eq!(first.items, partners[..2]);
    let rest = unit.partner_list(&PartnerFilter::default(), &PageRequest::new(first.next, Some(2))).await.unwrap();
    assert_eq!((rest.items.as_slice(), rest.next), (&partners[2..], None));
    for (filter, expected) in [
        (PartnerFilter { state: Some("admitted".into()), ..PartnerFilter::default() }, 0),
        (PartnerFilter { slug: Some("partner-3".into()), ..PartnerFilter::default() }, 2),
        (PartnerFilter { managed_by: Some("folder".into()), ..PartnerFilter::default() }, 1),
    ] {
        let found = unit.partner_list(&filter, &PageRequest::default()).await.unwrap();
        assert_eq!(found.items, partners[expected..=expected], "{filter:?}");
    }
}

async fn slugs_are_taken_once(store: &TestStore) {
    let (one, two) = (a_partner(1, admitted()), a_partner(2, admitted()));
    save(store, async |unit| {
        unit.partner_add(&one).await?;
        unit.partner_add(&two).await?;
        unit.app_add(&an_app(1, &one, true)).await?;
        // The same slug under another partner is another app.
        let other = an_app(2, &two, true);
        unit.app_add(&App { slug: Slug::parse("app-1").unwrap(), ..other }).await
    })
    .await;
    let again = Partner { id: PartnerId::new(NOW, &SeededEntropy::new(9)), ..one.clone() };
    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.partner_add(&again).await, Err(StoreError::Conflict { .. })));
    let again = App { id: AppId::new(NOW, &SeededEntropy::new(9)), ..an_app(1, &one, true) };
    drop(unit);
    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.app_add(&again).await, Err(StoreError::Conflict { .. })));
}

async fn an_update_names_what_it_read(store: &TestStore) {
    let (partner, plan) = (a_partner(1, admitted()), a_plan(1));
    let app = an_app(1, &partner, false);
    let subscription = a_subscription(1, &app, an_api(1), &plan, requested());
    save(store, async |unit| {
        unit.partner_add(&partner).await?;
        unit.app_add(&app).await?;
        unit.plan_add(&plan).await?;
        unit.subscription_add(&subscription).await?;
        unit.partner_update(&Partner { contact: "b".into(), rate: None, ..partner.clone() }).await?;
        unit.app_update(&an_app(1, &partner, true)).await?;
        unit.plan_update(&Plan { retired: true, ..plan.clone() }).await?;
        unit.subscription_update(&Subscription { state: approved(), ..subscription.clone() }).await
    })
    .await;
    let mut unit = store.store().read().await.unwrap();
    let read = unit.partner_by_id(partner.id).await.unwrap().unwrap();
    assert_eq!((read.generation, read.contact.as_str(), read.rate), (2, "b", None));
    let read = unit.app_by_id(app.id).await.unwrap().unwrap();
    assert!(read.generation == 2 && read.state.is_active());
    let read = unit.plan_by_id(plan.id).await.unwrap().unwrap();
    assert!(read.generation == 2 && read.retired);
    let read = unit.subscription_by_id(subscription.id).await.unwrap().unwrap();
    assert!(read.generation == 2 && read.state.is_approved());
    drop(unit);
    for case in 0..4 {
        let mut unit = store.store().begin().await.unwrap();
        let outcome = match case {
            0 => unit.partner_update(&partner).await,
            1 => unit.app_update(&app).await,
            2 => unit.plan_update(&plan).await,
            _ => unit.subscription_update(&subscription).await,
        };
        assert!(matches!(outcome, Err(StoreError::Stale { .. })), "{case}: {outcome:?}");
    }
}

async fn credentials_are_revoked_and_used_once(store: &TestStore) {
    let partner = a_partner(1, admitted());
    let app = an_app(1, &partner, true);
    let (one, two) = (a_credential(1, &app), a_credential(2, &app));
    save(store, async |unit| {
        unit.partner_add(&partner).await?;
        unit.app_add(&app).await?;
        unit.credential_add(&one).await?;
        unit.credential_add(&two).await?;
        unit.credential_used(one.id, later(60)).await?;
        unit.credential_used(one.id, later(30)).await?;
        assert!(unit.credential_revoke(one.id, &step("lost")).await?);
        assert!(!unit.credential_revoke(one.id, &step("again")).await?);
        Ok(())
    })
    .await;
    let mut unit = store.store().read().await.unwrap();
    let all = unit.credential_list(app.id).await.unwrap();
    let expected = Credential { last_used_at: Some(later(60)), revoked: Some(step("lost")), ..one };
    assert_eq!(all, [expected.clone(), two]);
    assert_eq!(unit.credential_by_id(expected.id).await.unwrap(), Some(expected));
}

async fn a_key_is_one_apps(store: &TestStore) {
    let partner = a_partner(1, admitted());
    let (one, two) = (an_app(1, &partner, true), an_app(2, &partner, true));
    save(store, async |unit| {
        unit.partner_add(&partner).await?;
        unit.app_add(&one).await?;
        unit.app_add(&two).await?;
        unit.credential_add(&a_credential(1, &one)).await
    })
    .await;
    let stolen = Credential { id: CredentialId::new(NOW, &SeededEntropy::new(8)), ..a_credential(1, &two) };
    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.credential_add(&stolen).await, Err(StoreError::Conflict { .. })));
    let other =
        Credential { id: CredentialId::new(NOW, &SeededEntropy::new(7)), kid: "k1".into(), ..a_credential(2, &one) };
    drop(unit);
    let mut unit = store.store().begin().await.unwrap();
    assert!(matches!(unit.credential_add(&other).await, Err(StoreError::Conflict { .. })));
}

async fn one_live_subscription_to_an_api(store: &TestStore) {
    let (partner, plan) = (a_partner(1, admitted()), a_plan(1));
    let app = an_app(1, &partner, true);
    let over = subscription::State::Ended { requested: step(""), ended: step("x") };
    save(store, async |unit| {
        unit.partner_add(&partner).await?;
        unit.app_add(&app).await?;
        unit.plan_add(&plan).await?;
        unit.subscription_add(&a_subscription(1, &app, an_api(1), &plan, over.clone())).await?;
        unit.subscription_add(&a_subscription(2, &app, an_api(1), &plan, over.clone())).await?;
        unit.subscription_add(&a_subscription(3, &app, an_api(1), &plan, requested())).await?;
        unit.subscription_add(&a_subscription(4, &app, an_api(2), &plan, approved())).await?;
        let live = Environment::Production;
        unit.subscription_add(&Subscription {
            environment: live,
            ..a_subscription(6, &app, an_api(1), &plan, approved())
        })
        .await
    })
    .await;
    let mut unit = store.store().begin().await.unwrap();
    let second = unit.subscription_add(&a_subscription(5, &app, an_api(1), &plan, requested())).await;
    assert!(matches!(second, Err(StoreError::Conflict { .. })));
    drop(unit);
    let mut unit = store.store().read().await.unwrap();
    for (filter, count) in [
        (SubscriptionFilter { app: Some(app.id), ..SubscriptionFilter::default() }, 5),
        (SubscriptionFilter { api: Some(an_api(1)), ..SubscriptionFilter::default() }, 4),
        (SubscriptionFilter { environment: Some(Environment::Production), ..SubscriptionFilter::default() }, 1),
        (
            SubscriptionFilter { plan: Some(plan.id), state: Some("approved".into()), ..SubscriptionFilter::default() },
            2,
        ),
    ] {
        let found = unit.subscription_list(&filter, &PageRequest::default()).await.unwrap();
        assert_eq!(found.items.len(), count, "{filter:?}");
    }
    let filter = PlanFilter { slug: Some("plan-1".into()), managed_by: None };
    assert_eq!(unit.plan_list(&filter, &PageRequest::default()).await.unwrap().items, [plan]);
}

async fn certificates_are_kept_once_and_count_for_a_time(store: &TestStore) {
    let partner = a_partner(1, admitted());
    let (app, other) = (an_app(1, &partner, true), an_app(2, &partner, true));
    let evidence = Evidence {
        at: later(5),
        source: Source::Sandbox,
        operation: Some("listAccounts".into()),
        status: Some(200),
        trace_id: None,
    };
    let met = Met { step: "accounts".into(), description: Localized::new("账户", "Accounts"), evidence };
    let certificate = |n: u64, app: &App, profile| Certificate {
        id: CertificationId::new(later(n), &SeededEntropy::new(n)),
        app: app.id,
        profile,
        script_version: 1,
        started_at: NOW,
        passed_at: later(n),
        valid_until: later(n + 100),
        steps: vec![met.clone()],
    };
    let (read, pay) = (certificate(1, &app, Profile::AccountInformation), certificate(2, &app, Profile::Payment));
    let others = certificate(3, &other, Profile::Payment);
    save(store, async |unit| {
        unit.partner_add(&partner).await?;
        unit.app_add(&app).await?;
        unit.app_add(&other).await?;
        for one in [&read, &pay, &others] {
            assert!(unit.certificate_add(one).await?);
        }
        assert!(!unit.certificate_add(&read).await?, "the same again");
        Ok(())
    })
    .await;
    let mut unit = store.store().read().await.unwrap();
    assert_eq!(unit.certificate_by_id(read.id).await.unwrap(), Some(read.clone()));
    assert_eq!(unit.certificate_by_id(CertificationId::new(NOW, &SeededEntropy::new(9))).await.unwrap(), None);
    let page = unit.certificate_list(app.id, &PageRequest::new(None, Some(1))).await.unwrap();
    assert_eq!((page.items, page.next.is_some()), (vec![read.clone()], true));
    for (now, valid) in [(later(3), vec![pay.clone(), read.clone()]), (later(101), vec![pay]), (later(102), vec![])] {
        assert_eq!(unit.certificate_valid(app.id, now).await.unwrap(), valid);
    }
}

async fn only_what_may_call_is_served(store: &TestStore) {
    let good = a_partner(1, admitted());
    let stopped = a_partner(
        2,
        partner::State::Suspended { submitted: step(""), admitted: step(""), tier: Tier::Tier1, suspended: step("x") },
    );
    let (app, idle, orphan) = (an_app(1, &good, true), an_app(2, &good, false), an_app(3, &stopped, true));
    let (one, two) = (a_plan(1), a_plan(2));
    let (right, waiting) =
        (a_subscription(1, &app, an_api(1), &one, approved()), a_subscription(2, &app, an_api(2), &two, requested()));
    save(store, async |unit| {
        unit.partner_add(&good).await?;
        unit.partner_add(&stopped).await?;
        for app in [&app, &idle, &orphan] {
            unit.app_add(app).await?;
        }
        unit.plan_add(&one).await?;
        unit.plan_add(&two).await?;
        unit.subscription_add(&right).await?;
        unit.subscription_add(&waiting).await
    })
    .await;
    let mut unit = store.store().read().await.unwrap();
    let served = unit.served_app_list(None, 10).await.unwrap();
    assert_eq!(served.len(), 1);
    assert_eq!((served[0].app, served[0].partner, served[0].partner_rate), (app.id, good.id, good.rate));
    assert_eq!(served[0].subscriptions, [(right, one)]);
    assert!(served[0].certificates.is_empty());
    assert_eq!(unit.served_app_by_id(app.id).await.unwrap().as_ref(), served.first());
    assert_eq!(unit.served_app_by_id(orphan.id).await.unwrap(), None);
    let filter = AppFilter { partner: Some(good.id), state: Some("active".into()), ..AppFilter::default() };
    assert_eq!(unit.app_list(&filter, &PageRequest::default()).await.unwrap().items, [app]);
}

async fn served_apps_come_in_pages(store: &TestStore) {
    let (partner, plan) = (a_partner(1, admitted()), a_plan(1));
    save(store, async |unit| {
        unit.partner_add(&partner).await?;
        unit.plan_add(&plan).await?;
        for n in 1..=25 {
            let app = an_app(n, &partner, true);
            unit.app_add(&app).await?;
            unit.subscription_add(&a_subscription(n, &app, an_api(1), &plan, approved())).await?;
        }
        Ok(())
    })
    .await;
    let mut unit = store.store().read().await.unwrap();
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = unit.served_app_list(after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.app);
        assert!(
            page.iter().all(|served| served.subscriptions.len() == 1 && served.subscriptions[0].0.app == served.app)
        );
        seen.extend(page.into_iter().map(|served| served.app));
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted());
}

async fn answers_are_remembered_once(store: &TestStore) {
    let operator = OperatorId::new(NOW, &SeededEntropy::new(1));
    let other = OperatorId::new(NOW, &SeededEntropy::new(2));
    let answer = RememberedAnswer {
        fingerprint: "f".into(),
        status: 201,
        etag: Some("\"1\"".into()),
        location: None,
        body: "{}".into(),
    };
    save(store, async |unit| {
        assert_eq!(unit.remembered_answer(operator, "k").await?, None);
        unit.remembered_answer_add(operator, "k", &answer, NOW).await?;
        unit.remembered_answer_add(other, "k", &answer, later(10)).await
    })
    .await;
    let mut unit = store.store().begin().await.unwrap();
    let again = unit.remembered_answer_add(operator, "k", &answer, NOW).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    drop(unit);
    save(store, async |unit| {
        assert_eq!(unit.remembered_answer(operator, "k").await?.as_ref(), Some(&answer));
        assert_eq!(unit.remembered_answer_sweep(later(5), 100).await?, 1);
        assert_eq!(unit.remembered_answer(operator, "k").await?, None);
        assert_eq!(unit.remembered_answer(other, "k").await?.as_ref(), Some(&answer));
        Ok(())
    })
    .await;
}
