//! The clang that makes bitcode of the runtime, shared by the build script of the LLVM backend and by
//! `cargo xtask build-runtime`.

use std::ops::RangeInclusive;
use std::process::Command;

/// The releases of clang whose bitcode LLVM 22 reads, and which make the same of the sources.
pub(crate) const CLANG_RELEASES: RangeInclusive<u32> = 17..=22;

/// A clang of one of the releases: the one that the variable `CLANG` names, else `clang-22` or `clang`.
pub(crate) fn find_clang() -> Option<String> {
    let named = std::env::var("CLANG").ok().filter(|name| !name.is_empty());
    let candidates = named.map_or_else(|| vec!["clang-22".to_owned(), "clang".to_owned()], |named| vec![named]);
    candidates.into_iter().find(|candidate| {
        let output = Command::new(candidate).arg("--version").output().ok();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        release(&text).is_some_and(|release| CLANG_RELEASES.contains(&release))
    })
}

/// The release that clang says it is.
pub(crate) fn release(version: &str) -> Option<u32> {
    version.split_once("clang version ").and_then(|(_, rest)| rest.split('.').next()?.parse().ok())
}
