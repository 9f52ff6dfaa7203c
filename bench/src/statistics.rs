//! Samples, and what is reported of them.

use std::fmt;

/// The median of samples with the values that a tenth of them lie below and above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The value that a tenth of the samples lie below.
    pub(crate) low: f64,
    /// The middle one, or halfway between the two in the middle.
    pub(crate) median: f64,
    /// The value that a tenth of the samples lie above.
    pub(crate) high: f64,
}

impl Spread {
    /// The spread of samples, `None` without any.
    pub(crate) fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |part: usize| sorted[(last * part + 5) / 10];
        // Of an even number, what lies halfway between the two in the middle.
        let median = f64::midpoint(sorted[last / 2], sorted[last.div_ceil(2)]);
        Some(Self { low: at(1), median, high: at(9) })
    }

    /// The same in another unit.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self { low: self.low * factor, median: self.median * factor, high: self.high * factor }
    }
}

impl fmt::Display for Spread {
    /// `median (p10 to p90)`, with three significant digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({} to {})", digits(self.median), digits(self.low), digits(self.high))
    }
}

/// The geometric mean, `None` of nothing.
pub(crate) fn geometric_mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u32);
    for value in values {
        sum += value.ln();
        count += 1;
    }
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

/// A number with about three significant digits, and thousands in groups.
pub(crate) fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 1_000.0 => grouped(value.round()),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 || size == 0.0 => format!("{value:.2}"),
        size => {
            let zeros = (-size.log10().floor() - 1.0).clamp(0.0, 9.0) as usize;
            format!("{value:.*}", zeros + 3)
        }
    }
}

/// A number of things, with thousands in groups.
pub(crate) fn count(things: usize) -> String {
    grouped(things as f64)
}

/// A whole number with commas between groups of three digits.
fn grouped(value: f64) -> String {
    let text = format!("{value:.0}");
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let mut grouped = String::from(sign);
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{Spread, count, digits, geometric_mean};

    #[test]
    fn tenths_of_samples() {
        let samples: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(Spread::of(&samples), Some(Spread { low: 10.0, median: 50.0, high: 90.0 }));
        assert_eq!(Spread::of(&[7.0]), Some(Spread { low: 7.0, median: 7.0, high: 7.0 }));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        let median = |samples: &[f64]| Spread::of(samples).map(|spread| spread.median);
        assert_eq!(median(&[215.0, 211.0]), Some(213.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 100.0]), Some(3.5));
        assert_eq!(median(&[4.0, 1.0, 3.0]), Some(3.0));
    }

    #[test]
    fn means_of_ratios() {
        let mean = geometric_mean([0.5, 2.0, 8.0]).expect("there are some");
        assert!((mean - 2.0).abs() < 1e-12, "{mean}");
        assert_eq!(geometric_mean([]), None);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(digits(1.234_5), "1.23");
        assert_eq!(digits(12.34), "12.3");
        assert_eq!(digits(0.867_8), "0.868");
        assert_eq!(digits(0.1), "0.100");
        assert_eq!(digits(0.099_9), "0.0999");
        assert_eq!((count(50), count(5_000)), ("50".to_owned(), "5,000".to_owned()));
        assert_eq!(digits(0.000_464_9), "0.000465");
        assert_eq!(digits(-999.4), "-999");
        assert_eq!(digits(1_234_567.2), "1,234,567");
        assert_eq!(digits(-1_000.0), "-1,000");
    }
}
