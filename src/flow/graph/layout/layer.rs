//! Which layer each node stands in, and where in it.

use super::{Graph, Size, place};

/// How often the layers are ordered anew, down and up.
const SWEEPS: usize = 4;

/// The nodes of each layer from left to right, and the left edge of each node.
pub(super) fn arrange(graph: &Graph, sizes: &[Size], between: f64) -> (Vec<Vec<usize>>, Vec<f64>) {
    let layer = layers(graph, sizes.len());
    let mut layers = vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)];
    for (node, layer) in layer.iter().enumerate() {
        layers[*layer].push(node);
    }
    // A node's neighbours, in whatever direction, above it and below it.
    let (mut above, mut below) = (vec![Vec::new(); sizes.len()], vec![Vec::new(); sizes.len()]);
    for (from, to) in &graph.edges {
        if layer[*from] < layer[*to] {
            above[*to].push(*from);
            below[*from].push(*to);
        }
    }
    let mut rank: Vec<f64> = vec![0.0; sizes.len()];
    let number = |nodes: &[usize], rank: &mut Vec<f64>| {
        for (order, node) in nodes.iter().enumerate() {
            rank[*node] = place(order) - place(nodes.len()) / 2.0;
        }
    };
    layers.iter().for_each(|nodes| number(nodes, &mut rank));
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let neighbours = if down { &above } else { &below };
        let order: Vec<usize> = if down { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for ix in order {
            let nodes = &mut layers[ix];
            nodes.sort_by(|a, b| mean(*a, neighbours, &rank).total_cmp(&mean(*b, neighbours, &rank)).then(a.cmp(b)));
            number(nodes, &mut rank);
        }
    }
    let xs = stand(&layers, &above, sizes, between);
    (layers, xs)
}

/// The middle of a node's neighbours; of a node without any, where it is.
fn mean(node: usize, neighbours: &[Vec<usize>], at: &[f64]) -> f64 {
    let near = &neighbours[node];
    if near.is_empty() { at[node] } else { near.iter().map(|other| at[*other]).sum::<f64>() / place(near.len()) }
}

/// The longest way to each node that does not go in circles: the edges that close a circle are left out.
fn layers(graph: &Graph, count: usize) -> Vec<usize> {
    let (order, backward) = walk(graph, count);
    let mut layer = vec![0_usize; count];
    for from in order.iter().rev() {
        for (ix, to) in graph.out[*from].iter().enumerate() {
            if !backward[*from].contains(&ix) {
                layer[*to] = layer[*to].max(layer[*from] + 1);
            }
        }
    }
    // What nothing leads to stands just above what it leads to.
    let mut entered = vec![false; count];
    graph.edges.iter().for_each(|(_, to)| entered[*to] = true);
    for node in (0..count).filter(|node| !entered[*node]) {
        let first = graph.out[node].iter().map(|to| layer[*to]).min();
        layer[node] = first.map_or(0, |first| first.saturating_sub(1));
    }
    layer
}

/// The nodes in the order in which a walk along all edges leaves them, and which of each node's edges lead
/// back to where the walk had come from. With a stack of its own, for a flow is deeper than ours.
fn walk(graph: &Graph, count: usize) -> (Vec<usize>, Vec<Vec<usize>>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut seen = vec![Seen::No; count];
    let mut backward = vec![Vec::new(); count];
    let mut order = Vec::with_capacity(count);
    // The steps of a flow stand in the order of its script, so the walk begins with the first.
    for root in 0..count {
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.pop() {
            if next == 0 {
                if seen[node] != Seen::No {
                    continue;
                }
                seen[node] = Seen::Open;
            }
            let Some(to) = graph.out[node].get(next) else {
                seen[node] = Seen::Done;
                order.push(node);
                continue;
            };
            stack.push((node, next + 1));
            match seen[*to] {
                Seen::No => stack.push((*to, 0)),
                Seen::Open => backward[node].push(next),
                Seen::Done => {}
            }
        }
    }
    (order, backward)
}

/// The left edge of each node: below the middle of where it comes from, as far as its neighbours leave room.
fn stand(layers: &[Vec<usize>], above: &[Vec<usize>], sizes: &[Size], between: f64) -> Vec<f64> {
    let mut middle = vec![0.0; sizes.len()];
    for nodes in layers {
        let wanted: Vec<f64> = nodes.iter().map(|node| mean(*node, above, &middle)).collect();
        let mut right = f64::NEG_INFINITY;
        for (node, wanted) in nodes.iter().zip(&wanted) {
            let half = sizes[*node].width / 2.0;
            middle[*node] = wanted.max(right + half);
            right = middle[*node] + half + between;
        }
        let off: f64 = nodes.iter().zip(&wanted).map(|(node, wanted)| middle[*node] - wanted).sum();
        let shift = off / place(nodes.len().max(1));
        nodes.iter().for_each(|node| middle[*node] -= shift);
    }
    let left = |(node, size): (usize, &Size)| middle[node] - size.width / 2.0;
    let lefts: Vec<f64> = sizes.iter().enumerate().map(left).collect();
    let first = lefts.iter().copied().fold(f64::INFINITY, f64::min);
    lefts.into_iter().map(|x| x - first + super::MARGIN).collect()
}
