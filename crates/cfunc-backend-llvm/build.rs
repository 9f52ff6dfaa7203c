//! Finds the library of LLVM on this machine.
//!
//! Where it is found, the crate is built with it and links it as a shared library; elsewhere the backend is built as one
//! that reports itself as unavailable, so that a workspace with every feature compiles on any machine. The variable
//! `CFUNC_REQUIRE_LLVM` makes its absence an error: who tests the backend must not test the other one unseen. With
//! `CFUNC_WITHOUT_LLVM` nothing is looked for, which is how builds without it are tested on a machine that has it.
//! `CFUNC_LLVM_PREFIX` is the only place that is looked at where it is set, and an error where the library is not there.
//!
//! Where there is a clang whose bitcode this LLVM reads, the containers of the C runtime are compiled to bitcode, which the
//! backend inlines. `CLANG` names it, else `clang-22` and `clang` are tried; `CFUNC_REQUIRE_CLANG` makes its absence an error.

use std::env;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "runtime-c/clang.rs"]
mod clang;
#[path = "runtime-c/recipe.rs"]
mod recipe;

use clang::{CLANG_RELEASES, find_clang};

/// The names that packagers give the shared library of the one release that is supported.
const LIBRARIES: [&str; 3] = ["libLLVM.so.22.1", "libLLVM-22.so.1", "libLLVM-22.so"];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(cfunc_llvm)");
    println!("cargo::rustc-check-cfg=cfg(cfunc_runtime_bitcode)");
    for variable in ["CFUNC_REQUIRE_LLVM", "CFUNC_WITHOUT_LLVM", "CFUNC_LLVM_PREFIX", "CFUNC_REQUIRE_CLANG", "CLANG"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let target = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let supported = target == "linux" && matches!(architecture.as_str(), "x86_64" | "aarch64");
    let is_wanted = !is_set("CFUNC_WITHOUT_LLVM");
    assert!(
        is_wanted || !is_set("CFUNC_REQUIRE_LLVM"),
        "CFUNC_REQUIRE_LLVM and CFUNC_WITHOUT_LLVM are both set: take one of them away"
    );
    let is_here = supported && env::var("HOST") == env::var("TARGET");
    let prefix = prefix();
    let found = match &prefix {
        _ if !is_wanted || !is_here => None,
        // Nothing else is looked at: another library than the one that was named would be a surprise.
        Some(prefix) => Some(find(&[prefix.join("lib"), prefix.clone()]).unwrap_or_else(|| {
            let libraries = LIBRARIES.join(", ");
            panic!("CFUNC_LLVM_PREFIX is {}, and none of {libraries} is there or in its lib", prefix.display())
        })),
        None => find(&folders(&architecture)),
    };
    match found {
        Some((folder, library)) => {
            println!("cargo::rustc-cfg=cfunc_llvm");
            println!("cargo::rustc-link-search=native={}", folder.display());
            println!("cargo::rustc-link-lib=dylib:+verbatim={library}");
            println!("cargo::rerun-if-changed={}", folder.join(library).display());
            compile_runtime();
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

/// Compiles the containers of the C runtime to bitcode, a module for each source, and writes the list of them.
fn compile_runtime() {
    let Some(clang) = find_clang() else {
        assert!(
            !is_set("CFUNC_REQUIRE_CLANG"),
            "CFUNC_REQUIRE_CLANG is set, and there is no clang of the releases {CLANG_RELEASES:?}; on Debian: apt-get \
             install clang-22"
        );
        // One that is installed later is looked for again. A file that is not there would be a change in each build.
        println!("cargo::rerun-if-changed=/usr/bin");
        return;
    };
    let folder = Path::new("runtime-c");
    let recipe = recipe::Recipe::read(folder).unwrap_or_else(|error| panic!("{error}"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut list = "[\n".to_owned();
    for source in &recipe.inlined {
        let name = source.file_stem().expect("a source has a name");
        let bitcode = out.join(name).with_extension("bc");
        let mut command = Command::new(&clang);
        command.args(&recipe.flags).args(recipe.include_folders.iter().map(|folder| format!("-I{}", folder.display())));
        // What systems add by default, and no inlined function needs.
        command.args(["-fno-stack-protector", "-fcf-protection=none", "-fno-ident", "-w"]);
        command.args(["-emit-llvm", "-c", "-o"]).arg(&bitcode).arg(source);
        let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(status.success(), "{status}: {command:?}");
        // Writing to a String does not fail.
        let _infallible = writeln!(list, "    include_bytes!({:?}),", bitcode.display().to_string());
    }
    list.push(']');
    let path = out.join("runtime_bitcode.rs");
    std::fs::write(&path, list).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    println!("cargo::rustc-cfg=cfunc_runtime_bitcode");
    let headers = recipe.private_headers.iter().chain(&recipe.public_headers);
    let watched = [folder.join("recipe.txt"), folder.join("recipe.rs"), folder.join("clang.rs"), "build.rs".into()];
    for file in recipe.inlined.iter().chain(headers).chain(&watched) {
        println!("cargo::rerun-if-changed={}", file.display());
    }
}

/// Whether a variable is set to something other than 0.
fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Where the user says that LLVM is.
fn prefix() -> Option<PathBuf> {
    env::var_os("CFUNC_LLVM_PREFIX").filter(|prefix| !prefix.is_empty()).map(PathBuf::from)
}

/// The folder and the name of the library.
fn find(folders: &[PathBuf]) -> Option<(PathBuf, &'static str)> {
    let found = |folder: &Path| LIBRARIES.into_iter().find(|library| folder.join(library).is_file());
    folders.iter().find_map(|folder| found(folder).map(|library| (folder.clone(), library)))
}

/// Where to look where nothing is named.
fn folders(architecture: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let configured = Command::new("llvm-config-22").arg("--libdir").output();
    if let Some(output) = configured.ok().filter(|output| output.status.success()) {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    folders.push(PathBuf::from(format!("/usr/lib/{architecture}-linux-gnu")));
    folders.extend(["/usr/lib/llvm-22/lib", "/usr/lib64", "/usr/lib", "/usr/local/lib"].map(PathBuf::from));
    folders
}
