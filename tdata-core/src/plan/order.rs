//! Parents before children.

use std::collections::BTreeSet;

use crate::spec::Relationship;

/// An edge of the graph of datasets: a relationship from one to another.
pub(super) struct Edge<'a> {
    pub(super) child: usize,
    pub(super) parent: usize,
    pub(super) relationship: &'a Relationship,
    /// Whether the child's row can be there before the parent's, without a change to its constraint.
    pub(super) can_wait: bool,
}

/// The order datasets are loaded in, and which edges are part of a cycle.
pub(super) struct LoadOrder {
    pub(super) order: Vec<usize>,
    pub(super) in_cycle: Vec<bool>,
}

/// Orders the datasets so that parents come first.
///
/// Where datasets reference each other in a circle, the checks of its keys wait for the end of the load. Those that can
/// wait by themselves give way first. A dataset may reference itself: its rows are loaded by one statement.
pub(super) fn load_order(count: usize, edges: &[Edge<'_>]) -> LoadOrder {
    let circles = circles(count, edges);
    let same_circle = |edge: &Edge<'_>| circles[edge.child] == circles[edge.parent];
    let in_cycle =
        edges.iter().map(|edge| edge.child != edge.parent && same_circle(edge)).collect();
    let mut waiting = [
        Waiting::new(count, edges, |_| true),
        Waiting::new(count, edges, |edge| !edge.can_wait),
        // Where none of a circle's keys can wait by itself, any of its datasets may be first: one outside would have
        // to wait for those inside.
        Waiting::new(count, edges, |edge| !same_circle(edge)),
    ];
    let mut order = Vec::with_capacity(count);
    while let Some(next) = waiting.iter().find_map(|waiting| waiting.free.first().copied()) {
        waiting.iter_mut().for_each(|waiting| waiting.place(next));
        order.push(next);
    }
    LoadOrder { order, in_cycle }
}

/// Which datasets wait for which others, as far as some of the edges say so.
struct Waiting {
    /// How many edges each dataset still waits for.
    for_edges: Vec<usize>,
    /// The datasets that wait for each.
    children: Vec<Vec<usize>>,
    /// Those that wait for nothing, and have no place yet.
    free: BTreeSet<usize>,
    placed: Vec<bool>,
}

impl Waiting {
    fn new(count: usize, edges: &[Edge<'_>], counts: impl Fn(&Edge<'_>) -> bool) -> Self {
        let (mut for_edges, mut children) = (vec![0; count], vec![Vec::new(); count]);
        for edge in edges.iter().filter(|edge| edge.child != edge.parent && counts(edge)) {
            for_edges[edge.child] += 1;
            children[edge.parent].push(edge.child);
        }
        let free = (0..count).filter(|dataset| for_edges[*dataset] == 0).collect();
        Self { for_edges, children, free, placed: vec![false; count] }
    }

    fn place(&mut self, dataset: usize) {
        self.free.remove(&dataset);
        self.placed[dataset] = true;
        for child in std::mem::take(&mut self.children[dataset]) {
            self.for_edges[child] -= 1;
            // One that has its place already waits for no more.
            if self.for_edges[child] == 0 && !self.placed[child] {
                self.free.insert(child);
            }
        }
    }
}

/// Numbers the circles that datasets are in: two have the same number where each leads to the other.
///
/// First each dataset is noted behind all that it leads to. Then, from the last noted one on, whoever leads to a
/// dataset and has no number yet is of its circle (Kosaraju's way).
fn circles(count: usize, edges: &[Edge<'_>]) -> Vec<usize> {
    let (mut parents, mut children) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for edge in edges {
        parents[edge.child].push(edge.parent);
        children[edge.parent].push(edge.child);
    }
    let (mut noted, mut seen) = (Vec::with_capacity(count), vec![false; count]);
    for first in 0..count {
        let mut way = vec![(first, 0)];
        while let Some((dataset, at)) = way.pop() {
            if at == 0 && std::mem::replace(&mut seen[dataset], true) {
                continue;
            }
            match parents[dataset].get(at) {
                Some(parent) => way.extend([(dataset, at + 1), (*parent, 0)]),
                None => noted.push(dataset),
            }
        }
    }
    let mut circles = vec![usize::MAX; count];
    for (number, first) in noted.into_iter().rev().enumerate() {
        let mut waiting = vec![first];
        while let Some(dataset) = waiting.pop() {
            if circles[dataset] == usize::MAX {
                circles[dataset] = number;
                waiting.extend(&children[dataset]);
            }
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Located, Origin};
    use crate::spec::OnDelete;

    fn ordered(count: usize, keys: &[(usize, usize, bool)]) -> LoadOrder {
        let name = Located::new("x".to_owned(), Origin::named("a test"));
        let relationship = Relationship {
            foreign_key: vec![name.clone()],
            dataset: name.clone(),
            fields: vec![name],
            on_delete: OnDelete::default(),
        };
        let edge = |(child, parent, can_wait): &(usize, usize, bool)| Edge {
            child: *child,
            parent: *parent,
            relationship: &relationship,
            can_wait: *can_wait,
        };
        load_order(count, &keys.iter().map(edge).collect::<Vec<_>>())
    }

    #[test]
    fn circles_give_way_where_a_key_can_wait_and_hold_up_nobody_else() {
        let found = ordered(4, &[(0, 1, false), (1, 2, true), (2, 1, false), (3, 3, false)]);
        assert_eq!(
            (found.order, found.in_cycle),
            (vec![3, 1, 0, 2], vec![false, true, true, false])
        );
        let found = ordered(4, &[(0, 2, false), (1, 2, false), (2, 1, false), (2, 3, false)]);
        assert_eq!(
            (found.order, found.in_cycle),
            (vec![3, 1, 2, 0], vec![false, true, true, false])
        );
    }

    #[test]
    fn a_long_chain_is_ordered_without_deep_calls() {
        const COUNT: usize = 100_000;
        let chain: Vec<_> = (1..COUNT).map(|child| (child - 1, child, false)).collect();
        let found = ordered(COUNT, &chain);
        assert!(found.order.into_iter().eq((0..COUNT).rev()) && !found.in_cycle.contains(&true));
    }
}
