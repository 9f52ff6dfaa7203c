//! What the figures were measured on.

use std::fs;
use std::process::Command;

use crate::report::Table;

/// Machine and versions, a row each. What cannot be found out is left out.
pub(crate) fn describe() -> Table {
    let mut table = Table::new(&["", ""]);
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            table.row([name.to_owned(), value]);
        }
    };
    row("date", first_line(Command::new("date").args(["-u", "+%Y-%m-%d"])));
    row("processor", processor());
    row("cores", std::thread::available_parallelism().ok().map(|count| count.to_string()));
    row("kernel", first_line(Command::new("uname").args(["-sr"])));
    row("Rust", first_line(Command::new("rustc").arg("--version")));
    row("cfunc-compiler", Some(env!("CARGO_PKG_VERSION").to_owned()));
    row("Cranelift", Some(cranelift_codegen::VERSION.to_owned()));
    row("Python", first_line(Command::new("python3").arg("--version")));
    table
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The first line that a command writes to its standard output.
pub(crate) fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.lines().next()?.trim().to_owned())
}
