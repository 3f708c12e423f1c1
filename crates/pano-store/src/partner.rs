//! Partners, apps, credentials, plans, subscriptions; and the admin API's idempotency keys.

use crate::Result;
use pano_partner::credential::Credential;
use pano_partner::step::Step;
use pano_partner::{App, Certificate, Environment, Partner, Plan, Rate, Subscription};
use pano_types::id::{ApiId, AppId, CertificationId, CredentialId, OperatorId, PartnerId, PlanId, SubscriptionId};
use pano_types::{Instant, Page, PageRequest};

/// Which partners a list holds. Absent: any.
#[derive(Debug, Clone, Default)]
pub struct PartnerFilter {
    /// In this state, by its name.
    pub state: Option<String>,
    /// With this slug.
    pub slug: Option<String>,
    /// Owned by this declared folder.
    pub managed_by: Option<String>,
}

/// Which apps a list holds. Absent: any.
#[derive(Debug, Clone, Default)]
pub struct AppFilter {
    /// Of this partner.
    pub partner: Option<PartnerId>,
    /// In this state, by its name.
    pub state: Option<String>,
    /// With this slug.
    pub slug: Option<String>,
    /// Owned by this declared folder.
    pub managed_by: Option<String>,
}

/// Which plans a list holds. Absent: any.
#[derive(Debug, Clone, Default)]
pub struct PlanFilter {
    /// With this slug.
    pub slug: Option<String>,
    /// Owned by this declared folder.
    pub managed_by: Option<String>,
}

/// Which subscriptions a list holds. Absent: any.
#[derive(Debug, Clone, Default)]
pub struct SubscriptionFilter {
    /// Of this app.
    pub app: Option<AppId>,
    /// To this API.
    pub api: Option<ApiId>,
    /// Under this plan.
    pub plan: Option<PlanId>,
    /// In this environment.
    pub environment: Option<Environment>,
    /// In this state, by its name.
    pub state: Option<String>,
    /// Owned by this declared folder.
    pub managed_by: Option<String>,
}

/// What a gateway must know of an app that may call: it is active and its partner admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedApp {
    /// The app.
    pub app: AppId,
    /// Its partner.
    pub partner: PartnerId,
    /// Limit over all of the partner's apps.
    pub partner_rate: Option<Rate>,
    /// Approved subscriptions with their plans, by subscription id.
    pub subscriptions: Vec<(Subscription, Plan)>,
    /// SHA-256 (hex) of certificates that are not revoked, with their times.
    pub certificates: Vec<(String, Instant, Option<Instant>)>,
}

/// An answer given under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedAnswer {
    /// Fingerprint of the request that it answered.
    pub fingerprint: String,
    /// HTTP status.
    pub status: u16,
    /// `ETag`, if it had one.
    pub etag: Option<String>,
    /// `Location`, if it had one.
    pub location: Option<String>,
    /// Body.
    pub body: String,
}

/// Partners, apps, credentials, plans, subscriptions. Lists are ordered by id, which is by age.
///
/// `*_update` names the generation that was read (the struct's own) and stores the next one; [`crate::StoreError::Stale`]
/// when another came first. Slugs, owners and ids never change.
#[async_trait::async_trait]
pub trait PartnerRepository: Send {
    /// Adds a partner; [`crate::StoreError::Conflict`] over `partner.slug`.
    async fn partner_add(&mut self, partner: &Partner) -> Result<()>;
    /// Changes a partner.
    async fn partner_update(&mut self, partner: &Partner) -> Result<()>;
    /// A partner.
    async fn partner_by_id(&mut self, id: PartnerId) -> Result<Option<Partner>>;
    /// A page of partners.
    async fn partner_list(&mut self, filter: &PartnerFilter, page: &PageRequest) -> Result<Page<Partner>>;

    /// Adds an app; conflict over `app.slug` within its partner.
    async fn app_add(&mut self, app: &App) -> Result<()>;
    /// Changes an app.
    async fn app_update(&mut self, app: &App) -> Result<()>;
    /// An app.
    async fn app_by_id(&mut self, id: AppId) -> Result<Option<App>>;
    /// A page of apps.
    async fn app_list(&mut self, filter: &AppFilter, page: &PageRequest) -> Result<Page<App>>;

    /// Adds a credential; conflict over `kid` within its app, or over its thumbprint anywhere.
    async fn credential_add(&mut self, credential: &Credential) -> Result<()>;
    /// A credential.
    async fn credential_by_id(&mut self, id: CredentialId) -> Result<Option<Credential>>;
    /// All credentials of an app, newest last; bounded by what an app may have, revoked ones by 1,000.
    async fn credential_list(&mut self, app: AppId) -> Result<Vec<Credential>>;
    /// Takes a credential back. Whether it was still in force.
    async fn credential_revoke(&mut self, id: CredentialId, step: &Step) -> Result<bool>;
    /// Notes that a credential was used, each time, for a certification run looks for it; only ever moves forward.
    async fn credential_used(&mut self, id: CredentialId, at: Instant) -> Result<()>;

    /// Adds a plan; conflict over `plan.slug`.
    async fn plan_add(&mut self, plan: &Plan) -> Result<()>;
    /// Changes a plan.
    async fn plan_update(&mut self, plan: &Plan) -> Result<()>;
    /// A plan.
    async fn plan_by_id(&mut self, id: PlanId) -> Result<Option<Plan>>;
    /// A page of plans.
    async fn plan_list(&mut self, filter: &PlanFilter, page: &PageRequest) -> Result<Page<Plan>>;

    /// Adds a subscription; conflict when the app has one to this API in this environment that is not over.
    async fn subscription_add(&mut self, subscription: &Subscription) -> Result<()>;
    /// Changes a subscription.
    async fn subscription_update(&mut self, subscription: &Subscription) -> Result<()>;
    /// A subscription.
    async fn subscription_by_id(&mut self, id: SubscriptionId) -> Result<Option<Subscription>>;
    /// A page of subscriptions.
    async fn subscription_list(
        &mut self,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscription>>;

    /// Keeps a certificate. Whether it was new: the same one again changes nothing.
    async fn certificate_add(&mut self, certificate: &Certificate) -> Result<bool>;
    /// A certificate.
    async fn certificate_by_id(&mut self, id: CertificationId) -> Result<Option<Certificate>>;
    /// A page of an app's certificates.
    async fn certificate_list(&mut self, app: AppId, page: &PageRequest) -> Result<Page<Certificate>>;
    /// An app's certificates that count at `now`; bounded by 100.
    async fn certificate_valid(&mut self, app: AppId, now: Instant) -> Result<Vec<Certificate>>;

    /// Up to `limit` apps that may call, in id order after `after`. For the snapshot's first compilation.
    async fn served_app_list(&mut self, after: Option<AppId>, limit: u32) -> Result<Vec<ServedApp>>;
    /// The app, if it may call.
    async fn served_app_by_id(&mut self, id: AppId) -> Result<Option<ServedApp>>;

    /// The answer given before under `operator`'s `key`.
    async fn remembered_answer(&mut self, operator: OperatorId, key: &str) -> Result<Option<RememberedAnswer>>;
    /// Keeps an answer; conflict when the key has one.
    async fn remembered_answer_add(
        &mut self,
        operator: OperatorId,
        key: &str,
        answer: &RememberedAnswer,
        at: Instant,
    ) -> Result<()>;
    /// Forgets up to `limit` answers given before `before`; how many.
    async fn remembered_answer_sweep(&mut self, before: Instant, limit: u32) -> Result<u64>;
}
