//! What must be shipped: bytes on disk of a host with each engine, of the command line tool, and of the peer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cold::{host, variant};
use crate::peer::{PACKAGE, run as run_command, scratch};
use crate::report::{Part, Table};
use crate::run::tool;
use crate::settings::Settings;
use crate::statistics::digits;

/// Measures sizes.
///
/// # Errors
///
/// A program of ours is not built.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let mut part = Part::new("size", "On disk");
    part.paragraph(
        "Megabytes (of a million bytes) that must be there to compile and run nodes, beside the C library. A host in Rust is \
         `crates/cfunc-compiler/examples/first_tick.rs`, linked statically with the facade and one engine; `strip` leaves the names \
         of functions out.",
    );
    let mut table = Table::new(&["what", "MB", "stripped, MB", "with its libraries, MB"]);
    let mut is_missing = false;
    let mut sizes = Vec::new();
    let programs = [
        ("host in Rust, Cranelift", host()?),
        ("host in Rust, interpreter alone", variant(settings, "interpreter")),
        ("host in Rust, LLVM alone", variant(settings, "llvm")),
        ("`cfunc`, Cranelift", tool()?),
    ];
    for (name, program) in programs {
        if !program.exists() {
            table.row([name, "not built", "-", "-"].map(str::to_owned));
            is_missing = true;
            continue;
        }
        let plain = size(&program)?;
        let stripped = stripped(settings, &program);
        let libraries: Option<u64> = libraries(&program).iter().map(|library| size(library).ok()).sum();
        let whole = stripped.unwrap_or(plain) + libraries.unwrap_or(0);
        eprintln!("size {name}: {plain}, {stripped:?} stripped, {libraries:?} of libraries");
        sizes.push((name, whole));
        table.row([
            name.to_owned(),
            megabytes(plain),
            stripped.map_or_else(|| "-".to_owned(), megabytes),
            megabytes(whole),
        ]);
    }
    if let Some(peer) = &settings.peer {
        let printed = run_command(Command::new(peer.python()).arg(settings.root.join("bench/peer/sizes.py")))?;
        let parts: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&printed)?;
        let mut whole = 0;
        for (name, bytes) in &parts {
            let bytes = bytes.as_u64().context("a size")?;
            whole += bytes;
            table.row([format!("of the peer: {name}"), megabytes(bytes), "-".to_owned(), "-".to_owned()]);
        }
        table.row([format!("the peer, `{PACKAGE}`"), "-".to_owned(), "-".to_owned(), megabytes(whole)]);
        part.table(&table);
        if let Some((name, own)) = sizes.first() {
            let times = digits(whole as f64 / *own as f64);
            part.paragraph(format!("The peer takes {times} times the {} MB of the {name}.", megabytes(*own)));
        }
    } else {
        part.table(&table);
        let note = settings.peer_note.as_deref().unwrap_or_default();
        part.paragraph(format!("The peer was not measured: {note}."));
    }
    if is_missing {
        part.paragraph(
            "Not built: the other engines take minutes to build, which `cargo xtask bench`, `cargo xtask bench size` and \
             `cargo xtask bench cold` do unless `--quick` or `--check` is said.",
        );
    }
    Ok(part)
}

fn megabytes(bytes: u64) -> String {
    digits(bytes as f64 / 1e6)
}

fn size(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path).with_context(|| format!("reading {}", path.display()))?.len())
}

/// The size of a program without its symbols, where `strip` is there.
fn stripped(settings: &Settings, program: &Path) -> Option<u64> {
    let copy = scratch(&settings.target).ok()?.join("stripped");
    run_command(Command::new("strip").arg("-o").arg(&copy).arg(program)).ok()?;
    let bytes = size(&copy).ok()?;
    fs::remove_file(&copy).ok()?;
    Some(bytes)
}

/// The shared libraries of a program that do not come with every system: those of LLVM.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let Ok(printed) = run_command(Command::new("ldd").arg(program)) else { return Vec::new() };
    let paths = printed.lines().filter(|line| line.contains("libLLVM")).filter_map(|line| {
        let path = line.split_once("=> ")?.1.split_whitespace().next()?;
        fs::canonicalize(path).ok()
    });
    paths.collect()
}
