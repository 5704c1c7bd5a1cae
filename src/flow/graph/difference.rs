//! Two pictures laid over each other: what an edit adds, takes away and says otherwise.

use std::collections::{HashMap, HashSet};

use super::{Change, Edge, Node, Picture, Style};

/// What tells two arrows apart.
type Ends<'a> = (&'a str, &'a str, Style);

impl Picture {
    /// This picture, and what of `old` is not in it any more, each marked by what became of it.
    #[must_use]
    pub fn since(mut self, old: &Picture) -> Self {
        let (nodes, edges) = (gone_nodes(old, &self), gone_edges(old, &self));
        let before: HashMap<&str, &Node> = old.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        for node in &mut self.nodes {
            let same = |old: &&Node| (old.kind, &old.label, &old.words) == (node.kind, &node.label, &node.words);
            node.change = changed(before.get(node.id.as_str()).map(same));
        }
        let before: HashMap<Ends<'_>, &str> = old.edges.iter().map(|edge| (ends(edge), edge.label.as_str())).collect();
        for edge in &mut self.edges {
            edge.change = changed(before.get(&ends(edge)).map(|label| *label == edge.label));
        }
        self.nodes.extend(nodes);
        self.edges.extend(edges);
        self
    }

    /// Whether anything in it is not as it was.
    pub fn is_changed(&self) -> bool {
        let nodes = self.nodes.iter().map(|node| node.change);
        nodes.chain(self.edges.iter().map(|edge| edge.change)).any(|change| change != Change::Same)
    }
}

/// What became of something that was there and is, or is not, the same.
fn changed(same: Option<bool>) -> Change {
    match same {
        None => Change::Added,
        Some(true) => Change::Same,
        Some(false) => Change::Reworded,
    }
}

fn ends(edge: &Edge) -> Ends<'_> {
    (&edge.from, &edge.to, edge.style)
}

fn gone_nodes(old: &Picture, new: &Picture) -> Vec<Node> {
    let there: HashSet<&str> = new.nodes.iter().map(|node| node.id.as_str()).collect();
    let gone = old.nodes.iter().filter(|node| !there.contains(node.id.as_str()));
    gone.map(|node| Node { change: Change::Removed, live: None, ..node.clone() }).collect()
}

fn gone_edges(old: &Picture, new: &Picture) -> Vec<Edge> {
    let there: HashSet<Ends<'_>> = new.edges.iter().map(ends).collect();
    let gone = old.edges.iter().filter(|edge| !there.contains(&ends(edge)));
    gone.map(|edge| Edge { change: Change::Removed, ..edge.clone() }).collect()
}
