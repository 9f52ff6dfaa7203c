//! A host as small as can be: compiles a node, runs its first tick, prints what came out.
//!
//! `cargo run --release -p cfunc-compiler --example first_tick`

use std::error::Error;

use cfunc_compiler::{CompilationContext, CompileRequest, Source, compile};

const EMA: &str = "
def ema(x: Signal[float], alpha: float) -> Signal[float]:
    average: State[float] = 0.0
    average = alpha * x + (1.0 - alpha) * average
    return average
";

fn main() -> Result<(), Box<dyn Error>> {
    let context =
        CompilationContext::builder().with(cfunc_compiler::defaults()).with(cfunc_signals::extension()).build()?;
    let request = CompileRequest::new(Source::new("ema.py", EMA)).constant("alpha", 0.1);
    let mut node = compile(&context, &request)?.instantiate()?;
    let (x, average) = (node.input::<f64>("x")?, node.output::<f64>(0)?);
    node.start()?;
    node.set(x, 100.0);
    node.execute()?;
    println!("{:?}", node.ticked(average));
    node.stop()?;
    Ok(())
}
