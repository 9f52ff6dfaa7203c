//! Prints the semantic key of each case in a line, last case first: what another process finds must be the same.

use cfunc_cli::replay::find_cases;
use cfunc_tests::{context, key, key_request, path};

fn main() {
    let context = context();
    let cases = find_cases(&[path("corpus")]).expect("the corpus is readable");
    for case in cases.iter().rev() {
        if let Some(key) = key(&context, &key_request(case)) {
            println!("{}: {key}", case.display());
        }
    }
}
