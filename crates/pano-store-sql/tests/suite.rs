//! The behavioural suite: every case runs on SQLite and, where `PANORAMA_TEST_POSTGRES` names a server, on PostgreSQL.
//!
//! One module per vertical in `suite/`. A case is an async function on an empty [`pano_testkit::TestStore`]; `cases!` makes a
//! test of each, and one more that compares the statements they execute with a reviewed file ([`statements`]).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "cases are tests, though no test attribute stands on them"
)]

/// `cases! { one, two }`: one test per case on every store, and `statements_are_as_reviewed`.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        mod on_every_store {
            $(
                #[tokio::test]
                async fn $name() {
                    pano_testkit::on_every_store(async |store| super::$name(store).await).await;
                }
            )*

            #[tokio::test]
            async fn statements_are_as_reviewed() {
                let log = std::sync::Arc::new(pano_store_sql::StatementLog::default());
                $(
                    let log_it = |options: &mut pano_store_sql::SqlOptions| options.statement_log = Some(log.clone());
                    super::$name(&pano_testkit::TestStore::sqlite_with(log_it).await.unwrap()).await;
                )*
                crate::statements::compare(module_path!(), &log);
            }
        }
    };
}

#[path = "suite/audit.rs"]
mod audit;
#[path = "suite/bank.rs"]
mod bank;
#[path = "suite/base.rs"]
mod base;
#[path = "suite/catalog.rs"]
mod catalog;
#[path = "suite/consent.rs"]
mod consent;
#[path = "suite/gateway.rs"]
mod gateway;
#[path = "suite/meta.rs"]
mod meta;
#[path = "suite/migration.rs"]
mod migration;
#[path = "suite/operator.rs"]
mod operator;
#[path = "suite/outbox.rs"]
mod outbox;
#[path = "suite/partner.rs"]
mod partner;
#[path = "suite/statements.rs"]
mod statements;
#[path = "suite/stress.rs"]
mod stress;
#[path = "suite/token.rs"]
mod token;
#[path = "suite/usage.rs"]
mod usage;

/// Words that cases share.
mod words {
    use pano_store::audit::{Act, Actor, Subject};
    use pano_store::outbox::Event;
    use pano_types::Instant;
    use pano_types::clock::SeededEntropy;
    use pano_types::id::EventId;

    /// 2026-03-01T08:00:00Z and this many seconds.
    pub(crate) fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(1_772_352_000 + seconds)
    }

    /// Randomness that differs by seed.
    pub(crate) fn seed(seed: u64) -> SeededEntropy {
        SeededEntropy::new(seed)
    }

    pub(crate) fn act(action: &str, id: &str, seconds: i64) -> Act {
        Act {
            at: at(seconds),
            actor: Actor::System,
            action: action.to_owned(),
            subject: Subject::new("api", id),
            detail: serde_json::json!({ "zh": "全景", "n": 1.5, "list": [null, true] }),
            trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        }
    }

    pub(crate) fn event(n: u64) -> Event {
        Event {
            id: EventId::new(at(0), &seed(n)),
            kind: "panorama.version.published".to_owned(),
            source: "/manager".to_owned(),
            subject: Some(format!("ver_{n}")),
            at: at(0),
            data: serde_json::json!({ "n": n }),
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        }
    }
}
