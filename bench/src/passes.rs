//! What each pass gains and costs, in executed instructions, which other programs on the machine do not change.

use anyhow::{Context as _, Result};
use cfunc_compiler::PassLevel;
use cfunc_compiler::ir::{Pass, Pipeline};

use crate::count::{self, Cases, Counted};
use crate::report::{Part, Table};
use crate::settings::Settings;

/// Counts each case with the default passes, without each of them, without all, and with the other levels.
///
/// # Errors
///
/// Callgrind is missing, or something does not compile.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let count = |passes: &str| {
        eprintln!("passes: {passes}");
        count::count(settings, Cases::ForPasses, Some(passes))
    };
    let fast = count("fast")?;
    let mut part = Part::new("passes", "Gain and cost");
    part.paragraph(format!(
        "Executed instructions, counted by callgrind over {} recorded cases, those with lists and dicts among them; \
         `cargo xtask bench passes` counts them anew. A tick is a call of EXECUTE, with what it calls; a compilation is the \
         whole, from text to pointer. Ratios are geometric means.",
        fast.len()
    ));
    let mut levels = Table::new(&["level", "a tick, to `none`", "a compilation, to `none`"]);
    let none = count("none")?;
    let full = count("full")?;
    for (name, counted) in [("fast", &fast), ("full", &full)] {
        let tick = Ratios::of(&none, counted, |counted| Some(counted.tick))?;
        let compilation = Ratios::of(&none, counted, |counted| counted.compilation)?;
        levels.row([format!("`{name}`"), format!("{:.3}", tick.mean), format!("{:.3}", compilation.mean)]);
    }
    part.table(&levels);
    part.paragraph(
        "Each pass: `fast` to `fast` without it, or `full` to `full` without it where `fast` does not have it. Below 1 the pass \
         saves instructions. Some also save in compilation, as what they take away is not looked at by the passes and the \
         backend after them.",
    );
    let mut table = Table::new(&["pass", "a tick", "cases better, worse", "most in a case", "a compilation"]);
    for pass in Pass::ALL {
        let is_fast = Pipeline::of(PassLevel::Fast).has(*pass);
        let (level, with) = if is_fast { ("fast", &fast) } else { ("full", &full) };
        let without = count(&format!("{level}-without-{}", pass.name()))?;
        let tick = Ratios::of(&without, with, |counted| Some(counted.tick))?;
        let compilation = Ratios::of(&without, with, |counted| counted.compilation)?;
        table.row([
            pass.name().to_owned(),
            format!("{:.4}", tick.mean),
            format!("{}, {}", tick.better, tick.worse),
            format!("{:.2}, `{}`", tick.least, tick.least_name),
            format!("{:.3}", compilation.mean),
        ]);
    }
    part.table(&table);
    Ok(part)
}

/// Ratios of one figure over all cases.
struct Ratios {
    mean: f64,
    better: usize,
    worse: usize,
    least: f64,
    least_name: String,
}

impl Ratios {
    /// Of what was counted with something to what was counted without it.
    fn of(without: &[Counted], with: &[Counted], figure: impl Fn(&Counted) -> Option<f64>) -> Result<Self> {
        let (mut sum, mut better, mut worse, mut least) = (0.0, 0, 0, (f64::INFINITY, ""));
        for with in with {
            let without = without.iter().find(|without| without.name == with.name).context("the same cases")?;
            let ratio = figure(with).context("a figure")? / figure(without).context("a figure")?;
            sum += ratio.ln();
            better += usize::from(ratio < 0.999);
            worse += usize::from(ratio > 1.001);
            if ratio < least.0 {
                least = (ratio, &with.name);
            }
        }
        let mean = (sum / with.len() as f64).exp();
        Ok(Self { mean, better, worse, least: least.0, least_name: least.1.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::Ratios;
    use crate::count::Counted;

    #[test]
    fn ratios_are_of_the_same_case() {
        let counted = |name: &str, tick| Counted { name: name.to_owned(), compilation: None, tick };
        let without = [counted("a", 8.0), counted("b", 2.0), counted("c", 5.0)];
        let with = [counted("b", 1.0), counted("a", 16.0), counted("c", 5.0)];
        let ratios = Ratios::of(&without, &with, |counted| Some(counted.tick)).expect("the same cases");
        assert!((ratios.mean - 1.0).abs() < 1e-9);
        assert_eq!((ratios.better, ratios.worse), (1, 1));
        assert_eq!((ratios.least, ratios.least_name.as_str()), (0.5, "b"));
    }
}
