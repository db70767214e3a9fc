//! Runs a test on its data.

use std::future::poll_fn;
use std::panic::Location;
use std::path::PathBuf;
use std::pin::pin;

use tdata_core::contract::Scope;
use tdata_core::definition::Instant;

use super::declaration::Declaration;
use super::outcome::Outcome;
use super::report;
use crate::error::Error;
use crate::inject::{Current, FromTestData, FromTestDataAsync, Parameter, TestData};
use crate::off_runtime::off_runtime;
use crate::post_mortem::TestId;
use crate::provision::{Request, provision};

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
    // Seed and as-of time of the contract hold only where the declaration names them.
    let contract = declaration.contract(0, Instant::from_micros(0))?;
    let seed = declaration.seed;
    let as_of = declaration.as_of.map(|_| contract.as_of);
    let scope_key = match contract.scope {
        Scope::TestCase => format!("{}::{}", declaration.module, declaration.test),
        Scope::TestClass => declaration.module.to_owned(),
        Scope::TestModule => declaration.target.to_owned(),
        Scope::Shared => String::new(),
    };
    // Tests may run elsewhere than they were compiled; whoever runs them tells where the package is.
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.is_dir());
    let folder = folder.unwrap_or_else(|| PathBuf::from(declaration.manifest_dir));
    let keep = declaration.keep;
    provision(Request::for_contract(contract, seed, as_of, keep, folder, scope_key, id.clone()))
}
