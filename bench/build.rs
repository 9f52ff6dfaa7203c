//! Compiles the loop that calls nodes, which the benches share with the peer's process.

fn main() {
    println!("cargo::rerun-if-changed=peer/driver.c");
    cc::Build::new().file("peer/driver.c").opt_level(2).warnings(true).compile("cfunc-bench-driver");
}
