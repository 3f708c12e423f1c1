//! Calls to addresses that strangers gave us, such as webhooks.
//!
//! Invariants:
//! * The address is judged after its name was resolved, and the connection goes to the very address that was judged: a name
//!   that answers differently the second time leads nowhere ([`is_public`]).
//! * No redirect is followed, no connection is kept, no cookie and no credential of ours is sent.
//! * Everything is bounded: time to connect, time for the whole call, bytes of the answer.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Longest address.
const URL_MAX: usize = 500;
/// Most of an answer's body that is read: only its status matters.
const ANSWER_MAX: usize = 64 * 1024;

/// What may be called, and for how long.
#[derive(Clone)]
pub struct Outbound {
    loopback: bool,
    tls: Option<TlsConnector>,
    connect: Duration,
    whole: Duration,
}

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Not an `https` address with a host, or one with a user or fragment.
    #[error(
        "must be an https address with a host, without user, password and fragment, of at most {URL_MAX} characters"
    )]
    Form,
    /// The host is not on the public internet.
    #[error("must lead to a public host")]
    Private,
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// The address is not one that we call, or its name is not known.
    #[error("the address cannot be called")]
    Address,
    /// No connection.
    #[error("no connection")]
    Connect,
    /// The other side could not prove who it is.
    #[error("TLS failed")]
    Tls,
    /// Not in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke off, or what came is no HTTP.
    #[error("no whole answer")]
    Answer,
}

impl Default for Outbound {
    /// Calls nobody.
    fn default() -> Self {
        Self { loopback: false, tls: None, connect: Duration::from_secs(5), whole: Duration::from_secs(15) }
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outbound(loopback: {}, tls: {})", self.loopback, self.tls.is_some())
    }
}

impl Outbound {
    /// Calls public hosts that these authorities (certificates in PEM) vouch for; without any, no `https` host can be
    /// called. With `loopback`, this machine too, over plain `http` if need be: for trying out.
    ///
    /// # Errors
    /// When the certificates cannot be read.
    pub fn new(authorities: Option<&[u8]>, loopback: bool) -> io::Result<Self> {
        let tls = authorities.map(crate::connect::trusting).transpose()?;
        Ok(Self { loopback, tls, ..Self::default() })
    }
    /// With this time for a whole call.
    pub const fn within(mut self, whole: Duration) -> Self {
        self.whole = whole;
        self
    }

    /// Judges an address by its text. A name is judged again when it is called.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn check(&self, url: &str) -> Result<Uri, Unfit> {
        if url.len() > URL_MAX || url.contains(['@', '#']) || !url.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Unfit::Form);
        }
        let uri: Uri = url.parse().map_err(|_| Unfit::Form)?;
        let host = host(&uri).ok_or(Unfit::Form)?;
        let local = is_local_name(&host) || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if self.loopback && local => {}
            _ => return Err(Unfit::Form),
        }
        let public = match host.parse::<IpAddr>() {
            Ok(ip) => self.admits(ip),
            // A name without a dot is of one's own network; `.local`, `.internal` and the like never leave it.
            Err(_) => (self.loopback && local) || (host.contains('.') && !is_inner_name(&host)),
        };
        if public { Ok(uri) } else { Err(Unfit::Private) }
    }

    /// `POST`s a body. The status and headers of the answer; what its body says does not matter.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn post(&self, url: &str, headers: HeaderMap, body: Bytes) -> Result<(StatusCode, HeaderMap), Failed> {
        timeout(self.whole, self.exchange(url, headers, body)).await.map_err(|_| Failed::Timeout)?
    }

    async fn exchange(&self, url: &str, headers: HeaderMap, body: Bytes) -> Result<(StatusCode, HeaderMap), Failed> {
        let uri = self.check(url).map_err(|_| Failed::Address)?;
        let (name, secure) = (host(&uri).ok_or(Failed::Address)?, uri.scheme_str() == Some("https"));
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let tcp = self.connect(&name, port).await?;
        let request = request(&uri, headers, body)?;
        if !secure {
            return send(tcp, request).await;
        }
        let tls = self.tls.as_ref().ok_or(Failed::Tls)?;
        let server = ServerName::try_from(name).map_err(|_| Failed::Address)?;
        let stream = tls.connect(server, tcp).await.map_err(|_| Failed::Tls)?;
        send(stream, request).await
    }

    /// Connects to the first of the name's addresses that answers, if all of them may be called.
    async fn connect(&self, name: &str, port: u16) -> Result<TcpStream, Failed> {
        let found = tokio::net::lookup_host((name, port)).await.map_err(|_| Failed::Address)?;
        let all: Vec<SocketAddr> = found.take(16).collect();
        if all.is_empty() || !all.iter().all(|address| self.admits(address.ip())) {
            return Err(Failed::Address);
        }
        for address in all {
            if let Ok(Ok(stream)) = timeout(self.connect, TcpStream::connect(address)).await {
                // Without it a small request may wait for an acknowledgement; that is slow, not wrong.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
        }
        Err(Failed::Connect)
    }

    fn admits(&self, ip: IpAddr) -> bool {
        is_public(ip) || (self.loopback && ip.is_loopback())
    }
}

fn host(uri: &Uri) -> Option<String> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn is_local_name(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// Names that stand for something inside (RFC 6761, RFC 6762, RFC 9476, and what networks use).
fn is_inner_name(host: &str) -> bool {
    const INNER: [&str; 8] = ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "invalid", "alt"];
    INNER.iter().any(|inner| host == *inner || host.strip_suffix(inner).is_some_and(|rest| rest.ends_with('.')))
}

/// Whether an address is on the public internet: none of the special purposes of IANA's registries (RFC 6890), no
/// multicast, and no IPv6 address that carries such an IPv4 address.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        // IPv4-mapped, and the whole of ::/16 but for it: unspecified, loopback, IPv4-compatible.
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => v4(g, h),
        (0, _) => false,
        // NAT64 (RFC 6052) and its local use (RFC 8215).
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => v4(g, h),
        (0x64, 0xff9b) => false,
        // Discard-only, IETF protocol assignments, documentation, 6to4, segment routing.
        (0x100, 0) | (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) | (0x5f00, _) => false,
        (0x2002, _) => v4(b, c),
        // Unique local, link-local, site-local, multicast.
        (0xfc00..=0xfdff | 0xfe80..=0xfeff | 0xff00..=0xffff, _) => false,
        _ => true,
    }
}

fn request(uri: &Uri, headers: HeaderMap, body: Bytes) -> Result<Request<Full<Bytes>>, Failed> {
    let authority = uri.authority().ok_or(Failed::Address)?.as_str();
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let length = body.len();
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().map_err(|_| Failed::Address)?;
    *request.headers_mut() = headers;
    let all = request.headers_mut();
    all.insert(HOST, HeaderValue::from_str(authority).map_err(|_| Failed::Address)?);
    all.insert(USER_AGENT, HeaderValue::from_static("panorama-webhooks/1"));
    all.insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok(request)
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, HeaderMap), Failed> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| Failed::Answer)?;
    let asked = async {
        let response = sender.send_request(request).await.map_err(|_| Failed::Answer)?;
        let (parts, body) = response.into_parts();
        // Read to be polite to the other side; too long or broken off, the status still counts.
        drop(Limited::new(body, ANSWER_MAX).collect().await);
        Ok((parts.status, parts.headers))
    };
    tokio::pin!(asked);
    tokio::select! {
        // Both live in this very call: when it is dropped, so is the connection.
        answer = &mut asked => answer,
        _ = connection => asked.await,
    }
}

#[cfg(test)]
mod tests;
