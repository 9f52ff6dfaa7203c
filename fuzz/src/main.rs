//! `cfunc-fuzz`: fuzzes for a time, and says what it found.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use cfunc_fuzz::{Coverage, Fuzzer, Oracle, PLAIN, case_files, describe_ticks, shrink};
use clap::Parser;

/// Generates programs, runs them on every engine and on CPython, and compares.
#[derive(Debug, Parser)]
struct Arguments {
    /// Minutes to go on for.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// The seed of the first program; the next ones have the next seeds.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Programs to stop after, whatever the time.
    #[arg(long)]
    programs: Option<u64>,
    /// Failures to stop after.
    #[arg(long, default_value_t = 10)]
    failures: usize,
    /// Print the program of the seed, and run only that.
    #[arg(long)]
    show: bool,
    /// A file to keep the seed of the running program in, for runs that crash.
    #[arg(long)]
    journal: Option<std::path::PathBuf>,
    /// Run plain functions and their calls alone.
    #[arg(long)]
    calls: bool,
    /// Print how often each construct was used.
    #[arg(long)]
    coverage: bool,
}

/// The time after which a program hangs. Loops are bounded, so that any takes milliseconds.
const HANG: Duration = Duration::from_secs(60);

/// Ends the process where the running program hangs: code that loops cannot be stopped otherwise.
fn watch(programs: &Arc<AtomicU64>) {
    let programs = Arc::clone(programs);
    std::thread::spawn(move || {
        // A count of programs, those of the shrinker included.
        let mut last = (programs.load(Ordering::Relaxed), Instant::now());
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let now = programs.load(Ordering::Relaxed);
            if now != last.0 {
                last = (now, Instant::now());
            } else if last.1.elapsed() > HANG {
                println!("program {now} of this run hangs");
                std::process::exit(1);
            }
        }
    });
}

/// Tries of the shrinker for one failure.
const SHRINK_TRIES: usize = 3000;

/// The time for them: calls that do not end take long.
const SHRINK_TIME: Duration = Duration::from_secs(60);

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut fuzzer = Fuzzer::new(Some(Oracle::start()?))?;
    for unsupported in &fuzzer.unsupported {
        println!("not supported: {}: {}", unsupported.name, unsupported.reason);
    }
    if arguments.show {
        fuzzer.take_turn(arguments.seed);
        let program = fuzzer.generate(arguments.seed);
        println!("{}\n--- for the oracle:\n{}", program.source(), program.oracle_source());
        print!("{}", describe_ticks(&program));
        println!("{:?}", fuzzer.check(&program));
        return Ok(ExitCode::SUCCESS);
    }
    let (start, limit) = (Instant::now(), Duration::from_secs_f64(arguments.minutes * 60.0));
    let mut coverage = Coverage::new(&fuzzer.table);
    let running = Arc::new(AtomicU64::new(0));
    watch(&running);
    let mut failures = 0;
    // Every fourth program is a plain function.
    let step = if arguments.calls { PLAIN } else { 1 };
    let mut seed = if arguments.calls { arguments.seed.next_multiple_of(PLAIN) } else { arguments.seed };
    let mut reported = Instant::now();
    while start.elapsed() < limit
        && failures < arguments.failures
        && arguments.programs.is_none_or(|most| coverage.programs() < most)
    {
        running.fetch_add(1, Ordering::Relaxed);
        if let Some(journal) = &arguments.journal {
            std::fs::write(journal, format!("{seed}\n"))?;
        }
        fuzzer.take_turn(seed);
        let program = fuzzer.generate(seed);
        coverage.add(&program);
        if let Some(failure) = fuzzer.check(&program) {
            failures += 1;
            println!("\nseed {seed}: {:?}: {}", failure.kind, failure.message);
            let shrinking = Instant::now();
            let smaller = shrink(&program, SHRINK_TRIES, |candidate| {
                running.fetch_add(1, Ordering::Relaxed);
                shrinking.elapsed() < SHRINK_TIME
                    && fuzzer.check(candidate).is_some_and(|found| found.is_like(&failure))
            });
            let found = fuzzer.check(&smaller);
            println!("{}{}", smaller.source(), describe_ticks(&smaller));
            println!("{}", found.map_or(String::new(), |found| found.message));
            if smaller.plain.is_none()
                && let Ok(expected) = fuzzer.expected(&smaller)
            {
                println!("{}", case_files(&smaller, &expected).json);
            }
        }
        seed += step;
        if reported.elapsed() > Duration::from_secs(60) {
            reported = Instant::now();
            eprintln!("{} programs, {failures} failures", coverage.programs());
        }
    }
    if arguments.coverage {
        print!("{}", coverage.report(&fuzzer));
    }
    let missing = coverage.missing(&fuzzer);
    if !missing.is_empty() {
        println!("in no program: {}", missing.join(", "));
    }
    let seconds = start.elapsed().as_secs_f64();
    let programs = coverage.programs();
    println!("{programs} programs in {seconds:.1} s ({:.1} a second), {failures} failures", programs as f64 / seconds);
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
