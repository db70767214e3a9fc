//! What every factory and every builder is.

use super::blueprint::Blueprint;
use super::demand::Demand;
use super::draft::Draft;
use super::link::Link;
use crate::record::Record;

/// A trait of a factory: its name, and what starts a record of it.
pub type Trait<B> = (&'static str, fn() -> B);

/// Makes single records. `#[derive(Factory)]` makes one for a record: `UserFactory` for `User`.
///
/// ```
/// use tdata::{Factory, Record};
///
/// #[derive(Clone, Debug, Record, Factory)]
/// #[record(dataset = "accounts", partial)]
/// #[factory(trait(pro => plan = "pro"))]
/// struct Account {
///     id: i32,
///     plan: String,
///     billing_day: i16,
/// }
///
/// let account = AccountFactory::pro().billing_day(15).build();
/// assert_eq!((account.plan.as_str(), account.billing_day), ("pro", 15));
///
/// /// Works with any factory.
/// fn traits<F: Factory>() -> Vec<&'static str> {
///     F::TRAITS.iter().map(|(name, _)| *name).collect()
/// }
/// assert_eq!(traits::<AccountFactory>(), ["pro"]);
/// ```
pub trait Factory: 'static {
    /// What it makes.
    type Record: Record;
    /// What is said about a record before it is made.
    type Builder: FactoryBuilder<Record = Self::Record>;

    /// The factory's name.
    const NAME: &'static str;

    /// The traits, by name.
    const TRAITS: &'static [Trait<Self::Builder>];

    /// Starts a record of which nothing is said yet.
    fn builder() -> Self::Builder;
}

/// What is said about a record before it is made. `#[derive(Factory)]` makes it.
///
/// ```
/// use tdata::{Factory, FactoryBuilder, Record};
///
/// #[derive(Record, Factory)]
/// struct Dice {
///     #[factory(generator = "random_int, min: 1, max: 6")]
///     pips: i32,
/// }
///
/// /// Works with any builder.
/// fn build_two<B: FactoryBuilder>(builder: &B) -> Vec<B::Record> {
///     tdata::factory::build_batch(builder, 2)
/// }
/// assert!(build_two(&DiceFactory::new()).iter().all(|dice| dice.pips <= 6));
/// ```
pub trait FactoryBuilder: Clone + 'static {
    /// What it makes.
    type Record: Record;

    /// What is known of the factory while compiling.
    const BLUEPRINT: &'static Blueprint;

    /// Adds what storing the records needs from the database first.
    fn demand(&self, demand: &mut Demand);

    /// Makes one record.
    fn draft(&self, draft: &mut Draft<'_>) -> Self::Record;

    /// Sets the foreign key `field` to that of the record which has this one as its child.
    fn link(&mut self, field: &str, link: Link);
}
