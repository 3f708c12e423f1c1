//! What `cargo metadata` says about the workspace, reduced to what the rules need.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Layers from the ground up; the order of the variants is the order of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    Ground,
    Domain,
    Ports,
    Adapters,
    Applications,
    Assembly,
}

impl Layer {
    /// The word in `package.metadata.panorama.layer`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ground => "ground",
            Self::Domain => "domain",
            Self::Ports => "ports",
            Self::Adapters => "adapters",
            Self::Applications => "applications",
            Self::Assembly => "assembly",
        }
    }

    /// The layer with this word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Ground, Self::Domain, Self::Ports, Self::Adapters, Self::Applications, Self::Assembly]
            .into_iter()
            .find(|layer| layer.word() == word)
    }
}

/// One member of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Folder relative to the root.
    pub(crate) folder: PathBuf,
    /// `None` when the manifest names no layer, or one that does not exist.
    pub(crate) layer: Option<Layer>,
    /// Direct dependencies, of the workspace and external, by package name; without those for tests.
    pub(crate) uses: BTreeSet<String>,
    /// Direct dependencies of tests and benches.
    pub(crate) test_uses: BTreeSet<String>,
}

/// A package from outside.
#[derive(Debug, Clone)]
pub(crate) struct External {
    pub(crate) name: String,
    pub(crate) version: String,
    /// SPDX expression, when the package states one.
    pub(crate) licence: Option<String>,
    pub(crate) source: String,
}

/// The workspace.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// By name.
    pub(crate) members: BTreeMap<String, Member>,
    pub(crate) externals: Vec<External>,
    /// Everything a package needs at run time, direct or not, by package name; members only.
    pub(crate) closure: BTreeMap<String, BTreeSet<String>>,
}

/// Asks cargo; the lock file is not changed.
pub(crate) fn load(root: &Path) -> Result<Workspace> {
    let metadata = cargo(root, &["metadata", "--format-version", "1", "--locked", "--all-features"])?;
    let mut workspace =
        parse(&serde_json::from_slice(&metadata).context("cargo metadata printed something else than JSON")?)?;
    // The metadata also lists packages behind weak features that nobody switches on; the tree has only what is built.
    let tree = cargo(
        root,
        &["tree", "--workspace", "--locked", "--all-features", "--target=all", "--prefix=none", "--format={p}"],
    )?;
    let built = String::from_utf8(tree).context("cargo tree printed something else than text")?;
    let built: BTreeSet<&str> =
        built.lines().map(|line| line.split_once(" (").map_or(line, |(package, _)| package)).collect();
    workspace.externals.retain(|package| built.contains(format!("{} v{}", package.name, package.version).as_str()));
    Ok(workspace)
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root).output().context("cargo did not start")?;
    if !output.status.success() {
        bail!("cargo {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// Reads the document that `cargo metadata --format-version 1` prints.
pub(crate) fn parse(metadata: &Value) -> Result<Workspace> {
    let root = PathBuf::from(text(metadata, "workspace_root")?);
    let member_ids: BTreeSet<&str> = array(metadata, "workspace_members")?.iter().filter_map(Value::as_str).collect();
    let mut members = BTreeMap::new();
    let mut externals = Vec::new();
    let mut names = BTreeMap::new();
    for package in array(metadata, "packages")? {
        let id = text(package, "id")?;
        names.insert(id, text(package, "name")?);
        if member_ids.contains(id) {
            let member = member(package, &root)?;
            members.insert(member.name.clone(), member);
        } else {
            externals.push(External {
                name: text(package, "name")?.to_owned(),
                version: text(package, "version")?.to_owned(),
                licence: package["license"].as_str().map(str::to_owned),
                source: package["source"].as_str().unwrap_or("a path outside the workspace").to_owned(),
            });
        }
    }
    let closure = closures(metadata, &member_ids, &names)?;
    Ok(Workspace { members, externals, closure })
}

fn member(package: &Value, root: &Path) -> Result<Member> {
    let manifest = Path::new(text(package, "manifest_path")?);
    let folder = manifest.parent().context("a manifest has no folder")?;
    let mut member = Member {
        name: text(package, "name")?.to_owned(),
        folder: folder.strip_prefix(root).unwrap_or(folder).to_path_buf(),
        layer: package.pointer("/metadata/panorama/layer").and_then(Value::as_str).and_then(Layer::parse),
        uses: BTreeSet::new(),
        test_uses: BTreeSet::new(),
    };
    for dependency in array(package, "dependencies")? {
        let name = text(dependency, "name")?.to_owned();
        match dependency["kind"].as_str() {
            Some("dev") => member.test_uses.insert(name),
            _ => member.uses.insert(name),
        };
    }
    Ok(member)
}

/// Follows the resolved graph from each member along the edges that are not for tests only.
fn closures(
    metadata: &Value,
    members: &BTreeSet<&str>,
    names: &BTreeMap<&str, &str>,
) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in array(&metadata["resolve"], "nodes")? {
        let targets =
            array(node, "deps")?.iter().filter(|dep| is_for_running(dep)).filter_map(|dep| dep["pkg"].as_str());
        edges.insert(text(node, "id")?, targets.collect());
    }
    let mut closures = BTreeMap::new();
    for &member in members {
        let mut seen = BTreeSet::new();
        let mut queue = vec![member];
        while let Some(id) = queue.pop() {
            for &next in edges.get(id).into_iter().flatten() {
                if seen.insert(next) {
                    queue.push(next);
                }
            }
        }
        let name = |id: &str| names.get(id).copied().map(str::to_owned);
        let reached = seen.into_iter().filter_map(name).collect();
        closures.insert(name(member).context("a member is not among the packages")?, reached);
    }
    Ok(closures)
}

/// Normal edges count; edges for tests and build scripts do not reach the running program.
fn is_for_running(dependency: &Value) -> bool {
    dependency["dep_kinds"].as_array().is_none_or(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().with_context(|| format!("cargo metadata has no text {key:?}"))
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("cargo metadata has no list {key:?}"))
}

/// Workspaces for the tests of the rules.
#[cfg(test)]
pub(crate) mod fixture {
    use super::*;

    /// `(name, layer, uses, test uses)`.
    pub(crate) type Row<'a> = (&'a str, Option<Layer>, &'a [&'a str], &'a [&'a str]);

    /// A workspace of these members.
    pub(crate) fn workspace(members: &[Row<'_>]) -> Workspace {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let members: BTreeMap<_, _> = members
            .iter()
            .map(|(name, layer, uses, test_uses)| {
                let member = Member {
                    name: (*name).to_owned(),
                    folder: Path::new("crates").join(name),
                    layer: *layer,
                    uses: set(uses),
                    test_uses: set(test_uses),
                };
                ((*name).to_owned(), member)
            })
            .collect();
        let closure = members.values().map(|member| (member.name.clone(), member.uses.clone())).collect();
        Workspace { members, externals: Vec::new(), closure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_becomes_members_externals_and_closures() {
        let dep = |name: &str, kind: Value| json!({ "name": name, "kind": kind });
        let edge = |id: &str, kind: Value| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "workspace_root": "/w",
            "workspace_members": ["a#1"],
            "packages": [
                { "id": "a#1", "name": "a", "version": "1.0.0", "manifest_path": "/w/crates/a/Cargo.toml",
                  "metadata": { "panorama": { "layer": "ports" } },
                  "dependencies": [dep("b", Value::Null), dep("t", json!("dev"))] },
                { "id": "b#1", "name": "b", "version": "1.0.0", "license": "MIT", "source": "registry+x", "dependencies": [] },
                { "id": "c#1", "name": "c", "version": "1.0.0", "license": null, "source": null, "dependencies": [] },
                { "id": "t#1", "name": "t", "version": "1.0.0", "license": "MIT", "source": "registry+x", "dependencies": [] },
            ],
            "resolve": { "nodes": [
                { "id": "a#1", "deps": [edge("b#1", Value::Null), edge("t#1", json!("dev"))] },
                { "id": "b#1", "deps": [edge("c#1", Value::Null), edge("a#1", json!("build"))] },
                { "id": "c#1", "deps": [] },
                { "id": "t#1", "deps": [] },
            ] },
        });
        let workspace = parse(&metadata).unwrap();
        let a = &workspace.members["a"];
        assert_eq!((a.layer, a.folder.as_path()), (Some(Layer::Ports), Path::new("crates/a")));
        assert!(a.uses.contains("b") && a.test_uses.contains("t") && !a.uses.contains("t"));
        assert_eq!(workspace.closure["a"].iter().collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(workspace.externals.len(), 3);
        assert_eq!(workspace.externals[1].source, "a path outside the workspace");
    }

    #[test]
    fn a_layer_that_does_not_exist_is_no_layer() {
        assert_eq!(Layer::parse("domain"), Some(Layer::Domain));
        assert_eq!(Layer::parse("basement"), None);
    }
}
