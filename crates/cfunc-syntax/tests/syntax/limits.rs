use std::time::{Duration, Instant};

use cfunc_models::{DiagnosticCode, codes};
use cfunc_syntax::visit::{Visitor, assigned_names, walk_statements};
use cfunc_syntax::{Limits, print_module};

use crate::{on_small_stack, parsed};

const MANY: usize = 60_000;

#[track_caller]
fn refused(source: String, code: DiagnosticCode) {
    let name = source.chars().take(40).collect::<String>();
    let start = Instant::now();
    let outcome = on_small_stack(move || parsed(&source));
    let elapsed = start.elapsed();
    let found: Vec<_> = outcome.diagnostics.iter().map(|one| one.code).collect();
    assert!(found.contains(&code), "{name}: {:?}", outcome.diagnostics);
    // Time that grows with the square of the text would be minutes, on a machine that does nothing else.
    assert!(elapsed < Duration::from_secs(20), "{name}: {elapsed:?}");
}

#[test]
fn nesting_without_bound_is_refused() {
    let many = |text: &str| text.repeat(MANY);
    let nesting = [
        format!("x = {}1{}\n", many("("), many(")")),
        format!("x = {}1{}\n", many("["), many("]")),
        format!("x = {}1{}\n", many("f("), many(")")),
        format!("x = {}1{}\n", many("{1: "), many("}")),
        many("("),
        format!("x = {}1\n", many("-")),
        format!("x = {}1\n", many("~-+")),
        format!("x = {}1\n", many("not ")),
        format!("x = a{}\n", many(".a")),
        format!("x = a{}\n", many("()")),
        format!("x = a{}\n", many("[0]")),
        format!("x = a{}\n", many("(b).c")),
        format!("x = {}1\n", many("1 + ")),
        format!("x = {}1\n", many("1 ** ")),
        format!("x = {}1\n", many("1 if x else ")),
        format!("x = {}1\n", many("lambda: ")),
        format!("x = {}1\n", many("lambda a=1, b=")),
        format!("x = {}1\n", many("lambda a=1 if b else 2, c=")),
        format!("x = f({}1)\n", many("a.b + ")),
        format!("import a{}\n", many(".a")),
        format!("def f(x: {}1): pass\n", many("-")),
        format!("match x:\n case {}1{}: pass\n", many("["), many("]")),
        format!("if a: pass\n{}", many("elif a: pass\n")),
        format!("x = f\"{{{}1}}\"\n", many("-")),
        format!("x = f\"{{{}1}}\"\n", many("not ")),
        format!("x = f\"{{'}}}}'{}1}}\"\n", many("-")),
        format!("x = f\"\"\"{}\"\"\"\n", many("{x:")),
    ];
    for source in nesting {
        refused(source, codes::LIMIT_NESTING);
    }
    for prefix in ["await ", "a := ", "@", "yield ", "*", "**", "lambda ", "f'{", "f\"{f'{", "if x: ", "else: "] {
        refused(format!("x = {}1\n", many(prefix)), codes::SYNTAX);
    }
    refused(format!("x = {}1\n", many("1 < ")), codes::LIMIT_COUNT);
    refused(format!("x = {}1\n", many("a and ")), codes::LIMIT_COUNT);
}

#[test]
fn blocks_without_bound_are_refused() {
    let mut source = String::new();
    for level in 0..2_000 {
        source.push_str(&" ".repeat(level));
        source.push_str("if x:\n");
    }
    refused(source, codes::LIMIT_NESTING);
    let mut source = String::new();
    for level in 0..90 {
        let indentation = " ".repeat(level);
        source.push_str(&format!("{indentation}if x: pass\n"));
        for _ in 0..20 {
            source.push_str(&format!("{indentation}elif y: pass\n"));
        }
        source.push_str(&format!("{indentation}else:\n"));
    }
    refused(source, codes::LIMIT_NESTING);
}

#[test]
fn long_literals_are_refused() {
    refused(format!("x = {}\n", "9".repeat(1_000_000)), codes::LITERAL_RANGE);
    refused(format!("x = 0x{}\n", "f".repeat(1_000_000)), codes::LITERAL_RANGE);
    refused(format!("x = 1.{}\n", "9".repeat(1_000_000)), codes::LITERAL_RANGE);
    let text = format!("x = '{}'  # {}\n", "9".repeat(5_000), "9".repeat(5_000));
    assert!(parsed(&text).diagnostics.is_empty());
}

#[test]
fn counts_are_refused() {
    let limits = Limits { source_bytes: 10, ..Limits::default() };
    let outcome = cfunc_syntax::parse("x = 1 + 2 + 3\n", &limits);
    assert!(outcome.diagnostics.iter().any(|one| one.code == codes::LIMIT_SOURCE));
    let parameters: Vec<String> = (0..300).map(|index| format!("a{index}")).collect();
    refused(format!("def f({}): pass\n", parameters.join(", ")), codes::LIMIT_COUNT);
    refused(format!("def f():\n{}", "    x\n".repeat(20_001)), codes::LIMIT_COUNT);
    for source in ["x\n".repeat(200_001), "x;".repeat(200_001)] {
        let outcome = parsed(&source);
        assert!(outcome.diagnostics.iter().any(|one| one.code == codes::LIMIT_COUNT));
    }
    refused(format!("x = '''{}\n", "def f(:\n".repeat(100)), codes::SYNTAX);
    refused(format!("{}x = = 1\n", "x = 1\n".repeat(10_000)), codes::SYNTAX);
    let broken = "def f(:\n".repeat(50_000);
    assert_eq!(parsed(&broken).diagnostics.len(), Limits::default().diagnostics);
}

/// Everything that a pass does with a tree.
#[track_caller]
fn accepted(source: &str) {
    struct Count;
    impl Visitor for Count {}
    let owned = source.to_owned();
    on_small_stack(move || {
        let outcome = parsed(&owned);
        assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics.render("test.py", &owned));
        let copy = outcome.module.clone();
        assert_eq!(copy, outcome.module);
        let printed = print_module(&copy);
        assert_eq!(print_module(&parsed(&printed).module), printed);
        assigned_names(&copy.body);
        walk_statements(&mut Count, &copy.body);
    });
}

#[test]
fn what_people_write_is_accepted() {
    accepted(&format!("x = {}1\n", "1 + ".repeat(240)));
    accepted(&format!("x = {}1{}\n", "(".repeat(200), ")".repeat(200)));
    accepted(&format!("x = {}1{}\n", "f(".repeat(200), ")".repeat(200)));
    accepted(&format!("x = {}f\"{{{}1}}\"\n", "-".repeat(240), "-".repeat(490)));
    accepted(&format!("x = [{}]\n", "a.b(c) + d, ".repeat(10_000)));
    accepted(&format!("x = {}True\n", "a + b < c and not d or ".repeat(300)));
    accepted(&format!("if a: pass\n{}", "elif a == 1:\n    x = 2\n".repeat(500)));
    accepted(&format!("def f():\n{}", "    x = a + b * c\n".repeat(10_000)));
    accepted(&"def f(x: int) -> int:\n    return x + 1\n\n".repeat(5_000));
    accepted(&format!("x = {}\n", "'a' ".repeat(10_000)));
    let mut nested = String::new();
    for level in 0..100 {
        nested.push_str(&format!("{}while x:\n", " ".repeat(level)));
    }
    nested.push_str(&format!("{}y = {}1\n", " ".repeat(100), "-".repeat(240)));
    accepted(&nested);
    let deepest = format!("if a: pass\n{}", "elif a: pass\n".repeat(500));
    let indented = deepest.lines().map(|line| format!("{}{line}\n", " ".repeat(99)));
    let mut both = String::new();
    for level in 0..99 {
        both.push_str(&format!("{}for x in y:\n", " ".repeat(level)));
    }
    both.extend(indented);
    accepted(&both);
}

/// The deepest tree that the limits allow.
fn deepest_source() -> String {
    let mut source = String::new();
    for level in 0..99 {
        source.push_str(&format!("{}for x in y:\n", " ".repeat(level)));
    }
    let indentation = " ".repeat(99);
    source.push_str(&format!("{indentation}if a: pass\n"));
    for _ in 0..500 {
        source.push_str(&format!("{indentation}elif a: pass\n"));
    }
    source.push_str(&format!("{indentation}else: y = {}1\n", "-".repeat(250)));
    source
}

/// Which operation a process of this test is to do, and with how many bytes of stack.
const STACK: &str = "CFUNC_SYNTAX_STACK";

/// Each operation in a process of its own: a thread may be given the stack of one that ended, which can be larger.
#[test]
fn the_tree_within_all_limits_leaves_room_on_the_stack_of_a_thread() {
    const THREAD: usize = 2 << 20;
    const OPERATIONS: [(&str, usize); 5] = [
        ("parse", THREAD / 3),
        ("drop", THREAD / 3),
        ("compare", THREAD / 3),
        ("print", THREAD / 3),
        ("clone", THREAD),
    ];
    if let Ok(asked) = std::env::var(STACK) {
        let (operation, size) = OPERATIONS[asked.parse::<usize>().expect("a position")];
        let source = deepest_source();
        let outcome = parsed(&source);
        assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
        assert!(outcome.depth < 1_000, "{}", outcome.depth);
        // What is made on the small stack is dropped on this one.
        let work = move || match operation {
            "parse" => Some(parsed(&source)),
            "drop" => {
                drop(outcome);
                None
            }
            "compare" => {
                assert!(outcome == outcome);
                Some(outcome)
            }
            "print" => {
                assert!(print_module(&outcome.module).len() > 1_000);
                assert!(!assigned_names(&outcome.module.body).is_empty());
                Some(outcome)
            }
            _ => Some(outcome.clone()),
        };
        let small = std::thread::Builder::new().stack_size(size).spawn(work).expect("a thread starts");
        drop(small.join().expect("the stack holds it"));
        return;
    }
    for (position, (operation, size)) in OPERATIONS.iter().enumerate() {
        let name = "limits::the_tree_within_all_limits_leaves_room_on_the_stack_of_a_thread";
        let mut process = std::process::Command::new(std::env::current_exe().expect("this test"));
        let output = process.args([name, "--exact"]).env(STACK, position.to_string()).output().expect("a process");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{operation} in {size} bytes: {said}");
    }
}
