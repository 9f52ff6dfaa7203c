//! Goes on from snapshots that another process took: jobs on standard input, a line each, and what came out of them on
//! standard output.

use std::io::{self, BufRead, Write};

use cfunc_tests::{ResumableCases, ResumeJob, context};

fn main() -> io::Result<()> {
    let context = context();
    let mut cases = ResumableCases::new();
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let outcome = ResumeJob::parse(&line).map_or_else(|| "no job".to_owned(), |job| job.run(&context, &mut cases));
        writeln!(output, "{outcome}")?;
    }
    output.flush()
}
