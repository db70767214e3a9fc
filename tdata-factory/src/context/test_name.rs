//! The name of the test that a thread runs.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

thread_local! {
    static NAME: OnceCell<String> = const { OnceCell::new() };
}

/// Returns the name of the test that this thread runs, its binary before it.
///
/// The test harness names its threads after their tests, and runs each once in a process. Other threads
/// of the same name, and those whose name is none of a test, are numbered as they ask: no two threads of
/// a process share a name.
pub fn of_this_thread() -> String {
    let name = NAME.try_with(|name| name.get_or_init(new_name).clone());
    // While a thread ends it has no memory of its name any more.
    name.unwrap_or_else(|_| new_name())
}

fn new_name() -> String {
    static ASKED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());
    let thread = std::thread::current();
    let name = thread.name().unwrap_or_default();
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    let before = asked.entry(name.to_owned()).or_default();
    *before += 1;
    match *before {
        1 if name.contains("::") || is_test(name) => format!("{}::{name}", binary()),
        number => format!("{}::{name}#{number}", binary()),
    }
}

/// Tells whether a thread's name can be that of a test: pools and runtimes give the same name, or a
/// numbered one, to many threads.
fn is_test(name: &str) -> bool {
    let identifier = |c: char| c.is_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(identifier)
}

/// The name of the test binary, without the hash that changes with every compilation.
fn binary() -> &'static str {
    static BINARY: OnceLock<String> = OnceLock::new();
    BINARY.get_or_init(|| {
        let path = std::env::current_exe().unwrap_or_default();
        without_hash(
            path.file_stem()
                .unwrap_or_else(|| Path::new("").as_os_str())
                .to_string_lossy()
                .as_ref(),
        )
        .to_owned()
    })
}

fn without_hash(stem: &str) -> &str {
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|c| c.is_ascii_hexdigit()) => {
            name
        }
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_compilation_does_not_count() {
        assert_eq!(without_hash("checkout-0123456789abcdef"), "checkout");
        assert_eq!(without_hash("my-shop"), "my-shop");
    }

    #[test]
    fn a_test_has_the_name_of_its_thread() {
        let name = of_this_thread();
        assert!(name.ends_with("a_test_has_the_name_of_its_thread"), "{name}");
        assert_eq!(name, of_this_thread());
    }

    #[test]
    fn threads_without_a_test_are_told_apart() {
        let names = [(); 2].map(|()| std::thread::spawn(of_this_thread).join().unwrap());
        assert_ne!(names[0], names[1]);
        let pool = || std::thread::Builder::new().name("worker".to_owned());
        let names = [(); 2].map(|()| pool().spawn(of_this_thread).unwrap().join().unwrap());
        assert_ne!(names[0], names[1]);
    }
}
