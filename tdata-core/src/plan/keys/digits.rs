//! Groups of members that are unique together and share members: who carries which part of a row's number.
//!
//! A row's number is written in digits. Each member carries some of them, or their sum. Where the members of each
//! group carry all digits, or all but one and the sum, no two rows are the same in any group.

use crate::generate::Divisor;

/// How the members of some groups are numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Digits {
    digits: Vec<Digit>,
    /// What each member carries.
    carries: Vec<Carry>,
}

/// A digit of a row's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Digit {
    /// The radices of the digits before it, multiplied.
    before: Divisor,
    radix: Divisor,
    /// How many values it has.
    values: u64,
}

/// What a member carries of a row's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carry {
    /// Nothing: it may have any value.
    Nothing,
    /// Some digits, a bit for each.
    Some(u32),
    /// The sum of all digits, modulo a number that is no less than any radix.
    Sum(Divisor),
}

/// The most digits that groups which share members get.
const MOST_DIGITS: usize = 3;

/// How many assignments are tried at the most.
const MOST_TRIED: u32 = 20_000;

impl Digits {
    /// Finds how members of some capacities keep groups of them apart, for as many of `rows` rows as it can.
    ///
    /// A group lists members by their place. A group without members has room for one row.
    pub(super) fn solve(capacities: &[u64], groups: &[Vec<usize>], rows: u64) -> Self {
        if groups.iter().any(Vec::is_empty) {
            return Self::none(capacities.len());
        }
        let mut best = Self::none(capacities.len());
        let product = |group: &Vec<usize>| {
            group.iter().fold(1u64, |product, member| product.saturating_mul(capacities[*member]))
        };
        // No group holds more rows than it has combinations.
        let enough = groups.iter().map(product).fold(rows, u64::min);
        let mut search = Search { capacities, groups, enough, tried: 0 };
        let largest = groups.iter().map(Vec::len).max().unwrap_or(0);
        let most = if groups.len() == 1 { 1 } else { MOST_DIGITS.min(largest) };
        for digits in 1..=most {
            search.assign(digits, &mut Vec::new(), &mut best);
            if best.combinations() >= enough {
                return best;
            }
        }
        if let [group] = groups {
            // A group by itself has a digit for each member.
            let mut carries = vec![Carry::Nothing; capacities.len()];
            let mut radices = Vec::new();
            for (digit, member) in group.iter().enumerate().take(u32::BITS as usize) {
                carries[*member] = Carry::Some(1 << digit);
                radices.push(capacities[*member]);
            }
            best = best.better(Self::of(&radices, carries));
        }
        best
    }

    /// One row, in which every member may have any value.
    fn none(members: usize) -> Self {
        Self { digits: Vec::new(), carries: vec![Carry::Nothing; members] }
    }

    fn of(radices: &[u64], carries: Vec<Carry>) -> Self {
        let mut before = 1u64;
        let mut digits = Vec::new();
        for radix in radices {
            // Digits beyond 64 bits are not needed to tell 2^64 rows apart.
            let values = if *radix == 0 { 0 } else { (*radix).min(u64::MAX / before) };
            digits.push(Digit {
                before: Divisor::new(before),
                radix: Divisor::new(values),
                values,
            });
            before = before.saturating_mul(values.max(1));
        }
        Self { digits, carries }
    }

    fn better(self, other: Self) -> Self {
        if other.combinations() > self.combinations() { other } else { self }
    }

    /// Returns how many rows are kept apart.
    pub(super) fn combinations(&self) -> u64 {
        self.digits.iter().fold(1, |product, digit| product.saturating_mul(digit.values))
    }

    /// Returns which of its values a member has in the row of a number; `None` where it may have any.
    pub(super) fn value(&self, member: usize, number: u64) -> Option<u64> {
        let digit = |digit: &Digit| digit.radix.divide(digit.before.divide(number).0).1;
        match self.carries.get(member)? {
            Carry::Nothing => None,
            Carry::Some(carried) => {
                let (mut value, mut weight) = (0, 1);
                for (at, one) in self.digits.iter().enumerate() {
                    if carried & (1 << at) != 0 {
                        value += digit(one) * weight;
                        weight = weight.saturating_mul(one.values);
                    }
                }
                Some(value)
            }
            Carry::Sum(modulus) => {
                let add = |sum: u64, one: &Digit| modulus.divide(sum + digit(one)).1;
                Some(self.digits.iter().fold(0, add))
            }
        }
    }
}

/// The search for what each member carries.
struct Search<'a> {
    capacities: &'a [u64],
    groups: &'a [Vec<usize>],
    /// How many rows are as many as are needed, or as there can be.
    enough: u64,
    tried: u32,
}

impl Search<'_> {
    /// Tries all that the member behind those assigned can carry; stops at the first that suffices for all rows.
    fn assign(&mut self, digits: usize, carried: &mut Vec<Option<u32>>, best: &mut Digits) {
        self.tried += 1;
        if self.tried > MOST_TRIED || best.combinations() >= self.enough {
            return;
        }
        let member = carried.len();
        let complete =
            |group: &&Vec<usize>| group.iter().max().is_some_and(|last| last + 1 == member);
        if self.groups.iter().filter(complete).any(|group| !tells_all(digits, group, carried)) {
            return;
        }
        if member == self.capacities.len() {
            if let Some(found) = self.radices(digits, carried) {
                *best = best.clone().better(found);
            }
            return;
        }
        // Few digits come first: members that carry nothing keep their own distributions.
        for carry in (0..1u32 << digits).map(Some).chain((digits > 1).then_some(None)) {
            carried.push(carry);
            self.assign(digits, carried, best);
            carried.pop();
        }
    }

    /// Finds radices that the capacities of all that carry them allow.
    fn radices(&self, digits: usize, carried: &[Option<u32>]) -> Option<Digits> {
        let limits: Vec<(u32, u64)> = carried
            .iter()
            .zip(self.capacities)
            .filter_map(|(carry, capacity)| {
                carry.filter(|carry| *carry != 0).map(|carry| (carry, *capacity))
            })
            .collect();
        let sums = carried.iter().zip(self.capacities).filter(|(carry, _)| carry.is_none());
        let sum_limit = sums.clone().map(|(_, capacity)| *capacity).min();
        let mut best: Vec<u64> = Vec::new();
        choose(digits, &limits, sum_limit.unwrap_or(u64::MAX), &mut Vec::new(), &mut best);
        let largest = best.iter().copied().max()?;
        let spread =
            best.iter().fold(1u64, |sum, radix| sum.saturating_add(radix.saturating_sub(1)));
        let carries = carried.iter().zip(self.capacities).map(|(carry, capacity)| match carry {
            None => Carry::Sum(Divisor::new((*capacity).min(spread).max(largest))),
            Some(0) => Carry::Nothing,
            Some(carry) => Carry::Some(*carry),
        });
        Some(Digits::of(&best, carries.collect()))
    }
}

/// Tells whether a group's members tell all digits of a row's number.
fn tells_all(digits: usize, group: &[usize], carried: &[Option<u32>]) -> bool {
    let carries = || group.iter().filter_map(|member| carried.get(*member));
    let told = carries().flatten().fold(0, |told, carry| told | carry).count_ones() as usize;
    told == digits || told + 1 == digits && carries().any(Option::is_none)
}

/// Chooses the radix of one digit after the other, so that their product is large. `limits` are the digits that
/// must fit together, and into how many values.
fn choose(
    digits: usize,
    limits: &[(u32, u64)],
    each: u64,
    chosen: &mut Vec<u64>,
    best: &mut Vec<u64>,
) {
    let product = |radices: &[u64]| radices.iter().fold(1u64, |a, b| a.saturating_mul(*b));
    if chosen.len() == digits {
        if best.is_empty() || product(chosen) > product(best) {
            best.clone_from(chosen);
        }
        return;
    }
    let digit = chosen.len();
    let left = |(carried, capacity): &(u32, u64)| {
        let taken = chosen.iter().enumerate().filter(|(at, _)| carried & (1 << at) != 0);
        capacity / taken.fold(1u64, |taken, (_, radix)| taken.saturating_mul(*radix)).max(1)
    };
    let here: Vec<(u32, u64)> = limits
        .iter()
        .filter(|(carried, _)| carried & (1 << digit) != 0)
        .map(|limit| (limit.0 >> (digit + 1), left(limit)))
        .collect();
    let most = here.iter().map(|(_, left)| *left).min().unwrap_or(u64::MAX).min(each);
    let mut candidates = vec![most];
    // A radix that leaves digits behind it what they can use may give a larger product than the largest one.
    for (_, left) in here.iter().filter(|(later, _)| *later != 0) {
        candidates.push(left.isqrt());
        candidates.extend(limits.iter().map(|(_, capacity)| left / (*capacity).max(1)));
        candidates.extend(limits.iter().map(|(_, capacity)| left / capacity.isqrt().max(1)));
    }
    candidates.retain(|candidate| (1..=most).contains(candidate) || *candidate == most);
    candidates.sort_unstable_by(|a, b| b.cmp(a));
    candidates.dedup();
    for candidate in candidates {
        chosen.push(candidate);
        choose(digits, limits, each, chosen, best);
        chosen.pop();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// Proves by listing all rows that no group has the same values twice, whatever free members have.
    fn assert_apart(digits: &Digits, capacities: &[u64], groups: &[Vec<usize>]) {
        let rows = digits.combinations().min(3_000);
        for group in groups {
            let mut seen = HashSet::new();
            for row in 0..rows {
                let values: Vec<u64> =
                    group.iter().map(|member| digits.value(*member, row).unwrap_or(0)).collect();
                for (member, value) in group.iter().zip(&values) {
                    assert!(*value < capacities[*member].max(1), "{digits:?} {row}");
                }
                assert!(seen.insert(values), "{digits:?} {capacities:?} {groups:?} {row}");
            }
        }
    }

    fn groups() -> impl Strategy<Value = (Vec<u64>, Vec<Vec<usize>>)> {
        (2usize..6).prop_flat_map(|members| {
            let group = prop::sample::subsequence((0..members).collect::<Vec<_>>(), 1..=members);
            (prop::collection::vec(0u64..40, members), prop::collection::vec(group, 1..4))
        })
    }

    proptest! {
        #[test]
        fn all_groups_are_apart_up_to_the_capacity((capacities, groups) in groups(), rows in 0u64..2_000) {
            assert_apart(&Digits::solve(&capacities, &groups, rows), &capacities, &groups);
        }

        #[test]
        fn what_one_group_holds_is_held(capacities in prop::collection::vec(1u64..9, 1..6)) {
            let group: Vec<usize> = (0..capacities.len()).collect();
            let product = capacities.iter().product::<u64>();
            prop_assert_eq!(Digits::solve(&capacities, &[group], product).combinations(), product);
        }

        #[test]
        fn two_groups_that_share_a_member_hold_what_the_smaller_holds(a in 1u64..30, b in 1u64..30, c in 1u64..30) {
            let solved = Digits::solve(&[a, b, c], &[vec![0, 1], vec![1, 2]], a * b * c);
            prop_assert_eq!(solved.combinations(), (a * b).min(b * c));
        }

        #[test]
        fn three_groups_in_a_circle_hold_what_two_of_their_members_hold(k in 1u64..30) {
            let groups = [vec![0, 1], vec![1, 2], vec![0, 2]];
            prop_assert_eq!(Digits::solve(&[k, k, k], &groups, k * k).combinations(), k * k);
        }
    }

    #[test]
    fn members_that_need_carry_nothing_are_left_alone() {
        let solved = Digits::solve(&[5, 500, 7], &[vec![0, 1], vec![1, 2]], 100);
        assert_eq!(
            (solved.value(0, 3), solved.value(1, 3), solved.value(2, 3)),
            (None, Some(3), None)
        );
    }

    #[test]
    fn a_member_can_carry_what_two_others_share() {
        let groups = [vec![0, 1], vec![0, 2, 3]];
        let solved = Digits::solve(&[10, 20, 4, 5], &groups, 200);
        assert_eq!(solved.combinations(), 200);
        assert_apart(&solved, &[10, 20, 4, 5], &groups);
    }
}
