//! Cases of `pano_store::audit`.

use crate::words::{act, at, seed};
use pano_crypto::chain::{Break, Head};
use pano_store::audit::{Act, Actor, Filter, Subject};
use pano_store_sql::testing;
use pano_testkit::TestStore;
use pano_types::PageRequest;
use pano_types::id::{AppId, OperatorId};

cases! { links_are_listed_newest_first, filters_narrow, an_untouched_chain_verifies, tampering_is_named, long_chains_verify, a_chain_written_anew_is_not_as_noted }

async fn append(store: &TestStore, acts: impl IntoIterator<Item = Act>) {
    let mut unit = store.store().begin().await.unwrap();
    for act in acts {
        unit.audit_append(act).await.unwrap();
    }
    unit.save().await.unwrap();
}

async fn links_are_listed_newest_first(store: &TestStore) {
    append(store, (1..=5).map(|n| act("api.publish", &n.to_string(), n))).await;
    let mut unit = store.store().read().await.unwrap();
    let mut page = PageRequest::new(None, Some(2));
    let mut seen = Vec::new();
    loop {
        let links = unit.audit_page(&Filter::default(), &page).await.unwrap();
        seen.extend(links.items);
        match links.next {
            Some(next) => page = PageRequest::new(Some(next), Some(2)),
            None => break,
        }
    }
    assert_eq!(seen.iter().map(|l| l.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert_eq!(seen[4].act, act("api.publish", "1", 1));
    assert!(seen.windows(2).all(|pair| pair[0].prev_hash == pair[1].hash));
    let nonsense = PageRequest::new(Some("nonsense".into()), None);
    assert!(unit.audit_page(&Filter::default(), &nonsense).await.is_err());
}

async fn filters_narrow(store: &TestStore) {
    let operator = Actor::Operator(OperatorId::new(at(0), &seed(1)));
    let app = Actor::App(AppId::new(at(0), &seed(2)));
    let mut acts = [
        act("version.publish", "v1", 1),
        act("version.retire", "v2", 2),
        act("versionx", "v1", 3),
        act("app.add", "a1", 4),
        act("app.add", "a2", 5),
    ];
    acts[1].actor = operator;
    acts[3].actor = app;
    acts[3].subject = Subject::new("app", "a1");
    append(store, acts).await;
    let none = Filter::default;
    for (filter, expected) in [
        (none(), vec![5, 4, 3, 2, 1]),
        (Filter { actor: Some(operator), ..none() }, vec![2]),
        (Filter { actor: Some(app), ..none() }, vec![4]),
        (Filter { actor: Some(Actor::System), ..none() }, vec![5, 3, 1]),
        (Filter { action: Some("version.".into()), ..none() }, vec![2, 1]),
        (Filter { action: Some("app.add".into()), ..none() }, vec![5, 4]),
        (Filter { subject_kind: Some("app".into()), ..none() }, vec![4]),
        (Filter { subject_kind: Some("api".into()), subject_id: Some("v1".into()), ..none() }, vec![3, 1]),
        (Filter { from: Some(at(2)), until: Some(at(4)), ..none() }, vec![3, 2]),
    ] {
        let links = store.store().read().await.unwrap().audit_page(&filter, &PageRequest::default()).await.unwrap();
        assert_eq!(links.items.iter().map(|l| l.seq).collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

async fn an_untouched_chain_verifies(store: &TestStore) {
    let verified = store.store().read().await.unwrap().audit_verify(&[]).await.unwrap();
    assert_eq!((verified.good, verified.broken), (0, None));
    append(store, (1..=3).map(|n| act("a.b", "c", n))).await;
    append(store, (4..=6).map(|n| act("a.b", "c", n))).await;
    let verified = store.store().read().await.unwrap().audit_verify(&[]).await.unwrap();
    assert_eq!((verified.good, verified.head.seq, verified.broken), (6, 6, None));
}

async fn tampering_is_named(store: &TestStore) {
    append(store, (1..=5).map(|n| act("a.b", &n.to_string(), n))).await;
    for (sql, good, expected) in [
        ("UPDATE audit SET detail = '{}' WHERE seq = 3", 2, Break::Changed { seq: 3 }),
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 3", 2, Break::Changed { seq: 3 }),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", 0, Break::Changed { seq: 1 }),
        ("UPDATE audit SET hash = 'x' WHERE seq = 5", 4, Break::Changed { seq: 5 }),
        ("DELETE FROM audit WHERE seq = 2", 1, Break::Missing { seq: 2 }),
        ("DELETE FROM audit WHERE seq >= 4", 3, Break::Truncated { last: 3, head: 5 }),
        ("DELETE FROM audit", 0, Break::Truncated { last: 0, head: 5 }),
        (
            "UPDATE audit SET seq = 102 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 2; \
             UPDATE audit SET seq = 2 WHERE seq = 102",
            1,
            Break::Moved { seq: 2, written_as: 3 },
        ),
        (
            "DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3",
            1,
            Break::Moved { seq: 2, written_as: 3 },
        ),
        ("UPDATE audit_head SET seq = 3", 5, Break::BeyondHead { seq: 4 }),
        ("UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE seq = 4)", 5, Break::HeadDiffers { seq: 5 }),
    ] {
        testing::execute(store.sql(), "CREATE TABLE kept AS SELECT * FROM audit").await.unwrap();
        testing::execute(store.sql(), "CREATE TABLE kept_head AS SELECT * FROM audit_head").await.unwrap();
        testing::execute(store.sql(), sql).await.unwrap();
        let verified = store.store().read().await.unwrap().audit_verify(&[]).await.unwrap();
        assert_eq!((verified.good, verified.broken), (good, Some(expected)), "{sql}");
        for restore in [
            "DELETE FROM audit",
            "INSERT INTO audit SELECT * FROM kept",
            "DROP TABLE kept",
            "DELETE FROM audit_head",
            "INSERT INTO audit_head SELECT * FROM kept_head",
            "DROP TABLE kept_head",
        ] {
            testing::execute(store.sql(), restore).await.unwrap();
        }
        let verified = store.store().read().await.unwrap().audit_verify(&[]).await.unwrap();
        assert_eq!((verified.good, verified.broken), (5, None), "restored after {sql}");
    }
}

/// Longer than what verifying reads at a time.
async fn long_chains_verify(store: &TestStore) {
    append(store, (1..=1001).map(|n| act("a.b", "c", n))).await;
    let verified = store.store().read().await.unwrap().audit_verify(&[]).await.unwrap();
    assert_eq!((verified.good, verified.broken), (1001, None));
}

/// Rows and head rewritten together: only heads noted elsewhere can tell.
async fn a_chain_written_anew_is_not_as_noted(store: &TestStore) {
    let mut noted = vec![store.store().read().await.unwrap().audit_head().await.unwrap()];
    assert_eq!(noted[0].seq, 0);
    for n in 1..=4 {
        append(store, [act("a.b", "c", n)]).await;
        noted.push(store.store().read().await.unwrap().audit_head().await.unwrap());
    }
    let verify = async |noted: &[Head]| store.store().read().await.unwrap().audit_verify(noted).await.unwrap();
    assert_eq!(verify(&noted).await.broken, None);
    let cut = "DELETE FROM audit WHERE seq > 2; \
               UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)";
    testing::execute(store.sql(), cut).await.unwrap();
    assert_eq!(verify(&[]).await.broken, None, "the chain itself is whole");
    let verified = verify(&noted).await;
    assert_eq!((verified.good, verified.broken), (2, Some(Break::CutBehindNote { last: 2, noted: 4 })));
    append(store, (5..=7).map(|n| act("a.b", "c", n))).await;
    let verified = verify(&noted).await;
    assert_eq!((verified.good, verified.broken), (2, Some(Break::NotAsNoted { seq: 3 })));
}
