//! What the fuzz targets in `fuzz/` call: bytes in, no panic, and the properties that must hold for any bytes.

use crate::conn::Conn;
use crate::gateway::Deps;
use crate::http1::{self, HeadLimits, Times};
use crate::options::GatewayOptions;
use crate::path;
use crate::router::Router;
use crate::shared::Shared;
use crate::token::{Keys, Rules, verify};
use crate::worker::Worker;
use http::Method;
use pano_types::Instant;
use pano_types::clock::{FakeClock, SeededEntropy};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

/// Templates, an empty line, then paths: inserting and finding must not panic, and what is found must have been inserted.
pub fn router(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (templates, paths) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut router = Router::default();
    for (n, template) in templates.lines().enumerate() {
        let _ = router.insert(Method::GET, template, n);
    }
    for raw in paths.lines() {
        let Ok(normal) = path::normalise(raw) else { continue };
        assert_eq!(path::normalise(&normal).as_deref(), Ok(&*normal), "the normal form must be a fixed point");
        if let Some((leaf, captures)) = router.find(&normal) {
            let (place, template) = leaf.method(&Method::GET).expect("all templates are GET");
            assert_eq!(templates.lines().nth(*place), Some(&*template.text));
            assert_eq!(captures.of(&normal).count(), template.names.len());
        }
    }
}

/// A token that nobody signed must not verify.
pub fn token(bytes: &[u8]) {
    let jwks = serde_json::json!({"keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }]});
    let unit = pano_snapshot::IssuerUnit { issuer: "i".into(), audience: "a".into(), jwks };
    let keys = Keys::new(1, [&unit]).expect("the key set is one");
    assert!(verify(bytes, &keys, Rules::default(), Instant::from_unix_seconds(1_770_000_000)).is_err());
}

/// Raw bytes on a connection without a snapshot: the server must neither panic nor hang, and answer nothing but problems.
pub fn connection(bytes: &[u8]) {
    let deps = Deps {
        clock: Arc::new(FakeClock::at(Instant::from_unix_seconds(1_770_000_000))),
        entropy: Arc::new(SeededEntropy::new(1)),
        log: None,
    };
    let mut options = GatewayOptions::new("fuzz");
    let second = Duration::from_secs(1);
    options.limits.head = HeadLimits { bytes: 4 << 10, count: 50 };
    options.limits.times = Times { idle: second, head: second, body: second };
    let dialers = crate::upstream::tls::Dialers::default();
    let shared = Arc::new(Shared::new(options, deps.clock, deps.entropy, deps.log, dialers));
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build_local(tokio::runtime::LocalOptions::default());
    let runtime = runtime.expect("a runtime can be had");
    let answer = runtime.block_on(async {
        let worker = Rc::new(Worker::new(shared, 0));
        let (mut near, far) = tokio::io::duplex(1 << 20);
        let conn = Rc::new(Conn::new([127, 0, 0, 1].into(), false, None));
        let stop = CancellationToken::new();
        let serving = http1::serve(&worker, far, conn, &stop, Vec::new());
        let talking = async {
            let _ = near.write_all(bytes).await;
            let _ = near.shutdown().await;
            let mut answer = Vec::new();
            let _ = near.read_to_end(&mut answer).await;
            answer
        };
        let (_, answer) = tokio::join!(serving, talking);
        answer
    });
    let text = String::from_utf8_lossy(&answer);
    assert!(!text.contains("HTTP/1.1 2"), "nothing can succeed without a snapshot: {text}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn the_harnesses_take_what_is_usual() {
        super::router(b"/a/{b}\n/a/c:x\n/{+rest}\n\n/a/1\n/a/c:x\n/z/../a\n/%61/x");
        super::token(b"eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImsifQ.e30.AAAA");
        super::connection(
            b"GET / HTTP/1.1\r\nhost: a\r\n\r\nPOST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
        );
        super::connection(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        super::connection(b"");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_harnesses_take_anything(
            bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[/a-c{}+:.\\n%2fF]{0,80}",
            request in "(GET|PUT) /[a%/.]{0,6} HTTP/1\\.1\r\n(host: a\r\n|content-length: [0-9]\r\n|transfer-encoding: chunked\r\n|[a-z :\t]{0,9}\r?\n){0,5}\r\n[0-9a-f\r\n]{0,20}",
        ) {
            super::router(text.as_bytes());
            super::token(&bytes);
            super::connection(&bytes);
            super::connection(request.as_bytes());
        }
    }
}
