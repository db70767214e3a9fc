//! From a resolved contract to data: the stages that take a server, in their order.

use std::sync::Arc;

use tdata_core::contract::Isolation;
use tdata_core::plan::Fingerprint;

use crate::engine::Engine;
use crate::error::Error;
use crate::inject::TestData;
use crate::isolate::{self, IsolateError, Recipe, Stock};
use crate::resolution::Resolution;
use crate::server::ServerSettings;
use crate::timings::{Stopwatch, Timings};

/// How often data are tried to be had from what others may take away.
const ATTEMPTS: u32 = 3;

/// What is said of a database that is not there.
const NO_DATABASE: &str = "3D000";

/// Who the data are for.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// The test that asks, as its factories know it.
    pub(crate) test: String,
    /// What names those that share the data.
    pub(crate) scope_key: String,
}

/// Hands out the data of a contract. `stopwatch` runs since it was asked for.
pub(crate) fn provision(
    engine: &Engine,
    resolution: Resolution,
    holder: &Holder,
    mut stopwatch: Stopwatch,
) -> Result<TestData, Error> {
    stopwatch.lap("resolve");
    let work = Work::on_server(engine, resolution)?;
    stopwatch.lap("server");
    let timings = stopwatch.timings();
    work.run(|stock, recipe| hand_out(stock, recipe, holder, timings.clone()))
}

/// Makes ready what tests will ask for, `clones` waiting for them.
pub(crate) fn prewarm(engine: &Engine, resolution: Resolution, clones: usize) -> Result<(), Error> {
    let work = Work::on_server(engine, resolution)?;
    work.run(|stock, recipe| isolate::prepare_clones(stock, recipe, clones))
}

/// What takes a server and templates.
struct Work<'a> {
    engine: &'a Engine,
    stock: Arc<Stock>,
    recipe: Recipe,
    settings: ServerSettings,
    /// What the server is to know the fingerprint by, where it does not yet.
    coarse: Option<Fingerprint>,
}

impl<'a> Work<'a> {
    /// Finds or boots the server.
    fn on_server(engine: &'a Engine, resolution: Resolution) -> Result<Self, Error> {
        let Resolution {
            contract,
            settled,
            files,
            migrations,
            programs,
            schema,
            fingerprint,
            coarse,
        } = resolution;
        let stock = engine.stock(&settled.server)?;
        let test_run = &engine.config().test_run;
        let recipe = Recipe {
            session: Arc::clone(&stock.session),
            contract,
            files,
            migrations,
            programs,
            touches_server: settled.server.migrations.is_some(),
            schema,
            mask_key: settled.mask_key,
            surroundings: settled.surroundings,
            fingerprint,
            test_run: test_run.name.clone(),
            slot: test_run.slot,
            attempt: test_run.attempt,
        };
        Ok(Self { engine, stock, recipe, settings: settled.server, coarse })
    }

    /// Does it, again where others took server or template away just now.
    fn run<T>(
        mut self,
        work: impl Fn(&Arc<Stock>, &Recipe) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut attempt = 1;
        loop {
            self.prove_life()?;
            let (stock, fingerprint) = (&self.stock, self.recipe.fingerprint);
            match work(stock, &self.recipe) {
                Ok(done) => {
                    if let Some(coarse) = self.coarse {
                        stock.tell_fingerprint(coarse, fingerprint);
                    }
                    stock.session.sweep();
                    return Ok(done);
                }
                Err(error)
                    if attempt < ATTEMPTS
                        && error
                            .refusal()
                            .is_some_and(|it| stock.session.server.leaves_memory(it)) =>
                {
                    self.take_another_server()?;
                }
                Err(error) if error.is_connection() => {
                    let server = &stock.session.server;
                    // Only a connection broke, or was ended.
                    if server.answers() {
                        if attempt == ATTEMPTS {
                            return Err(error);
                        }
                        // It may have been given up because another process left it torn.
                        match server.is_usable() {
                            true => stock.forget_failures(),
                            false => self.take_another_server()?,
                        }
                    } else if server.is_proved() || attempt == ATTEMPTS {
                        self.engine.forget(server);
                        return Err(error);
                    } else {
                        // One that went away before it was asked for anything has harmed nobody yet.
                        self.take_another_server()?;
                    }
                }
                // Its template made room for others just now.
                Err(error) if error.sqlstate() == Some(NO_DATABASE) && attempt < ATTEMPTS => {
                    stock.forget_template(fingerprint);
                }
                Err(error) => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Begins again on a server that lost what it held, as one does that recovers from a crash: all is made anew.
    fn prove_life(&mut self) -> Result<(), Error> {
        let session = &self.stock.session;
        let Err(refusal) = session.registry.prove_life() else { return Ok(()) };
        if !refusal.is_connection() {
            return Err(IsolateError::Registry(refusal).into());
        }
        let notices = session.server.notices();
        notices.say(format_args!("making all data anew on {:?}: {refusal}", session.server));
        self.take_another_server()
    }

    /// Goes on with the server that there is behind this one.
    fn take_another_server(&mut self) -> Result<(), Error> {
        self.engine.forget(&self.stock.session.server);
        self.stock = self.engine.stock(&self.settings)?;
        self.recipe.session = Arc::clone(&self.stock.session);
        Ok(())
    }
}

fn hand_out(
    stock: &Arc<Stock>,
    recipe: &Recipe,
    holder: &Holder,
    mut timings: Timings,
) -> Result<TestData, Error> {
    if recipe.contract.isolation != Isolation::Schema {
        timings.extend(&stock.template(recipe)?.timings_once());
    }
    let mut stopwatch = Stopwatch::start();
    let instance = isolate::instance(stock, recipe, &holder.scope_key)?;
    stopwatch.lap("isolate");
    timings.extend(&stopwatch.timings());
    TestData::new(instance, stock, recipe.clone(), holder.test.clone(), timings)
}
