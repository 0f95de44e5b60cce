//! Questions about the shape of a graph of steps, answered by petgraph.

use crate::document::{Edge, StepId, Steps};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed};
use std::collections::{HashMap, HashSet};

/// One level of a document as a graph; edges to nowhere are left out.
#[derive(Debug)]
pub(crate) struct Shape<'a> {
    graph: DiGraph<&'a str, ()>,
    nodes: HashMap<&'a str, NodeIndex>,
}

impl<'a> Shape<'a> {
    /// The graph of `steps` and `edges`.
    #[must_use]
    pub(crate) fn new(steps: &'a Steps, edges: &'a [Edge]) -> Self {
        let mut graph = DiGraph::new();
        let nodes: HashMap<&str, NodeIndex> =
            steps.keys().map(|id| (id.as_str(), graph.add_node(id.as_str()))).collect();
        for edge in edges {
            if let (Some(&from), Some(&to)) = (nodes.get(edge.from.as_str()), nodes.get(edge.to.as_str())) {
                graph.add_edge(from, to, ());
            }
        }
        Self { graph, nodes }
    }

    /// Each group of steps that lead back to themselves, in no particular order.
    #[must_use]
    pub(crate) fn cycles(&self) -> Vec<Vec<&'a str>> {
        tarjan_scc(&self.graph)
            .into_iter()
            .filter(|group| group.len() > 1 || self.graph.contains_edge(group[0], group[0]))
            .map(|group| group.into_iter().rev().map(|node| self.graph[node]).collect())
            .collect()
    }

    /// Every step that can be reached from `starts`, those included.
    pub(crate) fn reachable<'s>(&self, starts: impl Iterator<Item = &'s StepId>) -> HashSet<&'a str> {
        let mut seen = HashSet::new();
        for start in starts {
            let Some(&node) = self.nodes.get(start.as_str()) else { continue };
            let mut walk = Dfs::new(&self.graph, node);
            while let Some(node) = walk.next(&self.graph) {
                seen.insert(self.graph[node]);
            }
        }
        seen
    }

    /// Every step from which `step` can be reached, itself left out.
    #[must_use]
    pub(crate) fn before(&self, step: &str) -> HashSet<&'a str> {
        let Some(&node) = self.nodes.get(step) else { return HashSet::new() };
        let reversed = Reversed(&self.graph);
        let mut walk = Dfs::new(reversed, node);
        let mut seen = HashSet::new();
        while let Some(node) = walk.next(reversed) {
            seen.insert(self.graph[node]);
        }
        seen.remove(step);
        seen
    }
}
