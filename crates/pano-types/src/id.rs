//! Typed, prefixed identifiers: `api_01J…`. Text form `PREFIX_ULID`; the ULID sorts by creation time.

use crate::clock::{Entropy, Instant};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Why a text is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an identifier like {expected}_01J…, got {got:?}")]
pub struct IdError {
    /// The prefix that the kind demands.
    pub expected: &'static str,
    /// What was given, cut to 40 characters.
    pub got: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(ulid::Ulid);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier, made at `now`.
            pub fn new(now: Instant, entropy: &dyn Entropy) -> Self {
                let ms = u64::try_from(now.unix_micros() / 1000).unwrap_or(0);
                Self(ulid::Ulid::from_parts(ms, entropy.u128()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|rest| rest.len() == 26)
                    .and_then(|rest| ulid::Ulid::from_string(rest).ok())
                    .map(Self)
                    .ok_or_else(|| IdError { expected: $prefix, got: text.chars().take(40).collect() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9A-HJKMNP-TV-Z]{26}$")))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// An operator or service account of the admin API.
    OperatorId = "opr";
    /// A hashed API token of an operator.
    TokenId = "tok";
    /// A leaf or branch of the capability directory.
    DirectoryId = "dir";
    /// An API: a named contract with versions.
    ApiId = "api";
    /// One version of an API.
    ApiVersionId = "ver";
    /// Owner of an API's backend.
    ProviderId = "prv";
    /// An organisation admitted to use APIs.
    PartnerId = "ptn";
    /// A partner's registered client. Its text form is also the OAuth `client_id`.
    AppId = "app";
    /// A registered public key or certificate of an app.
    CredentialId = "crd";
    /// An app's approved right to an API under a plan.
    SubscriptionId = "sub";
    /// Limits and quota that a subscription is bound to.
    PlanId = "pln";
    /// What a customer permits an app.
    ConsentId = "cns";
    /// A run by which an app shows that it is fit to go live, and the certificate of one that passed.
    CertificationId = "crt";
    /// The report of one imported document.
    ImportId = "imp";
    /// A link of the audit chain.
    AuditId = "aud";
    /// An event in the outbox (CloudEvents `id`).
    EventId = "evt";
    /// A gateway instance.
    GatewayId = "gwy";
    /// A party known to the sandbox bank.
    PartyId = "pty";
    /// An account of the sandbox bank.
    AccountId = "acc";
    /// A payment of the sandbox bank.
    PaymentId = "pay";
    /// A balanced ledger transaction.
    TransactionId = "txn";
    /// An amount set aside on an account of the sandbox bank.
    HoldId = "hld";
    /// A standing order of the sandbox bank.
    StandingOrderId = "sto";
    /// A payee that a customer registered.
    PayeeId = "pye";
    /// A request to be paid.
    RequestToPayId = "rtp";
    /// A mandate to collect.
    MandateId = "mdt";
    /// A batch of payments.
    BatchId = "bat";
    /// A merchant whose payments the sandbox bank acquires.
    MerchantId = "mch";
    /// An order of a merchant.
    MerchantOrderId = "mor";
    /// A refund of a merchant's order.
    MerchantRefundId = "rfd";
    /// A settlement of a merchant's takings.
    SettlementId = "stl";
    /// A supervised fund account.
    EscrowId = "esc";
    /// A price at which the sandbox bank exchanges currencies for a while.
    ExchangeQuoteId = "fxq";
    /// An exchange of currencies at the sandbox bank.
    ExchangeId = "fxe";
    /// A remittance abroad from the sandbox bank.
    RemittanceId = "rem";
    /// A term deposit at the sandbox bank.
    DepositId = "tdp";
    /// An order for units of a fund or wealth product sold by the sandbox bank.
    InvestmentOrderId = "ivo";
    /// An assessment of how much risk a customer of the sandbox bank can bear.
    AssessmentId = "rsk";
    /// An application for a loan of the sandbox bank.
    LoanApplicationId = "lap";
    /// A loan of the sandbox bank.
    LoanId = "lon";
    /// What a core enterprise owes a supplier, registered with the sandbox bank.
    ReceivableId = "rcv";
    /// A card of the sandbox bank.
    CardId = "card";
    /// A booking on a card.
    CardTransactionId = "ctx";
    /// A purchase paid by instalments.
    InstalmentPlanId = "isp";
    /// A quote of the insurer.
    InsuranceQuoteId = "inq";
    /// An insurance policy.
    InsurancePolicyId = "pol";
    /// A change of a customer's points.
    PointsEntryId = "pte";
    /// A reward that points were redeemed for.
    RedemptionId = "rdm";
    /// A check of the elements of an identity.
    IdentityCheckId = "idc";
    /// A comparison of faces.
    FaceMatchId = "fcm";
    /// A code sent to a telephone.
    SmsChallengeId = "sms";
    /// A signed digest of a document.
    DocumentSignatureId = "sig";
    /// Where an app has events sent.
    WebhookEndpointId = "whe";
    /// An event on its way to an endpoint.
    WebhookDeliveryId = "dlv";
    /// A partner's own copy of the sandbox bank.
    SandboxId = "sbx";
    /// One state of a sandbox in the store: the current one, or one that a snapshot keeps.
    ImageId = "img";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn text_form_round_trips_and_sorts_by_time() {
        let entropy = SeededEntropy::new(7);
        let early = ApiId::new(Instant::from_unix_micros(1_000_000), &entropy);
        let late = ApiId::new(Instant::from_unix_micros(9_000_000), &entropy);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse::<ApiId>().unwrap(), early);
    }

    #[test]
    fn another_kind_of_id_is_refused() {
        let id = AppId::new(Instant::from_unix_micros(1), &SeededEntropy::new(1)).to_string();
        assert_eq!(id.parse::<ApiId>().unwrap_err().expected, "api");
        for bad in ["", "api_", "api_x", "api_01J", "API_01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
            assert!(bad.parse::<ApiId>().is_err(), "{bad}");
        }
    }
}
