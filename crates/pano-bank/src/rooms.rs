//! The rooms of the bank: one OpenAPI document, one BIAN service domain, one room.
//!
//! How to add a room:
//! 1. Write `openapi/{slug}.yaml` in the style of those that are there. Each `operationId` is unique over all documents.
//! 2. Write `rooms/{room}.rs` (and `rooms/{room}/` when it grows) with a `pub(crate) const ROOM: Room`: the document, its
//!    [`Operation`]s, the [`Kind`]s of its entities, and, if it has customers' data to begin with, a `seed`. Add it to [`ROOMS`].
//! 3. A handler is `fn(&mut Call<'_>, &Input) -> Result<Answer, Refusal>`: it reads the [`Input`], checks its rules, changes
//!    `call.world`, and answers. It is pure: the time is `call.now()`, ids are `call.id(…)`, randomness is `call.random()`.
//!    When it refuses, everything it changed is taken back; it may run twice, so it has no other effect.
//! 4. Entities implement [`crate::world::Entity`]: their JSON is kept, so new fields carry `#[serde(default)]`. What is
//!    looked up other than by id goes into `index`; find it again with `world.under`. A list never scans what can grow large.
//! 5. Money moves by `call.post`, `call.transfer`, `call.hold`, `call.capture`, `call.release` and by nothing else; the
//!    bank's own accounts come from `call.own(Purpose::…, currency)`. A new purpose is a variant of
//!    [`crate::model::account::Purpose`].
//! 6. What happens later is scheduled: `world.schedule(at, JOB, subject)` with a row in [`crate::jobs::DUE`]; what happens
//!    every evening is a row in [`crate::jobs::END_OF_DAY`], in its place of the order.
//! 7. What others want to know is an event: `call.event("bank.loan.approved", id, json!({…}))`, without C2 and C3 values.
//!    Its type stands in the table of `events/kinds.rs`, from which partners choose; a test finds those that do not.
//! 8. An operation that moves money or creates is `.keyed()`: its `Idempotency-Key` is required, and the answer is kept.
//!    A refusal takes back what the call changed, unless it is `.kept()`: a wrong guess counts.
//! 9. Refuse with a code of `docs/errors.md`, by a rule with a test; outcomes that partners want to provoke have a row in
//!    `numbers.rs`.
//! 10. Tests: the rules beside them, the operations in `tests/bank/{room}.rs` through the front door, where every answer is
//!     held against the document. `cargo nextest run --workspace -E 'package(pano-bank)'`.

pub(crate) mod authentication;
pub(crate) mod benefits;
pub(crate) mod branches;
pub(crate) mod certification;
pub(crate) mod credit_card;
pub(crate) mod current_account;
pub(crate) mod deposit;
mod desk;
pub(crate) mod document_services;
pub(crate) mod escrow;
pub(crate) mod events;
pub(crate) mod factoring;
pub(crate) mod fund;
pub(crate) mod fx;
#[cfg(test)]
mod history;
pub(crate) mod insurance;
pub(crate) mod loan;
pub(crate) mod merchant_acquiring;
pub(crate) mod party;
pub(crate) mod payee_directory;
pub(crate) mod payment_batch;
pub(crate) mod payment_order;
pub(crate) mod products;
pub(crate) mod reference_data;
pub(crate) mod remittance;
pub(crate) mod request_to_pay;
pub(crate) mod sandbox_control;
pub(crate) mod savings_account;
pub(crate) mod series;
pub(crate) mod standing_order;
pub(crate) mod words;

use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::door::idempotency::Remembered;
use crate::mock::Thing;
use crate::model::account::BankAccount;
use crate::model::class::{ClassRule, Flow};
use crate::model::kyc::Kyc;
use crate::model::party::Party;
use crate::seed::Seeding;
use crate::vault::Control;
use crate::world::Kind;
use crate::world::clock::{Due, SandboxClock};
use axum::routing::MethodFilter;

/// All rooms, in the order in which they are seeded.
pub(crate) const ROOMS: &[Room] = &[
    party::ROOM,
    current_account::ROOM,
    payment_order::ROOM,
    savings_account::ROOM,
    payee_directory::ROOM,
    standing_order::ROOM,
    request_to_pay::ROOM,
    payment_batch::ROOM,
    merchant_acquiring::ROOM,
    escrow::ROOM,
    fx::ROOM,
    remittance::ROOM,
    deposit::ROOM,
    loan::CONSUMER,
    loan::CORPORATE,
    factoring::ROOM,
    fund::ROOM,
    sandbox_control::ROOM,
    credit_card::ROOM,
    insurance::ROOM,
    benefits::ROOM,
    authentication::ROOM,
    document_services::ROOM,
    branches::ROOM,
    products::ROOM,
    reference_data::ROOM,
    events::ROOM,
    certification::ROOM,
];

/// Kinds that belong to no room.
const SHARED: &[Kind] = &[
    Kind::of::<SandboxClock>(),
    Kind::of::<Due>(),
    Kind::of::<Remembered>(),
    Kind::of::<Party>(),
    Kind::of::<BankAccount>(),
    Kind::of::<ClassRule>(),
    Kind::of::<Flow>(),
    Kind::of::<Kyc>(),
    Kind::of::<Thing>(),
];

/// A room.
pub(crate) struct Room {
    /// Its document.
    pub(crate) document: Document,
    /// What it serves: all that the document describes, and nothing else.
    pub(crate) operations: &'static [Operation],
    /// The entities that only it knows.
    pub(crate) kinds: &'static [Kind],
    /// What is in it when a sandbox is made.
    pub(crate) seed: Option<Seed>,
}

/// What answers a call.
pub(crate) type Handler = fn(&mut Call<'_>, &Input) -> Result<Answer, Refusal>;

/// What says what is to be done to a sandbox as a whole.
pub(crate) type Controller = fn(&Input) -> Result<Control, Refusal>;

/// What adds a room's part to a new sandbox.
pub(crate) type Seed = fn(&mut Seeding<'_>) -> Result<(), Refusal>;

/// How an operation is carried out.
#[derive(Clone, Copy)]
pub(crate) enum Doing {
    /// In the sandbox's world.
    Call(Handler),
    /// To the sandbox as a whole.
    Control(Controller),
}

/// One operation of a document.
pub(crate) struct Operation {
    /// Its method.
    pub(crate) method: Method,
    /// Its path template in the document.
    pub(crate) path: &'static str,
    /// Its `operationId`.
    pub(crate) id: &'static str,
    /// What it does.
    pub(crate) doing: Doing,
    /// Whether an `Idempotency-Key` is required.
    pub(crate) keyed: bool,
    /// Whether it is told what others saw of the app: [`certification::look`].
    pub(crate) looking: bool,
}

/// Methods that documents use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    pub(crate) const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

const fn call(method: Method, path: &'static str, id: &'static str, handler: Handler) -> Operation {
    Operation { method, path, id, doing: Doing::Call(handler), keyed: false, looking: false }
}
/// What is done to the sandbox as a whole.
const fn control(method: Method, path: &'static str, id: &'static str, make: Controller) -> Operation {
    Operation { method, path, id, doing: Doing::Control(make), keyed: false, looking: false }
}
/// `GET`.
pub(crate) const fn get(path: &'static str, id: &'static str, handler: Handler) -> Operation {
    call(Method::Get, path, id, handler)
}
/// `POST`.
pub(crate) const fn post(path: &'static str, id: &'static str, handler: Handler) -> Operation {
    call(Method::Post, path, id, handler)
}
/// `PUT`.
pub(crate) const fn put(path: &'static str, id: &'static str, handler: Handler) -> Operation {
    call(Method::Put, path, id, handler)
}
/// `DELETE`.
pub(crate) const fn delete(path: &'static str, id: &'static str, handler: Handler) -> Operation {
    call(Method::Delete, path, id, handler)
}

impl Operation {
    /// Is told what the gateway and the token service saw of the app.
    pub(crate) const fn looking(mut self) -> Self {
        self.looking = true;
        self
    }
    /// Requires an `Idempotency-Key`: the same key with the same request is carried out once.
    pub(crate) const fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }
}

/// The kinds of all entities.
pub(crate) fn kinds() -> impl Iterator<Item = &'static Kind> {
    SHARED.iter().chain(ROOMS.iter().flat_map(|room| room.kinds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn what_is_documented_is_served_and_the_other_way_round() {
        let mut ids = BTreeSet::new();
        for room in ROOMS {
            let document = pano_spec::Document::read(room.document.text.as_bytes()).unwrap();
            let documented: BTreeMap<_, _> = document
                .operations()
                .into_iter()
                .map(|operation| {
                    let id = operation.node()["operationId"].as_str().unwrap().to_owned();
                    let keyed = operation.parameters().iter().any(|parameter| parameter.name == "Idempotency-Key");
                    (id, (format!("{} {}", operation.method, operation.path), keyed))
                })
                .collect();
            let served: BTreeMap<_, _> = room
                .operations
                .iter()
                .map(|o| (o.id.to_owned(), (format!("{:?} {}", o.method, o.path).to_uppercase(), o.keyed)))
                .collect();
            let upper = |(id, (key, keyed)): (&String, &(String, bool))| (id.clone(), (key.to_uppercase(), *keyed));
            let documented: BTreeMap<_, _> = documented.iter().map(upper).collect();
            assert_eq!(served, documented, "{}", room.document.slug);
            for id in served.into_keys() {
                assert!(ids.insert(id.clone()), "{id} is in two documents");
            }
        }
    }

    #[test]
    fn kinds_are_listed_once() {
        let mut names: Vec<_> = kinds().map(|kind| kind.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
