//! Upstreams over https: certificates and names are checked, our own is shown where one is configured, connections are kept.

use super::*;
use crate::options::{Trust, UpstreamTls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }
    fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
    fn trust(&self) -> Trust {
        Trust { authorities: self.0.pem(), client: None }
    }
}

/// An https upstream for `name`; asks for a certificate of `clients`, when given. Echoes head and body.
struct Secured {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Secured {
    fn start(authority: &Authority, name: &str, clients: Option<&Authority>) -> Self {
        let (chain, key) = authority.issue(name);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(clients.0.der().clone()).unwrap();
                let verifier =
                    rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                builder.with_client_cert_verifier(verifier.unwrap())
            }
        };
        let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>().unwrap();
        let config = builder.with_single_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()).unwrap();
        let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
        let (address, connections) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&connections);
        // Ends with the test's process; each connection ends when the gateway closes it.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, counted) = (Arc::clone(&config), Arc::clone(&counted));
                std::thread::spawn(move || {
                    let session = rustls::ServerConnection::new(config).unwrap();
                    let mut stream = BufReader::new(rustls::StreamOwned::new(session, stream));
                    let mut first = true;
                    while let Some((head, body)) = read_request(&mut stream) {
                        counted.fetch_add(usize::from(std::mem::take(&mut first)), Ordering::SeqCst);
                        let text = format!("{head}\nbody of {} bytes", body.len());
                        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len());
                        if stream.get_mut().write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, connections }
    }
    fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }
    fn house(&self, tls: UpstreamTls) -> House {
        House::with([Unit::Api(bank(&format!("https://{}", self.host())))], |options| {
            options.workers = 1;
            options.upstream_tls = tls;
        })
    }
}

fn everyone(trust: Trust) -> UpstreamTls {
    UpstreamTls { every: Some(trust), ..UpstreamTls::default() }
}

#[test]
fn calls_go_over_kept_connections_with_bodies_of_every_kind() {
    let authority = Authority::new();
    let upstream = Secured::start(&authority, "localhost", None);
    let house = upstream.house(everyone(authority.trust()));
    for _ in 0..3 {
        let reply = get(house.address, "/bank/echo", "");
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        assert!(String::from_utf8_lossy(&reply.body).contains(&format!("host: {}", upstream.host())));
    }
    let small = post(house.address, "/bank/echo", "", "small");
    assert!(String::from_utf8_lossy(&small.body).ends_with("body of 5 bytes"));
    assert_eq!(upstream.connections.load(Ordering::SeqCst), 1, "the connection is kept");
    // Too large to be collected first: it streams, while session tickets of the upstream wait to be read.
    let large = "x".repeat(900_000);
    for _ in 0..2 {
        let reply = post(house.address, "/bank/echo", "", &large);
        assert!(String::from_utf8_lossy(&reply.body).ends_with("body of 900000 bytes"), "{}", reply.status);
    }
}

#[test]
fn an_upstream_that_cannot_prove_its_name_is_not_called() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let named = |upstream: &Secured, trust| UpstreamTls { every: None, hosts: [(upstream.host(), trust)].into() };
    let good = Secured::start(&ours, "localhost", None);
    let renamed = Secured::start(&ours, "other.example", None);
    for (upstream, tls, status) in [
        (&good, everyone(ours.trust()), 200),
        (&good, named(&good, ours.trust()), 200),
        (&good, UpstreamTls { every: Some(theirs.trust()), hosts: [("localhost".into(), ours.trust())].into() }, 200),
        (&good, everyone(theirs.trust()), 502),
        (&good, UpstreamTls { every: Some(ours.trust()), hosts: [(good.host(), theirs.trust())].into() }, 502),
        (&good, named(&renamed, ours.trust()), 502),
        (&good, UpstreamTls::default(), 502),
        (&renamed, everyone(ours.trust()), 502),
    ] {
        let before = upstream.connections.load(Ordering::SeqCst);
        let reply = get(upstream.house(tls.clone()).address, "/bank/echo", "");
        assert_eq!(reply.status, status, "{tls:?}");
        if status != 200 {
            assert_eq!(reply.code(), "gateway.upstream_unreachable", "{tls:?}");
            assert_eq!(upstream.connections.load(Ordering::SeqCst), before, "not a byte of the call was sent");
        }
    }
    // A plain upstream behind an https address is no upstream, nor the other way round.
    let plain = Provider::echo();
    let house = House::with([Unit::Api(bank(&format!("https://localhost:{}", plain.address.port())))], |options| {
        options.upstream_tls = everyone(ours.trust());
    });
    assert_eq!(get(house.address, "/bank/echo", "").status, 502);
}

#[test]
fn an_upstream_that_asks_who_we_are_is_told() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let upstream = Secured::start(&authority, "localhost", Some(&clients));
    let shown = |issuer: &Authority| {
        let (chain, key) = issuer.issue("gateway");
        everyone(Trust { client: Some((chain, Secret::new(key))), ..authority.trust() })
    };
    assert_eq!(get(upstream.house(shown(&clients)).address, "/bank/echo", "").status, 200);
    for tls in [everyone(authority.trust()), shown(&Authority::new())] {
        let reply = get(upstream.house(tls).address, "/bank/echo", "");
        assert_eq!(reply.status, 502, "{}", String::from_utf8_lossy(&reply.body));
    }
    assert_eq!(upstream.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn trust_that_makes_no_sense_keeps_the_gateway_from_starting() {
    let authority = Authority::new();
    let (chain, _) = authority.issue("gateway");
    let (_, other) = authority.issue("gateway");
    for trust in [
        Trust { authorities: "nothing".into(), client: None },
        Trust { authorities: String::new(), client: None },
        Trust { client: Some((chain.clone(), Secret::new("no key".into()))), ..authority.trust() },
        Trust { client: Some((chain, Secret::new(other))), ..authority.trust() },
    ] {
        let mut options = GatewayOptions::new("test");
        options.upstream_tls = everyone(trust.clone());
        let deps = Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), log: None };
        assert!(Gateway::start(options, deps).is_err(), "{trust:?}");
    }
}
