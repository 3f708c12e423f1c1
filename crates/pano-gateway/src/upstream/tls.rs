//! TLS towards upstreams: whom we trust there, who we are to them, and a connection that may or may not be secured.
//!
//! An `https` upstream must prove the host name of its address by a certificate of an authority that the configuration names.
//! There is no built-in list of authorities and no way not to check: where none is named, such an upstream is not reached.

use crate::options::{Trust, UpstreamTls};
use crate::tls::{self, Part, TlsError};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How to reach each `https` upstream.
#[derive(Default)]
pub struct Dialers {
    every: Option<TlsConnector>,
    hosts: HashMap<String, TlsConnector>,
}

impl Dialers {
    /// From the options.
    ///
    /// # Errors
    /// When certificates or keys cannot be used.
    pub fn new(options: &UpstreamTls) -> Result<Self, TlsError> {
        let hosts = options.hosts.iter().map(|(host, trust)| Ok((host.to_ascii_lowercase(), connector(trust)?)));
        Ok(Self {
            every: options.every.as_ref().map(connector).transpose()?,
            hosts: hosts.collect::<Result<_, TlsError>>()?,
        })
    }

    /// For `address` (`host:port`), which must prove `name`.
    pub fn dialer(&self, address: &str, name: ServerName<'static>) -> Dialer {
        let address = address.to_ascii_lowercase();
        let host = address.rsplit_once(':').map_or(&*address, |(host, _)| host);
        let named = self.hosts.get(&address).or_else(|| self.hosts.get(host));
        Dialer { connector: named.or(self.every.as_ref()).cloned(), name }
    }
}

impl std::fmt::Debug for Dialers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialers").field("every", &self.every.is_some()).field("hosts", &self.hosts.keys()).finish()
    }
}

/// Everything that keeps an upstream from being reached with this trust.
pub fn faults(trust: &Trust) -> Vec<TlsError> {
    let mut found: Vec<TlsError> = tls::authorities(&trust.authorities).err().into_iter().collect();
    if let Some((chain, key)) = &trust.client {
        found.extend(tls::certificates(chain, Part::Certificate).err());
        found.extend(tls::private_key(key).err());
    }
    if found.is_empty() {
        found.extend(connector(trust).err());
    }
    found
}

fn connector(trust: &Trust) -> Result<TlsConnector, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = builder.with_root_certificates(tls::authorities(&trust.authorities)?);
    let mut config = match &trust.client {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            builder.with_client_auth_cert(tls::certificates(chain, Part::Certificate)?, tls::private_key(key)?)?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// How to secure connections to one upstream.
pub struct Dialer {
    connector: Option<TlsConnector>,
    name: ServerName<'static>,
}

impl Dialer {
    /// Shakes hands.
    pub(super) async fn secure(&self, stream: TcpStream) -> io::Result<Stream> {
        let connector = self.connector.as_ref();
        let connector = connector.ok_or_else(|| io::Error::other("no authority is configured for https upstreams"))?;
        Ok(Stream::Secured(Box::new(connector.connect(self.name.clone(), stream).await?)))
    }
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialer").field("name", &self.name).field("trusts", &self.connector.is_some()).finish()
    }
}

/// A connection to an upstream.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Secured(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Neither closed nor talking out of turn. A plain connection costs a system call only when the kernel has reported something.
    pub(super) fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        match self {
            Self::Plain(stream) => {
                matches!(stream.try_read(&mut byte), Err(e) if e.kind() == io::ErrorKind::WouldBlock)
            }
            // What the peer sends of its own accord (session tickets) is taken up by the way.
            Self::Secured(stream) => {
                let (mut context, mut buffer) =
                    (Context::from_waker(std::task::Waker::noop()), ReadBuf::new(&mut byte));
                Pin::new(stream).poll_read(&mut context, &mut buffer).is_pending()
            }
        }
    }

    /// Sends on what was written: TLS keeps the rest of a record that the kernel did not take.
    pub(super) async fn settle(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Secured(stream) => stream.flush().await,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Secured(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Secured(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Secured(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }
    fn is_write_vectored(&self) -> bool {
        true
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Secured(stream) => Pin::new(stream).poll_flush(cx),
        }
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secured(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
