//! What the default passes make of the loops of real nodes.

use cfunc_cli::replay::case_request;
use cfunc_compiler::{Stage, compile};
use cfunc_tests::{context, path};

/// The text of a case's EXECUTE after the default passes: the entry up to the first block of another phase.
fn optimized(case: &str) -> Vec<String> {
    let request = case_request(&path(&format!("corpus/{case}.json"))).expect("the case is readable");
    let result = compile(&context(), &request).unwrap_or_else(|error| panic!("{case}: {error}"));
    let text = result.dump(Stage::OptimizedIr).expect("there is IR");
    let entry = text.split("\nfn").last().expect("an entry");
    entry.lines().map(|line| line.trim().to_owned()).collect()
}

/// The lines of the loops: from the block that a later line leads back to, to that line.
fn loops(lines: &[String]) -> Vec<&[String]> {
    let mut found = Vec::new();
    for (end, line) in lines.iter().enumerate() {
        if !line.starts_with("branch ") && !line.starts_with("jump ") {
            continue;
        }
        let begin = lines[..end].iter().rposition(|earlier| {
            let name = earlier.strip_prefix("block").and_then(|rest| rest.split(['(', ':']).next());
            name.is_some_and(|name| {
                let target = format!("block{name}");
                line.split([' ', ',', '(']).any(|word| word == target)
            })
        });
        found.extend(begin.map(|begin| &lines[begin..end]));
    }
    found
}

#[track_caller]
fn one_loop(lines: &[String]) -> &[String] {
    let found = loops(lines);
    assert_eq!(found.len(), 1, "one loop in\n{}", lines.join("\n"));
    found[0]
}

fn count(lines: &[String], what: &str) -> usize {
    lines.iter().filter(|line| line.contains(what)).count()
}

#[test]
fn a_loop_over_the_indices_of_a_list_checks_no_bounds() {
    let lines = optimized("lists3/l_index_loop");
    let inside = one_loop(&lines);
    let text = inside.join("\n");
    assert_eq!(count(inside, "icmp"), 1, "the test of the loop alone compares:\n{text}");
    assert_eq!(count(inside, "load "), 1, "elements alone are read:\n{text}");
    assert_eq!(count(inside, "load list_data"), 1, "{text}");
    assert_eq!(count(inside, "store "), 0, "the state is written after the loop:\n{text}");
    assert_eq!(count(&lines, "store state"), 1);
}

#[test]
fn a_pure_call_in_a_loop_is_made_once_before_it() {
    let lines = optimized("math/m_pure_loop");
    assert_eq!(count(&lines, "call ext"), 1, "{}", lines.join("\n"));
    assert_eq!(count(one_loop(&lines), "call "), 0);
}

#[test]
fn a_lookup_in_a_loop_that_writes_cells_only_is_made_once_before_it() {
    let lines = optimized("dicts3/d_lookup_loop");
    let inside = one_loop(&lines);
    assert_eq!(count(inside, "call "), 0, "{}", lines.join("\n"));
    assert_eq!(count(inside, "store "), 0, "{}", lines.join("\n"));
}
