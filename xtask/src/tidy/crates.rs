//! Which crate may know which, and what the pure ones may never know, read from `cargo metadata`.

use super::{Finding, SourceFile};
use crate::project;
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// The arrows: each crate with the crates of ours it may use. Tests may use all.
const ARROWS: [(&str, &[&str]); 7] = [
    ("trunkline-engine", &[]),
    ("trunkline-leads", &["trunkline-engine"]),
    ("trunkline-connectors", &["trunkline-engine", "trunkline-leads"]),
    ("trunkline-plugins", &["trunkline-engine", "trunkline-leads"]),
    ("trunkline-store", &["trunkline-engine", "trunkline-leads"]),
    (
        "trunkline-server",
        &[
            "trunkline-engine",
            "trunkline-leads",
            "trunkline-connectors",
            "trunkline-plugins",
            "trunkline-store",
        ],
    ),
    ("xtask", &[]),
];

/// Crates that decide; they never wait, store, listen, call or run foreign code.
const PURE: [&str; 2] = ["trunkline-engine", "trunkline-leads"];
const IMPURE: [&str; 9] =
    ["tokio", "async-std", "sqlx", "rusqlite", "axum", "hyper", "reqwest", "wasmtime", "rand"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Package {
    /// Runs inside the compiler only: what it uses never reaches the product.
    fn is_macro(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "proc-macro"))
    }
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// Absent for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
}

/// Package names with the names they depend on when built for use, and manifests of our own.
struct Graph {
    normal: HashMap<String, HashSet<String>>,
    manifests: HashMap<String, String>,
}

fn graph() -> Result<Graph> {
    let output = project::cargo()
        .args(["metadata", "--format-version=1", "--locked"])
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let names: HashMap<&str, &str> =
        metadata.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect();
    let macros: HashSet<&str> = metadata
        .packages
        .iter()
        .filter(|package| package.is_macro())
        .map(|package| package.id.as_str())
        .collect();
    let mut normal: HashMap<String, HashSet<String>> = HashMap::new();
    for node in metadata.resolve.nodes.iter().filter(|node| !macros.contains(node.id.as_str())) {
        let used = node
            .deps
            .iter()
            .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none()))
            .map(|dependency| names[dependency.pkg.as_str()].to_owned());
        // Two versions of one crate share an entry: what either uses counts.
        normal.entry(names[node.id.as_str()].to_owned()).or_default().extend(used);
    }
    let manifests =
        metadata.packages.into_iter().map(|package| (package.name, package.manifest_path)).collect();
    Ok(Graph { normal, manifests })
}

impl Graph {
    fn finding(&self, crate_name: &str, what: String) -> Finding {
        let root = format!("{}/", project::root().display());
        let manifest = self.manifests.get(crate_name).map_or(crate_name, String::as_str);
        Finding::of(manifest.strip_prefix(&root).unwrap_or(manifest), what)
    }
}

/// No crate uses one that it must not know.
pub(super) fn arrows(_: &[SourceFile]) -> Result<Vec<Finding>> {
    let graph = graph()?;
    let mut findings = Vec::new();
    for (name, allowed) in ARROWS {
        let used = graph.normal.get(name).cloned().unwrap_or_default();
        let ours = used.into_iter().filter(|other| other.starts_with("trunkline-"));
        for other in ours.filter(|other| !allowed.contains(&other.as_str())) {
            findings.push(graph.finding(name, format!("{name} must not know {other}")));
        }
    }
    Ok(findings)
}

/// Nothing that waits, stores, listens or calls is anywhere in the tree of a pure crate.
pub(super) fn purity(_: &[SourceFile]) -> Result<Vec<Finding>> {
    let graph = graph()?;
    let mut findings = Vec::new();
    for name in PURE {
        let reached = reach(&graph.normal, name);
        for impure in IMPURE.iter().filter(|impure| reached.contains(**impure)) {
            findings.push(graph.finding(name, format!("{name} is pure, yet {impure} is in its tree")));
        }
    }
    Ok(findings)
}

fn reach<'a>(uses: &'a HashMap<String, HashSet<String>>, from: &'a str) -> HashSet<&'a str> {
    let mut reached = HashSet::new();
    let mut waiting = vec![from];
    while let Some(name) = waiting.pop() {
        if reached.insert(name) {
            waiting.extend(uses.get(name).into_iter().flatten().map(String::as_str));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_tree_is_reached() {
        let uses = HashMap::from([
            ("engine".to_owned(), HashSet::from(["serde".to_owned(), "a".to_owned()])),
            ("a".to_owned(), HashSet::from(["tokio".to_owned(), "engine".to_owned()])),
        ]);
        assert!(reach(&uses, "engine").contains("tokio"));
        assert!(!reach(&uses, "serde").contains("tokio"));
    }

    #[test]
    fn the_arrows_hold_in_this_repository() {
        assert!(arrows(&[]).unwrap().is_empty());
        assert!(purity(&[]).unwrap().is_empty());
    }
}
