//! The command line as people meet it: what is printed, what is refused, with which exit code.

use crate::process::Deployment;
use panorama::demo::{Transcript, library, onboard, team};
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub(crate) fn panorama(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_panorama"));
    for name in
        ["PANORAMA_CONFIG", "PANORAMA_TOKEN", "PANORAMA_TOKEN_FILE", "PANORAMA_SERVER", "PANORAMA_SPECS", "PANORAMA_CA"]
    {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_demo_checks_itself_and_leaves_nothing_behind() {
    let output = panorama(&["demo", "--check"]);
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    let shown = text(&output.stdout);
    for code in [
        "gateway.token_missing",
        "gateway.token_invalid",
        "gateway.scope_missing",
        "gateway.not_subscribed",
        "gateway.body_invalid",
        "gateway.route_unknown",
        "gateway.rate_limited",
        "gateway.version_retired",
        "gateway.token_revoked",
        "review.same_person",
        "document.refused",
    ] {
        assert!(shown.contains(code), "{code} was not shown");
    }
    let folder = shown.lines().find_map(|line| line.split("files in ").nth(1)).expect("the data folder is named");
    assert!(!Path::new(folder.trim()).exists(), "{folder} is still there");
}

#[test]
fn bad_command_lines_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let config = file("bad.toml", "colour = 1\n[gateway]\nworkers = \"two\"\n");
    let hostile = file(
        "hostile.yaml",
        "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/a: {$ref: 'https://evil.example/a'}}\n",
    );
    let no_api = file("note.yaml", "just: text\n");
    let missing = folder.path().join("missing.yaml");
    let missing = missing.to_str().unwrap();
    let taken = file("key.pem", "kept");
    let empty = file("empty.token", "\n");
    let port = file("port.toml", "[gateway]\nlisten = \"127.0.0.1:99999\"\n[manager]\nmock = \"http://a/\"\n");
    let private = file("private.pem", "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n");
    let private_jwk = file("private.jwk", r#"{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}"#);
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["no-such-command"], 2, &["no-such-command"]),
        (&["serve", "kitchen"], 2, &["kitchen", "gateway"]),
        (&["partner", "admit", "ptn_x", "--tier", "9"], 2, &["9"]),
        (&["config", "check", "-c", &config], 1, &["colour", "gateway.workers"]),
        (&["up", "-c", &config], 1, &["2 mistake(s)"]),
        (&["up", "-c", missing], 1, &["cannot be read"]),
        (&["partner", "list"], 1, &["no API token", "bootstrap"]),
        (&["partner", "list", "--token-file", missing], 1, &["cannot read"]),
        (&["partner", "list", "--server", "ftp://x", "--token-file", &taken], 1, &["not an http address"]),
        (&["usage", "--server", "http://127.0.0.1:9", "--token-file", &taken], 1, &["nobody answers"]),
        (&["validate", &hostile], 1, &["refused"]),
        (&["validate", &no_api], 1, &["refused"]),
        (&["validate", missing], 1, &["neither a file nor a folder"]),
        (&["app", "keygen", &taken], 1, &["never overwritten"]),
        (&["app", "token", "app_x", "--private-key", &taken], 1, &["holds no key"]),
        (&["diff", &no_api, &no_api], 1, &["refused"]),
        (&["config", "check", "-c", &port], 1, &["gateway.listen", "manager.mock"]),
        (&["plan", "create", "x", "--burst", "5"], 2, &["--rate"]),
        (&["records", "--limit", "0"], 2, &["1..=40000"]),
        (&["partner", "list", "--token-file", &empty], 1, &["holds no API token"]),
        (&["partner", "list", "--server", "https://x", "--token-file", &taken], 1, &["--ca"]),
        (&["app", "add-key", APP, &private, "--token-file", &taken], 1, &["never leaves your machine"]),
        (&["app", "add-key", APP, &private_jwk, "--token-file", &taken], 1, &["never leaves your machine"]),
        (&["app", "token", "app_x", "--private-key", missing], 1, &["cannot read"]),
        (&["gateway-bench", "--file", missing], 1, &["missing.yaml"]),
    ];
    for (arguments, code, said) in cases {
        let output = panorama(arguments);
        let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {all}");
        assert!(!all.contains("panicked"), "{arguments:?}: {all}");
        for word in *said {
            assert!(all.contains(word), "{arguments:?} does not say {word:?}: {all}");
        }
    }
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "kept");
}

#[test]
fn a_taken_address_is_told_with_its_key() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for key in ["gateway.listen", "gateway.metrics", "manager.listen", "identity.listen", "bank.listen"] {
        let folder = tempfile::tempdir().unwrap();
        let mut config = panorama::config::Config::default();
        panorama::up::on_free_ports(&mut config).unwrap();
        config.data.folder = folder.path().join("data");
        match key {
            "gateway.listen" => config.gateway.listen = address,
            "gateway.metrics" => config.gateway.metrics = address,
            "manager.listen" => config.manager.listen = address,
            "identity.listen" => config.identity.listen = address,
            _ => config.bank.listen = address,
        }
        let file = folder.path().join("panorama.toml");
        std::fs::write(&file, toml::to_string(&config).unwrap()).unwrap();
        let output = panorama(&["up", "-c", file.to_str().unwrap()]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{key}: {said}");
        assert!(said.contains(&format!("{key}: cannot listen on {address}: ")), "{key}: {said}");
    }
}

const APP: &str = "app_01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[test]
fn the_issuer_comes_from_the_configuration_unless_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("app.pem");
    assert!(panorama(&["app", "keygen", key.to_str().unwrap()]).status.success());
    let file = folder.path().join("panorama.toml");
    // Its secrets are not this machine's.
    std::fs::write(
        &file,
        "[identity]\nissuer = \"http://127.0.0.1:9\"\nmaster_key = { file = \"/nowhere/master.key\" }\n",
    )
    .unwrap();
    let ask = ["app", "token", APP, "--private-key", key.to_str().unwrap(), "-c", file.to_str().unwrap()];
    for (more, said) in [(&[][..], "127.0.0.1:9"), (&["--issuer", "http://127.0.0.1:11"], "127.0.0.1:11")] {
        let output = panorama(&[&ask[..], more].concat());
        let said_so = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(said_so.contains(&format!("{said} ")) || said_so.contains(&format!("{said}/")), "{said}: {said_so}");
    }
}

#[test]
fn whoever_reads_no_further_disturbs_nobody() {
    use std::io::Read as _;
    for arguments in [&["completions", "bash"][..], &["openapi"], &["config", "schema"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_panorama"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut some = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut some).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn what_needs_no_server_works_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("app.pem");
    let output = panorama(&["app", "keygen", key.to_str().unwrap()]);
    assert!(output.status.success());
    let jwk: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(jwk["crv"], "P-256");
    assert!(jwk.get("d").is_none(), "the private half was printed");
    for (arguments, said) in [
        (&["completions", "bash"][..], "_panorama"),
        (&["config", "schema"], "\"title\": \"panorama.toml\""),
        (&["config", "show"], "[gateway]"),
        (&["openapi"], "\"openapi\": \"3.1.0\""),
        (&["--help"], "demo"),
    ] {
        let output = panorama(arguments);
        assert!(output.status.success() && text(&output.stdout).contains(said), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_a_folder_and_a_second_sync_changes_nothing() {
    let deployment = Deployment::embedded().await;
    let site = deployment.site.clone();
    let mut quiet = Transcript::quiet();
    let team = team::gather(&mut quiet, &site).await.unwrap();
    let shelf = library::fill(&mut quiet, &site, &team, None).await.unwrap();
    onboard::admit(&mut quiet, &site, &team, &shelf).await.unwrap();

    let config = site.data.parent().unwrap().join("panorama.toml");
    let second = panorama(&["serve", "manager", "-c", config.to_str().unwrap()]);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("in use"), "{}", text(&second.stderr));

    let token = site.data.join("demo/maker.token");
    let with = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--server", &site.manager, "--token-file", token.to_str().unwrap()]);
        panorama(&all)
    };
    for (arguments, said) in [
        (&["api", "list"][..], "current-account"),
        (&["partner", "list"], "wealth-mate"),
        (&["app", "list"], "robo-advisor"),
        (&["plan", "list"], "standard"),
        (&["subscription", "list"], "approved"),
        (&["gateways"], "in_step"),
        (&["search", "账户"], "current-account"),
        (&["usage"], "REQUESTS"),
        (&["api", "show", "current-account"], "VERSION"),
        (&["api", "version", "current-account@1.0.0"], "lifecycle.state"),
        (&["api", "operations", "current-account@1.0.0"], "listAccounts"),
        (&["api", "lint", "current-account@1.0.0"], "SEVERITY"),
        (&["api", "gate", "current-account@1.0.0", "deprecate"], "possible"),
        (&["partner", "show", "wealth-mate"], "lifecycle.state"),
        (&["app", "keys", "wealth-mate/robo-advisor"], "KID"),
        (&["app", "show", "robo-advisor"], "lifecycle.state"),
        (&["plan", "show", "standard"], "limits."),
        (&["provider", "list"], "SLUG"),
        (&["directory", "list"], "api.bank.account"),
        (&["operator", "me"], "lin.xia"),
        (&["usage", "--app", "robo-advisor", "--api", "current-account"], "REQUESTS"),
        (&["records", "--app", "robo-advisor"], "(none)"),
        (&["app", "list", "-o", "json"], "\"slug\": \"robo-advisor\""),
    ] {
        let output = with(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        let shown = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(shown.contains(said) || said == "REQUESTS", "{arguments:?}: {shown}");
    }

    for (arguments, said) in [
        (&["partner", "show", "nobody"][..], "there is no partner"),
        (&["api", "version", "current-account@9"], "there is no version"),
        (&["app", "show", "nobody/robo-advisor"], "there is no partner"),
        (&["keys", "list", "--identity", &site.identity], "operator's roles"),
        (&["api", "gate", "current-account@1.0.0", "fly"], "expected one of"),
        (&["api", "settings", "current-account@1.0.0", "Cargo.toml"], "is no JSON"),
    ] {
        let output = with(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stdout));
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
    }

    let (admin, theirs) = (site.data.join("demo/admin.token"), site.data.parent().unwrap().join("theirs.token"));
    let create = |name: &str, more: &[&str]| {
        let mut all = vec!["operator", "create", "--name", name, "--roles", "auditor", "--server", &site.manager];
        all.extend(["--token-file", admin.to_str().unwrap()].iter().chain(more));
        panorama(&all)
    };
    let (printed, saved) = (create("zhao.min", &[]), create("zhou.zhiruo", &["--save", theirs.to_str().unwrap()]));
    let lines = text(&printed.stdout);
    let token = lines.lines().find_map(|line| line.strip_prefix("token.token")).expect("the token is printed");
    std::fs::write(site.data.join("printed.token"), token.trim()).unwrap();
    assert!(saved.status.success() && !text(&saved.stdout).contains("pano_"), "{}", text(&saved.stderr));
    for (file, name) in [(site.data.join("printed.token"), "zhao.min"), (theirs, "zhou.zhiruo")] {
        let me = panorama(&["operator", "me", "--server", &site.manager, "--token-file", file.to_str().unwrap()]);
        assert!(text(&me.stdout).contains(name), "{}", text(&me.stderr));
    }
    let again = create("zhao.min", &[]);
    assert!(!again.status.success() && text(&again.stderr).contains("resource.conflict"), "{}", text(&again.stderr));

    let folder = site.data.parent().unwrap().join("declared");
    let folder = folder.to_str().unwrap();
    let dumped = with(&["dump", folder]);
    assert!(dumped.status.success(), "{}", text(&dumped.stderr));
    let adopted = with(&["sync", folder, "--adopt"]);
    assert!(adopted.status.success(), "{}{}", text(&adopted.stdout), text(&adopted.stderr));
    let again = with(&["sync", folder]);
    assert!(again.status.success(), "{}{}", text(&again.stdout), text(&again.stderr));
    assert_eq!(text(&again.stdout).trim(), "", "the second sync changed something");
    let same = with(&["diff", folder]);
    assert!(same.status.success(), "{}{}", text(&same.stdout), text(&same.stderr));
}
