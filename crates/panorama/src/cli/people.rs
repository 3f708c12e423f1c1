//! Commands on partners and what is theirs, and on operators.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// A move of a lifecycle.
#[derive(Debug, Args)]
pub struct Move {
    /// What is moved: its identifier or short name.
    pub id: String,
    /// Why; kept in the audit trail.
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// Names on screens; at least one of the two.
#[derive(Debug, Args)]
pub struct Names {
    /// Name on screens, in English; at least one of the two names.
    #[arg(long, default_value = "")]
    name: String,
    /// Name on screens, in Chinese.
    #[arg(long, default_value = "")]
    name_zh: String,
}

impl Names {
    /// As the admin API takes it.
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({ "zh": self.name_zh, "en": self.name })
    }
}

/// A resource.
#[derive(Debug, Args)]
pub struct Id {
    /// Identifier or short name.
    pub id: String,
}

/// Where a new API token goes, which is never shown again.
#[derive(Debug, Args)]
pub struct SaveToken {
    /// Write the token into this file (mode 0600), ready for --token-file, rather than on the screen.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
}

/// What to do with partners.
#[derive(Debug, Subcommand)]
pub enum Partner {
    /// List partners.
    List,
    /// Show a partner.
    Show(Id),
    /// Register a partner.
    Create {
        /// Unique short name: lower-case letters, digits, hyphens.
        slug: String,
        /// Names on screens.
        #[command(flatten)]
        names: Names,
        /// Number in the register of companies (unified social credit code).
        #[arg(long)]
        registration: String,
        /// Who answers for it: a mailbox, a team.
        #[arg(long)]
        contact: String,
        /// Its scenario handles C2 or C3 data.
        #[arg(long)]
        sensitive_data: bool,
        /// Its scenario moves funds.
        #[arg(long)]
        moves_funds: bool,
    },
    /// Send to review.
    Submit(Id),
    /// Admit into a tier.
    Admit {
        /// Identifier or short name.
        id: String,
        /// 1: no sensitive data, no funds; 2: one of them; 3: both.
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=3))]
        tier: u8,
        /// Why; kept in the audit trail.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Send back from review.
    Reject(Move),
    /// Stop all its apps for a time.
    Suspend(Move),
    /// End a suspension.
    Resume(Move),
    /// Begin the exit: no new apps, subscriptions run out.
    Exit(Move),
    /// Finish the exit: everything is revoked.
    Close(Move),
}

/// What to do with apps.
#[derive(Debug, Subcommand)]
pub enum App {
    /// List apps.
    List {
        /// Only of this partner.
        #[arg(long)]
        partner: Option<String>,
    },
    /// Show an app.
    Show(Id),
    /// Register an app.
    Create {
        /// Short name, unique among the partner's apps.
        slug: String,
        /// Its partner.
        #[arg(long)]
        partner: String,
        /// Names on screens.
        #[command(flatten)]
        names: Names,
        /// What it does.
        #[arg(long, default_value = "")]
        description: String,
        /// Where customers' browsers may be sent back to; may be repeated.
        #[arg(long, value_name = "URL")]
        redirect_uri: Vec<String>,
    },
    /// Set where customers' browsers may be sent back to; without addresses the app cannot ask customers.
    RedirectUris {
        /// Identifier or short name of the app; `PARTNER/APP` where several have it.
        id: String,
        /// All addresses that are to be registered, in place of those that are.
        #[arg(value_name = "URL")]
        uris: Vec<String>,
    },
    /// Let it get tokens: its partner is admitted and it has a key.
    Activate(Move),
    /// Make a key pair on this machine: the private key into a file (mode 0600), the public key (JWK) on screen.
    Keygen {
        /// File for the private key; must not exist.
        private_key: PathBuf,
        /// Algorithm.
        #[arg(long, default_value = "ES256", value_parser = ["ES256", "EdDSA"])]
        alg: String,
    },
    /// Register a public key (JWK) or certificate (PEM).
    AddKey {
        /// Identifier or short name of the app; `PARTNER/APP` where several have it.
        id: String,
        /// File with the JWK or certificate; `-` for standard input.
        file: PathBuf,
        /// What it is for.
        #[arg(long, default_value = "")]
        label: String,
    },
    /// Keys of an app.
    Keys(Id),
    /// Take a key back.
    RevokeKey {
        /// Identifier or short name of the app; `PARTNER/APP` where several have it.
        id: String,
        /// Credential identifier.
        credential: String,
        /// Why; kept in the audit trail.
        #[arg(long)]
        reason: String,
    },
    /// Ask for a subscription to an API under a plan.
    Subscribe {
        /// Identifier or short name of the app; `PARTNER/APP` where several have it.
        id: String,
        /// Identifier or short name of the API.
        #[arg(long)]
        api: String,
        /// Identifier or short name of the plan.
        #[arg(long)]
        plan: String,
        /// For going live: the app needs a certificate that covers the API.
        #[arg(long)]
        production: bool,
    },
    /// Certificates: evidence that the app passed a certification run in the sandbox.
    #[command(subcommand)]
    Certification(Certification),
    /// Stop the app for a time.
    Suspend(Move),
    /// End a suspension.
    Resume(Move),
    /// End the app for good.
    End(Move),
    /// Take back every token that the app holds.
    RevokeTokens(Move),
    /// Get an access token as the app would (client_credentials with private_key_jwt).
    Token {
        /// App identifier, the OAuth client_id.
        id: String,
        /// File with the private key (PKCS#8 PEM).
        #[arg(long, value_name = "FILE")]
        private_key: PathBuf,
        /// Key id (kid) of the registered key; by default the key's thumbprint.
        #[arg(long)]
        kid: Option<String>,
        /// Scopes, blank-separated; by default all that the app may have.
        #[arg(long)]
        scope: Option<String>,
        /// Address of the authorization server.
        #[arg(long, env = "PANORAMA_IDENTITY", value_name = "URL", default_value = "http://127.0.0.1:7002")]
        issuer: String,
    },
}

/// What to do with certificates.
#[derive(Debug, Subcommand)]
pub enum Certification {
    /// List an app's certificates.
    List(Id),
    /// Show a certificate with the evidence of every step.
    Show {
        /// Identifier or short name of the app; `PARTNER/APP` where several have it.
        id: String,
        /// Certificate identifier.
        certificate: String,
    },
    /// Print the script of a profile: what an app must do to pass.
    Script {
        /// Profile.
        #[arg(value_parser = ["ACCOUNT_INFORMATION", "PAYMENT"])]
        profile: String,
    },
}

/// What to do with plans.
#[derive(Debug, Subcommand)]
pub enum Plan {
    /// List plans.
    List,
    /// Create a plan.
    Create {
        /// Unique short name: lower-case letters, digits, hyphens.
        slug: String,
        /// Names on screens.
        #[command(flatten)]
        names: Names,
        /// Requests per second of each operation.
        #[arg(long)]
        rate: Option<u32>,
        /// How many may come at once; as many as --rate when absent.
        #[arg(long, requires = "rate")]
        burst: Option<u32>,
        /// Requests per UTC day.
        #[arg(long)]
        quota_per_day: Option<u64>,
    },
    /// Show a plan.
    Show(Id),
    /// Take a plan off the list; subscriptions under it go on.
    Retire(Move),
}

/// What to do with subscriptions.
#[derive(Debug, Subcommand)]
pub enum Subscription {
    /// List subscriptions.
    List {
        /// Only of this app.
        #[arg(long)]
        app: Option<String>,
    },
    /// Approve. The checker is never the one who asked.
    Approve(Move),
    /// Reject.
    Reject(Move),
    /// Stop for a time.
    Suspend(Move),
    /// End a suspension.
    Resume(Move),
    /// End.
    End(Move),
}

/// What to do with consents.
#[derive(Debug, Subcommand)]
pub enum Consent {
    /// List consents, newest first.
    List {
        /// Only of this app.
        #[arg(long)]
        app: Option<String>,
        /// Only of this partner's apps.
        #[arg(long)]
        partner: Option<String>,
        /// Only of this customer.
        #[arg(long)]
        customer: Option<String>,
    },
    /// Show a consent.
    Show {
        /// Identifier.
        id: String,
    },
    /// Take a consent back; its tokens are void within a second.
    Revoke {
        /// Identifier.
        id: String,
        /// Why; kept in the audit trail.
        #[arg(long)]
        reason: String,
    },
}

/// What to do with operators.
#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Use the one-time bootstrap secret: makes the first operator and prints its API token once.
    Bootstrap {
        /// The file that the first start named.
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
        /// Name of the first operator.
        #[arg(long)]
        name: String,
        /// Where the token goes.
        #[command(flatten)]
        save: SaveToken,
    },
    /// List operators.
    List,
    /// Create an operator and print its API token once.
    Create {
        /// Name.
        #[arg(long)]
        name: String,
        /// Roles, comma-separated: admin, designer, provider, operator, reviewer, security, auditor.
        #[arg(long, value_delimiter = ',', required = true)]
        roles: Vec<String>,
        /// Where the token goes.
        #[command(flatten)]
        save: SaveToken,
    },
    /// Show an operator.
    Show(Id),
    /// Disable an operator; its tokens stop at once.
    Disable(Id),
    /// Enable an operator again; tokens that have not ended work again.
    Enable(Id),
    /// Make another API token and print it once.
    Token {
        /// Identifier or name.
        id: String,
        /// What it is for.
        #[arg(long)]
        label: String,
        /// Where the token goes.
        #[command(flatten)]
        save: SaveToken,
    },
    /// API tokens of an operator; never the tokens themselves.
    Tokens(Id),
    /// Take an API token back.
    RevokeToken {
        /// Identifier or name of the operator.
        id: String,
        /// Token identifier.
        token: String,
    },
    /// Who you are, by your token.
    Me,
    /// The table of roles and what they may do.
    Roles,
}
