//! What an interval keeps of a span of time.

/// What an interval keeps of a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IntervalFields {
    /// All of it.
    #[default]
    All,
    /// Years.
    Year,
    /// Months.
    Month,
    /// Days.
    Day,
    /// Hours.
    Hour,
    /// Minutes.
    Minute,
    /// Seconds.
    Second,
    /// Years and months.
    YearToMonth,
    /// Days and hours.
    DayToHour,
    /// Days to minutes.
    DayToMinute,
    /// Days to seconds.
    DayToSecond,
    /// Hours and minutes.
    HourToMinute,
    /// Hours to seconds.
    HourToSecond,
    /// Minutes and seconds.
    MinuteToSecond,
}

impl IntervalFields {
    /// The words that stand behind `interval`.
    pub(super) const WORDS: &'static [(&'static str, Self)] = &[
        ("", Self::All),
        ("year", Self::Year),
        ("month", Self::Month),
        ("day", Self::Day),
        ("hour", Self::Hour),
        ("minute", Self::Minute),
        ("second", Self::Second),
        ("year to month", Self::YearToMonth),
        ("day to hour", Self::DayToHour),
        ("day to minute", Self::DayToMinute),
        ("day to second", Self::DayToSecond),
        ("hour to minute", Self::HourToMinute),
        ("hour to second", Self::HourToSecond),
        ("minute to second", Self::MinuteToSecond),
    ];

    pub(super) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, fields)| *fields == self).map_or("", |(word, _)| word)
    }

    /// Tells whether seconds are kept, of which there may be a number of digits.
    pub(super) fn has_seconds(self) -> bool {
        self == Self::All || self.word().ends_with("second")
    }
}
