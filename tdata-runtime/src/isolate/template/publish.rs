//! Templates and layers: made once for a fingerprint, by one session, for all.

use tdata_core::plan::Fingerprint;

use crate::error::Error;
use crate::isolate::error::IsolateError;
use crate::notation::Noted;
use crate::registry::Kind;
use crate::session::Session;

/// Finds a database that is complete, or lets `make` make it; others who want the same wait. Once it is made nobody is
/// let in any more. Returns its name, and what `make` returned when it was made.
///
/// The lock goes with its process: who comes next makes it anew, and what is not complete is swept. Templates wait for
/// layers, and layers for those they are made upon, so that nobody waits in a circle.
pub(super) fn find_or_make<T: Noted>(
    session: &Session,
    kind: Kind,
    fingerprint: Fingerprint,
    make: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<(String, T), Error> {
    if let Some(found) = find(session, kind, fingerprint)? {
        return Ok(found);
    }
    let lock = format!("{kind}_{fingerprint}");
    let _making = session.registry.lock(&lock).map_err(IsolateError::Registry)?;
    if let Some(found) = find(session, kind, fingerprint)? {
        return Ok(found);
    }
    let key = fingerprint.to_string();
    let claim = session.enter(kind, &key).map_err(IsolateError::Registry)?;
    let made = make(&claim.database).and_then(|contents| {
        session.server.close_database(&claim.database).map_err(IsolateError::Close)?;
        Ok(contents)
    });
    match made {
        Ok(contents) => {
            let database = claim.database.clone();
            let published = session.registry.publish(claim, &contents.to_notes());
            published.map_err(IsolateError::Registry)?;
            Ok((database, contents))
        }
        Err(error) => {
            // The first error is the one to tell; what stays is swept.
            let _ = session.drop_claimed(claim);
            Err(error)
        }
    }
}

/// Finds a database that is complete.
pub(super) fn find<T: Noted>(
    session: &Session,
    kind: Kind,
    fingerprint: Fingerprint,
) -> Result<Option<(String, T)>, IsolateError> {
    let found = session.registry.find(kind, &fingerprint.to_string());
    let found = found.map_err(IsolateError::Registry)?;
    Ok(found.and_then(|found| Some((found.database, T::of_notes(&found.notes)?))))
}
