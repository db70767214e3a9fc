//! Runs a test on its data.

use std::any::Any;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::panic::{Location, resume_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use super::declaration::Declaration;
use super::engine::engine;
use super::injection::Injection;
use super::outcome::Outcome;
use super::report;
use super::should_panic::ShouldPanic;
use crate::error::Error;
use crate::inject::{Current, FromTestData, FromTestDataAsync, Parameter, TestData};
use crate::off_runtime::off_runtime;
use crate::panics::{self, Panic};
use crate::post_mortem::{Failure, TestId};
use crate::request::Request;

/// A test that is about to run, or runs.
///
/// When it is dropped the data are released: after success, after a panic, and when the future of an
/// async test is dropped before its end.
#[derive(Debug)]
pub struct Test {
    id: TestId,
    data: TestData,
    /// How it is to panic, where it is.
    expected: Option<ShouldPanic>,
    /// Whether a parameter could not be made, so that the test itself never ran.
    lacks_parameter: AtomicBool,
    /// Whether its end was looked at.
    is_judged: AtomicBool,
}

impl Test {
    /// Makes a parameter from the data.
    ///
    /// # Panics
    ///
    /// When that fails; the message tells why.
    #[track_caller]
    pub fn inject<T: FromTestData>(&self, name: &'static str) -> T {
        match T::from_test_data(&self.data, &Parameter::named(name)) {
            Ok(parameter) => parameter,
            Err(error) => {
                self.lacks_parameter.store(true, Ordering::Relaxed);
                panic!("the parameter `{name}` cannot be injected: {error}")
            }
        }
    }

    /// Names a parameter of an async test, which [`Injection::make`] makes.
    #[track_caller]
    pub fn inject_async<T: FromTestDataAsync>(&self, name: &'static str) -> Injection<'_, T> {
        // Whoever polls the future is no place to name.
        Injection {
            data: &self.data,
            lacks_parameter: &self.lacks_parameter,
            name,
            place: Location::caller(),
            makes: PhantomData,
        }
    }

    /// Returns the data.
    pub fn data(&self) -> &TestData {
        &self.data
    }

    /// Provisions the data. Where there are none, a test that is to panic gets what it returns instead: a panic would
    /// let it pass.
    ///
    /// # Panics
    ///
    /// When the data cannot be had, and the test is not to panic like that.
    #[track_caller]
    fn start<T: Outcome>(declaration: &'static Declaration) -> Result<Self, T> {
        // Asked on the test's own thread, which bears its name.
        let id = declaration.running_test();
        let expected = declaration.expected_panic(&id);
        let error = match off_runtime(|| provision_for(declaration, &id)) {
            Ok(data) => {
                let (lacks_parameter, is_judged) = Default::default();
                return Ok(Self { id, data, expected, lacks_parameter, is_judged });
            }
            Err(error) => error,
        };
        let message =
            format!("the data of the test {} cannot be had: {error}", declaration.test_path());
        if expected.is_some_and(|expected| expected.takes_any())
            && let Some(nothing) = T::of_no_panic()
        {
            eprintln!("{message}");
            return Err(nothing);
        }
        panic!("{message}")
    }

    /// Tells of a failure, and goes on as the test went on.
    fn end<T: Outcome>(&self, ran: Result<T, (Box<dyn Any + Send>, Panic)>) -> T {
        self.is_judged.store(true, Ordering::Relaxed);
        match ran {
            Ok(outcome) => {
                let failure = match (outcome.failure(), self.expected) {
                    (Some(text), _) => Some(Failure::Returned(text)),
                    (None, Some(_)) => Some(Failure::DidNotPanic),
                    (None, None) => None,
                };
                self.report(failure);
                outcome
            }
            Err((payload, panic)) => {
                let is_met = self.expected.is_some_and(|expected| expected.is_met_by(&panic));
                let never_ran = self.lacks_parameter.load(Ordering::Relaxed)
                    && self.expected.is_some_and(|expected| expected.takes_any());
                self.report((!is_met || never_ran).then_some(Failure::Panicked(panic)));
                // What comes is no failure of its own: all of it was told.
                self.data.release();
                match T::of_no_panic() {
                    // The test never ran, and its panic would let it pass.
                    Some(nothing) if never_ran => nothing,
                    _ => resume_unwind(payload),
                }
            }
        }
    }

    fn report(&self, failure: Option<Failure>) {
        if let Some(failure) = failure {
            report::print(&self.id, &self.data, &failure);
        }
    }
}

impl Drop for Test {
    fn drop(&mut self) {
        // The future of an async test is dropped by a panic around it.
        if std::thread::panicking() && !self.is_judged.load(Ordering::Relaxed) {
            let unknown = Panic { message: None, place: None };
            let panic = panics::last().unwrap_or(unknown);
            let is_met = self.expected.is_some_and(|expected| expected.is_met_by(&panic));
            self.report((!is_met).then_some(Failure::Panicked(panic)));
        }
        self.data.release();
    }
}

/// Provisions what a test declares and runs it.
///
/// # Panics
///
/// When the data cannot be had; otherwise as the test does.
#[track_caller]
pub fn run<T: Outcome>(declaration: &'static Declaration, body: impl FnOnce(&Test) -> T) -> T {
    let test = match Test::start(declaration) {
        Ok(test) => test,
        Err(nothing) => return nothing,
    };
    let ran = {
        let _current = Current::enter(&test.data);
        panics::catch(|| body(&test))
    };
    test.end(ran)
}

/// Does the same as [`run`] with a body that captures nothing: it is compiled once for all tests that
/// return the same, and not once for each.
///
/// # Panics
///
/// When the data cannot be had; otherwise as the test does.
#[track_caller]
pub fn run_fn<T: Outcome>(declaration: &'static Declaration, body: fn(&Test) -> T) -> T {
    run(declaration, body)
}

/// Provisions what an async test declares and runs it.
///
/// # Panics
///
/// When the data cannot be had; otherwise as the test does.
pub async fn run_async<T: Outcome>(
    declaration: &'static Declaration,
    body: impl AsyncFnOnce(&Test) -> T,
) -> T {
    let test = match Test::start(declaration) {
        Ok(test) => test,
        Err(nothing) => return nothing,
    };
    let mut body = pin!(body(&test));
    // During each poll the data are the current ones, whatever thread polls.
    let ran = poll_fn(|context| {
        let _current = Current::enter(&test.data);
        match panics::catch(|| body.as_mut().poll(context)) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await;
    test.end(ran)
}

fn provision_for(declaration: &Declaration, id: &TestId) -> Result<TestData, Error> {
    let contract = declaration.contract()?;
    let scope_key = declaration.scope_key(contract.scope.unwrap_or_default());
    let folder = declaration.package_folder();
    Request::of_test(engine(), contract, folder, scope_key, id.clone()).provision_here()
}
