//! TLS of listeners: rustls on aws-lc, versions 1.2 and 1.3.

use crate::options::TlsOptions;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

/// Why TLS cannot be had with these options.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate is no PEM.
    #[error("the {0} cannot be read as PEM")]
    Pem(&'static str),
    /// Nothing is where a certificate should be.
    #[error("the {0} holds no certificate")]
    Empty(&'static str),
    /// Certificate and key do not fit, or are refused.
    #[error("the certificate or key was refused")]
    Refused(#[from] rustls::Error),
    /// Client certificates cannot be checked.
    #[error("the client certificate authorities were refused")]
    Client(#[from] rustls::server::VerifierBuilderError),
}

/// The configuration of one listener.
///
/// # Errors
/// When certificates or key cannot be used.
pub fn config(options: &TlsOptions) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let chain = certificates(&options.certificate, "certificate")?;
    // Exposed because rustls needs the key itself.
    let key = PrivateKeyDer::from_pem_slice(options.key.expose().as_bytes()).map_err(|_| TlsError::Pem("key"))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = if options.client_ca.is_empty() {
        builder.with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        for root in certificates(&options.client_ca, "client certificate authorities")? {
            roots.add(root)?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = if options.client_required { verifier } else { verifier.allow_unauthenticated() };
        builder.with_client_cert_verifier(verifier.build()?)
    };
    let mut config = builder.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

pub(crate) fn certificates(pem: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Vec<_> =
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|_| TlsError::Pem(what))?;
    if all.is_empty() { Err(TlsError::Empty(what)) } else { Ok(all) }
}

/// SHA-256 (hex) of the client's certificate, when it sent one.
pub fn thumbprint(session: &ServerConnection) -> Option<Box<str>> {
    let certificate = session.peer_certificates()?.first()?;
    Some(pano_crypto::digest::sha256_hex(certificate).into())
}
