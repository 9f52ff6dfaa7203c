//! What the figures were measured on.

use std::fs;
use std::process::Command;

use crate::peer::Peer;
use crate::report::Table;

/// For which processors the code is made that parts compare, which they say each.
#[cfg(target_arch = "x86_64")]
pub(crate) const COMPILED_FOR: &str = "Cranelift, LLVM and the peer make code for this processor, as does the C compiler where \
    C is compared (`-march=native`). Rust is compiled as the benches are, for any x86-64: with SSE2, without AVX. So are the \
    functions of the run time that nodes call.";

/// For which processors the code is made that parts compare, which they say each.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const COMPILED_FOR: &str = "Cranelift, LLVM and the peer make code for this processor. Rust, the functions of the \
    run time that nodes call, and C where it is compared are compiled for any of its architecture.";

/// Prints the versions of what the peer stands on, a line each.
const VERSIONS: &str = "\
import importlib.metadata as m, llvmlite.binding as b
for name in ('numba-cfunc-compiler', 'numba', 'llvmlite', 'numpy'): print(name, m.version(name))
print('LLVM in llvmlite', '.'.join(map(str, b.llvm_version_info)))";

/// The day.
pub(crate) fn date() -> String {
    first_line(Command::new("date").args(["-u", "+%Y-%m-%d"])).unwrap_or_default()
}

/// Machine and versions, a row each. What cannot be found out is left out.
pub(crate) fn describe(peer: Option<&Peer>) -> Table {
    let mut table = Table::new(&["", ""]);
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            table.row([name.to_owned(), value]);
        }
    };
    row("date", Some(date()).filter(|date| !date.is_empty()));
    row("processor", processor());
    row("cores", std::thread::available_parallelism().ok().map(|count| count.to_string()));
    row("kernel", first_line(Command::new("uname").args(["-sr"])));
    row("Rust", first_line(Command::new("rustc").arg("--version")));
    row("cfunc-compiler", Some(env!("CARGO_PKG_VERSION").to_owned()));
    row("Cranelift", Some(cranelift_codegen::VERSION.to_owned()));
    row("LLVM", llvm());
    row("C compiler (`cc`)", first_line(Command::new("cc").arg("--version")));
    row("clang", first_line(Command::new("clang").arg("--version")));
    row("valgrind", first_line(Command::new("valgrind").arg("--version")));
    match peer {
        Some(peer) => {
            row("CPython", first_line(Command::new(peer.python()).arg("--version")));
            let printed = crate::peer::run(Command::new(peer.python()).args(["-c", VERSIONS])).unwrap_or_default();
            for line in printed.lines() {
                if let Some((name, version)) = line.rsplit_once(' ') {
                    row(name, Some(version.to_owned()));
                }
            }
        }
        None => row("CPython", first_line(Command::new("python3").arg("--version"))),
    }
    table
}

/// The release of LLVM that is linked, where one is.
fn llvm() -> Option<String> {
    let engines = cfunc_compiler::backends();
    engines.iter().find(|engine| engine.name() == "llvm")?;
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.contains("libLLVM"))?;
    Some(line.rsplit('/').next()?.to_owned())
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
