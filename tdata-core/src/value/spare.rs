//! Blocks for values on their way.

use std::cell::Cell;

use super::block::Block;

thread_local! {
    /// The blocks that are not in use, as deep as values are made of values.
    static SPARE: Cell<Vec<Block>> = const { Cell::new(Vec::new()) };
}

/// Lends an empty block, with the memory of one that was used before.
pub(crate) fn with_spare<R>(use_it: impl FnOnce(&mut Block) -> R) -> R {
    let mut spare = SPARE.take();
    let mut block = spare.pop().unwrap_or_default();
    SPARE.set(spare);
    let made = use_it(&mut block);
    block.clear();
    let mut spare = SPARE.take();
    spare.push(block);
    SPARE.set(spare);
    made
}
