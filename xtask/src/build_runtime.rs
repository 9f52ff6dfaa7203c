//! `cargo xtask build-runtime`: the C runtime as libraries for C and C++ hosts, by the recipe that the build script of
//! cfunc-runtime uses too.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::consumers;

#[path = "../../runtime-c/clang.rs"]
mod clang;
#[path = "../../runtime-c/recipe.rs"]
mod recipe;

use clang::{CLANG_RELEASES, find_clang, release as clang_release};
use recipe::Recipe;

/// Options of `cargo xtask build-runtime`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct BuildRuntimeArguments {
    /// Folder of the results; target/runtime by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Build with these sanitizers and run the C tests, for instance address,undefined.
    #[arg(long, value_name = "LIST")]
    pub(crate) sanitize: Option<String>,
    /// Accept no warning of the C compiler.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Compile a host in C and in C++ by the flags of pkg-config, against what was built, and run it.
    #[arg(long, conflicts_with = "sanitize")]
    pub(crate) check: bool,
}

/// Builds the static and the shared library, copies the headers, writes the pkg-config file and, where clang is found,
/// the LLVM bitcode. `CC` and `AR` name the tools, else `cc` and `ar`. With `sanitize` the C tests run as well.
///
/// # Errors
///
/// A tool is missing or fails, a file cannot be written, or a C test fails.
pub(crate) fn run(arguments: &BuildRuntimeArguments) -> Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the workspace")?;
    let folder = workspace.join("runtime-c");
    let recipe = Recipe::read(&folder).map_err(|error| anyhow!(error))?;
    let out = match &arguments.out {
        Some(out) => std::path::absolute(out)?,
        None => target_folder(workspace).join("runtime"),
    };
    let build = Build { compiler: tool("CC", "cc"), flags: flags(&recipe, arguments), recipe, out };
    fs::create_dir_all(build.out.join("objects")).with_context(|| format!("creating {}", build.out.display()))?;

    let objects = build.objects()?;
    build.static_library(&objects)?;
    build.shared_library(&objects)?;
    build.headers()?;
    build.package_description()?;
    build.bitcode()?;
    if arguments.sanitize.is_some() {
        build.tests()?;
    }
    if arguments.check {
        consumers::check(&folder.join("tests/consumer.c"), &build.out)?;
    }
    println!("C runtime built in {}", build.out.display());
    Ok(())
}

/// Where Cargo puts its results.
fn target_folder(workspace: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), |folder| workspace.join(folder))
}

/// A tool from the environment, or its usual name.
pub(crate) fn tool(variable: &str, name: &str) -> OsString {
    std::env::var_os(variable).filter(|value| !value.is_empty()).unwrap_or_else(|| name.into())
}

fn flags(recipe: &Recipe, arguments: &BuildRuntimeArguments) -> Vec<OsString> {
    let mut flags: Vec<OsString> = recipe.flags.iter().map(OsString::from).collect();
    if arguments.strict {
        flags.extend(recipe.strict_flags.iter().map(OsString::from));
    }
    if let Some(sanitizers) = &arguments.sanitize {
        flags.push(format!("-fsanitize={sanitizers}").into());
        // Without this, undefined behaviour is printed and the tests pass.
        flags.push("-fno-sanitize-recover=all".into());
        flags.push("-fno-omit-frame-pointer".into());
        flags.push("-g".into());
    }
    for include in &recipe.include_folders {
        flags.push("-I".into());
        flags.push(include.into());
    }
    flags
}

/// One build: tools, flags, recipe and destination.
struct Build {
    compiler: OsString,
    flags: Vec<OsString>,
    recipe: Recipe,
    out: PathBuf,
}

impl Build {
    fn objects(&self) -> Result<Vec<PathBuf>> {
        self.recipe
            .sources
            .iter()
            .map(|source| {
                let object = self.intermediate(source, "o")?;
                execute(Command::new(&self.compiler).args(&self.flags).arg("-c").arg(source).arg("-o").arg(&object))?;
                Ok(object)
            })
            .collect()
    }

    fn static_library(&self, objects: &[PathBuf]) -> Result<()> {
        let library = self.out.join("libcfunc_runtime.a");
        // `ar` adds to an archive that exists; sources that are gone would stay in it.
        if library.exists() {
            fs::remove_file(&library)?;
        }
        execute(Command::new(tool("AR", "ar")).arg("rcs").arg(&library).args(objects))
    }

    fn shared_library(&self, objects: &[PathBuf]) -> Result<()> {
        execute(
            Command::new(&self.compiler)
                .args(&self.flags)
                .arg("-shared")
                .args(objects)
                .arg("-o")
                .arg(self.out.join("libcfunc_runtime.so"))
                .args(self.libraries()),
        )
    }

    fn headers(&self) -> Result<()> {
        let include = self.out.join("include");
        fs::create_dir_all(&include)?;
        for header in &self.recipe.public_headers {
            let name = header.file_name().context("a header has a name")?;
            fs::copy(header, include.join(name)).with_context(|| format!("copying {}", header.display()))?;
        }
        Ok(())
    }

    fn package_description(&self) -> Result<()> {
        let text = format!(
            "prefix=${{pcfiledir}}\n\
             static_library=${{prefix}}/libcfunc_runtime.a\n\
             libraries={0}\n\
             \n\
             Name: cfunc_runtime\n\
             Description: Runtime of functions compiled by the cfunc compiler\n\
             Version: {1}\n\
             Cflags: -I${{prefix}}/include\n\
             Libs: -L${{prefix}} -lcfunc_runtime\n\
             Libs.private: {0}\n",
            self.libraries().join(" "),
            env!("CARGO_PKG_VERSION")
        );
        fs::write(self.out.join("cfunc_runtime.pc"), text)?;
        Ok(())
    }

    /// One bitcode file of the whole runtime, for engines that inline it.
    fn bitcode(&self) -> Result<()> {
        let Some(clang) = find_clang() else {
            println!(
                "no LLVM bitcode: clang of the releases {CLANG_RELEASES:?} is needed for it (clang-22, clang, CLANG)"
            );
            return Ok(());
        };
        let Some(linker) = linker(&clang) else {
            println!(
                "no LLVM bitcode: an llvm-link that reads that of {clang} is needed for it (llvm-link-22, LLVM_LINK)"
            );
            return Ok(());
        };
        let mut parts = Vec::new();
        for source in &self.recipe.sources {
            let part = self.intermediate(source, "bc")?;
            execute(
                Command::new(&clang).args(&self.flags).args(["-emit-llvm", "-c"]).arg(source).arg("-o").arg(&part),
            )?;
            parts.push(part);
        }
        execute(Command::new(&linker).args(&parts).arg("-o").arg(self.out.join("cfunc_runtime.bc")))
    }

    /// Builds the C tests together with the sources, so that sanitizers see both, and runs them.
    fn tests(&self) -> Result<()> {
        let program = self.out.join("cfunc_runtime_tests");
        execute(
            Command::new(&self.compiler)
                .args(&self.flags)
                .args(&self.recipe.sources)
                .args(&self.recipe.tests)
                .arg("-o")
                .arg(&program)
                .args(self.libraries()),
        )?;
        execute(&mut Command::new(&program))
    }

    fn intermediate(&self, source: &Path, extension: &str) -> Result<PathBuf> {
        let name = source.file_name().context("a source has a name")?;
        Ok(self.out.join("objects").join(name).with_extension(extension))
    }

    fn libraries(&self) -> Vec<String> {
        self.recipe.libraries.iter().map(|library| format!("-l{library}")).collect()
    }
}

/// The llvm-link that the variable names, else one of the release of a clang or a later one: none reads the bitcode of a
/// clang that is later than itself.
fn linker(clang: &str) -> Option<OsString> {
    if let Some(named) = std::env::var_os("LLVM_LINK").filter(|value| !value.is_empty()) {
        return Some(named);
    }
    let release = clang_release(&version(clang)?)?;
    let reads =
        |linker: &String| version(linker).and_then(|text| linker_release(&text)).is_some_and(|own| own >= release);
    [format!("llvm-link-{release}"), "llvm-link".to_owned()].into_iter().find(reads).map(OsString::from)
}

/// The release that llvm-link says it is.
fn linker_release(version: &str) -> Option<u32> {
    version.split_once("LLVM version ").and_then(|(_, rest)| rest.split('.').next()?.parse().ok())
}

/// What a tool says of itself, where it is there.
fn version(tool: &str) -> Option<String> {
    let output = Command::new(tool).arg("--version").output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command; its output goes where ours goes.
pub(crate) fn execute(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{status}: {command:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{clang_release, linker_release};

    #[test]
    fn releases_are_read_from_what_tools_say() {
        let clang = ["Debian clang version 22.1.8 (1~deb12u1)\nTarget: x86_64", "clang version 17.0.6\n", "gcc 14"];
        assert_eq!(clang.map(clang_release), [Some(22), Some(17), None]);
        let linker = ["Debian LLVM version 14.0.6\n", "LLVM (http://llvm.org/):\n  LLVM version 22.1.0", "ld"];
        assert_eq!(linker.map(linker_release), [Some(14), Some(22), None]);
    }
}
