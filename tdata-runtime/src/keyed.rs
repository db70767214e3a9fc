//! Values that are made once for each key.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

/// Values that are made once for each key. The first thread that asks makes the value; others that ask for the same key
/// wait. Threads that ask for other keys do not wait.
pub(crate) struct Keyed<K, V>(Mutex<HashMap<K, Arc<OnceLock<V>>>>);

impl<K: Eq + Hash, V: Clone> Keyed<K, V> {
    /// Returns the value of a key, and makes it where there is none.
    pub(crate) fn get_or_make(&self, key: K, make: impl FnOnce() -> V) -> V {
        let cell = Arc::clone(self.0.lock().entry(key).or_default());
        cell.get_or_init(make).clone()
    }

    /// Returns the value of a key, if it is made.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.0.lock().get(key)?.get().cloned()
    }

    /// Removes the value of a key, if it is made. The next thread that asks makes another.
    pub(crate) fn remove(&self, key: &K) -> Option<V> {
        let mut cells = self.0.lock();
        cells.get(key)?.get()?;
        cells.remove(key)?.get().cloned()
    }

    /// Removes the values that do not satisfy a condition. Values that are being made stay.
    pub(crate) fn retain(&self, keep: impl Fn(&V) -> bool) {
        self.0.lock().retain(|_, cell| cell.get().is_none_or(&keep));
    }

    /// Removes all values that are made, and returns them. Values that are being made stay.
    pub(crate) fn take(&self) -> Vec<V> {
        let mut cells = self.0.lock();
        let made = cells.extract_if(|_, cell| cell.get().is_some());
        made.filter_map(|(_, cell)| cell.get().cloned()).collect()
    }
}

impl<K, V> Default for Keyed<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K, V> fmt::Debug for Keyed<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyed")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn each_key_is_made_once_whoever_asks() {
        let (keyed, made) = (Keyed::default(), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (keyed, made) = (&keyed, &made);
                scope.spawn(move || {
                    let value = keyed.get_or_make(thread % 2, || {
                        made.fetch_add(1, Ordering::Relaxed);
                        thread % 2
                    });
                    assert_eq!(value, thread % 2);
                });
            }
        });
        assert_eq!(made.into_inner(), 2);
        assert_eq!(keyed.take().len(), 2);
        assert!(keyed.take().is_empty());
    }

    #[test]
    fn what_is_in_the_making_stays_and_stands_in_nobodys_way() {
        let keyed: Keyed<u8, u8> = Keyed::default();
        let (started, wait) = channel();
        let (go_on, go) = channel::<()>();
        std::thread::scope(|scope| {
            let keyed = &keyed;
            scope.spawn(move || {
                keyed.get_or_make(1, || {
                    started.send(()).unwrap();
                    go.recv().unwrap();
                    1
                })
            });
            wait.recv().unwrap();
            assert_eq!(keyed.get_or_make(2, || 2), 2);
            keyed.retain(|_| false);
            assert_eq!((keyed.get(&1), keyed.remove(&1), keyed.get(&2)), (None, None, None));
            go_on.send(()).unwrap();
        });
        assert_eq!((keyed.get(&1), keyed.remove(&1), keyed.get(&1)), (Some(1), Some(1), None));
    }
}
