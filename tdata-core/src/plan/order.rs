//! Parents before children.

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
    let between: Vec<&Edge<'_>> = edges.iter().filter(|edge| edge.child != edge.parent).collect();
    let reaches = reachability(count, &between);
    let in_cycle = edges
        .iter()
        .map(|edge| edge.child != edge.parent && reaches[edge.parent][edge.child])
        .collect();
    let mut order = Vec::with_capacity(count);
    let mut placed = vec![false; count];
    while order.len() < count {
        let free = |within: fn(&Edge<'_>) -> bool| {
            (0..count).find(|dataset| {
                !placed[*dataset]
                    && between
                        .iter()
                        .all(|edge| edge.child != *dataset || placed[edge.parent] || !within(edge))
            })
        };
        let next = free(|_| true).or_else(|| free(|edge| !edge.can_wait));
        // Where none of a circle's keys can wait by itself, any of its datasets may be first: one outside would have
        // to wait for those inside.
        let in_circle = |dataset: &usize| {
            !placed[*dataset]
                && between.iter().all(|edge| {
                    edge.child != *dataset || placed[edge.parent] || reaches[edge.parent][*dataset]
                })
        };
        let Some(next) = next.or_else(|| (0..count).find(in_circle)) else { break };
        placed[next] = true;
        order.push(next);
    }
    LoadOrder { order, in_cycle }
}

fn reachability(count: usize, edges: &[&Edge<'_>]) -> Vec<Vec<bool>> {
    let mut reaches = vec![vec![false; count]; count];
    for edge in edges {
        reaches[edge.child][edge.parent] = true;
    }
    for via in 0..count {
        let further = reaches[via].clone();
        for from in reaches.iter_mut().filter(|from| from[via]) {
            for (reached, beyond) in from.iter_mut().zip(&further) {
                *reached |= beyond;
            }
        }
    }
    reaches
}
