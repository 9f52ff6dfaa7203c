//! Sources of any length in several shapes, to see how the time of each stage grows.

use std::fmt::Write as _;

/// A way to make a function of about so many lines.
pub(crate) struct Shape {
    /// What it is called in the tables.
    pub(crate) name: &'static str,
    /// Writes the lines in front of the node: helpers.
    before: fn(&mut Text, usize),
    /// Writes the lines of the node's body.
    body: fn(&mut Text, usize),
}

/// All shapes.
pub(crate) static SHAPES: [Shape; 13] = [
    Shape { name: "straight line", before: nothing, body: straight },
    Shape { name: "nested ifs", before: nothing, body: nested_ifs },
    Shape { name: "loops one after the other", before: nothing, body: loops },
    Shape { name: "one loop around all", before: nothing, body: one_loop },
    Shape { name: "many locals", before: nothing, body: locals },
    Shape { name: "many locals, ifs", before: nothing, body: locals_and_ifs },
    Shape { name: "many states", before: nothing, body: states },
    Shape { name: "many returns", before: nothing, body: returns },
    Shape { name: "many breaks", before: nothing, body: breaks },
    Shape { name: "tuples", before: nothing, body: tuples },
    Shape { name: "try blocks", before: nothing, body: tries },
    Shape { name: "guarded operations", before: nothing, body: guards },
    Shape { name: "helpers", before: helper_definitions, body: helper_calls },
];

impl Shape {
    /// The shape of a name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SHAPES.iter().find(|shape| shape.name == name)
    }

    /// A module whose node `f` has, with what it needs, about `lines` lines.
    pub(crate) fn source(&self, lines: usize) -> String {
        let mut text = Text::default();
        (self.before)(&mut text, lines);
        text.line(0, format_args!("def f(x: Signal[int], y: Signal[float]) -> Signal[int]:"));
        text.line(1, format_args!("a = x"));
        text.line(1, format_args!("b = x + 1"));
        text.line(1, format_args!("c = y"));
        (self.body)(&mut text, lines);
        text.line(1, format_args!("return a + b + int(c)"));
        text.text
    }
}

/// A module of `functions` nodes of ten lines, each with a helper of its own, and a module constant.
pub(crate) fn file(functions: usize) -> String {
    let mut text = Text::default();
    for index in 0..functions / 2 {
        text.line(0, format_args!("LEVEL_{index} = {index} * 2 + 1"));
        text.line(0, format_args!("def helper_{index}(value, scale=LEVEL_{index}):"));
        text.line(1, format_args!("if value > scale:"));
        text.line(2, format_args!("return value - scale"));
        text.line(1, format_args!("return value"));
        text.line(0, format_args!("@node"));
        text.line(0, format_args!("def node_{index}(x: Signal[int]) -> Signal[int]:"));
        text.line(1, format_args!("total: State[int] = {index}"));
        text.line(1, format_args!("for k in range(x):"));
        text.line(2, format_args!("if k > LEVEL_{index}:"));
        text.line(3, format_args!("total += helper_{index}(k)"));
        text.line(2, format_args!("else:"));
        text.line(3, format_args!("total -= k"));
        text.line(1, format_args!("return total"));
    }
    text.text
}

/// Lines so far.
#[derive(Default)]
struct Text {
    text: String,
}

impl Text {
    fn line(&mut self, level: usize, line: std::fmt::Arguments<'_>) {
        // Writing to a String does not fail.
        let _infallible = writeln!(self.text, "{:indent$}{line}", "", indent = 4 * level);
    }
}

fn nothing(_text: &mut Text, _lines: usize) {}

fn straight(text: &mut Text, lines: usize) {
    for index in 0..lines / 4 {
        text.line(1, format_args!("a = a * 3 + x - {index}"));
        text.line(1, format_args!("b = (a ^ b) + {index}"));
        text.line(1, format_args!("c = c * 0.5 + y"));
        text.line(1, format_args!("c = c + a"));
    }
}

fn nested_ifs(text: &mut Text, lines: usize) {
    for index in 0..lines / 8 {
        text.line(1, format_args!("if a > {index}:"));
        text.line(2, format_args!("if b < x:"));
        text.line(3, format_args!("a = a - b"));
        text.line(2, format_args!("else:"));
        text.line(3, format_args!("b = b - {index}"));
        text.line(2, format_args!("c = c + 1.0"));
        text.line(1, format_args!("elif c > y:"));
        text.line(2, format_args!("c = y"));
    }
}

fn loops(text: &mut Text, lines: usize) {
    for index in 0..lines / 8 {
        text.line(1, format_args!("for i in range(x):"));
        text.line(2, format_args!("a = a + i"));
        text.line(2, format_args!("if a > {index}:"));
        text.line(3, format_args!("break"));
        text.line(2, format_args!("for j in range(i):"));
        text.line(3, format_args!("b = b + j * i"));
        text.line(1, format_args!("while b > {index}:"));
        text.line(2, format_args!("b = b - 7"));
    }
}

fn one_loop(text: &mut Text, lines: usize) {
    text.line(1, format_args!("for i in range(x):"));
    for index in 0..lines / 8 {
        text.line(2, format_args!("a = a * 3 + i"));
        text.line(2, format_args!("if a > {index}:"));
        text.line(3, format_args!("b = b - a"));
        text.line(3, format_args!("continue"));
        text.line(2, format_args!("v{index} = b + i"));
        text.line(2, format_args!("b = v{index} & 255"));
        text.line(2, format_args!("c = c * 0.5"));
        text.line(2, format_args!("c = c + y"));
    }
}

fn locals(text: &mut Text, lines: usize) {
    text.line(1, format_args!("v0 = x"));
    for index in 1..lines / 2 {
        text.line(1, format_args!("v{index} = v{} + x", index - 1));
    }
    for index in 0..lines / 2 {
        text.line(1, format_args!("a = a ^ v{index}"));
    }
}

fn locals_and_ifs(text: &mut Text, lines: usize) {
    for index in 0..lines / 5 {
        text.line(1, format_args!("v{index} = a + {index}"));
        text.line(1, format_args!("if x > {index}:"));
        text.line(2, format_args!("v{index} = b"));
    }
    for index in 0..lines / 5 {
        text.line(1, format_args!("if v{index} > y:"));
        text.line(2, format_args!("a = a ^ v{index}"));
    }
}

fn states(text: &mut Text, lines: usize) {
    for index in 0..lines / 4 {
        text.line(1, format_args!("s{index}: State[int] = {index}"));
    }
    for index in 0..lines / 4 {
        text.line(1, format_args!("s{index} += x"));
        text.line(1, format_args!("if s{index} > {index}:"));
        text.line(2, format_args!("s{index} = a"));
    }
}

fn returns(text: &mut Text, lines: usize) {
    for index in 0..lines / 3 {
        text.line(1, format_args!("a = a + b"));
        text.line(1, format_args!("if a == {index}:"));
        text.line(2, format_args!("return b + {index}"));
    }
}

fn breaks(text: &mut Text, lines: usize) {
    text.line(1, format_args!("while a > 0:"));
    for index in 0..lines / 3 {
        text.line(2, format_args!("a = a + b"));
        text.line(2, format_args!("if a == {index}:"));
        text.line(3, format_args!("break"));
    }
}

fn tuples(text: &mut Text, lines: usize) {
    text.line(1, format_args!("t = (a, b, c)"));
    for index in 0..lines / 5 {
        text.line(1, format_args!("a, b = b, a + t[0]"));
        text.line(1, format_args!("t = (b, a + {index}, c)"));
        text.line(1, format_args!("if t < (a, b, c):"));
        text.line(2, format_args!("t = (x, t[1], t[2])"));
        text.line(1, format_args!("a = a + len(t) + (1 if a in (1, 2, x) else 0)"));
    }
}

fn tries(text: &mut Text, lines: usize) {
    for index in 0..lines / 8 {
        text.line(1, format_args!("try:"));
        text.line(2, format_args!("if a > {index}:"));
        text.line(3, format_args!("raise ValueError(\"large\")"));
        text.line(2, format_args!("b = b + 1"));
        text.line(1, format_args!("except ValueError:"));
        text.line(2, format_args!("a = a - 1"));
        text.line(1, format_args!("finally:"));
        text.line(2, format_args!("c = c + 1.0"));
    }
}

fn guards(text: &mut Text, lines: usize) {
    text.line(1, format_args!("t = (x, a, b)"));
    for index in 0..lines / 2 {
        text.line(1, format_args!("a = (a << (b & 63)) + t[a % 3]"));
        text.line(1, format_args!("b = b // (x + {index}) + math.isqrt(b & 1023)"));
    }
}

/// Helpers of a function: all calls of one function may need a thousand of them at most, by the types of their arguments.
fn helper_count(lines: usize) -> usize {
    (lines / 24).clamp(1, 400)
}

fn helper_definitions(text: &mut Text, lines: usize) {
    let helpers = helper_count(lines);
    // Half of the lines are the helpers', each of them as long as it takes.
    let rounds = (lines / 2 / helpers / 4).max(1);
    for index in 0..helpers {
        text.line(0, format_args!("def helper_{index}(value, scale={index}):"));
        for round in 0..rounds {
            text.line(1, format_args!("if value > scale:"));
            text.line(2, format_args!("value = value - {round}"));
            text.line(1, format_args!("scale = scale + value"));
            text.line(1, format_args!("value = value ^ {round}"));
        }
        text.line(1, format_args!("return value + scale"));
    }
}

fn helper_calls(text: &mut Text, lines: usize) {
    for index in 0..lines / 4 {
        let helper = index % helper_count(lines);
        text.line(1, format_args!("a = helper_{helper}(b)"));
        text.line(1, format_args!("b = helper_{helper}(a, 3)"));
    }
}
