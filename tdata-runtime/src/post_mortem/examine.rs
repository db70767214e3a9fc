//! Examines what a failed test left.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;
use tdata_core::plan::Plan;

use super::bundle::{self, Draft};
use super::changes::Changes;
use super::compare::{Comparison, compare};
use super::dump::dump;
use super::failure::{Failure, Told};
use super::hidden::Shown;
use super::message::hidden_values;
use super::reader::Reader;
use super::script::Script;
use super::test_id::TestId;
use super::trouble::Trouble;
use super::{command, contract_file, json, page, plan_file, project_files};
use crate::inject::TestData;
use crate::isolate::{self, Instance, InstanceKind, Loan};

/// How long each part of it may take, whatever it waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long finding the values may take that are hidden in a message.
const HIDING: Duration = Duration::from_secs(5);

/// How long comparing may take.
const COMPARING: Duration = Duration::from_secs(10);

/// How long dumping may take.
const DUMPING: Duration = Duration::from_secs(5);

/// The application name of the connections.
const APPLICATION: &str = "tdata post-mortem";

/// What was found of a failed test.
#[derive(Debug)]
pub(crate) struct PostMortem {
    pub(crate) changes: Changes,
    /// The bundle's folder.
    pub(crate) bundle: Result<PathBuf, Trouble>,
    /// The command that runs the test again on the same data.
    pub(crate) command: String,
}

/// Examines what a failed test left, and writes its bundle.
///
/// It is done on threads of its own: whatever happens there, here it is a line, and comes in time.
pub(crate) fn examine(data: &TestData, id: &TestId, failure: &Failure) -> PostMortem {
    let place = bundle::place(id);
    let command = command::replay(id, &place);
    let draft = Draft::begin(place);
    let file = draft.as_ref().ok().and_then(|draft| draft.create("dump.sql").ok());
    let examined = apart({
        let (data, message) = (data.clone(), failure.message().map(str::to_owned));
        move || {
            let script = file.and_then(|file| Script::begin(BufWriter::new(file)).ok());
            changes(&data, message.as_deref(), script)
        }
    });
    let (changes, hidden) = examined
        .unwrap_or_else(|why| (Changes::Unknown { why: why.clone(), counted: None }, Err(why)));
    let told = Told::of(failure, hidden);
    let bundle = match draft {
        Err(error) => Err(error.into()),
        Ok(draft) => apart({
            let (data, id, changes, command) =
                (data.clone(), id.clone(), changes.clone(), command.clone());
            move || write(draft, &id, &data, &told, &changes, &command)
        })
        .and_then(|written| Ok(written?)),
    };
    let command = match &bundle {
        Ok(_) => command,
        Err(_) => command::same_seed(id, data),
    };
    PostMortem { changes, bundle, command }
}

/// Does work on a thread of its own, for as long as there is patience.
fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    let (tell, told) = channel();
    let thread = thread::Builder::new().name("tdata-post-mortem".into());
    thread.spawn(move || {
        // Nobody listens any more where it took too long.
        let _ = tell.send(work());
    })?;
    told.recv_timeout(PATIENCE).map_err(|error| match error {
        RecvTimeoutError::Timeout => Trouble::OutOfTime,
        RecvTimeoutError::Disconnected => Trouble::Other("tdata failed at it".to_owned()),
    })
}

/// Writes all files but the dump, and puts the bundle into its place.
fn write(
    draft: Draft,
    id: &TestId,
    data: &TestData,
    failure: &Told,
    changes: &Changes,
    command: &str,
) -> io::Result<PathBuf> {
    project_files::write(data.recipe(), &draft)?;
    draft.write(contract_file::NAME, &contract_file::write(id, data))?;
    draft.write("plan.txt", &plan_file::write(data.plan()))?;
    draft.write("changes.json", &json::changes(failure, changes))?;
    draft.write("index.html", &page::write(id, data, failure, changes, command))?;
    draft.publish()
}

/// The values to hide that are in the message of the failure; or why that cannot be told.
type Hidden = Result<BTreeSet<String>, Trouble>;

/// Compares the data with what was loaded, and writes the dump.
fn changes(
    data: &TestData,
    message: Option<&str>,
    mut script: Option<Script<impl Write>>,
) -> (Changes, Hidden) {
    let mut hidden = Err(Trouble::Released);
    let looked = match data.instance() {
        None => Err(Trouble::Released),
        Some(instance) => look(data, &instance, message, &mut script, &mut hidden),
    };
    if let (Err(why), Err(_)) = (&looked, &hidden) {
        hidden = Err(why.clone());
    }
    let changes = match looked {
        Ok(None) => Changes::ReadOnly,
        Ok(Some(comparison)) => {
            let contract = data.contract();
            let with_others = contract.scope.is_shared() && !data.in_transaction();
            Changes::Compared { comparison, with_others }
        }
        Err(why) => Changes::Unknown { counted: data.changes(), why },
    };
    if let Some(mut script) = script {
        // What stands in the way of this stands in the way of all.
        if let Changes::Unknown { why, .. } = &changes {
            let _ = script.comment(&why.to_string());
        }
        let _ = script.end();
    }
    (changes, hidden)
}

/// `None` where the data are read-only.
fn look(
    data: &TestData,
    instance: &Instance,
    message: Option<&str>,
    script: &mut Option<Script<impl Write>>,
    hidden: &mut Hidden,
) -> Result<Option<Comparison>, Trouble> {
    let contract = data.contract();
    let in_transaction = data.in_transaction();
    let is_read_only = contract.scope.is_shared() && !contract.writable && !in_transaction;
    // Asked before others connect. It undoes what the test left open.
    let touched = instance.touched();
    let fresh = match is_read_only {
        true => None,
        false => Some(isolate::fresh(data.stock(), data.recipe())?),
    };
    let mut loan = match &fresh {
        None => None,
        // Tests' own role may see less there.
        Some(fresh) if fresh.session.server.gives_ordinary_role() => {
            Some(Loan::of(fresh.connect_to_see(APPLICATION)?))
        }
        Some(fresh) => Some(fresh.lend(APPLICATION)?),
    };
    let before = match (&fresh, &mut loan) {
        (Some(fresh), Some(loan)) => Some((schema(fresh), &mut **loan)),
        _ => None,
    };
    let after = schema(instance);
    let examine = |client: &mut Client| {
        both(data.plan(), before, (after, client), touched, message, script, hidden)
    };
    if in_transaction {
        return data.in_its_transaction(examine).unwrap_or(Err(Trouble::InUse));
    }
    let mut client = instance.connect_to_see(APPLICATION)?;
    Reader::begin(&mut client, after)?;
    examine(&mut client)
}

fn schema(instance: &Instance) -> Option<&str> {
    match &instance.kind {
        InstanceKind::Schema { schema, .. } => Some(schema),
        InstanceKind::Database { .. } | InstanceKind::Transactions { .. } => None,
    }
}

type Place<'a> = (Option<&'a str>, &'a mut Client);

fn both(
    plan: &Plan,
    before: Option<Place<'_>>,
    after: Place<'_>,
    touched: Option<Vec<u32>>,
    message: Option<&str>,
    script: &mut Option<Script<impl Write>>,
    hidden: &mut Hidden,
) -> Result<Option<Comparison>, Trouble> {
    let reader = |(schema, client)| Reader { client, schema, deadline: Instant::now() + HIDING };
    let mut after = reader(after);
    let mut comparison = None;
    let shown;
    match before {
        None => {
            shown = shown_of(plan, &mut after)?;
            *hidden = values(message, [&mut after], &shown);
        }
        Some(before) => {
            Reader::begin(before.1, before.0)?;
            let mut before = reader(before);
            // The test may have changed the search path of its connection.
            shown = shown_of(plan, &mut before)?;
            *hidden = values(message, [&mut before, &mut after], &shown);
            before.deadline = Instant::now() + COMPARING;
            after.deadline = before.deadline;
            comparison = Some(compare(&mut before, &mut after, touched.as_deref(), &shown)?);
        }
    }
    if let Some(script) = script {
        after.deadline = Instant::now() + DUMPING;
        if let Err(trouble) = dump(&mut after, &shown, script) {
            // A dump that says so is better than none.
            let _ = script.comment(&format!("not all of it is here: {trouble}"));
        }
    }
    Ok(comparison)
}

/// Finds the values to hide that are in a message, in all databases that it may have them from.
fn values<const N: usize>(
    message: Option<&str>,
    readers: [&mut Reader<'_>; N],
    shown: &Shown,
) -> Hidden {
    let mut found = BTreeSet::new();
    for reader in readers {
        match message.map(|message| hidden_values(message, reader, shown)) {
            None => {}
            Some(Ok(values)) => found.extend(values),
            // What was in it is undone.
            Some(Err(Trouble::TransactionFailed | Trouble::TransactionEnded)) => {}
            Some(Err(why)) => return Err(why),
        }
    }
    Ok(found)
}

fn shown_of(plan: &Plan, reader: &mut Reader<'_>) -> Result<Shown, Trouble> {
    match reader.schema {
        // All tables are in the one schema, which has no name here.
        Some(_) => Ok(Shown::of(&plan.in_schema(""), "")),
        None => Ok(Shown::of(plan, &reader.default_schema()?)),
    }
}
