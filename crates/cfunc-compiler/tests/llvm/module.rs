//! Modules of many results.

use cfunc_compiler::{CompilationOptions, InstantiateError, LlvmModule, ModuleError, Value};

use crate::common::{compiled, context, is_available, request};

const SCALED: &str = "
def scaled(x: Signal[float], factor: float) -> Signal[float]:
    total: State[float] = 0.0
    seen: State[List[float]] = []
    seen.append(x)
    total += factor * x + seen[0]
    return total
";

const FAILING: &str = "
def failing(x: Signal[float]) -> Signal[float]:
    seen: State[List[float]] = []
    return seen[int(x)]
";

#[test]
fn functions_of_one_module_run_as_they_do_alone() {
    if !is_available() {
        return;
    }
    let context = context();
    let results: Vec<_> = (0..40_i32)
        .map(|factor| compiled(&context, &request(SCALED).constant("factor", Value::from(f64::from(factor)))))
        .collect();
    let mut module = LlvmModule::new(&CompilationOptions::default()).expect("LLVM is there");
    for result in results.iter().chain(&results) {
        module.add(result).expect("they go together");
    }
    assert_eq!(module.ir().lines().filter(|line| line.starts_with("define ")).count(), results.len());
    module.optimize().expect("it is valid");
    assert_eq!(module.optimize(), Err(ModuleError::Optimized));
    assert_eq!(module.add(&results[0]), Ok(()), "it is there");
    let failing = compiled(&context, &request(FAILING));
    assert_eq!(module.add(&failing), Err(ModuleError::Optimized));
    assert_eq!(&module.bitcode()[..4], b"BC\xc0\xde");
    assert_eq!(&module.object().expect("LLVM makes code")[..4], b"\x7fELF");

    let loaded = module.load().expect("all symbols are known");
    drop(module);
    let mut nodes: Vec<_> = results
        .iter()
        .map(|result| {
            assert!(loaded.function_pointer(result.native_name()).is_some());
            (loaded.instantiate(result).expect("it is in the module"), result.instantiate().expect("it has cells"))
        })
        .collect();
    let reason = "it was not added".to_owned();
    let missing = InstantiateError::NotInModule { native_name: failing.native_name().to_owned(), reason };
    assert_eq!(loaded.instantiate(&failing).map(drop), Err(missing));
    assert!(loaded.code(failing.native_name()).is_none());
    // The code lives as long as an instance, and runs on any thread.
    drop(loaded);
    let worker = std::thread::spawn(move || {
        for (loaded, alone) in &mut nodes {
            let (x, out) = (loaded.input::<f64>("x").expect("an input"), loaded.output::<f64>(0).expect("an output"));
            for node in [&mut *loaded, &mut *alone] {
                node.start().expect("it starts");
            }
            for price in [1.25, -3.5, 7.0] {
                loaded.set(x, price);
                alone.set(x, price);
                loaded.execute().expect("it runs");
                alone.execute().expect("it runs");
                assert_eq!(loaded.ticked(out), alone.ticked(out));
            }
        }
    });
    worker.join().expect("no node failed");
}

#[test]
fn errors_have_their_place() {
    if !is_available() {
        return;
    }
    let context = context();
    let failing = compiled(&context, &request(FAILING));
    let mut module = LlvmModule::new(&CompilationOptions::default()).expect("LLVM is there");
    module.add(&failing).expect("it is the first");
    // Not optimised: it runs all the same.
    let mut node = module.load().expect("all symbols are known").instantiate(&failing).expect("it is in the module");
    let x = node.input::<f64>("x").expect("an input");
    node.start().expect("it starts");
    node.set(x, 2.0);
    let error = node.execute().expect_err("the list is empty");
    assert_eq!(failing.error_position(&error), Some(("node.py", 4, 12)));
}
