//! "Did you mean": the valid name nearest to what was written.

/// What is longer than this is no name.
const LONGEST: usize = 255;

/// Returns the candidate nearest to `written`, if one is near enough to be what was meant.
///
/// Letter case does not count. Near enough means an edit distance (Damerau-Levenshtein) of at most a
/// third of the longer name's letters, at least one.
///
/// ```
/// use tdata_core::diagnostic::nearest;
///
/// assert_eq!(nearest("usres", ["users", "orders"]), Some("users"));
/// assert_eq!(nearest("invoices", ["users", "orders"]), None);
/// ```
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = written.to_lowercase();
    let length = lower.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let candidate_lower = candidate.to_lowercase();
            let other = candidate_lower.chars().count();
            let most = (length.max(other) / 3).max(1);
            // Each letter more is an edit. Comparing takes the product of both lengths.
            if length.abs_diff(other) > most || length.max(other) > LONGEST {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&lower, &candidate_lower);
            (distance <= most).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Lists names as prose: `a`, `a or b`, `a, b or c`.
///
/// ```
/// assert_eq!(tdata_core::diagnostic::or_list(["a", "b", "c"]), "`a`, `b` or `c`");
/// ```
pub fn or_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
