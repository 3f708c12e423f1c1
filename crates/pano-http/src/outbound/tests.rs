use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn public() -> Outbound {
    Outbound::new(None, false).unwrap()
}

fn trying() -> Outbound {
    Outbound::new(None, true).unwrap()
}

#[test]
fn only_public_addresses_are_public() {
    for (text, want) in [
        ("8.8.8.8", true),
        ("1.1.1.1", true),
        ("192.0.1.1", true),
        ("172.15.0.1", true),
        ("172.32.0.1", true),
        ("100.128.0.1", true),
        ("0.0.0.0", false),
        ("10.1.2.3", false),
        ("100.64.0.1", false),
        ("127.0.0.1", false),
        ("169.254.169.254", false),
        ("172.16.0.1", false),
        ("172.31.255.255", false),
        ("192.0.0.8", false),
        ("192.0.2.1", false),
        ("192.88.99.1", false),
        ("192.168.1.1", false),
        ("198.19.0.1", false),
        ("198.51.100.1", false),
        ("203.0.113.1", false),
        ("224.0.0.1", false),
        ("255.255.255.255", false),
        ("2606:4700:4700::1111", true),
        ("64:ff9b::808:808", true),
        ("64:ff9b::7f00:1", false),
        ("64:ff9b:1::1", false),
        ("::", false),
        ("::1", false),
        ("::ffff:8.8.8.8", true),
        ("::ffff:127.0.0.1", false),
        ("::7f00:1", false),
        ("100::1", false),
        ("2001:db8::1", false),
        ("2001:0:1::1", false),
        ("2002:808:808::1", true),
        ("2002:7f00:1::1", false),
        ("fc00::1", false),
        ("fd12::1", false),
        ("fe80::1", false),
        ("fec0::1", false),
        ("ff02::1", false),
    ] {
        assert_eq!(is_public(text.parse().unwrap()), want, "{text}");
    }
}

#[test]
fn addresses_are_judged_by_their_text() {
    for (url, everywhere, trying_out) in [
        ("https://partner.example/hooks?x=1", Ok(()), Ok(())),
        ("https://partner.example:8443/hooks", Ok(()), Ok(())),
        ("http://partner.example/hooks", Err(Unfit::Form), Err(Unfit::Form)),
        ("ftp://partner.example", Err(Unfit::Form), Err(Unfit::Form)),
        ("https://user:pw@partner.example/", Err(Unfit::Form), Err(Unfit::Form)),
        ("https://partner.example/#a", Err(Unfit::Form), Err(Unfit::Form)),
        ("/hooks", Err(Unfit::Form), Err(Unfit::Form)),
        ("https://", Err(Unfit::Form), Err(Unfit::Form)),
        ("https://127.0.0.1/", Err(Unfit::Private), Ok(())),
        ("https://[::1]:9/", Err(Unfit::Private), Ok(())),
        ("http://127.0.0.1:9000/", Err(Unfit::Form), Ok(())),
        ("http://localhost:9000/", Err(Unfit::Form), Ok(())),
        ("https://LOCALHOST/", Err(Unfit::Private), Ok(())),
        ("https://169.254.169.254/latest", Err(Unfit::Private), Err(Unfit::Private)),
        ("https://[fd00::1]/", Err(Unfit::Private), Err(Unfit::Private)),
        ("https://10.0.0.1/", Err(Unfit::Private), Err(Unfit::Private)),
        ("https://intranet/", Err(Unfit::Private), Err(Unfit::Private)),
        ("https://metadata.google.internal./", Err(Unfit::Private), Err(Unfit::Private)),
        ("https://printer.local/", Err(Unfit::Private), Err(Unfit::Private)),
    ] {
        assert_eq!(public().check(url).map(drop), everywhere, "{url}");
        assert_eq!(trying().check(url).map(drop), trying_out, "{url}");
    }
    let long = format!("https://partner.example/{}", "a".repeat(500));
    assert_eq!(public().check(&long).map(drop), Err(Unfit::Form));
}

/// Answers one call with `answer`; what was sent.
async fn once(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks?x=1", listener.local_addr().unwrap());
    let tracker = tokio_util::task::TaskTracker::new();
    let served = tracker.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"{}") {
            let mut part = [0; 1024];
            let count = stream.read(&mut part).await.unwrap();
            seen.extend_from_slice(&part[..count]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(seen).unwrap()
    });
    (url, served)
}

#[tokio::test]
async fn a_call_says_what_came_back_and_follows_nothing() {
    for (answer, status) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", 302),
        ("HTTP/1.1 503 Sorry\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\nno", 503),
    ] {
        let (url, served) = once(answer).await;
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", HeaderValue::from_static("evt_1"));
        let (got, headers) = trying().post(&url, headers, Bytes::from_static(b"{}")).await.unwrap();
        assert_eq!(got.as_u16(), status);
        assert_eq!(headers.contains_key("retry-after"), status == 503);
        let seen = served.await.unwrap();
        assert!(seen.starts_with("POST /hooks?x=1 HTTP/1.1\r\n") && seen.contains("webhook-id: evt_1\r\n"), "{seen}");
        assert!(seen.contains("host: 127.0.0.1:"), "{seen}");
    }
}

#[tokio::test]
async fn no_answer_says_why() {
    let (url, served) = once("nonsense\r\n\r\n").await;
    assert_eq!(trying().post(&url, HeaderMap::new(), Bytes::from_static(b"{}")).await, Err(Failed::Answer));
    served.await.unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}/", taken.local_addr().unwrap());
    let slow = trying().within(Duration::from_millis(50));
    assert_eq!(slow.post(&nobody, HeaderMap::new(), Bytes::new()).await, Err(Failed::Timeout));
    drop(taken);
    assert_eq!(trying().post(&nobody, HeaderMap::new(), Bytes::new()).await, Err(Failed::Connect));
    assert_eq!(public().post(&nobody, HeaderMap::new(), Bytes::new()).await, Err(Failed::Address));
    let secure = nobody.replace("http:", "https:");
    assert!(matches!(trying().post(&secure, HeaderMap::new(), Bytes::new()).await, Err(Failed::Connect | Failed::Tls)));
    // A name that leads home is found out when it is resolved, even where its text looks public.
    assert_eq!(public().post("https://localhost.", HeaderMap::new(), Bytes::new()).await, Err(Failed::Address));
}
