//! Compilation on two threads of one process, beside two processes of one thread.

use std::io::{BufRead as _, BufReader, Write as _, stdin};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompilationContext, CompileRequest, compile};

use crate::cases;
use crate::compile::context;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, digits};

/// What two threads should get done of what two processes do.
const GOAL: f64 = 0.95;

/// How often each thread compiles every case in a slice of time.
const REPETITIONS: usize = 12;

/// Measures throughput.
///
/// # Errors
///
/// A case does not compile, or a process fails.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let mut one = Worker::start(1)?;
    let mut other = Worker::start(1)?;
    let mut threads = Worker::start(2)?;
    let cases = one.ready()?;
    ensure!(other.ready()? == cases && threads.ready()? == cases, "the processes have other cases");
    let per_thread = (cases * REPETITIONS) as f64;
    let (mut alone, mut processes, mut two_threads) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ratios, mut cpu_ratios, mut speed_ups) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=settings.thread_rounds {
        let mut figures = [Slice::default(); 3];
        // Whoever comes first in a round comes last in the next.
        for turn in 0..3 {
            let which = if round % 2 == 0 { turn } else { 2 - turn };
            figures[which] = match which {
                0 => slice(&mut [&mut one])?,
                1 => slice(&mut [&mut one, &mut other])?,
                _ => slice(&mut [&mut threads])?,
            };
        }
        // The first round warms caches and scratch.
        if round > 0 {
            let [single, split, shared] = figures;
            alone.push(per_thread / single.wall);
            processes.push(2.0 * per_thread / split.wall);
            two_threads.push(2.0 * per_thread / shared.wall);
            ratios.push(split.wall / shared.wall);
            cpu_ratios.push(split.processor / shared.processor);
            speed_ups.push(2.0 * single.wall / shared.wall);
        }
    }
    let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
    let ratio = of(&ratios)?;
    let mut part = Part::new("threads", "Compilation on two threads");
    part.paragraph(format!(
        "The {cases} streaming cases, compiled over and over and dropped at once, without the cache of results: on one \
         thread, in two processes at once, and on two threads of one process, which share context, backend and code \
         memory. Slices of {} compilations a thread, in turn, in processes that stay. The processor time is that of \
         all threads, for the same work.",
        digits(per_thread)
    ));
    let mut table = Table::new(&["", "compilations a second"]);
    table.row(["one thread".to_owned(), of(&alone)?.to_string()]);
    table.row(["two processes".to_owned(), of(&processes)?.to_string()]);
    table.row(["two threads".to_owned(), of(&two_threads)?.to_string()]);
    table.row(["two threads to one".to_owned(), of(&speed_ups)?.to_string()]);
    let goal = format!("compilations a second, two threads to two processes, at least {GOAL}");
    let reached = part.goal(goal, digits(ratio.median), ratio.median >= GOAL);
    table.row(["**two threads to two processes**".to_owned(), format!("**{ratio}**, goal at least {GOAL}: {reached}")]);
    table.row(["the same in processor time".to_owned(), of(&cpu_ratios)?.to_string()]);
    part.table(&table);
    Ok(part)
}

/// What a slice took, in seconds.
#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    wall: f64,
    processor: f64,
}

/// Lets processes do their work at once.
fn slice(workers: &mut [&mut Worker]) -> Result<Slice> {
    let begin = Instant::now();
    for worker in workers.iter_mut() {
        writeln!(worker.input, "{REPETITIONS}")?;
    }
    let mut processor = 0.0;
    for worker in workers.iter_mut() {
        processor += worker.line()?.parse::<f64>().context("processor time")?;
    }
    Ok(Slice { wall: begin.elapsed().as_secs_f64(), processor })
}

/// A process that compiles.
struct Worker {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(threads: u32) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["job", &threads.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("starting a process that compiles")?;
        let input = process.stdin.take().context("its input")?;
        let output = BufReader::new(process.stdout.take().context("its output")?);
        Ok(Self { process, input, output })
    }

    /// How many cases it has, once it is there.
    fn ready(&mut self) -> Result<usize> {
        self.line()?.parse().context("the number of cases")
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.output.read_line(&mut line)? > 0, "a process that compiles ended");
        Ok(line.trim().to_owned())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}

/// What the process does: prints how many cases it has; then, for each line with a number, compiles all of them so often on
/// each thread, and prints the processor time of that in seconds.
///
/// # Errors
///
/// A case does not compile.
pub(crate) fn work(settings: &Settings, threads: u64) -> Result<()> {
    let mut cases = cases::cases_for_passes(&settings.corpus)?;
    cases.retain(|case| case.name.starts_with("streaming/"));
    let requests: Vec<CompileRequest> = cases.into_iter().map(|case| case.request).collect();
    let context = context()?;
    println!("{}", requests.len());
    thread::scope(|scope| {
        let (done, finished) = channel::<Result<()>>();
        let orders: Vec<_> = (0..threads)
            .map(|_| {
                let (order, orders) = channel::<usize>();
                let (done, context, requests) = (done.clone(), &context, &requests);
                scope.spawn(move || {
                    // Both ends live until the last line was read.
                    for repetitions in orders {
                        let _sent = done.send(compile_all(context, requests, repetitions));
                    }
                });
                order
            })
            .collect();
        for line in stdin().lines() {
            let repetitions = line?.trim().parse().context("how often")?;
            let before = processor_time()?;
            orders.iter().try_for_each(|order| order.send(repetitions)).context("a thread ended")?;
            for _ in &orders {
                finished.recv()??;
            }
            println!("{}", processor_time()? - before);
        }
        Ok(())
    })
}

fn compile_all(context: &CompilationContext, requests: &[CompileRequest], repetitions: usize) -> Result<()> {
    for request in std::iter::repeat_n(requests, repetitions).flatten() {
        compile(context, request).map_err(|error| anyhow!("{error}"))?;
    }
    Ok(())
}

/// Processor time of this process in seconds, of all its threads.
fn processor_time() -> Result<f64> {
    #[cfg(unix)]
    {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer is to a live timespec, which the call writes.
        let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
        ensure!(status == 0, "the clock of processes is there");
        Ok(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
    }
    #[cfg(not(unix))]
    anyhow::bail!("processor time of processes is measured on Unix only")
}
