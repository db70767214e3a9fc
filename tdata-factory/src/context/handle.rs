//! The context of a test.

use std::any::{Any, TypeId};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tdata_core::contract::Volumes;
use tdata_core::definition::Instant;

use super::numbers::{Block, Numbers};
use super::{panic_hook, test_name};
use crate::environment::Start;

/// What the values of a test's factories start from: the seed, the as-of time, the test's name, and
/// how many records each factory has made.
///
/// A test needs no context of its own: each thread has one, of the test it runs. Clones are handles
/// to the same context. Hand one to the threads and tasks that a test starts, so that what they
/// build belongs to the test:
///
/// ```
/// use tdata_factory::Context;
///
/// let context = Context::current();
/// std::thread::spawn(move || {
///     let _entered = context.enter();
///     // Factories go on where the test was.
/// });
/// ```
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    test: String,
    start: Start,
    volumes: Volumes,
    numbers: Numbers,
    factories: Mutex<HashMap<TypeId, Slot>>,
}

/// What a context keeps for a factory.
struct Slot {
    calls: u64,
    plan: Arc<dyn Any + Send + Sync>,
}

/// What a factory takes out of a context to make some records.
#[derive(Debug)]
pub(crate) struct Taken<P> {
    /// The factory's plan.
    pub(crate) plan: Arc<P>,
    numbers: Numbers,
    /// How many records the factory has made before.
    first_call: u64,
    /// The block of the last number that was asked for: the next is hardly ever of another.
    block: Block,
}

impl<P> Taken<P> {
    fn new(plan: Arc<P>, numbers: Numbers, first_call: u64) -> Self {
        Self { plan, numbers, first_call, block: numbers.block(first_call) }
    }

    /// Returns the number of a record, counted from 0.
    pub(crate) fn number(&mut self, at: u64) -> u64 {
        let call = self.first_call + at;
        if !self.block.has(call) {
            self.block = self.numbers.block(call);
        }
        self.block.number(call)
    }
}

thread_local! {
    /// The contexts that this thread entered, innermost last.
    static ENTERED: RefCell<Vec<Context>> = const { RefCell::new(Vec::new()) };
    /// The context of the test that this thread runs.
    static OWN: OnceCell<Context> = const { OnceCell::new() };
}

impl Context {
    /// Makes the context of a test. `volumes` are those of the datasets that the test has in a
    /// database: references to them stay among these.
    pub fn new(test: impl Into<String>, seed: u64, as_of: Instant, volumes: Volumes) -> Self {
        let test = test.into();
        let numbers = Numbers::of(&test);
        let start = Start { seed, as_of };
        Self(Arc::new(Inner { test, start, volumes, numbers, factories: Mutex::default() }))
    }

    /// Returns the context this thread entered last, else that of the test it runs.
    ///
    /// # Panics
    ///
    /// When `TDATA_SEED`, `TDATA_AS_OF` or `tdata.toml` has a mistake; the message tells which.
    pub fn current() -> Self {
        ENTERED.with_borrow(|entered| entered.last().cloned()).unwrap_or_else(Self::own)
    }

    /// Makes this the current context of the thread, until the result is dropped.
    #[must_use = "the context is left when this is dropped"]
    pub fn enter(&self) -> Entered {
        ENTERED.with_borrow_mut(|entered| entered.push(self.clone()));
        Entered { _not_send: std::marker::PhantomData }
    }

    /// Returns the test's name, its binary before it.
    pub fn test(&self) -> &str {
        &self.0.test
    }

    /// Returns the seed.
    pub fn seed(&self) -> u64 {
        self.0.start.seed
    }

    /// Returns the as-of time.
    pub fn as_of(&self) -> Instant {
        self.0.start.as_of
    }

    /// Returns the volumes of the datasets that the test has in a database.
    pub fn volumes(&self) -> &Volumes {
        &self.0.volumes
    }

    /// Lets every factory count from its first record again.
    ///
    /// What is built afterwards repeats what was built before; in a database it may be refused
    /// beside it.
    pub fn reset_sequences(&self) {
        for slot in self.factories().values_mut() {
            slot.calls = 0;
        }
    }

    /// Lets one factory count from its first record again.
    pub(crate) fn reset(&self, factory: TypeId) {
        if let Some(slot) = self.factories().get_mut(&factory) {
            slot.calls = 0;
        }
    }

    /// Takes the numbers of `count` records of a factory, whose plan `make` makes the first time.
    pub(crate) fn take<P: Send + Sync + 'static>(
        &self,
        factory: TypeId,
        count: u64,
        make: impl FnOnce() -> Arc<P>,
    ) -> Taken<P> {
        let numbers = self.0.numbers;
        if let Some(slot) = self.factories().get_mut(&factory)
            && let Ok(plan) = Arc::clone(&slot.plan).downcast()
        {
            slot.calls += count;
            return Taken::new(plan, numbers, slot.calls - count);
        }
        // Made without the lock: a mistake in a definition panics.
        let plan = make();
        let kept: Arc<dyn Any + Send + Sync> = plan.clone();
        let mut factories = self.factories();
        let slot = factories.entry(factory).or_insert(Slot { calls: 0, plan: kept });
        slot.calls += count;
        Taken::new(plan, numbers, slot.calls - count)
    }

    fn factories(&self) -> std::sync::MutexGuard<'_, HashMap<TypeId, Slot>> {
        self.0.factories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn own() -> Self {
        let made = OWN.try_with(|own| own.get_or_init(Self::of_this_thread).clone());
        // While a thread ends it has no context of its own any more.
        made.unwrap_or_else(|_| Self::of_this_thread())
    }

    fn of_this_thread() -> Self {
        static START: OnceLock<Start> = OnceLock::new();
        let start = *START.get_or_init(|| match Start::of_this_process() {
            Ok(start) => start,
            Err(mistakes) => panic!("factories cannot start:\n{mistakes}"),
        });
        panic_hook::install(Self::used_by_this_thread);
        Self::new(test_name::of_this_thread(), start.seed, start.as_of, Volumes::default())
    }

    /// Returns what the factories of this thread's test started from, unless it was handed another
    /// context.
    fn used_by_this_thread() -> Option<Start> {
        let entered = ENTERED.try_with(|entered| entered.try_borrow().map_or(0, |all| all.len()));
        if entered != Ok(0) {
            return None;
        }
        OWN.try_with(|own| own.get().map(|context| context.0.start)).ok().flatten()
    }
}

/// Leaves a context when dropped.
#[derive(Debug)]
pub struct Entered {
    /// Dropped on another thread it would leave that one's context.
    _not_send: std::marker::PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let _left = ENTERED.with_borrow_mut(Vec::pop);
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let start = &self.0.start;
        write!(f, "Context({}, seed {} as of {})", self.0.test, start.seed, start.as_of)
    }
}
