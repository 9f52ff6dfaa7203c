//! Compiles the loop that calls nodes, which the benches share with the peer's process.

fn main() {
    for file in ["peer/driver.c", "peer/driver.h"] {
        println!("cargo::rerun-if-changed={file}");
    }
    cc::Build::new().file("peer/driver.c").opt_level(2).warnings(true).compile("cfunc-bench-driver");
}
