//! How property tests are run.

use proptest::test_runner::{Config, RngSeed};

/// What the cases of a plain test run are drawn from.
const SEED: u64 = 20;

/// The configuration of a property test: `cases` cases, the same in each run, so that a change that has nothing to do with
/// a failure does not meet it. With PROPTEST_CASES in the environment as many as it says, drawn anew in each run: that is
/// how `cargo xtask nightly` looks for what no run has tried yet.
pub fn property_configuration(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config {
        cases: asked.unwrap_or(cases),
        rng_seed: if asked.is_some() { RngSeed::Random } else { RngSeed::Fixed(SEED) },
        // Failures are told with the input itself: a file of seeds adds nothing.
        failure_persistence: None,
        ..Config::default()
    }
}
