//! TLS of listeners: rustls on aws-lc, versions 1.2 and 1.3.

use crate::options::TlsOptions;
use pano_types::Secret;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

/// What TLS is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Our certificate chain.
    Certificate,
    /// Its private key.
    Key,
    /// Certificates of the authorities that vouch for the other side.
    Authorities,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate chain",
            Self::Key => "private key",
            Self::Authorities => "list of authorities",
        })
    }
}

/// Why TLS cannot be had with these options.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A part is no PEM.
    #[error("the {0} cannot be read as PEM")]
    Pem(Part),
    /// Nothing is where a certificate should be.
    #[error("the {0} holds no certificate")]
    Empty(Part),
    /// Certificate and key do not fit, or are refused.
    #[error("the certificate or key was refused")]
    Refused(#[from] rustls::Error),
    /// An authority's certificate is refused.
    #[error("a certificate of the authorities was refused")]
    Authority(#[source] rustls::Error),
    /// Client certificates cannot be checked.
    #[error("the client certificate authorities were refused")]
    Client(#[from] rustls::server::VerifierBuilderError),
}

impl TlsError {
    /// What has to be mended.
    pub const fn part(&self) -> Part {
        match self {
            Self::Pem(part) | Self::Empty(part) => *part,
            Self::Refused(_) => Part::Certificate,
            Self::Authority(_) | Self::Client(_) => Part::Authorities,
        }
    }
}

/// Everything that keeps a listener from having TLS with these options.
pub fn faults(options: &TlsOptions) -> Vec<TlsError> {
    let mut found: Vec<TlsError> = certificates(&options.certificate, Part::Certificate).err().into_iter().collect();
    found.extend(private_key(&options.key).err());
    found.extend(options.client_ca.as_ref().and_then(|ca| authorities(ca).err()));
    if found.is_empty() {
        found.extend(config(options).err());
    }
    found
}

/// The configuration of one listener.
///
/// # Errors
/// When certificates or key cannot be used.
pub fn config(options: &TlsOptions) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let chain = certificates(&options.certificate, Part::Certificate)?;
    let key = private_key(&options.key)?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = match &options.client_ca {
        None if options.client_required => return Err(TlsError::Empty(Part::Authorities)),
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities(ca)?), provider);
            let verifier = if options.client_required { verifier } else { verifier.allow_unauthenticated() };
            builder.with_client_cert_verifier(verifier.build()?)
        }
    };
    let mut config = builder.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

pub(crate) fn certificates(pem: &str, part: Part) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Vec<_> =
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|_| TlsError::Pem(part))?;
    if all.is_empty() { Err(TlsError::Empty(part)) } else { Ok(all) }
}

pub(crate) fn private_key(pem: &Secret) -> Result<PrivateKeyDer<'static>, TlsError> {
    // Exposed because rustls needs the key itself.
    PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| TlsError::Pem(Part::Key))
}

pub(crate) fn authorities(pem: &str) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for root in certificates(pem, Part::Authorities)? {
        roots.add(root).map_err(TlsError::Authority)?;
    }
    Ok(roots)
}

/// SHA-256 (hex) of the client's certificate, when it sent one.
pub fn thumbprint(session: &ServerConnection) -> Option<Box<str>> {
    let certificate = session.peer_certificates()?.first()?;
    Some(pano_crypto::digest::sha256_hex(certificate).into())
}
