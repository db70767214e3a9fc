//! Making records and storing them.

use super::creation::Creation;
use crate::factory::FactoryBuilder;
use crate::store::{AsyncStore, Store, StoreError, run};

/// Makes a record and stores it, what it belongs to first.
///
/// # Errors
///
/// When the database refuses; nothing of the call is stored then, unless it was what a hook wanted
/// that is refused.
pub fn create<B: FactoryBuilder>(
    builder: &B,
    store: &mut (impl Store + ?Sized),
) -> Result<B::Record, StoreError> {
    let mut creation = Creation::new(builder, 1);
    run(store, &mut creation)?;
    creation.into_one()
}

/// Makes records and stores them, what they belong to first, with few statements.
///
/// # Errors
///
/// When the database refuses; nothing of the call is stored then, unless it was what a hook wanted
/// that is refused.
pub fn create_batch<B: FactoryBuilder>(
    builder: &B,
    count: usize,
    store: &mut (impl Store + ?Sized),
) -> Result<Vec<B::Record>, StoreError> {
    let mut creation = Creation::new(builder, count);
    run(store, &mut creation)?;
    creation.into_records()
}

/// Makes a record and stores it through an async client, what it belongs to first.
///
/// # Errors
///
/// When the database refuses; nothing of the call is stored then, unless it was what a hook wanted
/// that is refused.
pub async fn create_async<B: FactoryBuilder>(
    builder: &B,
    store: impl AsyncStore,
) -> Result<B::Record, StoreError> {
    let mut creation = Creation::new(builder, 1);
    store.run(&mut creation).await?;
    creation.into_one()
}

/// Makes records and stores them through an async client, what they belong to first, with few
/// statements.
///
/// # Errors
///
/// When the database refuses; nothing of the call is stored then, unless it was what a hook wanted
/// that is refused.
pub async fn create_batch_async<B: FactoryBuilder>(
    builder: &B,
    count: usize,
    store: impl AsyncStore,
) -> Result<Vec<B::Record>, StoreError> {
    let mut creation = Creation::new(builder, count);
    store.run(&mut creation).await?;
    creation.into_records()
}
