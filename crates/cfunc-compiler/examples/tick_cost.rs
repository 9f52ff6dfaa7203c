//! What one tick costs: set an input, run the node, read the output. And what compiling costs.
//!
//! `cargo run --release -p cfunc-compiler --example tick_cost`

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use cfunc_compiler::{CompilationContext, CompileRequest, Source, backends, compile};

const EMA: &str = "
def ema(x: Signal[float], alpha: float) -> Signal[float]:
    average: State[float] = 0.0
    average = alpha * x + (1.0 - alpha) * average
    return average
";

fn main() -> Result<(), Box<dyn Error>> {
    let context =
        CompilationContext::builder().with(cfunc_compiler::defaults()).with(cfunc_signals::extension()).build()?;
    for backend in backends() {
        let name = backend.name();
        let (compilations, ticks) = if name == "interpreter" { (1_000, 1_000_000) } else { (5_000, 50_000_000) };
        let request = CompileRequest::new(Source::new("ema.py", EMA)).backend(backend);
        let requests: Vec<_> =
            (0..compilations).map(|index| request.clone().constant("alpha", f64::from(index))).collect();
        let start = Instant::now();
        for request in &requests {
            black_box(compile(&context, request)?);
        }
        let compilation = start.elapsed() / compilations;

        let mut node = compile(&context, &request.constant("alpha", 0.5))?.instantiate()?;
        let (x, out) = (node.input::<f64>("x")?, node.output::<f64>(0)?);
        node.start()?;
        let (mut sum, start) = (0.0, Instant::now());
        for tick in 0..ticks {
            node.set(x, f64::from(tick));
            node.execute()?;
            sum += node.ticked(out).unwrap_or(0.0);
        }
        let tick = start.elapsed().as_secs_f64() * 1e9 / f64::from(ticks);
        black_box(sum);
        println!("{name}: compile {compilation:?}, tick {tick:.2} ns");
    }
    Ok(())
}
