//! Functions of the C runtime for lists, dicts and structs in the place of calls.

use std::num::NonZeroU64;

use cfunc_compiler::{
    Backend, BackendError, CompilationOptions, CompilationResult, LlvmModule, ModuleError, NodeErrorKind, NodeInstance,
    OptimizationLevel, Value, backends, llvm_backend,
};

use crate::common::{body, calls, compiled, context, is_available, request};

/// Whether this build has bitcode of the runtime; if not, it says so.
fn has_bitcode() -> bool {
    if !is_available() {
        return false;
    }
    match LlvmModule::new(&CompilationOptions::default()).expect("LLVM is there").link_runtime() {
        Ok(()) => true,
        Err(ModuleError::Backend(BackendError::Unavailable { reason, .. })) => {
            assert!(reason.contains("install clang-22"), "{reason}");
            assert!(std::env::var_os("CFUNC_REQUIRE_CLANG").is_none(), "{reason}");
            eprintln!("left out: {reason}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

/// Lists and dicts that grow, shrink and are looked up, and an error that a number brings about.
const COUNTS: &str = "
def counts(x: Signal[int]) -> Signal[int]:
    xs: State[List[int]] = []
    seen: State[Dict[int, int]] = {}
    xs.append(x)
    if x in seen:
        seen[x] += 1
    else:
        seen[x] = 1
    if len(xs) > 5:
        xs.pop(0)
    xs.insert(1, x * 2)
    if x % 7 == 0:
        del seen[x]
    total = 0
    for y in xs:
        total += y
    for key in seen:
        total += key % 3
    if x == 40:
        return seen[-1]
    return total * 1000 + len(seen) + seen.get(x, 0)
";

fn options(force_inline: bool, optimization_level: OptimizationLevel) -> CompilationOptions {
    CompilationOptions { force_inline, optimization_level, ..CompilationOptions::default() }
}

fn result(text: &str, options: CompilationOptions) -> CompilationResult {
    compiled(&context(), &request(text).options(options).backend(llvm_backend().expect("LLVM is there")))
}

/// The functions that are called in a text.
fn called(text: &str) -> Vec<&str> {
    let name = |line: &&str| line.split_once('@').and_then(|(_, rest)| rest.split('(').next()).unwrap_or("").to_owned();
    let mut names: Vec<&str> = Vec::new();
    for line in calls(text) {
        let name = name(&line);
        let start = line.find(&name).expect("it is in the line");
        names.push(&line[start..start + name.len()]);
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// The paths that are always gone: they are short, or lead to what is called rarely.
const FAST: [&str; 7] = [
    "cfunc_list_reserve",
    "cfunc_list_open",
    "cfunc_list_close",
    "cfunc_list_delete",
    "cfunc_dict_find",
    "cfunc_dict_insert",
    "cfunc_dict_remove",
];

#[test]
fn fast_paths_are_inlined_where_options_force_it() {
    if !has_bitcode() {
        return;
    }
    for level in [OptimizationLevel::None, OptimizationLevel::Quick, OptimizationLevel::Speed] {
        let plain = result(COUNTS, options(false, level)).llvm_ir().expect("LLVM is there");
        let plain = called(&plain);
        assert!(plain.iter().filter(|name| FAST.contains(name)).count() >= 5, "{plain:?}");
        let forced = result(COUNTS, options(true, level));
        let text = forced.llvm_ir().expect("LLVM is there");
        let left = called(&text);
        assert!(!left.iter().any(|name| FAST.contains(name)), "{level:?}: {left:?}");
        // What the process has once is called there, and nothing of it is in the module.
        assert!(left.contains(&"cfunc_internal_reallocate") || left.contains(&"cfunc_internal_allocate"), "{left:?}");
        assert!(!text.contains("thread_local") && !text.contains("available_externally"), "{text}");
        let defined = text.lines().filter(|line| line.starts_with("define ") && !line.contains(" internal "));
        assert_eq!(defined.count(), 1, "{text}");
    }
}

/// What happened in every tick of a run, with what was allocated at each.
fn history(node: &mut NodeInstance) -> Vec<String> {
    let mut lines = Vec::new();
    node.start().expect("START");
    for number in (0..90).chain([-5, i64::MAX, 3]) {
        let number = if number > 60 { number % 4 } else { number };
        node.set_value(0, &Value::Integer(number)).expect("an int");
        let outcome = node.execute().map_err(|error| (error.kind, error.message));
        lines.push(format!("{number}: {outcome:?} {:?} {:?}", node.output_value(0), node.memory_used()));
    }
    let snapshot = node.snapshot().expect("every state is saved");
    node.stop().expect("STOP");
    lines.push(format!("{snapshot:?} {:?}", node.memory_used()));
    lines
}

#[test]
fn results_accounts_and_errors_are_those_of_calls() {
    if !has_bitcode() {
        return;
    }
    let limits = [None, NonZeroU64::new(400), NonZeroU64::new(700), NonZeroU64::new(1_500)];
    for limit in limits {
        let run = |result: &CompilationResult| {
            let mut node = result.instantiate().expect("it has cells");
            node.set_memory_limit(limit.or(NonZeroU64::new(1 << 30))).expect("it is not started");
            history(&mut node)
        };
        let engine = |engine: &dyn Backend| engine.name() == "interpreter";
        let interpreter = backends().into_iter().find(|found| engine(&**found)).expect("it is always there");
        let expected = run(&compiled(&context(), &request(COUNTS).backend(interpreter)));
        let fails = expected.iter().any(|line| line.contains(&format!("{:?}", NodeErrorKind::MemoryLimit)));
        assert_eq!(fails, limit.is_some(), "{limit:?}: {expected:#?}");
        for level in [OptimizationLevel::None, OptimizationLevel::Quick, OptimizationLevel::Speed] {
            assert_eq!(run(&result(COUNTS, options(true, level))), expected, "{level:?}");
        }
    }
}

#[test]
fn modules_take_the_bodies_for_all_their_functions() {
    if !has_bitcode() {
        return;
    }
    let level = OptimizationLevel::Speed;
    let (plain, forced) = (result(COUNTS, options(false, level)), result(COUNTS, options(true, level)));
    let other = result(&COUNTS.replace("* 2", "* 3"), options(false, level));
    assert_eq!(plain.semantic_key(), forced.semantic_key());
    let expected = history(&mut plain.instantiate().expect("it has cells"));
    // Asked for by the host, before or after results are added, or by the options of one.
    for (before, after, result) in [(true, false, &plain), (false, true, &plain), (false, false, &forced)] {
        let mut module = LlvmModule::new(&CompilationOptions::default()).expect("LLVM is there");
        if before {
            module.link_runtime().expect("this build has it");
        }
        module.add(result).expect("it goes with nothing");
        module.add(&other).expect("they go together");
        if after {
            module.link_runtime().expect("this build has it");
            module.link_runtime().expect("it stays as it is");
        }
        // Without passes what is there for inlining is called.
        let loaded = module.load().expect("all symbols are known");
        assert_eq!(history(&mut loaded.instantiate(result).expect("it is in the module")), expected);
        module.optimize().expect("it is valid");
        let text = module.ir();
        let left = called(body(&text, result.native_name()));
        let is_forced = result.native_name() == forced.native_name() && !before && !after;
        assert!(!is_forced || !left.iter().any(|name| FAST.contains(name)), "{left:?}");
        // What is short is inlined without being asked for.
        assert!(called(&result.llvm_ir().expect("LLVM is there")).contains(&"cfunc_dict_next") || is_forced);
        assert!(!left.contains(&"cfunc_dict_next"), "{left:?}");
        assert!(!text.contains("available_externally"), "{text}");
        let loaded = module.load().expect("all symbols are known");
        assert_eq!(history(&mut loaded.instantiate(result).expect("it is in the module")), expected);
        assert_eq!(module.link_runtime(), Err(ModuleError::Optimized));
    }
}
