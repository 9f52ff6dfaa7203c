//! Builds and runs the C tests with the host's C compiler (`CC`, else `cc`). `cargo xtask build-runtime --sanitize` runs
//! the same tests under sanitizers.

use std::path::Path;
use std::process::Command;

#[path = "../runtime-c/recipe.rs"]
mod recipe;

#[test]
fn c_tests_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime-c");
    let recipe = recipe::Recipe::read(&folder).expect("the recipe is readable");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c_tests");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let output = Command::new(compiler)
        .args(&recipe.flags)
        .args(&recipe.strict_flags)
        .args(recipe.include_folders.iter().flat_map(|path| ["-I".as_ref(), path.as_os_str()]))
        .args(&recipe.sources)
        .args(&recipe.tests)
        .arg("-o")
        .arg(&program)
        .args(recipe.libraries.iter().map(|library| format!("-l{library}")))
        .output()
        .expect("a C compiler is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = Command::new(&program).output().expect("the tests start");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "all C tests passed\n");
}
