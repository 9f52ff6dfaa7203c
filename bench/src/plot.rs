//! Bar charts as SVG: the same bytes for the same figures, readable on light and on dark pages.

use std::fmt::Write;

use crate::statistics::digits;

/// How values become lengths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Axis {
    /// From zero on.
    Linear,
    /// By powers of ten; values are positive.
    Logarithmic,
}

/// A chart of horizontal bars in groups.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// What it shows, with the unit.
    pub(crate) title: String,
    /// How values become lengths.
    pub(crate) axis: Axis,
    /// What the bars of a group are, in their order.
    pub(crate) series: Vec<String>,
    /// A name and the value of each series, where it has one.
    pub(crate) groups: Vec<(String, Vec<Option<f64>>)>,
    /// A line across all bars, at a goal; bars of ratios begin there.
    pub(crate) line: Option<f64>,
}

/// Pixels.
const WIDTH: f64 = 860.0;
const MARGIN: f64 = 16.0;
const BAR: f64 = 14.0;
const GAP: f64 = 8.0;
/// What is kept for the value at the end of a bar.
const VALUE: f64 = 70.0;
/// About how wide a letter is.
const LETTER: f64 = 6.8;

/// The colours of series, on light and on dark.
const COLOURS: [(&str, &str); 8] = [
    ("#0969da", "#58a6ff"),
    ("#bf8700", "#e3b341"),
    ("#1a7f37", "#3fb950"),
    ("#8250df", "#bc8cff"),
    ("#cf222e", "#ff7b72"),
    ("#57606a", "#8b949e"),
    ("#0f766e", "#2dd4bf"),
    ("#b45309", "#fb923c"),
];

impl Chart {
    /// What the colours stand for, and in how many lines.
    fn legend(&self) -> (Vec<String>, f64) {
        let mut entries = Vec::new();
        if self.series.len() < 2 {
            return (entries, 0.0);
        }
        let (mut at, mut line) = (MARGIN, 1.0);
        for (index, name) in self.series.iter().enumerate() {
            let width = 17.0 + LETTER * name.chars().count() as f64 + 18.0;
            if at > MARGIN && at + width > WIDTH {
                (at, line) = (MARGIN, line + 1.0);
            }
            let y = 18.0 + 20.0 * line;
            let colour = index % COLOURS.len();
            entries.push(format!("<rect class=\"s{colour}\" x=\"{at:.1}\" y=\"{y}\" width=\"12\" height=\"12\"/>"));
            entries.push(text(at + 17.0, y + 10.0, "text", name));
            at += width;
        }
        (entries, line)
    }

    /// The chart as an SVG document.
    pub(crate) fn svg(&self) -> String {
        let labels = self.groups.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        let left = (MARGIN + LETTER * labels as f64 + 8.0).min(WIDTH / 2.0);
        let right = WIDTH - MARGIN - VALUE;
        let (legend, lines) = self.legend();
        let top = 44.0 + 20.0 * lines;
        let bars = |values: &[Option<f64>]| values.iter().flatten().count().max(1) as f64;
        let heights: f64 = self.groups.iter().map(|(_, values)| bars(values) * BAR + GAP).sum();
        let height = top + heights + 28.0;
        let scale = Scale::of(self);
        let x = |value: f64| left + scale.share(value) * (right - left);
        let mut svg = head(height, &self.title);
        let mut put = |text: &str| {
            svg.push_str(text);
            svg.push('\n');
        };
        put(&text(MARGIN, 26.0, "title", &self.title));
        legend.iter().for_each(|entry| put(entry));
        let bottom = top + heights;
        for tick in &scale.ticks {
            let at = x(*tick);
            put(&format!("<line class=\"grid\" x1=\"{at:.1}\" y1=\"{top:.1}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\"/>"));
            put(&format!(
                "<text class=\"text\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 16.0,
                short(*tick)
            ));
        }
        let from = x(scale.begin);
        let mut y = top;
        for (label, values) in &self.groups {
            let middle = y + bars(values) * BAR / 2.0 + 4.0;
            put(&format!(
                "<text class=\"text\" x=\"{:.1}\" y=\"{middle:.1}\" text-anchor=\"end\">{}</text>",
                left - 8.0,
                escaped(label)
            ));
            for (index, value) in values.iter().enumerate() {
                let Some(value) = value else { continue };
                let to = x(*value);
                let (begin, width) = (from.min(to), (to - from).abs().max(1.0));
                let colour = index % COLOURS.len();
                put(&format!(
                    "<rect class=\"s{colour}\" x=\"{begin:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/>",
                    y + 1.0,
                    BAR - 2.0
                ));
                put(&text(begin + width + 5.0, y + BAR - 3.0, "text", &digits(*value)));
                y += BAR;
            }
            if values.iter().all(Option::is_none) {
                y += BAR;
            }
            y += GAP;
        }
        if let Some(line) = self.line {
            let at = x(line);
            put(&format!("<line class=\"goal\" x1=\"{at:.1}\" y1=\"{top:.1}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\"/>"));
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn head(height: f64, title: &str) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" aria-label=\"{}\">\n<style>\n",
        escaped(title)
    );
    let rules = |dark: bool| {
        let pick = |light: &'static str, dark_one: &'static str| if dark { dark_one } else { light };
        let mut rules = format!(
            ".back{{fill:{}}}.text,.title{{fill:{};font:12px sans-serif}}.title{{font-size:15px;font-weight:600}}\
             .grid{{stroke:{}}}.goal{{stroke:{};stroke-dasharray:4 3}}",
            pick("#ffffff", "#0d1117"),
            pick("#1f2328", "#e6edf3"),
            pick("#d0d7de", "#30363d"),
            pick("#1f2328", "#e6edf3"),
        );
        for (index, (light, dark_one)) in COLOURS.iter().enumerate() {
            // Writing to a String does not fail.
            let _infallible = write!(rules, ".s{index}{{fill:{}}}", pick(light, dark_one));
        }
        rules
    };
    svg.push_str(&rules(false));
    svg.push_str("\n@media (prefers-color-scheme:dark){");
    svg.push_str(&rules(true));
    svg.push_str("}\n</style>\n<rect class=\"back\" width=\"100%\" height=\"100%\"/>\n");
    svg
}

fn text(x: f64, y: f64, class: &str, content: &str) -> String {
    format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(content))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A tick of the axis without digits that it does not need.
fn short(value: f64) -> String {
    if value >= 1_000.0 { digits(value) } else { format!("{value}") }
}

/// From values to shares of the width.
struct Scale {
    axis: Axis,
    low: f64,
    high: f64,
    /// Where bars begin.
    begin: f64,
    ticks: Vec<f64>,
}

impl Scale {
    fn of(chart: &Chart) -> Self {
        let values = || chart.groups.iter().flat_map(|(_, values)| values.iter().flatten().copied()).chain(chart.line);
        let most = values().fold(f64::MIN_POSITIVE, f64::max);
        match chart.axis {
            Axis::Linear => {
                // One, two or five times a power of ten, for at most six of them.
                let power = 10.0_f64.powf((most / 6.0).log10().floor());
                let step =
                    [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| most / step <= 6.0);
                let step = step.unwrap_or(10.0 * power);
                let count = (most / step).ceil().max(1.0);
                let ticks = (0..=count as u32).map(|tick| rounded(f64::from(tick) * step)).collect();
                Self { axis: Axis::Linear, low: 0.0, high: count * step, begin: 0.0, ticks }
            }
            Axis::Logarithmic => {
                let least = values().filter(|value| *value > 0.0).fold(most, f64::min);
                let powers = (least.log10().floor() as i32)..=(most.log10().ceil() as i32);
                let between = powers.clone().flat_map(|power| [1.0, 2.0, 5.0].map(|factor| (power, factor)));
                let between: Vec<f64> = between.map(|(power, factor)| rounded(factor * 10.0_f64.powi(power))).collect();
                let high = between.iter().copied().find(|tick| *tick >= most).unwrap_or(most);
                let is_narrow = powers.clone().count() <= 3;
                // A narrow axis shows only as much as there is of it.
                let low = if is_narrow {
                    between.iter().copied().rfind(|tick| *tick <= least).unwrap_or(least)
                } else {
                    rounded(10.0_f64.powi(*powers.start()))
                };
                let all = if is_narrow { between } else { powers.map(|power| rounded(10.0_f64.powi(power))).collect() };
                let ticks = all.into_iter().filter(|tick| (low..=high).contains(tick)).collect();
                Self { axis: Axis::Logarithmic, low, high, begin: chart.line.unwrap_or(low), ticks }
            }
        }
    }

    fn share(&self, value: f64) -> f64 {
        match self.axis {
            Axis::Linear => (value - self.low) / (self.high - self.low),
            Axis::Logarithmic => {
                (value.max(self.low).log10() - self.low.log10()) / (self.high.log10() - self.low.log10())
            }
        }
    }
}

/// Without the last digits, in which powers differ from what they are meant to be.
fn rounded(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{Axis, Chart, Scale};

    fn chart(axis: Axis, values: &[f64], line: Option<f64>) -> Chart {
        let groups = values.iter().map(|value| (format!("of {value}"), vec![Some(*value)])).collect();
        Chart { title: "Times <a & b>".to_owned(), axis, series: vec!["one".to_owned()], groups, line }
    }

    #[test]
    fn the_same_figures_give_the_same_bytes() {
        let chart = chart(Axis::Logarithmic, &[0.5, 20.0, 300.0], Some(1.0));
        let svg = chart.svg();
        assert_eq!(svg, chart.svg());
        assert!(svg.contains("Times &lt;a &amp; b&gt;") && svg.contains("prefers-color-scheme:dark"));
        assert_eq!(svg.matches("<rect class=\"s0\"").count(), 3);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn legends_are_wrapped() {
        let mut chart = chart(Axis::Linear, &[1.0], None);
        chart.series = (0..8).map(|index| format!("a series with a long name, {index}")).collect();
        let (entries, lines) = chart.legend();
        assert_eq!((entries.len(), lines), (16, 3.0));
    }

    #[test]
    fn axes_hold_all_values() {
        let scale = Scale::of(&chart(Axis::Linear, &[3.0, 27.0], None));
        assert_eq!((scale.low, scale.high, &*scale.ticks), (0.0, 30.0, &[0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0][..]));
        let scale = Scale::of(&chart(Axis::Logarithmic, &[3.0, 2_700.0], None));
        assert_eq!((scale.low, scale.high, &*scale.ticks), (1.0, 5_000.0, &[1.0, 10.0, 100.0, 1_000.0][..]));
        let scale = Scale::of(&chart(Axis::Logarithmic, &[0.8, 1.6], Some(1.0)));
        assert_eq!((scale.low, scale.high, scale.begin), (0.5, 2.0, 1.0));
        for value in [0.8, 1.0, 1.6] {
            assert!((0.0..=1.0).contains(&scale.share(value)));
        }
    }
}
