//! The pure core of tdata: definitions, contracts, generation, masking and planning.
//!
//! Nothing here talks to a database, reads a clock or the environment, or starts a thread; the
//! only input besides arguments is the project's folder: its definitions, its settings, and whether
//! it has migrations. Each module uses only those before it:
//!
//! 1. [`diagnostic`]: what is said to people.
//! 2. [`sql`]: PostgreSQL's types and names.
//! 3. [`spec`]: what a dataset is made of, wherever it was said.
//! 4. [`definition`]: how datasets are made, as YAML says it.
//! 5. [`contract`]: what one test needs.
//! 6. [`project`]: where definitions and settings stand.
//! 7. `words`: lists of English words.
//! 8. [`value`]: what cells hold.
//! 9. [`generate`]: values as pure functions of where they stand.
//! 10. [`mask`]: personal values replaced.
//! 11. [`rows`]: the rows of a dataset, wherever they come from.
//! 12. [`plan`]: a contract resolved, with nothing left that can be wrong.
//! 13. [`placement`]: on which of several databases each row is.

pub mod contract;
pub mod definition;
pub mod diagnostic;
pub mod generate;
pub mod mask;
pub mod placement;
pub mod plan;
pub mod project;
pub mod rows;
pub mod spec;
pub mod sql;
pub mod value;
mod words;
