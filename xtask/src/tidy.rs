//! Tidiness of the files under version control: what a reviewer should not have to say twice.

use crate::Finding;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Lines of a Rust file before its tests; past it, ask which two ideas the file holds.
const LINES_MAX: usize = 700;
/// Bytes of any one file; larger data is made by a program or found beside the repository.
const BYTES_MAX: usize = 1_500_000;
/// Words that promise work instead of doing it. Joined here so that this file does not hold them.
const PROMISES: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimple", "mented!(")];
/// Paths of one machine. Joined for the same reason.
const MACHINE_PATHS: &[&str] = &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/")];

/// The files that git knows or would add, relative to the root.
pub(crate) fn list(root: &Path) -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("git did not start")?;
    if !output.status.success() {
        bail!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    Ok(names.split('\0').filter(|name| !name.is_empty() && root.join(name).is_file()).map(str::to_owned).collect())
}

/// Checks every file.
pub(crate) fn check(root: &Path, files: &[String]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files {
        let bytes = std::fs::read(root.join(file)).with_context(|| format!("{file} cannot be read"))?;
        if bytes.len() > BYTES_MAX {
            findings
                .push(Finding::new(file, format!("has {} bytes; {BYTES_MAX} is the most for one file", bytes.len())));
        }
        // Bad input kept for tests is meant to be bad, expected output is as it comes; a picture or font is no text.
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if !is_fixture(file) {
            findings.extend(look(file, &text));
        }
    }
    Ok(findings)
}

fn is_fixture(file: &str) -> bool {
    ["/fixtures/", "/corpus/", "/snapshots/", "/testdata/", "/expected/"].iter().any(|folder| file.contains(folder))
}

fn look(file: &str, text: &str) -> Vec<Finding> {
    let mut findings = shape(file, text);
    findings.extend(words(file, text));
    if file.ends_with(".rs") {
        findings.extend(rust(file, text));
    }
    findings
}

/// Line ends, blanks and tabs.
fn shape(file: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
        findings.push(Finding::new(file, "must end with one line break"));
    }
    let foreign = file.ends_with(".lock") || file.ends_with("LICENSE");
    for (number, line) in text.split_terminator('\n').enumerate().filter(|_| !foreign) {
        let mut refuse = |what: &str| findings.push(Finding::new(format!("{file}:{}", number + 1), what));
        if line.contains('\t') {
            refuse("has a tab: indent with blanks");
        }
        if line.ends_with('\r') {
            refuse("ends with a carriage return");
        } else if line.ends_with(' ') {
            refuse("ends with a blank");
        }
    }
    findings
}

/// Promises and machine paths, in anything that is read by people or run.
fn words(file: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|_| !file.ends_with(".lock")) {
        let place = || format!("{file}:{}", number + 1);
        if let Some(word) = PROMISES.iter().find(|word| line.contains(**word)) {
            findings.push(Finding::new(
                place(),
                format!("says {word}: do it, or open an issue and describe what is absent"),
            ));
        }
        if let Some(path) = MACHINE_PATHS.iter().find(|path| line.contains(**path)) {
            findings.push(Finding::new(
                place(),
                format!("has {path}, a path of one machine: take a setting or a relative path"),
            ));
        }
    }
    findings
}

fn rust(file: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = lines_before_tests(text);
    if lines > LINES_MAX && !is_test(file) {
        findings.push(Finding::new(
            file,
            format!("has {lines} lines before its tests; past {LINES_MAX} a file holds two ideas: split it"),
        ));
    }
    if file.ends_with("/mod.rs") {
        findings.push(Finding::new(file, "modules are `foo.rs` beside `foo/`"));
    }
    let is_head = ["src/lib.rs", "src/main.rs"].iter().any(|head| file.ends_with(head));
    if is_head && !text.starts_with("//!") {
        findings.push(Finding::new(file, "a crate opens with `//!`: why it exists, its invariants, where to start"));
    }
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with(concat!("#[", "ignore")) {
            findings.push(Finding::new(
                format!("{file}:{}", number + 1),
                "ignores a test: mend it, or assert the wrong behaviour and say so",
            ));
        }
    }
    findings.extend(unreasoned(file, text));
    findings
}

/// A file that holds only tests or benches.
fn is_test(file: &str) -> bool {
    ["/tests/", "/benches/", "/tests.rs", "_tests.rs"].iter().any(|part| file.contains(part))
}

fn lines_before_tests(text: &str) -> usize {
    let tests = "#[cfg(test)]\nmod tests {";
    text.find(tests).and_then(|at| text.get(..at)).unwrap_or(text).lines().count()
}

/// `allow` and `expect` attributes without `reason = "…"`; that tests unwrap needs no reason.
fn unreasoned(file: &str, text: &str) -> Vec<Finding> {
    let starts = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
    let mut findings = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let attribute = !is_test(file) && starts.iter().any(|start| trimmed.starts_with(start));
        let body = text.get(at..).and_then(|rest| rest.split(")]").next()).unwrap_or_default();
        if attribute && !body.contains("reason = ") {
            let number = text.get(..at).map_or(0, |before| before.lines().count()) + 1;
            findings.push(Finding::new(format!("{file}:{number}"), "switches a lint off without `reason = \"…\"`"));
        }
        at += line.len();
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(file: &str, text: &str) -> Vec<String> {
        look(file, text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_tidy_file_passes() {
        let text = "//! Why.\n\n#[expect(dead_code, reason = \"shown in the docs\")]\nfn f() {}\n";
        assert_eq!(texts("crates/x/src/lib.rs", text), Vec::<String>::new());
    }

    #[test]
    fn each_untidiness_is_named() {
        let long = format!("//! Why.\n{}", "fn f() {}\n".repeat(LINES_MAX));
        let promise = format!("// {} later\n", PROMISES[0]);
        let path = format!("x = \"{}x\"\n", MACHINE_PATHS[0]);
        let ignored = concat!("#[", "ignore]\nfn f() {}\n");
        let cases = [
            ("a.rs", "fn f() {}", "a.rs: must end with one line break"),
            ("a.rs", "fn f() {}\n\n", "a.rs: must end with one line break"),
            ("a.toml", "a\tb\n", "a.toml:1: has a tab"),
            ("a.md", "a\nb \n", "a.md:2: ends with a blank"),
            ("a.md", "a\r\n", "a.md:1: ends with a carriage return"),
            ("dev", &promise, "dev:1: says"),
            ("a.toml", &path, "a.toml:1: has /"),
            ("crates/x/src/a.rs", &long, "crates/x/src/a.rs: has 701 lines"),
            ("crates/x/src/a/mod.rs", "fn f() {}\n", "crates/x/src/a/mod.rs: modules are"),
            ("crates/x/src/main.rs", "fn main() {}\n", "crates/x/src/main.rs: a crate opens"),
            ("a.rs", ignored, "a.rs:1: ignores a test"),
            ("a.rs", "\n    #[allow(dead_code)]\nfn f() {}\n", "a.rs:2: switches a lint off"),
            ("a.rs", "#![expect(\n    dead_code,\n    unused\n)]\n", "a.rs:1: switches a lint off"),
        ];
        for (file, text, expected) in cases {
            let texts = texts(file, text);
            assert!(texts.len() == 1 && texts[0].starts_with(expected), "{expected:?}: {texts:?}");
        }
    }

    #[test]
    fn tests_do_not_count_as_length() {
        let text = format!("//! Why.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn f() {}\n".repeat(LINES_MAX));
        assert_eq!(texts("crates/x/src/a.rs", &text), Vec::<String>::new());
        assert_eq!(texts("crates/x/tests/a.rs", &"fn f() {}\n".repeat(LINES_MAX + 1)), Vec::<String>::new());
    }

    #[test]
    fn bad_input_kept_for_tests_is_left_alone() {
        assert!(is_fixture("crates/pano-spec/tests/fixtures/bom.yaml"));
        assert!(!is_fixture("crates/pano-spec/src/read.rs"));
    }
}
