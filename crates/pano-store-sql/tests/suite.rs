//! The behavioural suite: every case runs on SQLite and, where `PANORAMA_TEST_POSTGRES` names a server, on PostgreSQL.
//!
//! One module per vertical in `suite/`. A case is an async function on a [`pano_testkit::TestStore`]; `cases!` makes a test of
//! each and lists them, so that the list of all statements can be drawn from them.

/// `cases! { one, two }`: one test per case, and `CASES` for [`statements`].
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        mod on_every_store {
            $(
                #[tokio::test]
                async fn $name() {
                    pano_testkit::on_every_store(async |store| super::$name(store).await).await;
                }
            )*
        }
    };
}

#[path = "suite/bank.rs"]
mod bank;
#[path = "suite/base.rs"]
mod base;
#[path = "suite/catalog.rs"]
mod catalog;
#[path = "suite/partner.rs"]
mod partner;
#[path = "suite/token.rs"]
mod token;
