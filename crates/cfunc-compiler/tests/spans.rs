//! The spans of the stages, in a process of their own: which spans are on is decided once a process, and other tests
//! compile on threads without a subscriber.

use std::sync::{Arc, Mutex};

use cfunc_compiler::{CompilationContext, CompileRequest, Source, compile, defaults};

const SHORT: &str = "def half(x: Signal[float]) -> Signal[float]:\n    return x / 2\n";

fn request(text: &str) -> CompileRequest {
    CompileRequest::new(Source::new("node.py", text))
}

#[test]
fn stages_have_spans_on_whatever_thread_they_run() {
    use tracing_subscriber::fmt::format::FmtSpan;

    let context =
        CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).build().expect("a context");
    let nested = "(".repeat(70) + "x" + &" + 1)".repeat(70);
    let deep = format!("def deep(x: Signal[int]) -> Signal[int]:\n    return {nested}\n");
    for text in [SHORT, deep.as_str()] {
        let log = Arc::new(Mutex::new(Vec::<u8>::new()));
        let sink = Arc::clone(&log);
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(move || Sink(Arc::clone(&sink)))
            .finish();
        tracing::subscriber::with_default(subscriber, || compile(&context, &request(text)).expect("it compiles"));
        let log = String::from_utf8(log.lock().expect("nobody panics").clone()).expect("text");
        for stage in ["parse", "analyze", "transform", "infer", "lower", "key", "passes", "backend"] {
            assert!(log.contains(&format!(" {stage}: ")), "{stage} is not in {log}");
        }
    }
}

/// A log in memory.
struct Sink(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
