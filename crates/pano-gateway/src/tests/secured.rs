//! TLS, client certificates, HTTP/2.

use super::*;
use crate::options::TlsOptions;
use crate::tls::Part;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct Papers {
    ca: CertifiedIssuer<'static, KeyPair>,
    server: (String, String),
    client: (String, String),
}

fn papers() -> Papers {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let signed = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
        (certificate.pem(), key.serialize_pem())
    };
    let (server, client) = (signed("localhost"), signed("partner"));
    Papers { ca, server, client }
}

fn house(papers: &Papers, required: Option<bool>) -> (House, Provider) {
    let provider = Provider::echo();
    let house = House::with([Unit::Api(bank(&provider.url()))], |options| {
        let tls = TlsOptions {
            certificate: papers.server.0.clone(),
            key: Secret::new(papers.server.1.clone()),
            client_ca: required.map(|_| papers.ca.pem()),
            client_required: required.unwrap_or(false),
        };
        options.listeners = vec![Listener { address: "127.0.0.1:0".parse().unwrap(), tls: Some(tls) }];
    });
    (house, provider)
}

async fn dial_tls(
    papers: &Papers,
    address: SocketAddr,
    alpn: &str,
    version: &'static rustls::SupportedProtocolVersion,
    with_client: bool,
) -> std::io::Result<tokio_rustls::client::TlsStream<tokio::net::TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(papers.ca.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots);
    let mut config = if with_client {
        let certificate = CertificateDer::from_pem_slice(papers.client.0.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(papers.client.1.as_bytes()).unwrap();
        builder.with_client_auth_cert(vec![certificate], key).unwrap()
    } else {
        builder.with_no_client_auth()
    };
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let stream = tokio::net::TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn http1(stream: &mut tokio_rustls::client::TlsStream<tokio::net::TcpStream>) -> std::io::Result<String> {
    stream.write_all(b"GET /bank/echo HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut out = String::new();
    stream.read_to_string(&mut out).await?;
    Ok(out)
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken() {
    let papers = papers();
    let (house, _provider) = house(&papers, None);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut stream = dial_tls(&papers, house.address, "http/1.1", version, false).await.unwrap();
        let reply = http1(&mut stream).await.unwrap();
        assert!(reply.starts_with("HTTP/1.1 200 OK") && reply.contains("x-forwarded-proto: https"), "{reply}");
    }
}

#[tokio::test]
async fn client_certificates_are_asked_for_where_they_are_required() {
    let papers = papers();
    let (required, _one) = house(&papers, Some(true));
    let (optional, _two) = house(&papers, Some(false));
    let tls13 = &rustls::version::TLS13;
    let mut with = dial_tls(&papers, required.address, "http/1.1", tls13, true).await.unwrap();
    assert!(http1(&mut with).await.unwrap().starts_with("HTTP/1.1 200"));
    // In TLS 1.3 the client only learns of the refusal when it reads.
    let refused = match dial_tls(&papers, required.address, "http/1.1", tls13, false).await {
        Ok(mut stream) => http1(&mut stream).await.is_err(),
        Err(_) => true,
    };
    assert!(refused);
    for with_client in [true, false] {
        let mut stream = dial_tls(&papers, optional.address, "http/1.1", tls13, with_client).await.unwrap();
        assert!(http1(&mut stream).await.unwrap().starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn an_app_with_certificates_comes_with_one_of_them() {
    let papers = papers();
    let shown = CertificateDer::from_pem_slice(papers.client.0.as_bytes()).unwrap();
    let own = pano_crypto::digest::sha256_hex(&shown);
    let provider = Provider::echo();
    let bank = bank(&provider.url());
    let with = |name: &str, certificates: &[&str]| {
        let certificates = certificates.iter().map(|c| (*c).to_owned()).collect();
        Unit::App(AppUnit { certificates, ..app(name, &[&bank]) })
    };
    let (none, other) = ("0".repeat(64), "1".repeat(64));
    let units =
        [with("own", &[&other, &own]), with("foreign", &[&none, &other]), with("free", &[]), Unit::Api(bank.clone())];
    let house = House::with(units, |options| {
        let tls = TlsOptions {
            certificate: papers.server.0.clone(),
            key: Secret::new(papers.server.1.clone()),
            client_ca: Some(papers.ca.pem()),
            client_required: false,
        };
        options.listeners = vec![Listener { address: "127.0.0.1:0".parse().unwrap(), tls: Some(tls) }];
    });
    let tls13 = &rustls::version::TLS13;
    for (name, certificate, status) in
        [("own", true, 200), ("free", true, 200), ("foreign", true, 401), ("foreign", false, 200), ("own", false, 200)]
    {
        let mut stream = dial_tls(&papers, house.address, "http/1.1", tls13, certificate).await.unwrap();
        let bearer = house.bearer(name, "accounts:read");
        let request = format!("GET /bank/accounts/1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{bearer}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{name} {certificate}: {reply}");
        assert_eq!(reply.contains("gateway.certificate_foreign"), status == 401, "{name} {certificate}: {reply}");
    }
}

async fn http2<S>(stream: S, path: &str, body: &'static str) -> (u16, String)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let tasks = tokio_util::task::TaskTracker::new();
    tasks.spawn(connection);
    let method = if body.is_empty() { "GET" } else { "POST" };
    let request = http::Request::builder().method(method).uri(format!("http://gateway.test{path}"));
    let response = sender.send_request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn http2_is_spoken_by_agreement_and_by_prior_knowledge() {
    let papers = papers();
    let (house, _provider) = house(&papers, None);
    let stream = dial_tls(&papers, house.address, "h2", &rustls::version::TLS13, false).await.unwrap();
    let (status, body) = http2(stream, "/bank/echo", "").await;
    assert!(status == 200 && body.contains("x-forwarded-host: gateway.test"), "{status} {body}");
    let provider = Provider::echo();
    let house = House::start([Unit::Api(bank(&provider.url()))]);
    let dial = || tokio::net::TcpStream::connect(house.address);
    let (status, body) = http2(dial().await.unwrap(), "/bank/echo", "hello").await;
    assert!(status == 200 && body.starts_with("POST /echo HTTP/1.1") && body.ends_with("hello"), "{status} {body}");
    let (status, body) = http2(dial().await.unwrap(), "/bank/accounts/1", "").await;
    assert!(status == 401 && body.contains("gateway.token_missing"), "{status} {body}");
    assert_eq!(house.records_when(2).len(), 2);
}

#[test]
fn unusable_certificates_are_refused_at_start() {
    let papers = papers();
    let other = KeyPair::generate().unwrap().serialize_pem();
    let (chain, own) = &papers.server;
    for (certificate, key, client_ca, parts) in [
        ("", own.as_str(), Some(papers.ca.pem()), &[Part::Certificate][..]),
        ("nonsense", own, Some(papers.ca.pem()), &[Part::Certificate]),
        (chain, "nonsense", Some(papers.ca.pem()), &[Part::Key]),
        (chain, &other, Some(papers.ca.pem()), &[Part::Certificate]),
        (chain, own, Some("nonsense".to_owned()), &[Part::Authorities]),
        // An empty file must not mean that nobody is asked.
        (chain, own, Some(String::new()), &[Part::Authorities]),
        (chain, own, None, &[Part::Authorities]),
        ("", "", Some(String::new()), &[Part::Certificate, Part::Key, Part::Authorities]),
    ] {
        let (certificate, key) = (certificate.to_owned(), Secret::new(key.to_owned()));
        let options = TlsOptions { certificate, key, client_ca, client_required: true };
        let found: Vec<_> = crate::tls::faults(&options).iter().map(crate::tls::TlsError::part).collect();
        assert_eq!(found, parts, "{options:?}");
        assert!(crate::tls::config(&options).is_err(), "{options:?}");
    }
}
