//! Finds the library of LLVM on this machine.
//!
//! Where it is found, the crate is built with it and links it as a shared library; elsewhere the backend is built as one
//! that reports itself as unavailable, so that a workspace with every feature compiles on any machine. The variable
//! `CFUNC_REQUIRE_LLVM` makes its absence an error: who tests the backend must not test the other one unseen. With
//! `CFUNC_WITHOUT_LLVM` nothing is looked for, which is how builds without it are tested on a machine that has it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The names that packagers give the shared library of the one release that is supported.
const LIBRARIES: [&str; 3] = ["libLLVM.so.22.1", "libLLVM-22.so.1", "libLLVM-22.so"];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(cfunc_llvm)");
    for variable in ["CFUNC_REQUIRE_LLVM", "CFUNC_WITHOUT_LLVM", "CFUNC_LLVM_PREFIX"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let target = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let supported = target == "linux" && matches!(architecture.as_str(), "x86_64" | "aarch64");
    let is_wanted = !is_set("CFUNC_WITHOUT_LLVM");
    let is_here = supported && env::var("HOST") == env::var("TARGET");
    let found = if is_wanted && is_here { find(&architecture) } else { None };
    match found {
        Some((folder, library)) => {
            println!("cargo::rustc-cfg=cfunc_llvm");
            println!("cargo::rustc-link-search=native={}", folder.display());
            println!("cargo::rustc-link-lib=dylib:+verbatim={library}");
            println!("cargo::rerun-if-changed={}", folder.join(library).display());
        }
        None if is_wanted && is_set("CFUNC_REQUIRE_LLVM") => {
            panic!(
                "CFUNC_REQUIRE_LLVM is set, and none of {} is on this machine; on Debian: apt-get install libllvm22",
                LIBRARIES.join(", ")
            );
        }
        None => {
            // A library that is installed later is looked for again.
            for folder in folders(&architecture).iter().filter(|folder| folder.is_dir()) {
                println!("cargo::rerun-if-changed={}", folder.join(LIBRARIES[0]).display());
            }
        }
    }
}

/// Whether a variable is set to something other than 0.
fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

/// The folder and the name of the library.
fn find(architecture: &str) -> Option<(PathBuf, &'static str)> {
    let found = |folder: &Path| LIBRARIES.into_iter().find(|library| folder.join(library).is_file());
    folders(architecture).into_iter().find_map(|folder| found(&folder).map(|library| (folder, library)))
}

/// Where to look, what is named by the user first.
fn folders(architecture: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(prefix) = env::var_os("CFUNC_LLVM_PREFIX") {
        let prefix = PathBuf::from(prefix);
        folders.extend([prefix.join("lib"), prefix]);
    }
    let configured = Command::new("llvm-config-22").arg("--libdir").output();
    if let Some(output) = configured.ok().filter(|output| output.status.success()) {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    folders.push(PathBuf::from(format!("/usr/lib/{architecture}-linux-gnu")));
    folders.extend(["/usr/lib/llvm-22/lib", "/usr/lib64", "/usr/lib", "/usr/local/lib"].map(PathBuf::from));
    folders
}
