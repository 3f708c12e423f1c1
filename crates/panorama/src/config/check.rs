//! What the form of a configuration does not show: addresses that collide, files that cannot be used, secrets that cannot be
//! opened. Everything is looked at, and nothing is changed.

use super::{Config, Mistake, SecretRef, TlsConfig, UPSTREAM_TLS, UpstreamTrustConfig};
use crate::folder;
use pano_gateway::tls::{Part, TlsError};
use pano_gateway::{TlsOptions, Trust, tls, upstream};
use pano_types::Secret;
use std::net::SocketAddr;
use std::path::Path;

/// Levels that `log.filter` knows.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Every contradiction. `broken` are JSON pointers of keys that had no form and have been told: they have their defaults here.
pub(super) fn contradictions(config: &Config, broken: &[String]) -> Vec<Mistake> {
    let mut found = Found { list: Vec::new(), broken };
    let folder = &config.data.folder;
    if folder.exists() && !folder.is_dir() {
        found.add("data.folder", format!("{} is no folder", folder.display()));
    }
    found.addresses(config);
    found.listeners(config);
    if let Some(tls) = &config.gateway.tls {
        found.tls(tls);
    }
    for (at, trust) in config.gateway.upstream_tls.all() {
        found.trust(&at, &trust);
    }
    for host in config.gateway.upstream_tls.hosts.keys().filter(|host| !is_host(host)) {
        found.add(&format!("{UPSTREAM_TLS}.hosts.{host}"), "is not a host or host:port".to_owned());
    }
    if let Some(path) = &config.bank.webhook_authorities {
        found.authorities("bank.webhook_authorities", path);
    }
    found.secrets(config);
    if let Some(reason) = filter(&config.log.filter) {
        found.add("log.filter", reason);
    }
    found.list
}

struct Found<'b> {
    list: Vec<Mistake>,
    broken: &'b [String],
}

impl Found<'_> {
    fn add(&mut self, at: &str, reason: String) {
        self.list.push(Mistake { at: at.to_owned(), reason });
    }

    fn is_broken(&self, at: &str) -> bool {
        let pointer = format!("/{}", at.replace('.', "/"));
        self.broken.iter().any(|told| pointer.starts_with(told.as_str()))
    }

    /// Addresses of others.
    fn addresses(&mut self, config: &Config) {
        // The way from a gateway to its manager is plain HTTP; what crosses a network belongs into a tunnel.
        for (at, url, schemes) in [
            ("gateway.manager", &config.gateway.manager, &["http"][..]),
            ("manager.mock", &config.manager.mock, &["http", "https"]),
        ] {
            if let Some(reason) = url_mistake(url, schemes) {
                self.add(at, reason);
            }
        }
        if let Err(error) = pano_identity::Issuer::parse(&config.identity.issuer) {
            self.add("identity.issuer", error.to_string());
        }
    }

    /// Addresses of our own.
    fn listeners(&mut self, config: &Config) {
        let all = config.listeners();
        for (i, (at, address)) in all.iter().enumerate() {
            let clash = all.iter().take(i).find(|(other, taken)| !self.is_broken(other) && collide(*address, *taken));
            if let Some((other, taken)) = clash.filter(|_| !self.is_broken(at)) {
                let reason = if taken == address {
                    format!("{address} is also {other}")
                } else {
                    format!("{address} collides with {other}, which is {taken}")
                };
                self.add(at, reason);
            }
        }
    }

    fn tls(&mut self, tls: &TlsConfig) {
        let at = |part| format!("gateway.tls.{}", key(part));
        let files = (
            self.file(&at(Part::Certificate), &tls.certificate),
            self.secret_file(&at(Part::Key), &tls.key),
            tls.client_ca.as_ref().map(|path| self.file(&at(Part::Authorities), path)),
        );
        // What could not be read is told; the rest is looked at all the same, for itself.
        let options = TlsOptions {
            certificate: files.0.clone().unwrap_or_default(),
            key: Secret::new(files.1.clone().unwrap_or_default()),
            client_ca: files.2.clone().flatten(),
            client_required: tls.client_certificate_required,
        };
        let read = |part| match part {
            Part::Certificate => files.0.is_some(),
            Part::Key => files.1.is_some(),
            Part::Authorities => files.2.as_ref().is_some_and(Option::is_some),
        };
        for error in tls::faults(&options).iter().filter(|error| read(error.part())) {
            let path = match error.part() {
                Part::Certificate => Some(&tls.certificate),
                Part::Key => Some(&tls.key),
                Part::Authorities => tls.client_ca.as_ref(),
            };
            self.add(&at(error.part()), said(path.map(AsRef::as_ref), error));
        }
        if tls.client_certificate_required && tls.client_ca.is_none() {
            self.add(&at(Part::Authorities), "a required client certificate needs client_ca".to_owned());
        }
    }

    /// Certificates of those who vouch for others.
    fn authorities(&mut self, at: &str, path: &Path) {
        if let Some(authorities) = self.file(at, path) {
            for error in upstream::tls::faults(&Trust { authorities, client: None }) {
                self.add(at, said(Some(path), &error));
            }
        }
    }

    fn trust(&mut self, at: &str, trust: &UpstreamTrustConfig) {
        let of = |part: Part| format!("{at}.{}", if part == Part::Authorities { "ca" } else { key(part) });
        if trust.certificate.is_some() != trust.key.is_some() {
            let reason = "a certificate needs its key, and a key its certificate".to_owned();
            self.add(&of(Part::Key), reason);
        }
        if trust.ca.is_none() && (trust.key.is_some() || at != UPSTREAM_TLS) {
            self.add(&of(Part::Authorities), "says whom to trust there, and is missing".to_owned());
        }
        let authorities = trust.ca.as_ref().map(|path| self.file(&of(Part::Authorities), path));
        let certificate = trust.certificate.as_ref().map(|path| self.file(&of(Part::Certificate), path));
        let secret = trust.key.as_ref().map(|key| self.secret(&of(Part::Key), key));
        let client = certificate.flatten().zip(secret.flatten());
        if let Some(Some(authorities)) = authorities {
            for error in upstream::tls::faults(&Trust { authorities, client }) {
                let path = match error.part() {
                    Part::Certificate => trust.certificate.as_deref(),
                    Part::Key => None,
                    Part::Authorities => trust.ca.as_deref(),
                };
                self.add(&of(error.part()), said(path, &error));
            }
        }
    }

    fn secrets(&mut self, config: &Config) {
        let gateway = &config.gateway;
        if let Some(place) = config.store.postgres.as_ref()
            && let Some(url) = self.secret("store.postgres", place)
            && !pano_store_sql::is_postgres_address(&url)
        {
            self.add("store.postgres", format!("{place} holds no postgres://user:password@host:port/database"));
        }
        if let Some(key) = config.identity.master_key.as_ref()
            && let Some(secret) = self.secret("identity.master_key", key)
            && let Err(error) = pano_keystore::MasterKey::new(&secret)
        {
            self.add("identity.master_key", format!("{key}: {error}"));
        }
        for (at, secret) in
            [("gateway.credential", &gateway.credential), ("gateway.metrics_credential", &gateway.metrics_credential)]
        {
            secret.as_ref().and_then(|secret| self.secret(at, secret));
        }
        for (name, secret) in &gateway.upstream_credentials {
            self.secret(&format!("gateway.upstream_credentials.{name}"), secret);
        }
    }

    fn secret(&mut self, at: &str, secret: &SecretRef) -> Option<Secret> {
        secret.open().map_err(|reason| self.add(at, reason)).ok()
    }

    fn secret_file(&mut self, at: &str, path: &Path) -> Option<String> {
        folder::read_secret(path).map_err(|reason| self.add(at, reason)).ok()
    }

    fn file(&mut self, at: &str, path: &Path) -> Option<String> {
        let read = std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()));
        read.map_err(|reason| self.add(at, reason)).ok()
    }
}

const fn key(part: Part) -> &'static str {
    match part {
        Part::Certificate => "certificate",
        Part::Key => "key",
        Part::Authorities => "client_ca",
    }
}

fn said(path: Option<&Path>, error: &TlsError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let file = path.map(|path| format!("{}: ", path.display())).unwrap_or_default();
    format!("{file}{error}{cause}")
}

/// Whether one process cannot listen on both: the same port, on an address that is the same or stands for all.
fn collide(a: SocketAddr, b: SocketAddr) -> bool {
    let all = |a: SocketAddr, b: SocketAddr| a.ip().is_unspecified() && (a.is_ipv6() || b.is_ipv4());
    a.port() == b.port() && a.port() != 0 && (a.ip() == b.ip() || all(a, b) || all(b, a))
}

fn url_mistake(text: &str, schemes: &[&str]) -> Option<String> {
    let fault = || Some(format!("{text:?} is not {}://host:port", schemes.join(":// or ")));
    let Ok(url) = text.parse::<http::Uri>() else { return fault() };
    let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else { return fault() };
    let port = authority.port_u16().is_some_and(|port| port > 0) || authority.as_str() == authority.host();
    if schemes.contains(&scheme) && !authority.host().is_empty() && port { None } else { fault() }
}

fn is_host(text: &str) -> bool {
    text.parse::<http::uri::Authority>().is_ok_and(|authority| {
        !text.contains('@') && (authority.as_str() == authority.host() || authority.port_u16().is_some())
    })
}

/// Why a log filter cannot be used. A word alone would be taken for the name of a module and switch everything on there, so it
/// has to be a level.
fn filter(text: &str) -> Option<String> {
    if let Some(word) = text.split(',').map(str::trim).find(|word| !word.contains(['=', '[', ']', '{', '}']))
        && !LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
    {
        return Some(format!("{word:?} is not one of {}; for a module, write MODULE=LEVEL", LEVELS.join(", ")));
    }
    tracing_subscriber::EnvFilter::try_new(text).err().map(|error| error.to_string())
}
