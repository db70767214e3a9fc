//! `mask_credit_card`: the first and the last four digits, and stars between them.

use std::sync::Arc;

use crate::mask::key::RuleKey;
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{AnyMask, MaskEntry, Masking, Spread, Technique};
use crate::value::{Slot, ValueKind, ValueRef};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "mask_credit_card",
    version: 1,
    keyed: false,
    parameters: &[],
    read: |_| Some(Box::new(MaskCreditCard)),
    usual: |_| Box::new(MaskCreditCard),
};

/// How many digits stay at either end; PCI DSS 4.0 (3.4.1) allows six and four.
const SHOWN: usize = 4;
/// How many digits cards in use have. Of anything shorter too much would show.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

#[derive(Debug)]
struct MaskCreditCard;

impl Technique for MaskCreditCard {
    /// A mask is as long as its value.
    fn least(&self) -> usize {
        0
    }

    fn mask(&self, _key: RuleKey, _limit: usize) -> AnyMask {
        Arc::new(Self)
    }
}

impl Masking for MaskCreditCard {
    fn mask(&self, original: ValueRef<'_>, out: &mut impl Slot) {
        replace_text(original, out, |original, out| {
            let digits = original.bytes().filter(u8::is_ascii_digit).count();
            let is_card = CARD_DIGITS.contains(&digits);
            let mut seen = 0;
            out.extend(original.chars().map(|c| {
                let digit = c.is_ascii_digit();
                seen += usize::from(digit);
                let shown = digit && (seen <= SHOWN || seen > digits - SHOWN);
                let separator = matches!(c, ' ' | '-' | '.' | '/');
                if is_card && (shown || separator) { c } else { '*' }
            }));
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, input: usize) -> usize {
        input
    }

    /// Cards of one issuer begin alike: only the last digits tell them apart.
    fn spread(&self) -> Spread {
        Spread::Hashed(10u128.pow(SHOWN as u32))
    }
}
