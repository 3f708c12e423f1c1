//! Cases of `pano_store::consent`.

use pano_oauth::authorize::{DECISION_LIFETIME, REQUEST_LIFETIME};
use pano_oauth::consent::{Given, Revoker, State};
use pano_oauth::{AuthorizationRequest, Client, Consent, Form, Pushed, ScopeSet};
use pano_partner::{App, Partner, app, partner};
use pano_store::consent::{ConsentFilter, ConsentSweep, SignIn};
use pano_store::meta::SecretHash;
use pano_store::{Store, StoreError, UnitOfWork};
use pano_testkit::TestStore;
use pano_types::clock::SeededEntropy;
use pano_types::id::{AppId, ConsentId, PartnerId};
use pano_types::{Instant, Localized, PageRequest, Secret};
use std::sync::Arc;
use std::time::Duration;

cases! {
    a_consent_goes_its_way_and_is_found_by_what_it_gave,
    of_two_who_change_a_consent_one_is_stale,
    a_request_belongs_to_the_browser_that_opened_it_first,
    of_many_that_use_a_code_at_once_one_wins,
    consents_are_listed_newest_first_by_whom_and_what,
    gateways_hear_of_those_that_ended_and_the_clock_of_those_due,
    a_sweep_forgets_requests_sign_ins_and_what_nobody_decided,
}

fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(1_800_000_000 + seconds)
}

fn hash(text: &str) -> SecretHash {
    SecretHash::of(&Secret::new(text.to_owned()))
}

fn app_id() -> AppId {
    AppId::new(at(0), &SeededEntropy::new(1))
}

fn partner_id() -> PartnerId {
    PartnerId::new(at(0), &SeededEntropy::new(1))
}

fn consent(n: u64) -> Consent {
    Consent {
        id: ConsentId::new(at(i64::try_from(n).unwrap()), &SeededEntropy::new(n)),
        app: app_id(),
        partner: partner_id(),
        scopes: ScopeSet::parse("accounts:read").unwrap(),
        state: State::AwaitingAuthorisation,
        created_at: at(0),
        generation: 1,
    }
}

fn pushed() -> Pushed {
    let client = Client {
        id: app_id(),
        active: true,
        keys: Vec::new(),
        scopes: ScopeSet::parse("accounts:read").unwrap(),
        redirect_uris: vec!["https://p.example/back".into()],
    };
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let body = format!(
        "response_type=code&redirect_uri=https://p.example/back&code_challenge={challenge}&code_challenge_method=S256&scope=accounts:read"
    );
    let form = Form::parse(body.as_bytes()).unwrap();
    let request = AuthorizationRequest::read(&form, &client, "https://api").unwrap();
    Pushed { request, expires_at: at(0).plus(REQUEST_LIFETIME), browser: None, code: None }
}

fn authorised(consent: &Consent, customer: &str, ends: i64) -> Consent {
    let given = Given { customer: customer.into(), accounts: vec!["a".into()], at: at(1), ends_at: at(ends) };
    Consent { state: consent.state.clone().authorised(given).unwrap(), ..consent.clone() }
}

async fn change<F: AsyncFnOnce(&mut dyn UnitOfWork)>(store: &Arc<dyn Store>, change: F) {
    let mut unit = store.begin().await.unwrap();
    change(unit.as_mut()).await;
    unit.save().await.unwrap();
}

/// A store with an app and these consents, each pushed as `uri-N`.
async fn with(test: &TestStore, consents: &[Consent]) -> Arc<dyn Store> {
    let store = test.store();
    let owner = Partner {
        id: partner_id(),
        slug: "mate".parse().unwrap(),
        name: Localized::new("伙伴", "Mate"),
        registration: "1".into(),
        contact: "a@example.com".into(),
        scenario: partner::Scenario::default(),
        evidence: Vec::new(),
        rate: None,
        state: partner::State::Registered { returned: None },
        managed_by: None,
        created_at: at(0),
        generation: 1,
    };
    let client = App {
        id: app_id(),
        partner: owner.id,
        slug: "app".parse().unwrap(),
        name: Localized::new("应用", "App"),
        description: String::new(),
        redirect_uris: Vec::new(),
        state: app::State::Registered,
        managed_by: None,
        created_at: at(0),
        generation: 1,
    };
    change(&store, async |unit| {
        unit.partner_add(&owner).await.unwrap();
        unit.app_add(&client).await.unwrap();
        for (n, consent) in consents.iter().enumerate() {
            unit.consent_add(consent, &hash(&format!("uri-{n}")), &pushed()).await.unwrap();
        }
    })
    .await;
    store
}

async fn a_consent_goes_its_way_and_is_found_by_what_it_gave(test: &TestStore) {
    let asked = consent(1);
    let store = with(test, std::slice::from_ref(&asked)).await;
    let (uri, code, refresh) = (hash("uri-0"), hash("code"), hash("refresh"));
    let given = authorised(&asked, "c1", 3_600);
    change(&store, async |unit| {
        assert_eq!(unit.pushed_by_uri(&uri).await.unwrap(), Some((pushed(), asked.clone())));
        assert_eq!(unit.pushed_by_uri(&hash("other")).await.unwrap(), None);
        unit.consent_update(&given).await.unwrap();
        assert!(unit.pushed_code_put(&uri, &code, at(60)).await.unwrap());
        assert!(!unit.pushed_code_put(&uri, &hash("second"), at(60)).await.unwrap(), "answered once");
    })
    .await;
    let stored = Consent { generation: 2, ..given };
    change(&store, async |unit| {
        let (found, owner) = unit.pushed_by_code(&code).await.unwrap().unwrap();
        assert_eq!((found.code.unwrap().expires_at, &owner), (at(60), &stored));
        unit.consent_refresh_put(owner.id, &refresh).await.unwrap();
    })
    .await;
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.consent_by_refresh(&refresh).await.unwrap(), Some(stored.clone()));
    assert_eq!(unit.consent_by_refresh(&hash("other")).await.unwrap(), None);
    assert_eq!(unit.consent_by_id(stored.id).await.unwrap(), Some(stored));
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    let unknown = unit.consent_refresh_put(consent(9).id, &refresh).await;
    assert!(matches!(unknown, Err(StoreError::Missing { .. })), "{unknown:?}");
}

async fn of_two_who_change_a_consent_one_is_stale(test: &TestStore) {
    let asked = consent(1);
    let store = with(test, std::slice::from_ref(&asked)).await;
    change(&store, async |unit| unit.consent_update(&authorised(&asked, "c1", 60)).await.unwrap()).await;
    let mut unit = store.begin().await.unwrap();
    let rejected = Consent { state: asked.state.clone().rejected("c1", at(2)).unwrap(), ..asked };
    let late = unit.consent_update(&rejected).await;
    assert!(matches!(late, Err(StoreError::Stale { .. })), "{late:?}");
}

async fn a_request_belongs_to_the_browser_that_opened_it_first(test: &TestStore) {
    let store = with(test, &[consent(1)]).await;
    let (uri, until) = (hash("uri-0"), at(0).plus(DECISION_LIFETIME));
    change(&store, async |unit| {
        assert!(unit.pushed_open(&uri, None, "one", until).await.unwrap());
        assert!(!unit.pushed_open(&uri, None, "two", until).await.unwrap());
        assert!(!unit.pushed_open(&uri, Some("two"), "three", until).await.unwrap());
        assert!(unit.pushed_open(&uri, Some("one"), "one-signed-in", until).await.unwrap());
        let (found, _) = unit.pushed_by_uri(&uri).await.unwrap().unwrap();
        assert_eq!((found.browser.as_deref(), found.expires_at), (Some("one-signed-in"), until));
        assert!(unit.pushed_code_put(&uri, &hash("code"), until).await.unwrap());
        assert!(!unit.pushed_open(&uri, Some("one-signed-in"), "late", until).await.unwrap(), "decided");
    })
    .await;
}

async fn of_many_that_use_a_code_at_once_one_wins(test: &TestStore) {
    let store = with(test, &[consent(1)]).await;
    let code = hash("code");
    change(&store, async |unit| {
        assert!(unit.pushed_code_put(&hash("uri-0"), &code, at(60)).await.unwrap());
    })
    .await;
    let mut won = 0;
    for _ in 0..5 {
        change(&store, async |unit| won += u32::from(unit.pushed_code_use(&code, at(5)).await.unwrap())).await;
    }
    assert_eq!(won, 1);
    let mut unit = store.begin().await.unwrap();
    let (found, _) = unit.pushed_by_code(&code).await.unwrap().unwrap();
    assert_eq!(found.code.unwrap().used_at, Some(at(5)));
}

async fn consents_are_listed_newest_first_by_whom_and_what(test: &TestStore) {
    let all: Vec<_> = (1..=3).map(consent).collect();
    let store = with(test, &all).await;
    change(&store, async |unit| {
        unit.consent_update(&authorised(&all[0], "c1", 60)).await.unwrap();
        unit.consent_update(&authorised(&all[1], "c2", 60)).await.unwrap();
    })
    .await;
    let mut unit = store.read().await.unwrap();
    let mut ids = async |filter: ConsentFilter| -> Vec<ConsentId> {
        let page = unit.consent_list(&filter, &PageRequest::new(None, Some(2))).await.unwrap();
        page.items.iter().map(|consent| consent.id).collect()
    };
    let any = ConsentFilter::default();
    assert_eq!(ids(any.clone()).await, [all[2].id, all[1].id]);
    assert_eq!(ids(ConsentFilter { customer: Some("c1".into()), ..any.clone() }).await, [all[0].id]);
    assert_eq!(ids(ConsentFilter { state: Some("authorised".into()), ..any.clone() }).await, [all[1].id, all[0].id]);
    assert_eq!(ids(ConsentFilter { app: Some(app_id()), partner: Some(partner_id()), ..any.clone() }).await.len(), 2);
    let other = AppId::new(at(0), &SeededEntropy::new(7));
    assert!(ids(ConsentFilter { app: Some(other), ..any }).await.is_empty());
}

async fn gateways_hear_of_those_that_ended_and_the_clock_of_those_due(test: &TestStore) {
    let all: Vec<_> = (1..=3).map(consent).collect();
    let store = with(test, &all).await;
    change(&store, async |unit| {
        for (asked, ends) in [(&all[0], 60), (&all[1], 30)] {
            unit.consent_update(&authorised(asked, "c1", ends)).await.unwrap();
        }
        let rejected = all[2].state.clone().rejected("c1", at(2)).unwrap();
        unit.consent_update(&Consent { state: rejected, ..all[2].clone() }).await.unwrap();
        let due: Vec<_> = unit.consent_due(at(60), 10).await.unwrap().iter().map(|c| c.id).collect();
        assert_eq!(due, [all[1].id, all[0].id], "the longest overdue first");
        assert_eq!(unit.consent_due(at(29), 10).await.unwrap(), []);
        assert_eq!(unit.consent_ended(at(0)).await.unwrap(), []);
        let given = Consent { generation: 2, ..authorised(&all[0], "c1", 60) };
        let revoked = given.state.clone().revoked(Revoker::Customer, "", at(20)).unwrap();
        unit.consent_update(&Consent { state: revoked, ..given }).await.unwrap();
        assert_eq!(unit.consent_ended(at(20)).await.unwrap(), [(all[0].id, at(20))]);
        assert_eq!(unit.consent_ended(at(21)).await.unwrap(), []);
        assert_eq!(unit.consent_due(at(60), 10).await.unwrap().len(), 1);
    })
    .await;
}

async fn a_sweep_forgets_requests_sign_ins_and_what_nobody_decided(test: &TestStore) {
    let all: Vec<_> = (1..=2).map(consent).collect();
    let store = with(test, &all).await;
    let cookie = hash("cookie");
    let sign_in = SignIn {
        partner: partner_id(),
        customer: "c1".into(),
        name: Localized::new("林晓雨", "Lin Xiaoyu"),
        at: at(0),
        expires_at: at(10),
    };
    change(&store, async |unit| {
        unit.consent_update(&authorised(&all[0], "c1", 3_600)).await.unwrap();
        unit.sign_in_add(&cookie, &sign_in).await.unwrap();
        assert_eq!(unit.sign_in_find(&cookie).await.unwrap().as_ref(), Some(&sign_in));
        unit.sign_in_add(&hash("second"), &SignIn { expires_at: at(20_000), ..sign_in.clone() }).await.unwrap();
    })
    .await;
    let early = ConsentSweep { now: at(10), requests_before: at(10), limit: 10 };
    change(&store, async |unit| {
        assert_eq!(unit.consent_sweep(early).await.unwrap(), 0);
        let late = ConsentSweep { now: at(11), requests_before: at(0).plus(Duration::from_secs(3_600)), limit: 10 };
        assert_eq!(unit.consent_sweep(late).await.unwrap(), 4, "two requests, a sign-in, an undecided consent");
        assert!(unit.consent_by_id(all[0].id).await.unwrap().is_some());
        assert_eq!(unit.consent_by_id(all[1].id).await.unwrap(), None);
        assert_eq!(unit.sign_in_find(&cookie).await.unwrap(), None);
        assert!(unit.sign_in_end(&hash("second")).await.unwrap());
        assert!(!unit.sign_in_end(&hash("second")).await.unwrap());
    })
    .await;
}
