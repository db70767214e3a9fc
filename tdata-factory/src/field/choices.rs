//! Enums beside the choices of their fields, compared while compiling.

/// Tells whether an enum's texts are those that a field has as choices; true for what is no enum.
pub const fn same_choices(texts: Option<&[&str]>, choices: &[&str]) -> bool {
    match texts {
        None => true,
        Some(texts) => all_within(texts, choices) && all_within(choices, texts),
    }
}

const fn all_within(these: &[&str], those: &[&str]) -> bool {
    let mut at = 0;
    while at < these.len() {
        let (mut other, mut found) = (0, false);
        while other < those.len() {
            found = found || same_text(these[at], those[other]);
            other += 1;
        }
        if !found {
            return false;
        }
        at += 1;
    }
    true
}

/// Compares texts while compiling.
pub(crate) const fn same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_does_not_matter() {
        assert!(same_choices(Some(&["a", "b"]), &["b", "a"]));
        assert!(!same_choices(Some(&["a"]), &["b", "a"]));
        assert!(!same_choices(Some(&["a", "b"]), &["b"]));
        assert!(same_choices(None, &["b"]));
    }
}
