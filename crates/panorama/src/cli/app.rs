//! `panorama app …`.

use super::{Id, Move};
use clap::Subcommand;
use std::path::PathBuf;

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
        /// Name on screens, in English; at least one of the two names.
        #[arg(long, default_value = "")]
        name: String,
        /// Name on screens, in Chinese.
        #[arg(long, default_value = "")]
        name_zh: String,
        /// What it does.
        #[arg(long, default_value = "")]
        description: String,
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
        /// App identifier.
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
        /// App identifier.
        id: String,
        /// Credential identifier.
        credential: String,
        /// Why; kept in the audit trail.
        #[arg(long)]
        reason: String,
    },
    /// Ask for a subscription to an API under a plan.
    Subscribe {
        /// App identifier.
        id: String,
        /// API identifier.
        #[arg(long)]
        api: String,
        /// Plan identifier.
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
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7002")]
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
        /// App identifier.
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
