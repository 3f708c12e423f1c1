use super::*;

fn mistakes(text: &str) -> Vec<String> {
    Config::parse(text).unwrap_err().into_iter().map(|m| m.at).collect()
}

#[test]
fn an_empty_file_is_the_embedded_default() {
    let config = Config::parse("").unwrap();
    assert_eq!(config.gateway.listen.port(), 8080);
    assert!(config.store.postgres.is_none());
}

#[test]
fn all_mistakes_come_at_once_with_their_paths() {
    let text = "colour = 1\n[gateway]\nlisten = \"here\"\nworkers = \"two\"\n[identity]\naccess_token_seconds = 5\n";
    let found = mistakes(text);
    for at in ["(top level)", "gateway.listen", "gateway.workers", "identity.access_token_seconds"] {
        assert!(found.iter().any(|f| f == at), "{at} not in {found:?}");
    }
}

#[test]
fn unknown_keys_are_refused_at_every_depth() {
    for text in ["x = 1", "[gateway]\nlistn = \"127.0.0.1:1\"", "[store]\npostgres = { file = \"x\", mode = 1 }"] {
        assert!(Config::parse(text).is_err(), "{text}");
    }
}

#[test]
fn addresses_are_checked_with_everything_else() {
    let text =
        "[gateway]\nlisten = \"127.0.0.1:99999\"\nmanager = \"http://a:7000/\"\n[bank]\nlisten = \"300.0.0.1:1\"\n";
    let mut found = mistakes(text);
    found.sort();
    assert_eq!(found, ["bank.listen", "gateway.listen", "gateway.manager"]);
    for good in ["0.0.0.0:0", "255.255.255.255:65535", "[::1]:443"] {
        assert!(Config::parse(&format!("[bank]\nlisten = \"{good}\"")).is_ok(), "{good}");
    }
    for (good, url) in
        [(true, "https://a.example/b"), (true, "http://[::1]:7000"), (false, "http://"), (false, "ftp://a")]
    {
        let parsed = Config::parse(&format!("[identity]\nissuer = \"{url}\""));
        assert_eq!(parsed.is_ok(), good, "{url}");
    }
    // What no pattern shows has its path all the same.
    assert_eq!(mistakes("[gateway]\nlisten = \"[::::]:1\""), ["gateway.listen"]);
}

#[test]
fn trust_in_upstreams_is_whole_or_refused() {
    let text =
        "[gateway.upstream_tls]\nca = \"no\"\n[gateway.upstream_tls.hosts.\"core:8443\"]\ncertificate = \"Cargo.toml\"";
    let at = |key: &str| format!("gateway.upstream_tls.{key}");
    assert_eq!(mistakes(text), [at("ca"), at("hosts.core:8443.key"), at("hosts.core:8443.ca")]);
}

#[test]
fn contradictions_are_named() {
    assert_eq!(mistakes("[log]\nfilter = \"info,,=x\""), ["log.filter"]);
    assert_eq!(mistakes("[manager]\nlisten = \"127.0.0.1:8080\""), ["manager.listen"]);
    assert_eq!(mistakes("[store]\npostgres = { env = \"PANORAMA_NO_SUCH_VARIABLE\" }"), ["store.postgres"]);
    assert_eq!(mistakes("[gateway]\nmanager = \"127.0.0.1:7000\""), ["gateway.manager"]);
    let tls = "[gateway.tls]\nlisten = \"127.0.0.1:8443\"\ncertificate = \"no\"\nkey = \"no\"\nclient_certificate_required = true";
    assert_eq!(mistakes(tls), ["gateway.tls.certificate", "gateway.tls.key", "gateway.tls.client_ca"]);
}

#[test]
fn what_is_no_toml_is_reported_with_line_and_column() {
    assert_eq!(mistakes("[gateway]\nlisten = \n"), ["2:10"]);
}

#[test]
fn a_secret_in_clear_is_refused() {
    assert_eq!(mistakes("[store]\npostgres = \"postgres://a:b@c/d\""), ["store.postgres"]);
}

/// The mistakes with what is said about them.
fn told(text: &str) -> Vec<(String, String)> {
    Config::parse(text).unwrap_err().into_iter().map(|m| (m.at, m.reason)).collect()
}

#[test]
fn mistakes_of_form_hide_no_others() {
    let text = "colour = 1\n[data]\nfolder = \"\"\n[gateway]\nworkers = \"two\"\nmanager = \"https://m:7000\"\n\
        [gateway.tls]\nlisten = \"[::::]:1\"\ncertificate = \"no.pem\"\nkey = \"no.key\"\n\
        [identity]\nlisten = \"[::::]:2\"\nissuer = \"https://bank.example/a?b=c\"\n[log]\nfilter = \"loud\"\n\
        [store]\npostgres = { file = \"no.url\" }\n";
    let found = mistakes(text);
    for at in [
        "(top level)",
        "data.folder",
        "gateway.workers",
        "gateway.manager",
        "gateway.tls.listen",
        "gateway.tls.certificate",
        "gateway.tls.key",
        "identity.listen",
        "identity.issuer",
        "log.filter",
        "store.postgres",
    ] {
        assert_eq!(found.iter().filter(|f| *f == at).count(), 1, "{at} once in {found:?}");
    }
    assert_eq!(found.len(), 11, "nothing is invented: {found:?}");
}

#[test]
fn what_only_shows_in_use_is_told_with_key_and_file() {
    let temp = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = temp.path().join(name);
        folder::write_private(&path, content.as_bytes()).unwrap();
        path.display().to_string()
    };
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["a".to_owned()]).unwrap().self_signed(&key).unwrap();
    let (chain, own) = (file("chain.pem", &certificate.pem()), file("own.key", &key.serialize_pem()));
    let (other, none) = (file("other.key", &rcgen::KeyPair::generate().unwrap().serialize_pem()), file("x.pem", "x"));
    let tls = |chain: &str, key: &str, ca: &str| {
        format!(
            "[gateway.tls]\nlisten = \"127.0.0.1:1\"\ncertificate = \"{chain}\"\nkey = \"{key}\"\nclient_ca = \"{ca}\"\n"
        )
    };
    assert!(Config::parse(&tls(&chain, &own, &chain)).is_ok());
    let open = file("open.key", &key.serialize_pem());
    std::fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let weak = file("weak.key", "short");
    let upstream =
        format!("[gateway.upstream_tls]\nca = \"{none}\"\ncertificate = \"{chain}\"\nkey = {{ file = \"{other}\" }}");
    let empty = file("empty.pem", "");
    for (text, at, said) in [
        (tls(&none, &own, &chain), "gateway.tls.certificate", "x.pem"),
        (tls(&chain, &none, &chain), "gateway.tls.key", "x.pem"),
        (tls(&chain, &own, &empty), "gateway.tls.client_ca", "empty.pem"),
        (tls(&chain, &other, &chain), "gateway.tls.certificate", "chain.pem"),
        (tls(&chain, &open, &chain), "gateway.tls.key", "open.key can be used by everybody"),
        (upstream, "gateway.upstream_tls.ca", "x.pem"),
        (format!("[bank]\nwebhook_authorities = \"{none}\""), "bank.webhook_authorities", "x.pem"),
        (format!("[identity]\nmaster_key = {{ file = \"{weak}\" }}"), "identity.master_key", "weak.key"),
        (format!("[store]\npostgres = {{ file = \"{weak}\" }}"), "store.postgres", "postgres://"),
        (format!("[data]\nfolder = \"{weak}\""), "data.folder", "weak.key"),
        ("[gateway]\nmanager = \"http://m:99999\"".to_owned(), "gateway.manager", "http://m:99999"),
        ("[manager]\nmock = \"http://:7003\"".to_owned(), "manager.mock", "http://:7003"),
        ("[identity]\nissuer = \"http://bank.example\"".to_owned(), "identity.issuer", "https"),
        (
            "[gateway.upstream_tls.hosts.\"https://core\"]\nca = \"Cargo.toml\"".to_owned(),
            "gateway.upstream_tls.hosts.https://core.ca",
            "Cargo.toml",
        ),
        ("[log]\nfilter = \"info,pano_gateway=loud\"".to_owned(), "log.filter", ""),
        ("[bank]\nlisten = \"0.0.0.0:8080\"".to_owned(), "bank.listen", "gateway.listen"),
        ("[bank]\nlisten = \"[::]:8080\"".to_owned(), "bank.listen", "gateway.listen"),
    ] {
        let found = told(&text);
        assert!(found.iter().any(|(key, reason)| key == at && reason.contains(said)), "{at} {said}: {found:?}");
    }
    assert!(Config::parse("[bank]\nlisten = \"127.0.0.2:8080\"\n[log]\nfilter = \"warn,pano_gateway=debug\"").is_ok());
}
