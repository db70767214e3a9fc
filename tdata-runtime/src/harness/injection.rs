//! The parameters of async tests.

use std::future::{Pending, pending};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::inject::{FromTestDataAsync, Parameter, TestData};

/// A parameter of an async test that is to be made.
#[derive(Debug)]
pub struct Injection<'a, T> {
    pub(super) data: &'a TestData,
    /// Whether a parameter of the test could not be made.
    pub(super) lacks_parameter: &'a AtomicBool,
    pub(super) name: &'static str,
    pub(super) place: &'static Location<'static>,
    pub(super) makes: PhantomData<fn() -> T>,
}

impl<'a, T: FromTestDataAsync> Injection<'a, T> {
    /// Makes the parameter from the data.
    ///
    /// # Panics
    ///
    /// When that fails; the message tells why.
    pub fn make(self) -> impl Future<Output = T> + use<'a, T> {
        let Self { data, lacks_parameter, name, place, .. } = self;
        async move {
            match T::from_test_data_async(data, &Parameter::named(name)).await {
                Ok(parameter) => parameter,
                Err(error) => {
                    lacks_parameter.store(true, Ordering::Relaxed);
                    panic!(
                        "the parameter `{name}` of the test at {place} cannot be injected: {error}"
                    )
                }
            }
        }
    }
}

/// Makes nothing of a type that tests cannot take. [`Test::inject_async`](super::Test::inject_async) has told of that type, and the compiler would
/// tell again at each future whose type depends on it; with this there is none.
pub trait InjectNothing<T>: Sized {
    /// Never makes anything.
    fn make(self) -> Pending<T> {
        pending()
    }
}

impl<T> InjectNothing<T> for Injection<'_, T> {}
