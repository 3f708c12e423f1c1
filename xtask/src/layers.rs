//! Arrows point down only: which layer may use which, and what a layer may never touch outside the house.
//!
//! The table is [`may_use`]; the words are those of `docs/ARCHITECTURE.md`.

use crate::Finding;
use crate::workspace::{Layer, Member, Workspace};
use std::collections::BTreeSet;

/// Runtimes, databases and HTTP servers: the pure layers meet none of them, not even through another crate.
const IMPURE: &[&str] = &["tokio", "hyper", "axum", "tower", "sqlx", "sqlx-core", "sea-query", "reqwest", "rustls"];
/// Only one crate knows SQL.
const SQL: &[&str] = &["sqlx", "sea-query", "sea-query-sqlx", "rusqlite", "tokio-postgres"];
const SQL_CRATE: &str = "pano-store-sql";
/// The data plane opens no database, and cannot learn how to.
const GATEWAY: &str = "pano-gateway";
const NOT_IN_GATEWAY: &[&str] = &["pano-store", "pano-store-sql", "sqlx", "sea-query"];

/// Checks every member.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in workspace.members.values() {
        let Some(layer) = member.layer else {
            findings.push(Finding::new(
                &member.name,
                "names no layer: set package.metadata.panorama.layer to ground, domain, ports, adapters, applications or assembly",
            ));
            continue;
        };
        findings.extend(arrows(workspace, member, layer));
        findings.extend(outside(workspace, member, layer));
    }
    findings
}

/// Edges to other members.
fn arrows(workspace: &Workspace, member: &Member, layer: Layer) -> Vec<Finding> {
    let others = |names: &BTreeSet<String>| {
        let found = names.iter().filter_map(|name| workspace.members.get(name));
        found.filter_map(|other| Some((other.name.clone(), other.layer?))).collect::<Vec<_>>()
    };
    let running = others(&member.uses).into_iter().filter(|(_, to)| !may_use(layer, *to)).map(|(name, to)| {
        Finding::new(
            &member.name,
            format!("({}) uses {name} ({}); {} may use {}", layer.word(), to.word(), layer.word(), allowed(layer)),
        )
    });
    let testing = others(&member.test_uses).into_iter().filter(|(name, to)| !may_test_with(layer, name, *to));
    let testing = testing.map(|(name, to)| {
        Finding::new(
            &member.name,
            format!(
                "({}) tests with {name} ({}); beside what {} may use, tests may take adapters and pano-testkit, \
                 and pure layers not even those",
                layer.word(),
                to.word(),
                layer.word()
            ),
        )
    });
    running.chain(testing).collect()
}

/// Who may use whom. Within a layer only the lower three may: an application or adapter never imports its neighbour.
const fn may_use(from: Layer, to: Layer) -> bool {
    match from {
        Layer::Ground => matches!(to, Layer::Ground),
        Layer::Domain => matches!(to, Layer::Ground | Layer::Domain),
        Layer::Ports | Layer::Adapters | Layer::Applications => {
            matches!(to, Layer::Ground | Layer::Domain | Layer::Ports)
        }
        Layer::Assembly => true,
    }
}

const fn allowed(from: Layer) -> &'static str {
    match from {
        Layer::Ground => "ground",
        Layer::Domain => "domain and ground",
        Layer::Ports | Layer::Adapters | Layer::Applications => "ports, domain and ground",
        Layer::Assembly => "everything",
    }
}

/// Tests of the outer layers run against real adapters, started by the test kit; they still never import a neighbour.
fn may_test_with(from: Layer, name: &str, to: Layer) -> bool {
    let outer = matches!(from, Layer::Ports | Layer::Adapters | Layer::Applications);
    may_use(from, to) || (outer && (to == Layer::Adapters || name == "pano-testkit"))
}

/// Edges to the outside, direct and through others.
fn outside(workspace: &Workspace, member: &Member, layer: Layer) -> Vec<Finding> {
    let mut findings = Vec::new();
    let reached = workspace.closure.get(&member.name).unwrap_or(&member.uses);
    let mut refuse = |names: &[&str], within: &BTreeSet<String>, why: &str| {
        findings.extend(names.iter().filter(|name| within.contains(**name)).map(|name| {
            let how = if member.uses.contains(*name) { "uses" } else { "reaches" };
            Finding::new(&member.name, format!("{how} {name}: {why}"))
        }));
    };
    if matches!(layer, Layer::Ground | Layer::Domain) {
        refuse(
            IMPURE,
            reached,
            "ground and domain crates do no I/O; move the code to a port, an adapter or an application",
        );
    }
    if member.name != SQL_CRATE {
        refuse(SQL, &member.uses, "only pano-store-sql knows SQL; add a method to a repository trait in pano-store");
    }
    if member.name == GATEWAY {
        refuse(NOT_IN_GATEWAY, reached, "the gateway opens no database; what it needs comes in the snapshot");
    }
    if layer != Layer::Assembly {
        refuse(&["anyhow"], &member.uses, "libraries define thiserror enums; anyhow stays in assembly and tests");
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::{Row, workspace};

    fn check_texts(members: &[Row<'_>]) -> Vec<String> {
        check(&workspace(members)).iter().map(ToString::to_string).collect()
    }

    const A: Option<Layer> = Some(Layer::Applications);
    const D: Option<Layer> = Some(Layer::Domain);
    const G: Option<Layer> = Some(Layer::Ground);
    const P: Option<Layer> = Some(Layer::Ports);

    #[test]
    fn a_house_with_arrows_down_stands() {
        let findings = check_texts(&[
            ("pano-types", G, &["serde"], &[]),
            ("pano-ledger", D, &["pano-types"], &["proptest"]),
            ("pano-store", P, &["pano-ledger"], &[]),
            ("pano-store-sql", Some(Layer::Adapters), &["pano-store", "sqlx"], &[]),
            ("pano-bank", A, &["pano-store", "axum", "tokio"], &["pano-testkit", "pano-store-sql", "anyhow"]),
            ("pano-testkit", Some(Layer::Assembly), &["pano-store-sql", "anyhow"], &[]),
        ]);
        assert_eq!(findings, Vec::<String>::new());
    }

    #[test]
    fn each_broken_arrow_is_named() {
        let adapters = Some(Layer::Adapters);
        let cases: &[(&str, &[Row<'_>])] = &[
            ("a (domain) uses b (applications)", &[("a", D, &["b"], &[]), ("b", A, &[], &[])]),
            ("a (ground) uses b (domain)", &[("a", G, &["b"], &[]), ("b", D, &[], &[])]),
            ("a (applications) uses b (applications)", &[("a", A, &["b"], &[]), ("b", A, &[], &[])]),
            ("a (applications) uses b (adapters)", &[("a", A, &["b"], &[]), ("b", adapters, &[], &[])]),
            ("a (adapters) uses b (adapters)", &[("a", adapters, &["b"], &[]), ("b", adapters, &[], &[])]),
            ("a (ports) uses b (adapters)", &[("a", P, &["b"], &[]), ("b", adapters, &[], &[])]),
            ("a (applications) tests with b (applications)", &[("a", A, &[], &["b"]), ("b", A, &[], &[])]),
            ("a (domain) tests with b (adapters)", &[("a", D, &[], &["b"]), ("b", adapters, &[], &[])]),
            ("a: names no layer", &[("a", None, &[], &[])]),
            ("a: uses tokio", &[("a", D, &["tokio"], &[])]),
            ("a: uses sqlx: only pano-store-sql", &[("a", A, &["sqlx"], &[])]),
            ("a: uses anyhow", &[("a", P, &["anyhow"], &[])]),
            (
                "pano-gateway: uses pano-store",
                &[("pano-gateway", A, &["pano-store"], &[]), ("pano-store", P, &[], &[])],
            ),
        ];
        for (expected, members) in cases {
            let findings = check_texts(members);
            let plain = expected.replacen(" (", ": (", 1);
            assert!(
                findings.iter().any(|text| text.starts_with(expected) || text.starts_with(&plain)),
                "{expected:?} is not among {findings:?}"
            );
        }
    }

    #[test]
    fn what_is_reached_through_another_crate_counts() {
        let mut workspace = workspace(&[("pano-gateway", A, &["x"], &[]), ("d", D, &["y"], &[])]);
        workspace.closure.insert("pano-gateway".into(), ["x", "sqlx"].map(String::from).into());
        workspace.closure.insert("d".into(), ["y", "tokio"].map(String::from).into());
        let findings: Vec<String> = check(&workspace).iter().map(ToString::to_string).collect();
        assert!(findings.iter().any(|text| text.starts_with("pano-gateway: reaches sqlx")), "{findings:?}");
        assert!(findings.iter().any(|text| text.starts_with("d: reaches tokio")), "{findings:?}");
    }
}
