//! Tests that are to panic.

use crate::panics::Panic;

/// What `#[should_panic]` says of a test.
#[derive(Clone, Copy, Debug)]
pub struct ShouldPanic {
    /// The case of rstest that it is said of, from 1 on; `None` for the whole test.
    pub case: Option<usize>,
    /// A text that the panic's message has to hold.
    pub expected: Option<&'static str>,
}

impl ShouldPanic {
    /// Tells whether it is said of the test that runs, which is a case of that number, or none.
    pub(super) fn is_of(&self, case: Option<usize>) -> bool {
        self.case.is_none() || self.case == case
    }

    /// Tells whether any panic will do. One of tdata's own must not: the test never ran. Whoever writes a text that tdata tells
    /// means that.
    pub(super) fn takes_any(&self) -> bool {
        self.expected.is_none()
    }

    /// Tells whether it was to panic like this.
    pub(super) fn is_met_by(&self, panic: &Panic) -> bool {
        match self.expected {
            None => true,
            Some(expected) => panic.message.as_ref().is_some_and(|text| text.contains(expected)),
        }
    }
}

/// Returns the number of a case of rstest, whose path goes on behind that of its test: `::case_1_named`.
pub(super) fn case(behind: &str) -> Option<usize> {
    let digits = behind.strip_prefix("::case_")?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_known_by_its_number() {
        for (behind, number) in [
            ("::case_1", Some(1)),
            ("::case_02_named", Some(2)),
            ("::case_3::value_1", Some(3)),
            ("::value_1", None),
            ("", None),
            ("::case_", None),
        ] {
            assert_eq!(case(behind), number, "{behind}");
        }
    }

    #[test]
    fn the_message_decides_where_one_is_expected() {
        let panic =
            |message: Option<&str>| Panic { message: message.map(str::to_owned), place: None };
        let any = ShouldPanic { case: None, expected: None };
        let that = ShouldPanic { case: Some(2), expected: Some("wrong") };
        assert!(any.is_met_by(&panic(None)) && any.is_of(None) && any.is_of(Some(1)));
        assert!(that.is_met_by(&panic(Some("it is wrong"))));
        assert!(!that.is_met_by(&panic(Some("it is right"))) && !that.is_met_by(&panic(None)));
        assert!(that.is_of(Some(2)) && !that.is_of(Some(1)) && !that.is_of(None));
    }
}
