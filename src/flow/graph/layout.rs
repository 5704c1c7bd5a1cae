//! Where the boxes and arrows of a picture stand: boxes in layers by their longest way from the start, each
//! layer ordered by where its arrows come from. Whatever is longer than one layer runs in a lane beside the
//! boxes, one lane for all arrows to the same box, so that no arrow crosses a box.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Change, Picture, Style};

mod layer;

/// Between a box and the next one in its layer.
const BETWEEN: f64 = 28.0;
/// Between two lines that run beside each other.
const TRACK: f64 = 12.0;
/// Between a layer and the first line below it; room for the arrows' labels.
const BELOW: f64 = 26.0;
/// Between the last line above a layer and the layer; room for the arrows' heads.
const ABOVE: f64 = 18.0;
/// Between a box's corner and the first arrow that leaves it.
const CORNER: f64 = 12.0;
/// Around everything.
const MARGIN: f64 = 24.0;

/// The size of a box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where everything stands.
pub(super) struct Layout {
    pub(super) size: Size,
    /// The upper left corner of each node.
    pub(super) nodes: Vec<(f64, f64)>,
    /// The way of each edge, in the picture's order: where its label begins, and its corners.
    pub(super) edges: Vec<Route>,
}

/// The way of an arrow.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    pub(super) label: (f64, f64),
    pub(super) corners: Vec<(f64, f64)>,
    /// Whether it ends where it meets another arrow of its bundle, which leads on from there.
    pub(super) joins: bool,
}

/// Arrows that may lie on each other: to the same node, drawn the same.
type Bundle = (usize, Style, Change);

/// Lays a picture out. `sizes` are those of its nodes, `labels` the widths of its edges' labels.
pub(super) fn lay_out(picture: &Picture, sizes: &[Size], labels: &[f64]) -> Layout {
    let graph = Graph::of(picture);
    let (layers, xs) = layer::arrange(&graph, sizes, BETWEEN);
    Frame::new(&graph, &layers, sizes, xs).draw(picture, labels)
}

/// A picture's edges by the places of their ends.
pub(super) struct Graph {
    edges: Vec<(usize, usize)>,
    out: Vec<Vec<usize>>,
}

impl Graph {
    fn of(picture: &Picture) -> Self {
        let ids: HashMap<&str, usize> =
            picture.nodes.iter().enumerate().map(|(ix, node)| (node.id.as_str(), ix)).collect();
        let edges: Vec<_> = picture.edges.iter().map(|edge| (ids[edge.from.as_str()], ids[edge.to.as_str()])).collect();
        let mut out = vec![Vec::new(); picture.nodes.len()];
        for (from, to) in &edges {
            out[*from].push(*to);
        }
        Self { edges, out }
    }
}

/// Boxes in their columns, before their heights are known.
struct Frame<'a> {
    graph: &'a Graph,
    sizes: &'a [Size],
    /// The layer of each node.
    layer: Vec<usize>,
    /// The height of each layer.
    heights: Vec<f64>,
    /// The left edge of each node.
    xs: Vec<f64>,
    /// The right end of all boxes.
    right: f64,
}

impl<'a> Frame<'a> {
    fn new(graph: &'a Graph, layers: &[Vec<usize>], sizes: &'a [Size], xs: Vec<f64>) -> Self {
        let mut layer = vec![0; sizes.len()];
        for (ix, nodes) in layers.iter().enumerate() {
            for node in nodes {
                layer[*node] = ix;
            }
        }
        let tallest = |nodes: &Vec<usize>| nodes.iter().map(|node| sizes[*node].height).fold(0.0, f64::max);
        let right = xs.iter().zip(sizes).map(|(x, size)| x + size.width).fold(0.0, f64::max);
        Self { graph, sizes, layer, heights: layers.iter().map(tallest).collect(), xs, right }
    }

    /// Whether an edge leads to the layer below and needs no lane.
    fn is_short(&self, (from, to): (usize, usize)) -> bool {
        self.layer[to] == self.layer[from] + 1
    }

    fn draw(&self, picture: &Picture, labels: &[f64]) -> Layout {
        let bundles: Vec<Bundle> =
            picture.edges.iter().zip(&self.graph.edges).map(|(edge, (_, to))| (*to, edge.style, edge.change)).collect();
        let doors = doors(&bundles);
        let gaps = self.gaps(&bundles);
        let ys = self.tops(&gaps);
        let (lanes, width) = self.lanes(&bundles);
        let ports = self.ports(&bundles, &doors, labels);
        let farthest = self.farthest(&bundles);
        // The gap above layer `l` is number `l`, and its first line stands below the layer above.
        let track = |gap: usize, bundle: &Bundle| {
            let order = gaps[gap].iter().position(|known| known == bundle).unwrap_or_default();
            let bottom = if gap == 0 { MARGIN - BELOW } else { ys[gap - 1] + self.heights[gap - 1] };
            bottom + BELOW + TRACK * place(order)
        };
        let mut edges = Vec::with_capacity(bundles.len());
        for (ix, bundle) in bundles.iter().enumerate() {
            let (from, to) = self.graph.edges[ix];
            let (start, bottom) = (ports[ix], ys[self.layer[from]] + self.sizes[from].height);
            let leave = track(self.layer[from] + 1, bundle);
            let door = self.xs[to] + self.sizes[to].width / 2.0 + doors[bundle];
            let mut corners = vec![(start, bottom), (start, leave)];
            let joins = !self.is_short((from, to)) && farthest[&(*bundle, self.climbs((from, to)))] != ix;
            if self.is_short((from, to)) {
                corners.extend([(door, leave), (door, ys[self.layer[to]])]);
            } else if joins {
                corners.push((lanes[bundle], leave));
            } else {
                let (lane, arrive) = (lanes[bundle], track(self.layer[to], bundle));
                corners.extend([(lane, leave), (lane, arrive), (door, arrive), (door, ys[self.layer[to]])]);
            }
            edges.push(Route { label: (start + 4.0, bottom + 13.0), corners, joins });
        }
        let nodes = (0..self.sizes.len()).map(|node| (self.xs[node], ys[self.layer[node]])).collect();
        let below = gaps.last().map_or(0, BTreeSet::len);
        let floor = ys.last().zip(self.heights.last()).map_or(0.0, |(y, height)| y + height);
        let height = floor + if below == 0 { 0.0 } else { BELOW + TRACK * place(below) } + MARGIN;
        Layout { size: Size { width, height }, nodes, edges }
    }

    /// Whether an edge leads up, or along its own layer.
    fn climbs(&self, (from, to): (usize, usize)) -> bool {
        self.layer[to] <= self.layer[from]
    }

    /// Of each bundle the edge that runs its whole lane, one down and one up; the others join it.
    fn farthest(&self, bundles: &[Bundle]) -> BTreeMap<(Bundle, bool), usize> {
        let mut farthest: BTreeMap<(Bundle, bool), usize> = BTreeMap::new();
        for (ix, edge) in self.graph.edges.iter().enumerate().filter(|(_, edge)| !self.is_short(**edge)) {
            let first = farthest.entry((bundles[ix], self.climbs(*edge))).or_insert(ix);
            let way = |ix: usize| self.layer[self.graph.edges[ix].0].abs_diff(self.layer[self.graph.edges[ix].1]);
            if way(ix) > way(*first) {
                *first = ix;
            }
        }
        farthest
    }

    /// The bundles that run across each gap between two layers, the one above the first layer included.
    fn gaps(&self, bundles: &[Bundle]) -> Vec<BTreeSet<Bundle>> {
        let mut gaps = vec![BTreeSet::new(); self.heights.len() + 1];
        for (edge, bundle) in self.graph.edges.iter().zip(bundles) {
            gaps[self.layer[edge.0] + 1].insert(*bundle);
            if !self.is_short(*edge) {
                gaps[self.layer[edge.1]].insert(*bundle);
            }
        }
        gaps
    }

    /// Where each layer begins.
    fn tops(&self, gaps: &[BTreeSet<Bundle>]) -> Vec<f64> {
        let mut top = MARGIN;
        let mut tops = Vec::with_capacity(self.heights.len());
        for (height, gap) in self.heights.iter().zip(gaps) {
            if !gap.is_empty() {
                let above = if tops.is_empty() { 0.0 } else { BELOW };
                top += above + TRACK * place(gap.len() - 1) + ABOVE;
            } else if !tops.is_empty() {
                top += ABOVE;
            }
            tops.push(top);
            top += height;
        }
        tops
    }

    /// A lane for each bundle that has a long edge, and how wide everything is with them. Two bundles share
    /// one where they do not meet.
    fn lanes(&self, bundles: &[Bundle]) -> (BTreeMap<Bundle, f64>, f64) {
        let mut spans: BTreeMap<Bundle, (usize, usize)> = BTreeMap::new();
        for (edge, bundle) in self.graph.edges.iter().zip(bundles).filter(|(edge, _)| !self.is_short(**edge)) {
            let (leave, arrive) = (self.layer[edge.0] + 1, self.layer[edge.1]);
            let span = spans.entry(*bundle).or_insert((leave.min(arrive), leave.max(arrive)));
            *span = (span.0.min(leave).min(arrive), span.1.max(leave).max(arrive));
        }
        let mut sorted: Vec<_> = spans.into_iter().collect();
        sorted.sort_by_key(|(bundle, (top, bottom))| (bottom - top, *bundle));
        let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
        let mut lanes = BTreeMap::new();
        for (bundle, (top, bottom)) in sorted {
            let free = |lane: &Vec<(usize, usize)>| lane.iter().all(|(from, to)| bottom < *from || *to < top);
            let lane = taken.iter().position(free).unwrap_or(taken.len());
            if lane == taken.len() {
                taken.push(Vec::new());
            }
            taken[lane].push((top, bottom));
            lanes.insert(bundle, self.right + BETWEEN + TRACK * place(lane));
        }
        (lanes, self.right + MARGIN + BETWEEN + TRACK * place(taken.len()))
    }

    /// Where each edge leaves its node: beside each other in the order of where they go, each with room for
    /// its label, and if there is room for that too, one of them straight above where it goes.
    fn ports(&self, bundles: &[Bundle], doors: &BTreeMap<Bundle, f64>, labels: &[f64]) -> Vec<f64> {
        let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); self.sizes.len()];
        for (ix, (from, _)) in self.graph.edges.iter().enumerate() {
            leaving[*from].push(ix);
        }
        let goal = |ix: usize| {
            let (from, to) = self.graph.edges[ix];
            let door = self.xs[to] + self.sizes[to].width / 2.0 + doors[&bundles[ix]];
            if self.is_short((from, to)) { door } else { f64::MAX }
        };
        let mut ports = vec![0.0; bundles.len()];
        for (node, mut edges) in leaving.into_iter().enumerate() {
            edges.sort_by(|a, b| goal(*a).total_cmp(&goal(*b)).then(bundles[*a].cmp(&bundles[*b])));
            let (left, width) = (self.xs[node], self.sizes[node].width);
            let room = |edges: &[usize]| edges.iter().map(|ix| labels[*ix]).sum::<f64>();
            let spare = (width - room(&edges)).max(0.0);
            let straight = |order: &usize| (left..left + width).contains(&goal(edges[*order]));
            let wanted = match (0..edges.len()).find(straight) {
                Some(order) => goal(edges[order]) - left - room(&edges[..order]),
                None => spare / 2.0,
            };
            let mut x = left + wanted.clamp(CORNER.min(spare), spare);
            for ix in edges {
                ports[ix] = x;
                x += labels[ix];
            }
        }
        ports
    }
}

/// Where each bundle comes to its node, beside the node's middle, so that arrows drawn otherwise can be told
/// apart.
fn doors(bundles: &[Bundle]) -> BTreeMap<Bundle, f64> {
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let all: BTreeSet<Bundle> = bundles.iter().copied().collect();
    all.into_iter()
        .map(|bundle| {
            let order = seen.entry(bundle.0).or_default();
            *order += 1;
            (bundle, TRACK * place(*order - 1))
        })
        .collect()
}

/// A count as a length. There are never so many that this is inexact.
fn place(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
