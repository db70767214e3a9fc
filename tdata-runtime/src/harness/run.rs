//! Runs a test on its data.

use std::future::poll_fn;
use std::panic::Location;
use std::path::Path;
use std::pin::pin;

use tdata_factory::environment::package;

use super::declaration::Declaration;
use super::engine::engine;
use super::outcome::Outcome;
use super::report;
use crate::error::Error;
use crate::inject::{Current, FromTestData, FromTestDataAsync, Parameter, TestData};
use crate::off_runtime::off_runtime;
use crate::post_mortem::TestId;
use crate::request::Request;

/// A test that is about to run, or runs.
///
/// When it is dropped the data are released: after success, after a panic, and when the future of an
/// async test is dropped before its end.
#[derive(Debug)]
pub struct Test {
    id: TestId,
    data: TestData,
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
            Err(error) => panic!("the parameter `{name}` cannot be injected: {error}"),
        }
    }

    /// Makes a parameter of an async test from the data.
    ///
    /// # Panics
    ///
    /// When that fails; the message tells why.
    #[track_caller]
    pub fn inject_async<T: FromTestDataAsync>(
        &self,
        name: &'static str,
    ) -> impl Future<Output = T> {
        // Whoever polls the future is no place to name.
        let place = Location::caller();
        async move {
            match T::from_test_data_async(&self.data, &Parameter::named(name)).await {
                Ok(parameter) => parameter,
                Err(error) => {
                    panic!(
                        "the parameter `{name}` of the test at {place} cannot be injected: {error}"
                    )
                }
            }
        }
    }

    /// Returns the data.
    pub fn data(&self) -> &TestData {
        &self.data
    }

    #[track_caller]
    fn start(declaration: &'static Declaration) -> Self {
        // Asked on the test's own thread, which bears its name.
        let id = declaration.running_test();
        match off_runtime(|| provision_for(declaration, &id)) {
            Ok(data) => Self { id, data },
            Err(error) => {
                panic!("the data of the test {} cannot be had: {error}", declaration.test_path())
            }
        }
    }

    fn judge<T: Outcome>(&self, outcome: &T) {
        if outcome.is_failure() {
            report::print(&self.id, &self.data);
        }
    }
}

impl Drop for Test {
    fn drop(&mut self) {
        if std::thread::panicking() {
            report::print(&self.id, &self.data);
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
    let test = Test::start(declaration);
    let _current = Current::enter(&test.data);
    let outcome = body(&test);
    test.judge(&outcome);
    outcome
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
    let test = Test::start(declaration);
    let mut body = pin!(body(&test));
    // During each poll the data are the current ones, whatever thread polls.
    let outcome = poll_fn(|context| {
        let _current = Current::enter(&test.data);
        body.as_mut().poll(context)
    })
    .await;
    test.judge(&outcome);
    outcome
}

fn provision_for(declaration: &Declaration, id: &TestId) -> Result<TestData, Error> {
    let contract = declaration.contract()?;
    let scope_key = declaration.scope_key(contract.scope.unwrap_or_default());
    let folder = package(Some(Path::new(declaration.manifest_dir)));
    Request::of_test(engine(), contract, folder, scope_key, id.clone()).provision_here()
}
