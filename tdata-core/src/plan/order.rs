//! Parents before children, and what to say where that cannot be.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::{DatasetSpec, Relationship};

/// An edge of the graph of datasets: a relationship from one to another.
pub(super) struct Edge<'a> {
    pub(super) child: usize,
    pub(super) parent: usize,
    pub(super) relationship: &'a Relationship,
    /// Whether the child's row can be there before the parent's.
    pub(super) can_wait: bool,
}

/// The order datasets are loaded in, and which edges are part of a cycle.
pub(super) struct LoadOrder {
    pub(super) order: Vec<usize>,
    pub(super) in_cycle: Vec<bool>,
}

/// Orders the datasets so that parents come first.
///
/// Relationships that can wait give way where datasets reference each other in a circle. A circle
/// in which none can wait is a mistake. A dataset may reference itself: its rows are loaded by one
/// statement.
pub(super) fn load_order(
    specs: &[Arc<DatasetSpec>],
    edges: &[Edge<'_>],
) -> Result<LoadOrder, Diagnostics> {
    let between: Vec<&Edge<'_>> = edges.iter().filter(|edge| edge.child != edge.parent).collect();
    let reaches = reachability(specs.len(), &between, |_| true);
    let in_cycle = edges
        .iter()
        .map(|edge| edge.child != edge.parent && reaches[edge.parent][edge.child])
        .collect();
    let must_wait = reachability(specs.len(), &between, |edge| !edge.can_wait);
    let mut diagnostics = Diagnostics::new();
    let mut told = vec![false; specs.len()];
    for edge in between.iter().filter(|edge| !edge.can_wait) {
        if must_wait[edge.parent][edge.child] && !told[edge.child] {
            for dataset in 0..specs.len() {
                told[dataset] |= must_wait[edge.child][dataset] && must_wait[dataset][edge.child];
            }
            diagnostics.push(cycle(specs, &between, edge));
        }
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let mut order = Vec::with_capacity(specs.len());
    let mut placed = vec![false; specs.len()];
    while order.len() < specs.len() {
        let free = |within: fn(&Edge<'_>) -> bool| {
            (0..specs.len()).find(|dataset| {
                !placed[*dataset]
                    && between
                        .iter()
                        .all(|edge| edge.child != *dataset || placed[edge.parent] || !within(edge))
            })
        };
        // There is always a dataset whose unplaced parents can wait: the rest would be a cycle.
        let next = free(|_| true).or_else(|| free(|edge| !edge.can_wait));
        let Some(next) = next else { break };
        placed[next] = true;
        order.push(next);
    }
    Ok(LoadOrder { order, in_cycle })
}

fn reachability(
    count: usize,
    edges: &[&Edge<'_>],
    counts: impl Fn(&Edge<'_>) -> bool,
) -> Vec<Vec<bool>> {
    let mut reaches = vec![vec![false; count]; count];
    for edge in edges.iter().filter(|edge| counts(edge)) {
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

fn cycle(specs: &[Arc<DatasetSpec>], edges: &[&Edge<'_>], start: &Edge<'_>) -> Diagnostic {
    let name = |dataset: usize| specs[dataset].name.value.as_str();
    // Breadth first from the parent back to the child: the shortest way round.
    let mut ways: Vec<Vec<&Edge<'_>>> = vec![vec![start]];
    let mut seen = vec![start.parent];
    let way = loop {
        let mut longer = Vec::new();
        let mut found = None;
        for way in &ways {
            let end = way.last().map_or(start.parent, |edge| edge.parent);
            if end == start.child {
                found = Some(way.clone());
                break;
            }
            for edge in edges.iter().filter(|edge| edge.child == end && !edge.can_wait) {
                if edge.parent == start.child || !seen.contains(&edge.parent) {
                    seen.push(edge.parent);
                    let mut way = way.clone();
                    way.push(edge);
                    longer.push(way);
                }
            }
        }
        match found {
            Some(way) => break way,
            None if longer.is_empty() => break vec![start],
            None => ways = longer,
        }
    };
    let circle: Vec<String> = way
        .iter()
        .map(|edge| format!("{}.{}", name(edge.child), edge.relationship.foreign_key.value))
        .collect();
    let message = format!(
        "the foreign keys {} -> {} form a cycle in which no key can be null: no row could be first",
        circle.join(" -> "),
        name(start.child),
    );
    let key = &start.relationship.foreign_key;
    Diagnostic::new("plan::cycle", message).at(&key.origin).help(format!(
        "give `{}` a `null_probability`, or let a migration declare its constraint DEFERRABLE",
        key.value
    ))
}
