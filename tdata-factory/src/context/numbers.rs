//! The numbers of a test's records.

use tdata_core::generate::FieldKey;

/// How many calls share a block of numbers, as a power of two.
const CALL_BITS: u32 = 16;

/// How many blocks there are, as a power of two. With the calls these are 53 bits: what JSON's
/// numbers hold as well.
const BLOCK_BITS: u32 = 37;

/// The numbers of a test's records: a function of the test's name and of how many records it made
/// before.
///
/// A test's calls are numbered in blocks of 2^16, and each block is one of 2^37 that the test's name
/// picks. So a number never depends on other tests, and two tests that run at once, in threads,
/// processes or on machines, hardly ever share one: among a thousand blocks the chance is one in
/// 270,000.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers(FieldKey);

impl Numbers {
    /// Makes the numbers of a test.
    pub(crate) fn of(test: &str) -> Self {
        Self(FieldKey::derive(0, test, "", "numbers", 1))
    }

    /// Returns the block of the number of a call.
    pub(crate) fn block(&self, call: u64) -> Block {
        let index = call >> CALL_BITS;
        let block = self.0.cell(index).bits() >> (u64::BITS - BLOCK_BITS);
        Block { index, first: block << CALL_BITS }
    }
}

/// A block of numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Which of the test's blocks it is.
    index: u64,
    first: u64,
}

impl Block {
    /// Tells whether the number of a call is in this block.
    pub(crate) fn has(&self, call: u64) -> bool {
        call >> CALL_BITS == self.index
    }

    /// Returns the number of a call in this block.
    pub(crate) fn number(&self, call: u64) -> u64 {
        self.first | call & ((1 << CALL_BITS) - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn number(numbers: &Numbers, call: u64) -> u64 {
        let block = numbers.block(call);
        assert!(block.has(call));
        block.number(call)
    }

    #[test]
    fn numbers_depend_on_the_test_and_the_call_only() {
        let (one, other) = (Numbers::of("shop::pays"), Numbers::of("shop::ships"));
        assert_eq!(number(&one, 5), number(&Numbers::of("shop::pays"), 5));
        assert_ne!(number(&one, 5), number(&other, 5));
        assert_eq!(number(&one, 5), number(&one, 4) + 1);
        assert!(!one.block(0).has(1 << CALL_BITS));
    }

    #[test]
    fn a_thousand_tests_share_none() {
        let calls = (0..3).chain([1 << CALL_BITS, 1 << 20]);
        let numbers: HashSet<u64> = (0..1_000)
            .flat_map(|test| calls.clone().map(move |call| (test, call)))
            .map(|(test, call)| number(&Numbers::of(&format!("shop::test_{test}")), call))
            .collect();
        assert_eq!(numbers.len(), 5_000);
        assert!(numbers.iter().all(|number| *number < 1 << 53));
    }
}
