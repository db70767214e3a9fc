//! Telephone numbers that are reserved for fiction, by country.

use std::fmt;
use std::sync::LazyLock;

use super::text::{Part, Template, Words};
use crate::generate::Divisor;
use crate::value::{Snippet, Text};

/// The numbers of a country that ring nowhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Country {
    /// Its code in ISO 3166.
    pub(crate) code: &'static str,
    /// Its calling code.
    calling: &'static str,
    /// What is dialled before a number within the country.
    trunk: &'static str,
    areas: Areas,
    /// What stands between an area and the line, spaced and dense.
    between: [&'static str; 2],
    /// The lines of each area: the first, how many, and their digits.
    first: u32,
    lines: u32,
    width: usize,
}

/// What numbers begin with, behind the calling code.
#[derive(Clone, Copy, Debug)]
enum Areas {
    /// All of the North American Numbering Plan.
    Nanp,
    /// Those listed, each spaced and dense.
    Listed(&'static [(&'static str, &'static str)]),
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberForm {
    /// `+1-312-555-0142`.
    Spaced,
    /// `+13125550142`.
    Dense,
    /// As it is dialled within the country: `07700900123`; in North America within the area: `555-0142`.
    National,
}

impl NumberForm {
    /// The forms, longest first.
    pub(crate) const ALL: [Self; 3] = [Self::Spaced, Self::Dense, Self::National];
}

/// The line numbers 555-0100 to 555-0199 are set aside for fiction in every area, after the rules of the
/// North American Numbering Plan Administrator for 555 numbers (ATIS-0300115).
const NANP: Country = Country {
    code: "US",
    calling: "1",
    trunk: "",
    areas: Areas::Nanp,
    between: ["-555-", "555"],
    first: 100,
    lines: 100,
    width: 4,
};

/// The countries, the usual one first.
pub(crate) const COUNTRIES: &[Country] = &[
    NANP,
    // ACMA, "Phone numbers for use in TV shows, films and creative works": 5550 xxxx and 7010 xxxx in each region.
    Country {
        code: "AU",
        calling: "61",
        trunk: "0",
        areas: Areas::Listed(&[
            ("2-5550-", "25550"),
            ("2-7010-", "27010"),
            ("3-5550-", "35550"),
            ("3-7010-", "37010"),
            ("7-5550-", "75550"),
            ("7-7010-", "77010"),
            ("8-5550-", "85550"),
            ("8-7010-", "87010"),
        ]),
        between: ["", ""],
        first: 0,
        lines: 10_000,
        width: 4,
    },
    // The plan's 555-01xx numbers, with the area codes in use that the Canadian Numbering Administrator lists.
    Country {
        code: "CA",
        areas: Areas::Listed(&[
            ("204", "204"),
            ("226", "226"),
            ("236", "236"),
            ("249", "249"),
            ("250", "250"),
            ("289", "289"),
            ("306", "306"),
            ("343", "343"),
            ("365", "365"),
            ("367", "367"),
            ("403", "403"),
            ("416", "416"),
            ("418", "418"),
            ("431", "431"),
            ("437", "437"),
            ("438", "438"),
            ("450", "450"),
            ("506", "506"),
            ("514", "514"),
            ("519", "519"),
            ("548", "548"),
            ("579", "579"),
            ("581", "581"),
            ("587", "587"),
            ("604", "604"),
            ("613", "613"),
            ("639", "639"),
            ("647", "647"),
            ("672", "672"),
            ("705", "705"),
            ("709", "709"),
            ("778", "778"),
            ("780", "780"),
            ("782", "782"),
            ("807", "807"),
            ("819", "819"),
            ("825", "825"),
            ("867", "867"),
            ("873", "873"),
            ("902", "902"),
            ("905", "905"),
        ]),
        ..NANP
    },
    // Bundesnetzagentur, Mitteilung 148/2021 ("Drama Numbers"): a thousand numbers in each of five cities.
    Country {
        code: "DE",
        calling: "49",
        trunk: "0",
        areas: Areas::Listed(&[
            ("30-23125-", "3023125"),
            ("40-66969-", "4066969"),
            ("69-90009-", "6990009"),
            ("89-99998-", "8999998"),
            ("221-4710-", "2214710"),
        ]),
        between: ["", ""],
        first: 0,
        lines: 1_000,
        width: 3,
    },
    // ARCEP, plan national de numérotation: the numbers kept for audiovisual works.
    Country {
        code: "FR",
        calling: "33",
        trunk: "0",
        areas: Areas::Listed(&[
            ("1-9900-", "19900"),
            ("2-6191-", "26191"),
            ("3-5301-", "35301"),
            ("4-6571-", "46571"),
            ("5-3649-", "53649"),
            ("6-3998-", "63998"),
        ]),
        between: ["", ""],
        first: 0,
        lines: 10_000,
        width: 4,
    },
    // Ofcom, "Telephone numbers for use in TV and radio drama programmes": a thousand numbers in each of these
    // areas, in no area (01632), and of mobile phones (07700 900).
    Country {
        code: "GB",
        calling: "44",
        trunk: "0",
        areas: Areas::Listed(&[
            ("113-496-0", "1134960"),
            ("114-496-0", "1144960"),
            ("115-496-0", "1154960"),
            ("116-496-0", "1164960"),
            ("117-496-0", "1174960"),
            ("118-496-0", "1184960"),
            ("121-496-0", "1214960"),
            ("131-496-0", "1314960"),
            ("141-496-0", "1414960"),
            ("151-496-0", "1514960"),
            ("161-496-0", "1614960"),
            ("1632-960", "1632960"),
            ("191-498-0", "1914980"),
            ("20-7946-0", "2079460"),
            ("28-9649-6", "2896496"),
            ("29-2018-0", "2920180"),
            ("7700-900", "7700900"),
        ]),
        between: ["", ""],
        first: 0,
        lines: 1_000,
        width: 3,
    },
    // ComReg, National Numbering Conventions: 020 91x xxxx for drama.
    Country {
        code: "IE",
        calling: "353",
        trunk: "0",
        areas: Areas::Listed(&[("20-91", "2091")]),
        between: ["", ""],
        first: 0,
        lines: 100_000,
        width: 5,
    },
    // PTS, telephone numbers for use in books and films: the mobile ones.
    Country {
        code: "SE",
        calling: "46",
        trunk: "0",
        areas: Areas::Listed(&[("70-1740-", "701740")]),
        between: ["", ""],
        first: 605,
        lines: 95,
        width: 3,
    },
];

/// Returns area codes of the form NXX.
///
/// Left out, after the North American Numbering Plan Administrator's list of codes that are not
/// geographic: those whose second and third digit are the same (easily recognizable codes, among
/// them the N11 services and toll-free numbers, whose 555-01 numbers are not reserved), N9X (kept
/// for an expansion of the plan), 37X and 96X (set aside).
fn area_codes() -> impl Iterator<Item = u16> {
    (200..=999).filter(|code| {
        let (middle, last) = (code / 10 % 10, code % 10);
        middle != last && middle != 9 && !matches!(code / 10, 37 | 96)
    })
}

fn nanp_areas() -> Words {
    static CODES: LazyLock<Vec<String>> =
        LazyLock::new(|| area_codes().map(|code| code.to_string()).collect());
    static LIST: LazyLock<Words> = LazyLock::new(|| Words::new(CODES.iter().map(String::as_str)));
    LIST.clone()
}

impl Country {
    /// The country of numbers that name none.
    pub(crate) const USUAL: &'static Self = &COUNTRIES[0];

    /// Finds a country by its code, in any letter case.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, for messages, when no numbers of it are known.
    pub(crate) fn find(code: &str) -> Result<&'static Self, [String; 2]> {
        let found = COUNTRIES.iter().find(|country| country.code.eq_ignore_ascii_case(code));
        found.ok_or_else(|| {
            let message =
                format!("no telephone numbers of `{code}` are known to be kept for fiction");
            // Codes of two letters are all alike; only this one is a slip that many make.
            let help = if code.eq_ignore_ascii_case("UK") {
                "did you mean `GB`?".to_owned()
            } else {
                let codes: Vec<&str> = COUNTRIES.iter().map(|country| country.code).collect();
                format!("give one of the countries {}", codes.join(", "))
            };
            [message, help]
        })
    }

    fn areas(&self, form: NumberForm) -> Words {
        match self.areas {
            Areas::Nanp => nanp_areas(),
            Areas::Listed(areas) => Words::new(areas.iter().map(|(spaced, dense)| match form {
                NumberForm::Spaced => *spaced,
                NumberForm::Dense | NumberForm::National => *dense,
            })),
        }
    }

    /// Returns the form of all numbers with their calling code.
    pub(super) fn template(&self, form: NumberForm) -> Template {
        let spaced = form == NumberForm::Spaced;
        let before = format!("+{}{}", self.calling, if spaced { "-" } else { "" });
        let between = self.between[usize::from(!spaced)];
        let (first, count) = (self.first.into(), self.lines.into());
        let line = Part::Number { first, count, width: self.width };
        let mut parts = vec![Part::literal(before), Part::Words(self.areas(form))];
        parts.extend((!between.is_empty()).then(|| Part::literal(between)));
        parts.push(line);
        Template::new(parts)
    }

    /// Returns how many digits a number has behind the calling code; all numbers have as many.
    pub(crate) fn digits(&self) -> usize {
        let between = self.between[1].len();
        self.areas(NumberForm::Dense).longest() + between + self.width
    }

    /// Returns the characters of the longest number in a form.
    pub(crate) fn longest(&self, form: NumberForm) -> usize {
        match form {
            NumberForm::Spaced => {
                let areas = self.areas(form).longest();
                "+-".len() + self.calling.len() + areas + self.between[0].len() + self.width
            }
            NumberForm::Dense => "+".len() + self.calling.len() + self.digits(),
            NumberForm::National if self.trunk.is_empty() => "555-01NN".len(),
            NumberForm::National => self.trunk.len() + self.digits(),
        }
    }

    /// Returns the numbers in a form.
    pub(crate) fn numbers(&self, form: NumberForm) -> Numbers {
        Numbers::of(self, form)
    }
}

/// The numbers of a country, in one form.
#[derive(Clone)]
pub(crate) struct Numbers {
    /// What stands before the line, area by area.
    areas: Vec<Snippet>,
    first: u64,
    lines: Divisor,
    count: u32,
    width: usize,
}

impl Numbers {
    fn of(country: &Country, form: NumberForm) -> Self {
        let Country { calling, trunk, between: [spaced, dense], first, lines, width, .. } =
            *country;
        let areas: Vec<Snippet> = match form {
            NumberForm::National if trunk.is_empty() => vec![Snippet::of("555-")],
            _ => {
                let whole = |area: &str| match form {
                    NumberForm::Spaced => format!("+{calling}-{area}{spaced}"),
                    NumberForm::Dense => format!("+{calling}{area}{dense}"),
                    NumberForm::National => format!("{trunk}{area}{dense}"),
                };
                country.areas(form).iter().map(|area| Snippet::of(&whole(area))).collect()
            }
        };
        let count = areas.len() as u32 * lines;
        Self { areas, first: first.into(), lines: Divisor::new(lines.into()), count, width }
    }

    /// Returns how many numbers there are.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Appends a number: area by area, and line by line. `number` is below the count.
    pub(crate) fn write(&self, number: u32, out: &mut Text<'_>) {
        let (area, line) = self.lines.divide(number.into());
        if let Some(area) = self.areas.get(area as usize) {
            out.push_snippet(area);
        }
        out.push_number(self.first + line, self.width);
    }
}

/// Hundreds of areas would bury whatever else is shown.
impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Numbers({})", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::written;

    #[test]
    fn numbers_are_as_long_as_told_and_different() {
        for country in COUNTRIES {
            for form in NumberForm::ALL {
                let numbers = country.numbers(form);
                let mut seen = std::collections::HashSet::new();
                let mut longest = 0;
                for number in 0..numbers.count() {
                    let text = written(|text| numbers.write(number, text));
                    longest = longest.max(text.len());
                    let digits = text.bytes().filter(u8::is_ascii_digit).count();
                    if form == NumberForm::Dense {
                        assert_eq!(digits, country.calling.len() + country.digits(), "{text}");
                    }
                    assert!(seen.insert(text));
                }
                assert_eq!(longest, country.longest(form), "{} {form:?}", country.code);
            }
        }
    }

    #[test]
    fn both_spellings_of_an_area_are_the_same_digits() {
        for country in COUNTRIES {
            let [spaced, dense] =
                [NumberForm::Spaced, NumberForm::Dense].map(|form| country.areas(form));
            assert_eq!(spaced.len(), dense.len(), "{}", country.code);
            for (spaced, dense) in spaced.iter().zip(dense.iter()) {
                assert_eq!(spaced.replace('-', ""), dense);
            }
        }
    }

    #[test]
    fn countries_are_in_order_behind_the_usual_one() {
        assert_eq!(Country::USUAL.code, "US");
        assert!(COUNTRIES[1..].windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
