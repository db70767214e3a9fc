//! The order in which a record's fields are made: each behind those it is made of.

/// Orders `count` fields so that each comes behind those it `uses`, as near to their own order as
/// that lets them.
///
/// # Errors
///
/// Each cycle there is, the first field again at its end.
pub(super) fn order(
    count: usize,
    uses: impl Fn(usize) -> Vec<usize>,
) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let mut search = Search { uses, order: Vec::new(), path: Vec::new(), cycles: Vec::new() };
    for field in 0..count {
        search.visit(field);
    }
    if search.cycles.is_empty() { Ok(search.order) } else { Err(search.cycles) }
}

struct Search<F> {
    uses: F,
    order: Vec<usize>,
    /// The fields that wait for each other, outermost first.
    path: Vec<usize>,
    cycles: Vec<Vec<usize>>,
}

impl<F: Fn(usize) -> Vec<usize>> Search<F> {
    fn visit(&mut self, field: usize) {
        if self.order.contains(&field) {
            return;
        }
        if let Some(start) = self.path.iter().position(|waiting| *waiting == field) {
            let mut cycle = self.path[start..].to_vec();
            cycle.push(field);
            self.cycles.push(cycle);
            return;
        }
        self.path.push(field);
        for used in (self.uses)(field) {
            self.visit(used);
        }
        self.path.pop();
        // One in a cycle is done with as well: each cycle is told once.
        self.order.push(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(uses: &[&[usize]]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
        order(uses.len(), |field| uses[field].to_vec())
    }

    #[test]
    fn fields_come_behind_those_they_are_made_of() {
        assert_eq!(ordered(&[&[], &[], &[]]), Ok(vec![0, 1, 2]));
        assert_eq!(ordered(&[&[2], &[0], &[]]), Ok(vec![2, 0, 1]));
        assert_eq!(ordered(&[&[1, 2], &[2], &[]]), Ok(vec![2, 1, 0]));
    }

    #[test]
    fn each_cycle_is_told_once() {
        assert_eq!(ordered(&[&[0]]), Err(vec![vec![0, 0]]));
        assert_eq!(ordered(&[&[1], &[2], &[0], &[1]]), Err(vec![vec![0, 1, 2, 0]]));
        assert_eq!(ordered(&[&[1], &[0], &[3], &[2]]), Err(vec![vec![0, 1, 0], vec![2, 3, 2]]));
    }
}
