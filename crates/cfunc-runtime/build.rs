//! Compiles the C runtime by its recipe.

use std::path::Path;

#[path = "runtime-c/recipe.rs"]
mod recipe;

fn main() -> Result<(), String> {
    // A link into the workspace; `cargo package` puts the files themselves there.
    let folder = Path::new("runtime-c");
    let recipe = recipe::Recipe::read(folder)?;

    let mut build = cc::Build::new();
    // Optimisation is the recipe's, not the profile's.
    build.cargo_warnings(true).warnings(false);
    for flag in &recipe.flags {
        build.flag_if_supported(flag);
    }
    println!("cargo::rerun-if-env-changed=CFUNC_RUNTIME_STRICT");
    if std::env::var_os("CFUNC_RUNTIME_STRICT").is_some() {
        for flag in &recipe.strict_flags {
            build.flag(flag);
        }
    }
    build
        .includes(&recipe.include_folders)
        .files(&recipe.sources)
        .try_compile("cfunc_runtime")
        .map_err(|error| error.to_string())?;
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "unix") {
        for library in &recipe.libraries {
            println!("cargo::rustc-link-lib={library}");
        }
    }

    let watched = [folder.join("recipe.txt"), folder.join("recipe.rs"), "build.rs".into()];
    for file in recipe.sources.iter().chain(&recipe.private_headers).chain(&recipe.public_headers).chain(&watched) {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    Ok(())
}
