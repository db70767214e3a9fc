//! The name of the test that a thread runs.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns the name of the test that this thread runs, its binary before it.
///
/// The test harness names its threads after their tests. Other threads are numbered as they ask, so
/// that no two of a process share a name.
pub fn of_this_thread() -> String {
    static UNNAMED: AtomicU64 = AtomicU64::new(0);
    let thread = std::thread::current();
    match thread.name() {
        Some(name) if name.contains("::") || name == "main" || is_test(name) => {
            format!("{}::{name}", binary())
        }
        name => {
            let number = UNNAMED.fetch_add(1, Ordering::Relaxed);
            format!("{}::{}#{number}", binary(), name.unwrap_or_default())
        }
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
    }
}
