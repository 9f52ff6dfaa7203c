//! Resolves a callable for types, lowers it into a function, runs that on the interpreter, and asks CPython for what
//! is right.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use cfunc_backend_interp::run_function;
use cfunc_context::{
    Argument, CallableId, CompilationContext, ErrorTarget, LowerContext, LowerError, Operand, Operation, OwnedValues,
    RuleUses,
};
use cfunc_ir::{FunctionBuilder, FunctionId, Module, Signature, Value as IrValue};
use cfunc_models::{CompilationOptions, ErrorModel, Representation, Span, Type, TypeTable, Value};

pub(crate) fn context() -> CompilationContext {
    CompilationContext::builder().with(cfunc_builtins::defaults()).build().expect("the built-ins register")
}

pub(crate) fn options(error_model: ErrorModel) -> CompilationOptions {
    CompilationOptions { error_model, ..CompilationOptions::default() }
}

/// The callable of an operator with so many operands, or of a dotted name.
pub(crate) fn callable(context: &CompilationContext, name: &str, count: usize) -> CallableId {
    let fits = |operation: &Operation| match operation {
        Operation::Unary(_) | Operation::Truth => count == 1,
        Operation::Binary(_) | Operation::Compare(_) => count == 2,
        _ => false,
    };
    if let Some(operation) = Operation::all().filter(fits).find(|operation| operation.name() == name) {
        return operation.id();
    }
    let mut parts = name.split('.');
    let mut id = context.globals().lookup(parts.next().unwrap()).unwrap_or_else(|| panic!("no {name}"));
    for part in parts {
        id = context.globals().get(id).members[part];
    }
    context.globals().get(id).callable.expect("a function")
}

/// What a run gave: the words of the result, or the error's kind and message.
pub(crate) type Outcome = Result<Vec<u64>, (String, String)>;

/// A compiled operation.
pub(crate) struct Compiled {
    module: Module,
    function: FunctionId,
    pub(crate) result: Type,
}

impl Compiled {
    pub(crate) fn run(&self, words: &[u64]) -> Outcome {
        let mut results = run_function(&self.module, self.function, words);
        match results.pop().map(|site| site as u32 as i32) {
            Some(-1) => Ok(results),
            Some(site) => {
                let site = &self.module.sites[usize::try_from(site).unwrap()];
                Err((site.kind.name().to_owned(), site.message.clone()))
            }
            None => unreachable!("the site is a result"),
        }
    }

    pub(crate) fn text(&self) -> String {
        self.module.to_string()
    }
}

/// An operand of a compiled operation: a parameter, or a constant.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Parameter(Type),
    Constant(Type, Value),
}

impl Input {
    fn ty(&self) -> Type {
        match self {
            Self::Parameter(ty) | Self::Constant(ty, _) => *ty,
        }
    }
}

/// Compiles a callable for these operands.
pub(crate) fn compile_inputs(
    context: &CompilationContext,
    callable: CallableId,
    inputs: &[Input],
    options: &CompilationOptions,
) -> Compiled {
    compile_with(context, inputs, options, |b, operands| {
        let mut types = b.types.clone();
        let arguments: Vec<Argument> = inputs
            .iter()
            .map(|input| Argument {
                ty: input.ty(),
                constant: match input {
                    Input::Parameter(_) => None,
                    Input::Constant(_, value) => Some(value.clone()),
                },
                span: Span::default(),
            })
            .collect();
        let registry = b.context.registry();
        let resolution = registry
            .resolve(&mut types, callable, &arguments, &[], Span::default(), &mut RuleUses::default())
            .unwrap_or_else(|error| panic!("{}", error.describe(&types, registry)));
        let mut cast = Vec::new();
        for (operand, ty) in operands.iter().zip(&resolution.signature.parameters) {
            cast.push(b.cast(operand.clone(), *ty)?);
        }
        let rule = registry.lowering(resolution.lowering);
        rule(b, &resolution.signature, &cast)
    })
}

/// Compiles a function of these inputs whose body a closure emits; errors come out as their site.
pub(crate) fn compile_with(
    context: &CompilationContext,
    inputs: &[Input],
    options: &CompilationOptions,
    body: impl Fn(&mut LowerContext<'_, '_>, &[Operand]) -> Result<Operand, LowerError>,
) -> Compiled {
    // The result's type is only known once the body is emitted: the first round finds it.
    let mut result: Option<Type> = None;
    loop {
        let types = TypeTable::layer(context.types());
        let mut module = Module::new();
        let mut parameters = Vec::new();
        for input in inputs {
            if let Input::Parameter(ty) = input {
                parameters.extend(types.components(*ty));
            }
        }
        let mut results: Vec<Representation> = result.map(|ty| types.components(ty).to_vec()).unwrap_or_default();
        results.push(Representation::I32);
        let mut builder = FunctionBuilder::new(&mut module, "test", Signature::new(&parameters, &results));
        let mut error_target = ErrorTarget::default();
        let mut lower = LowerContext {
            builder: &mut builder,
            context,
            types: &types,
            options,
            span: Span::default(),
            error_target: &mut error_target,
            attribute: None,
            constants: &[],
            owned: &mut OwnedValues::default(),
            uses: &mut RuleUses::default(),
            python: None,
            in_rule: true,
            rounds: &mut None,
        };
        let mut next = 0;
        let mut operands = Vec::new();
        for input in inputs {
            operands.push(match input {
                Input::Parameter(ty) => {
                    let count = types.components(*ty).len();
                    let values: Vec<IrValue> = (next..next + count).map(|index| lower.parameter(index)).collect();
                    next += count;
                    Operand::new(*ty, &values)
                }
                Input::Constant(ty, value) => lower.constant(*ty, value).expect("a constant of its type"),
            });
        }
        let operand = body(&mut lower, &operands).expect("rules that hold to their contract");
        let fine = builder.integer_constant(Representation::I32, -1);
        let mut values = operand.values.to_vec();
        if result.is_none() {
            values.clear();
        }
        values.push(fine);
        builder.return_values(&values);
        if let Some(block) = error_target.exit() {
            builder.switch_to(block);
            let site = builder.function().block(block).parameters[0];
            let mut values: Vec<IrValue> =
                results[..results.len() - 1].iter().map(|representation| builder.zero(*representation)).collect();
            values.push(site);
            builder.return_values(&values);
        }
        let function = builder.finish();
        if result == Some(operand.ty) {
            return Compiled { module, function, result: operand.ty };
        }
        result = Some(operand.ty);
    }
}

/// A value as a word.
pub(crate) fn word(value: &Value) -> u64 {
    match value {
        Value::Boolean(value) => u64::from(*value),
        Value::Integer(value) | Value::Datetime(value) | Value::Timedelta(value) => value.cast_unsigned(),
        Value::Float(value) => value.to_bits(),
        other => panic!("{other} is no scalar"),
    }
}

/// A value as a Python expression.
pub(crate) fn python(value: &Value) -> String {
    match value {
        Value::Boolean(true) => "True".to_owned(),
        Value::Boolean(false) => "False".to_owned(),
        Value::Integer(value) => format!("({value})"),
        Value::Float(value) => format!("flt({})", value.to_bits()),
        other => panic!("{other} is no number"),
    }
}

const PRELUDE: &str = r#"
import math, struct
from datetime import datetime, timedelta, timezone
from fractions import Fraction
MIN = -2**63
def flt(bits): return struct.unpack('<d', struct.pack('<Q', bits))[0]
def bits(x): return struct.unpack('<Q', struct.pack('<d', x))[0]
def wrap(x): return (int(x) + 2**63) % 2**64 - 2**63
def show(x):
    if isinstance(x, bool): return f'b {int(x)}'
    if isinstance(x, int): return f'i {wrap(x)}'
    if isinstance(x, float): return 'f nan' if x != x else f'f {bits(x)}'
    raise ValueError('no float')
def odd(y): return y == math.floor(y) and math.fmod(y, 2) != 0
def signed(x, y): return math.copysign(x, y)
def idiv(a, b): return 0 if b == 0 or (a == MIN and b == -1) else a // b
def imod(a, b): return 0 if b == 0 or (a == MIN and b == -1) else a % b
def fdiv(a, b):
    a, b = float(a), float(b)
    if b != 0: return a / b
    if a == 0 or a != a: return math.nan
    return signed(math.inf, a) * signed(1, b)
def ffloor(a, b):
    return fdiv(a, b) if float(b) == 0 else float(a) // float(b)
def fmodulo(a, b): return math.nan if float(b) == 0 else float(a) % float(b)
def ipow(a, b):
    if b >= 0: return pow(a, b, 2**64)
    return 1 if a == 1 else (-1) ** (b % 2) if a == -1 else 0
def ipow_error(a, b):
    if b < 0 and a == 0: 0 ** b
    if b < 0: raise ValueError('an int to a negative power is no int')
    return ipow(a, b)
def fpow(a, b):
    a, b = float(a), float(b)
    if b == 2: return a * a
    try: return math.pow(a, b)
    except OverflowError: return -math.inf if a < 0 and odd(b) else math.inf
    except ValueError:
        if a == 0: return signed(math.inf, a) if odd(b) else math.inf
        return math.nan
def fpow_error(a, b):
    if math.isfinite(a) and math.isfinite(b) and a < 0 and b != math.floor(b):
        raise ValueError('a negative number to a broken power is no float')
    return a ** b
def ldexp(x, n):
    if n < 0 and x != 0 and math.isfinite(x): n = max(n, -5000)
    try: return math.ldexp(x, n)
    except OverflowError: return signed(math.inf, x)
def fipow(a, n):
    if abs(n) > 65536: return fpow(a, n)
    r, s, m = 1.0, a, abs(n)
    while m:
        if m & 1: r *= s
        s *= s
        m >>= 1
    if n < 0 and r == 0: raise ZeroDivisionError('0.0 cannot be raised to a negative power')
    return 1.0 / r if n < 0 else r
def fipow_error(a, n):
    if a == 0 and n < 0: 0.0 ** n
    try: r = fipow(a, n)
    except ZeroDivisionError: r = math.inf
    if math.isinf(r) and math.isfinite(a): raise OverflowError(34, 'Numerical result out of range')
    return r
def shl(a, b):
    if b < 0: return a << b
    return 0 if b >= 64 else a << b
def shr(a, b):
    if b < 0: return a >> b
    return a >> min(b, 64)
def fits(x):
    if not MIN <= x < 2**63: raise OverflowError('the result does not fit into 64 bits')
    return x
def comb(n, k): return fits(math.comb(n, k if k < 0 else min(k, max(n - k, 0), 99) if k <= n else k))
def perm(n, k): return fits(math.perm(n, min(k, 99) if k <= n else k))
def fint(x):
    if x != x: return 0
    return max(MIN, min(2**63 - 1, int(x) if math.isfinite(x) else (2**64 if x > 0 else -2**64)))
def fint_error(x):
    r = int(x)
    if not MIN <= r < 2**63: raise OverflowError('float too large to convert to a 64-bit integer')
    return r
def rounding(f, x):
    return fint(x) if not math.isfinite(x) else fint(float(f(x)))
def rnd(x, n):
    try: return round(x, n)
    except OverflowError: return signed(math.inf, x)
def quiet(f, *args, pole=None):
    try: return f(*args)
    except ValueError: return math.nan if pole is None else pole(*args)
    except OverflowError: return math.inf
"#;

/// The results of Python expressions, one text each: `i 5`, `f <bits>`, `b 1`, `e <kind>: <message>`. `None` where
/// there is no `python3` and `CFUNC_REQUIRE_PYTHON` does not ask for one.
pub(crate) fn ask_python(expressions: &[String]) -> Option<Vec<String>> {
    let mut script = PRELUDE.to_owned();
    script.push_str("def evaluate(f):\n    try: return show(f())\n");
    script.push_str("    except Exception as e: return f'e {type(e).__name__}: {e}'\n");
    for expression in expressions {
        writeln!(script, "print(evaluate(lambda: {expression}))").unwrap();
    }
    let spawned = Command::new("python3").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if std::env::var_os("CFUNC_REQUIRE_PYTHON").is_none() => {
            eprintln!("skipped: python3 cannot be run: {error}");
            return None;
        }
        Err(error) => panic!("python3 cannot be run: {error}"),
    };
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the script fails");
    let lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), expressions.len());
    Some(lines)
}

/// An outcome as `ask_python` writes it.
pub(crate) fn show(outcome: &Outcome, result: Type) -> String {
    match outcome {
        Err((kind, message)) => format!("e {kind}: {message}"),
        Ok(words) if result == Type::BOOLEAN => format!("b {}", words[0]),
        Ok(words) if result == Type::FLOAT64 && f64::from_bits(words[0]).is_nan() => "f nan".to_owned(),
        Ok(words) if result == Type::FLOAT64 => format!("f {}", words[0]),
        Ok(words) => format!("i {}", words[0].cast_signed()),
    }
}

/// Whether two shown results are equal, floats up to so many units in the last place.
pub(crate) fn agree(found: &str, expected: &str, ulps: u64) -> bool {
    if found == expected {
        return true;
    }
    let bits = |text: &str| text.strip_prefix("f ").and_then(|bits| bits.parse::<u64>().ok());
    match (bits(found), bits(expected)) {
        (Some(found), Some(expected)) => found.abs_diff(expected) <= ulps,
        _ => false,
    }
}
