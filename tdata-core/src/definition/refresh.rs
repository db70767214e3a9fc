//! When and from where a dataset is made anew.

use super::keys::Keys;
use crate::diagnostic::Located;
use crate::spec::{DataSource, Node};

/// How a dataset is kept fresh.
#[derive(Clone, Debug, PartialEq)]
pub struct Refresh {
    /// When: five cron fields (minute, hour, day of month, month, day of week), in UTC.
    pub schedule: Located<String>,
    /// Where the rows come from.
    pub source: Option<DataSource>,
    /// Whether each refresh gets a version of its own.
    pub tag_version: bool,
}

impl Refresh {
    pub(crate) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "`refresh`", keys.diagnostics())?;
        let schedule = keys.required_text("schedule");
        if let Some(schedule) = schedule.as_ref().filter(|schedule| !is_cron(schedule)) {
            let message = format!("`{}` is no cron schedule", schedule.value);
            let help = "give minute, hour, day of month, month and day of week, as `0 */6 * * *`";
            keys.invalid(&schedule.origin, message, help);
        }
        let data_source = keys.optional_word("source", DataSource::WORDS);
        let tag_version = keys.optional_bool("tag_version");
        keys.finish();
        Some(Self {
            schedule: schedule?,
            source: data_source.map(|word| word.value),
            tag_version: tag_version.is_some_and(|flag| flag.value),
        })
    }
}

/// The ranges of the five fields of a cron schedule.
const CRON_RANGES: [(u8, u8); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];

fn is_cron(schedule: &str) -> bool {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    fields.len() == CRON_RANGES.len()
        && fields
            .iter()
            .zip(CRON_RANGES)
            .all(|(field, (low, high))| field.split(',').all(|part| is_cron_part(part, low, high)))
}

fn is_cron_part(part: &str, low: u8, high: u8) -> bool {
    let number = |text: &str| text.parse::<u8>().ok().filter(|n| (low..=high).contains(n));
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, step.parse::<u8>().is_ok_and(|step| step > 0)),
        None => (part, true),
    };
    let range = match range.split_once('-') {
        _ if range == "*" => true,
        Some((first, last)) => {
            matches!((number(first), number(last)), (Some(first), Some(last)) if first <= last)
        }
        None => number(range).is_some(),
    };
    range && step
}

#[cfg(test)]
mod tests {
    use super::is_cron;

    #[test]
    fn five_fields_in_their_ranges_are_a_schedule() {
        for schedule in ["0 */6 * * *", "30 4 1,15 * 1-5", "* * * * *", "0-30/5 0 * * 7"] {
            assert!(is_cron(schedule), "{schedule}");
        }
        for schedule in ["", "0 6 * *", "60 * * * *", "* 24 * * *", "*/0 * * * *", "5-1 * * * *"] {
            assert!(!is_cron(schedule), "{schedule}");
        }
    }
}
