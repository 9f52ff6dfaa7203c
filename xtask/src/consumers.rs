//! Whether the C runtime is usable as it is built: one program, as C and as C++, with the static and with the shared
//! library, by the flags of its pkg-config file; and with the bitcode, where there is one.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::build_runtime::{execute, tool};

/// What the program prints.
const EXPECTED: &str = "consumer: 45\n";

/// The whole runtime for engines that inline it.
const BITCODE: &str = "cfunc_runtime.bc";

/// Compiles the source as every consumer of the runtime that was built into a folder, and runs them.
///
/// # Errors
///
/// A tool is missing or fails, or a consumer prints anything else than it should.
pub(crate) fn check(source: &Path, out: &Path) -> Result<()> {
    for language in &LANGUAGES {
        consumer(out, source, language, Linkage::Static)?;
        consumer(out, source, language, Linkage::Shared)?;
    }
    // It is there where clang is.
    if out.join(BITCODE).exists() {
        consumer(out, source, &LANGUAGES[0], Linkage::Bitcode)?;
    }
    Ok(())
}

/// Builds the program in a language against one form of the runtime, and runs it.
fn consumer(out: &Path, source: &Path, language: &Language, linkage: Linkage) -> Result<()> {
    let program = out.join(format!("consumer-{}-{linkage:?}", language.name).to_lowercase());
    let compiler = match linkage {
        Linkage::Static | Linkage::Shared => tool(language.variable, language.compiler),
        Linkage::Bitcode => tool("CLANG", "clang"),
    };
    let mut command = Command::new(&compiler);
    command.args(language.flags).args(pkg_config(out, &["--cflags"])?).arg(source).arg("-o").arg(&program);
    // The source is of the language; libraries are not.
    command.args(["-x", "none"]);
    match linkage {
        Linkage::Shared => {
            command.args(pkg_config(out, &["--libs"])?);
        }
        Linkage::Static => {
            command.args(pkg_config(out, &["--variable=static_library"])?);
            command.args(pkg_config(out, &["--variable=libraries"])?);
        }
        Linkage::Bitcode => {
            command.arg(out.join(BITCODE)).args(pkg_config(out, &["--variable=libraries"])?);
        }
    }
    execute(&mut command)?;
    let mut consumer = Command::new(&program);
    if linkage == Linkage::Shared {
        consumer.env("LD_LIBRARY_PATH", out).env("DYLD_LIBRARY_PATH", out);
    }
    let output = consumer.output().with_context(|| format!("starting {}", program.display()))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || printed != EXPECTED {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{}: {}: {printed}{errors}", program.display(), output.status);
    }
    println!("{}, {linkage:?}: works", language.name);
    Ok(())
}

/// A language that hosts are written in.
struct Language {
    name: &'static str,
    variable: &'static str,
    compiler: &'static str,
    flags: &'static [&'static str],
}

const LANGUAGES: [Language; 2] = [
    Language {
        name: "C",
        variable: "CC",
        compiler: "cc",
        flags: &["-x", "c", "-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"],
    },
    Language {
        name: "C++",
        variable: "CXX",
        compiler: "c++",
        flags: &["-x", "c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic"],
    },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Linkage {
    Static,
    Shared,
    Bitcode,
}

/// What pkg-config says of the runtime in a folder, by words.
fn pkg_config(folder: &Path, arguments: &[&str]) -> Result<Vec<OsString>> {
    let output = Command::new(tool("PKG_CONFIG", "pkg-config"))
        .env("PKG_CONFIG_PATH", folder)
        .args(arguments)
        .arg("cfunc_runtime")
        .output()
        .context("starting pkg-config")?;
    if !output.status.success() {
        bail!("pkg-config: {}{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).context("pkg-config writes UTF-8")?;
    Ok(text.split_whitespace().map(OsString::from).collect())
}
