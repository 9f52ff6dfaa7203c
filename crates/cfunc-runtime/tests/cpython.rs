//! Compares the runtime with CPython, through a python3 process that reads cases as words in hexadecimal and answers
//! likewise. Where python3 is missing the tests say so and pass, unless `CFUNC_REQUIRE_PYTHON` is set.

use std::io::Write;
use std::process::{Command, Stdio};

use cfunc_models::{Representation, RuntimeFunction};

/// Reference definitions by symbol. Functions take and give Python numbers; `out` turns them into words.
const REFERENCE: &str = r#"
import calendar, math, struct, sys
from datetime import datetime, timedelta
from fractions import Fraction

def wrap(value):
    return (value + 2**63) % 2**64 - 2**63

def saturate(value):
    return max(-2**63, min(2**63 - 1, value))

def power(base, exponent):
    if exponent < 0:
        return {1: 1, -1: 1 if exponent % 2 == 0 else -1}.get(base, 0)
    return wrap(pow(base, exponent, 2**64))

def nearest(fraction):
    """The nearest double, ties to even; infinities beyond range."""
    try:
        return fraction.numerator / fraction.denominator
    except OverflowError:
        return math.copysign(math.inf, fraction)

def quotient(left, right):
    if right == 0:
        return left * math.inf if left else math.nan
    return left / right

def floor_divide(left, right):
    if right == 0.0:
        return math.nan if left == 0.0 or left != left else math.copysign(math.inf, left) * math.copysign(1.0, right)
    return left // right

def modulo(left, right):
    return math.nan if right == 0.0 else left % right

def round_digits(value, digits):
    try:
        return round(value, digits)
    except OverflowError:
        return math.copysign(math.inf, value)

def round_even(value):
    return math.copysign(float(round(value)), value) if math.isfinite(value) else value

def hypot(x, y):
    if math.isinf(x) or math.isinf(y):
        return math.inf
    if x != x or y != y:
        return math.nan
    square = Fraction(x)**2 + Fraction(y)**2
    # The root to many more bits than a double has, with a sticky last bit: rounding that once is rounding the root.
    scale = 2400
    whole = math.isqrt((square.numerator << (2 * scale)) // square.denominator)
    exact = Fraction(whole, 1 << scale)
    if exact**2 != square:
        exact += Fraction(1, 1 << (scale + 1))
    return nearest(exact)

def cbrt(value):
    if not math.isfinite(value) or value == 0.0:
        return value
    exact = abs(Fraction(value))
    # To 120 bits after the point of a root that is at least 2**-358, again with a sticky last bit.
    scale = 480
    cube = (exact.numerator << (3 * scale)) // exact.denominator
    low, high = 0, 1 << (cube.bit_length() // 3 + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**3 <= cube else (low, middle)
    root = Fraction(low, 1 << scale)
    if root**3 != exact:
        root += Fraction(1, 1 << (scale + 1))
    return math.copysign(nearest(root), value)

def gamma(value):
    try:
        return math.gamma(value)
    except OverflowError:
        return math.inf if value > 0 or math.floor(value) % 2 == 0 else -math.inf
    except ValueError:
        return math.copysign(math.inf, value) if value == 0.0 else math.nan

def lgamma(value):
    try:
        return math.lgamma(value)
    except (OverflowError, ValueError):
        return math.inf

def ldexp(value, exponent):
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.copysign(math.inf, value)

def fmod(left, right):
    try:
        return math.fmod(left, right)
    except ValueError:
        return math.nan

def remainder(left, right):
    try:
        return math.remainder(left, right)
    except ValueError:
        return math.nan

def float_quotient(a, b):
    if a == 0 or not math.isfinite(b):
        return 0
    if b == 0:
        return 2**63 - 1 if (a > 0) == (math.copysign(1.0, b) > 0) else -2**63
    return max(-2**63, min(2**63 - 1, round(Fraction(a) / Fraction(b))))

def fits(exact):
    return int(-2**63 <= round(exact) < 2**63)

def scale_fits(a, b):
    if a == 0 or b != b:
        return 1
    return 0 if math.isinf(b) else fits(Fraction(b) * a)

def float_quotient_fits(a, b):
    if a == 0 or not math.isfinite(b):
        return 1
    return 0 if b == 0 else fits(Fraction(a) / Fraction(b))

def scale(nanoseconds, factor):
    if factor != factor or nanoseconds == 0:
        return 0
    if math.isinf(factor):
        return 2**63 - 1 if (factor > 0) == (nanoseconds > 0) else -2**63
    return saturate(round(nanoseconds * Fraction(factor)))

def fitting(function):
    def reference(*arguments):
        try:
            result = function(*arguments)
        except ValueError:
            return -1
        return result if result < 2**63 else -1
    return reference

def lcm(left, right):
    if left == -1 and right != 0:
        return -1
    result = math.lcm(left, right)
    return result if result < 2**63 else -1

def power_modulo(base, exponent, modulus):
    try:
        return pow(base, exponent, modulus)
    except ValueError:
        return 0

def date(days):
    moment = datetime(1970, 1, 1) + timedelta(days=days)
    return moment.year * 512 + moment.month * 32 + moment.day

REFERENCE = {
    'cfunc_integer_lcm': lcm,
    'cfunc_integer_factorial': fitting(lambda a: math.factorial(min(a, 100))),
    'cfunc_integer_permutations': fitting(lambda a, b: 0 if 0 <= a < b else math.perm(a, min(b, 100))),
    'cfunc_integer_combinations': fitting(lambda a, b: 0 if 0 <= a < b else math.comb(a, min(b, a - b, 100) if b >= 0 else b)),
    'cfunc_integer_power_modulo': power_modulo,
    'cfunc_math_frexp_significand': lambda a: math.frexp(a)[0],
    'cfunc_math_frexp_exponent': lambda a: math.frexp(a)[1],
    'cfunc_datetime_date': date,
    'cfunc_datetime_days': lambda y, m, d: (datetime(y, m, d) - datetime(1970, 1, 1)).days,
    'cfunc_datetime_month_length': lambda y, m: calendar.monthrange(y, m)[1],
    'cfunc_integer_power': power,
    'cfunc_bit_count': lambda a: bin(a % 2 ** 64).count('1'),
    'cfunc_bit_trailing_zeros': lambda a: 64 if a == 0 else (a & -a).bit_length() - 1,
    'cfunc_integer_gcd': lambda a, b: wrap(math.gcd(a, b)),
    'cfunc_integer_round': lambda a, n: wrap(round(a, n)) if n > -100 else 0,
    'cfunc_integer_quotient': quotient,
    'cfunc_float_floor_divide': floor_divide,
    'cfunc_float_modulo': modulo,
    'cfunc_float_round_digits': round_digits,
    'cfunc_float_round_even': round_even,
    'cfunc_math_cbrt': cbrt,
    'cfunc_math_hypot': hypot,
    'cfunc_math_gamma': gamma,
    'cfunc_math_lgamma': lgamma,
    'cfunc_math_ldexp': ldexp,
    'cfunc_math_fmod': fmod,
    'cfunc_math_remainder': remainder,
    'cfunc_math_nextafter': math.nextafter,
    'cfunc_timedelta_scale': scale,
    'cfunc_timedelta_divide_float': float_quotient,
    'cfunc_timedelta_scale_fits': scale_fits,
    'cfunc_timedelta_divide_float_fits': float_quotient_fits,
    'cfunc_timedelta_divide': lambda a, b: wrap(round(Fraction(a, b))) if b else 0,
}

def library(name):
    """A function of the math module; no answer where it raises."""
    function = getattr(math, name)
    def reference(*arguments):
        try:
            return function(*arguments)
        except (OverflowError, ValueError):
            return None
    return reference

symbol, kinds = sys.argv[1:]
function = REFERENCE.get(symbol) or library(symbol.removeprefix('cfunc_math_'))

def into(kind, word):
    return struct.unpack('<' + kind, bytes.fromhex(word)[::-1])[0]

def out(value):
    if value is None:
        return '-'
    return struct.pack('<d' if isinstance(value, float) else '<q', value)[::-1].hex()

for line in sys.stdin:
    print(out(function(*map(into, kinds, line.split()))))
"#;

/// A small generator of pseudo-random words (SplitMix64): the cases are the same in every run.
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn in_range(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high.abs_diff(low) + 1).cast_signed()
    }

    /// Integers of all sizes, edges among them.
    fn integer(&mut self) -> i64 {
        const EDGES: [i64; 12] = [
            0,
            1,
            -1,
            2,
            -2,
            i64::MAX,
            i64::MIN,
            i64::MIN + 1,
            1 << 53,
            (1 << 53) + 1,
            -(1 << 53) - 1,
            5_000_000_000_000_000_000,
        ];
        if self.below(6) == 0 {
            return EDGES[self.below(EDGES.len() as u64) as usize];
        }
        let shift = self.below(64);
        self.next().cast_signed() >> shift
    }

    /// Floats of all kinds: edges, any bits, whole numbers, halves, decimals.
    fn float(&mut self) -> f64 {
        const EDGES: [f64; 20] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            1.5,
            2.5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            5e-324,
            -5e-324,
            4_503_599_627_370_495.5,
            4_503_599_627_370_496.0,
            9_007_199_254_740_993.0,
            1e22,
        ];
        match self.below(6) {
            0 => EDGES[self.below(EDGES.len() as u64) as usize],
            1 => f64::from_bits(self.next()),
            2 => self.in_range(-1000, 1000) as f64 / 2.0,
            3 => self.in_range(-1_000_000_000, 1_000_000_000) as f64 / 1000.0,
            4 => self.in_range(-10_000, 10_000) as f64 / 64.0,
            _ => (self.next() >> 11) as f64 / 9_007_199_254_740_992.0 * 200.0 - 100.0,
        }
    }
}

/// The answers of CPython, `None` among them where it raises; `None` for all where there is no python3.
fn cpython(function: RuntimeFunction, cases: &[Vec<u64>]) -> Option<Vec<Option<u64>>> {
    let description = function.description();
    let kinds: String = description
        .parameters
        .iter()
        .map(|parameter| match parameter {
            Representation::F64 => 'd',
            _ => 'q',
        })
        .collect();
    let started = Command::new("python3")
        .args(["-I", "-c", REFERENCE, description.symbol, &kinds])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut process = match started {
        Ok(process) => process,
        Err(error) => {
            assert!(std::env::var_os("CFUNC_REQUIRE_PYTHON").is_none(), "python3: {error}");
            eprintln!("not compared with CPython, python3: {error}");
            return None;
        }
    };
    let mut input = process.stdin.take().expect("the input is piped");
    let text: String = cases
        .iter()
        .map(|case| {
            let words: Vec<_> = case.iter().map(|word| format!("{word:016x}")).collect();
            words.join(" ") + "\n"
        })
        .collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = process.wait_with_output().expect("python3 answers");
    writer.join().expect("the writer ends").expect("python3 reads all cases");
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).expect("the answers are text");
    Some(
        answers
            .lines()
            .map(|line| (line != "-").then(|| u64::from_str_radix(line, 16).expect("an answer is a word")))
            .collect(),
    )
}

/// Number of doubles from one to the other; 0 for two nans, huge for a nan and a number.
fn distance(left: f64, right: f64) -> u64 {
    let order = |value: f64| {
        let bits = value.to_bits().cast_signed();
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    match (left.is_nan(), right.is_nan()) {
        (true, true) => 0,
        (false, false) => order(left).abs_diff(order(right)),
        _ => u64::MAX,
    }
}

/// Compares a function with CPython on cases; floats may be `places` doubles apart, 0 demands the sign of zero too.
/// Differences up to `absolute` pass as well.
#[track_caller]
fn check_within(function: RuntimeFunction, cases: &[Vec<u64>], places: u64, absolute: f64) {
    let Some(expected) = cpython(function, cases) else {
        return;
    };
    assert_eq!(expected.len(), cases.len());
    let description = function.description();
    let mut worst = 0;
    let mut failures = Vec::new();
    let mut compared = 0;
    for (case, &expected) in cases.iter().zip(&expected) {
        let Some(expected) = expected else {
            continue;
        };
        compared += 1;
        let found = cfunc_runtime::call_pure(function, case).expect("the function is pure");
        let shown = |word: u64, representation: Representation| match representation {
            Representation::F64 => format!("{:e}", f64::from_bits(word)),
            _ => word.cast_signed().to_string(),
        };
        let result = description.result.expect("pure functions have results");
        let right = if result == Representation::F64 {
            let (left, right) = (f64::from_bits(found), f64::from_bits(expected));
            let apart = distance(left, right);
            let close = apart <= places && (places > 0 || apart > 0 || left.is_nan() || found == expected)
                || (left - right).abs() <= absolute;
            if close && (left - right).abs() > absolute {
                worst = worst.max(apart);
            }
            close
        } else {
            found == expected
        };
        if !right {
            let arguments: Vec<_> =
                case.iter().zip(description.parameters).map(|(&word, &parameter)| shown(word, parameter)).collect();
            failures.push(format!(
                "{}({}) = {}, CPython {}",
                description.symbol,
                arguments.join(", "),
                shown(found, result),
                shown(expected, result)
            ));
        }
    }
    println!("{}: {compared} compared, worst distance {worst}", description.symbol);
    assert!(compared > 1000, "{}: only {compared} compared", description.symbol);
    assert!(
        failures.is_empty(),
        "{} of {} differ:\n{}",
        failures.len(),
        cases.len(),
        failures[..failures.len().min(20)].join("\n")
    );
}

#[track_caller]
fn check(function: RuntimeFunction, cases: &[Vec<u64>]) {
    check_within(function, cases, 0, -1.0);
}

fn cases(seed: u64, count: usize, mut case: impl FnMut(&mut Words) -> Vec<u64>) -> Vec<Vec<u64>> {
    let mut words = Words(seed);
    (0..count).map(|_| case(&mut words)).collect()
}

fn float_pairs(seed: u64) -> Vec<Vec<u64>> {
    cases(seed, 8000, |words| vec![words.float().to_bits(), words.float().to_bits()])
}

#[test]
fn integer_power() {
    let mut all = cases(1, 5000, |words| {
        let exponent = if words.below(4) == 0 { words.integer() } else { words.in_range(-5, 70) };
        vec![words.integer().cast_unsigned(), exponent.cast_unsigned()]
    });
    for base in -3_i64..=3 {
        for exponent in [i64::MIN, -3, -2, -1, 0, 1, 2, 63, 64, i64::MAX] {
            all.push(vec![base.cast_unsigned(), exponent.cast_unsigned()]);
        }
    }
    check(RuntimeFunction::IntegerPower, &all);
}

#[test]
fn integer_gcd_and_quotient() {
    let all = cases(2, 6000, |words| vec![words.integer().cast_unsigned(), words.integer().cast_unsigned()]);
    check(RuntimeFunction::IntegerGcd, &all);
    check(RuntimeFunction::IntegerQuotient, &all);
    check(RuntimeFunction::TimedeltaDivide, &all);
}

#[test]
fn integer_round() {
    let mut all = cases(3, 6000, |words| vec![words.integer().cast_unsigned(), words.in_range(-22, 3).cast_unsigned()]);
    for half in [5, 15, 25, -5, -15, -25, 50, 150, i64::MIN, i64::MAX] {
        for digits in [-1, -2, -19, -20, i64::MIN, i64::MAX] {
            all.push(vec![half.cast_unsigned(), digits.cast_unsigned()]);
        }
    }
    all.retain(|case| case[1].cast_signed() < 1_000_000);
    check(RuntimeFunction::IntegerRound, &all);
}

#[test]
fn float_floor_divide_and_modulo() {
    let all = float_pairs(4);
    check(RuntimeFunction::FloatFloorDivide, &all);
    check(RuntimeFunction::FloatModulo, &all);
    check(RuntimeFunction::MathFmod, &all);
    check(RuntimeFunction::MathRemainder, &all);
    check(RuntimeFunction::MathNextafter, &all);
}

#[test]
fn float_round_digits() {
    let mut all = cases(5, 12000, |words| {
        let digits = match words.below(4) {
            0 => words.in_range(-330, 340),
            1 => words.in_range(-25, 25),
            _ => words.in_range(-6, 12),
        };
        vec![words.float().to_bits(), digits.cast_unsigned()]
    });
    // Any magnitude with as many places as cut it within its digits.
    all.extend(cases(6, 12000, |words| {
        let value = f64::from_bits(words.next());
        let magnitude = if value.is_normal() { value.abs().log10() as i64 } else { 0 };
        let digits = words.in_range(-2, 18) - magnitude;
        vec![value.to_bits(), digits.cast_unsigned()]
    }));
    // Decimal ties as nearly as a double holds them, and their neighbours.
    all.extend(cases(7, 9000, |words| {
        let digits = words.in_range(0, 24);
        let tie = (words.below(1_000_000) as f64 + 0.5) / 10_f64.powi(digits as i32);
        let neighbour = [tie, tie.next_up(), tie.next_down()][words.below(3) as usize];
        vec![neighbour.to_bits(), digits.cast_unsigned()]
    }));
    // Subnormals, and powers of two with many places: exact ties.
    all.extend(cases(8, 3000, |words| {
        let value = f64::from_bits(words.next() >> 12 >> words.below(52));
        vec![value.to_bits(), words.in_range(300, 324).cast_unsigned()]
    }));
    all.extend(cases(9, 3000, |words| {
        let places = words.in_range(1, 60);
        let value = (words.below(1000) * 2 + 1) as f64 * 0.5_f64.powi(places as i32);
        vec![value.to_bits(), (places - 1).cast_unsigned()]
    }));
    for value in [2.675, 1.005, 0.125, 0.375, 1.7e308, f64::MAX, 5e307, 5e22, 2.5e15] {
        for digits in [-309, -308, -307, -22, -15, -1, 0, 1, 2, 3, 22, 23, 323, 324] {
            all.push(vec![f64::to_bits(value), i64::cast_unsigned(digits)]);
            all.push(vec![f64::to_bits(-value), i64::cast_unsigned(digits)]);
        }
    }
    check(RuntimeFunction::FloatRoundDigits, &all);
}

#[test]
fn float_round_digits_takes_any_number_of_digits() {
    for (digits, expected) in [(i64::MAX, 1234.5), (i64::MIN, 0.0)] {
        let found = cfunc_runtime::call_pure(
            RuntimeFunction::FloatRoundDigits,
            &[1234.5_f64.to_bits(), digits.cast_unsigned()],
        );
        assert_eq!(found.map(f64::from_bits), Some(expected));
    }
}

#[test]
fn float_round_even() {
    check(RuntimeFunction::FloatRoundEven, &cases(10, 8000, |words| vec![words.float().to_bits()]));
}

#[test]
fn ldexp() {
    check(
        RuntimeFunction::MathLdexp,
        &cases(11, 6000, |words| {
            let exponent = if words.below(3) == 0 { words.integer() } else { words.in_range(-1200, 1200) };
            vec![words.float().to_bits(), exponent.cast_unsigned()]
        }),
    );
}

#[test]
fn hypot() {
    let mut all = float_pairs(12);
    all.truncate(2500);
    // Sides of like size at every scale, subnormal and overflowing results among them.
    all.extend(cases(13, 1500, |words| {
        let exponent = words.below(2047);
        let fraction = |words: &mut Words| words.next() >> 12;
        let near = exponent.saturating_sub(words.below(32));
        vec![exponent << 52 | fraction(words), near << 52 | fraction(words)]
    }));
    // Subnormal sides: the result has fewer bits than its scaled computation.
    all.extend(cases(14, 1500, |words| {
        let mut side = || words.next() >> 12 >> words.below(8);
        vec![side(), side()]
    }));
    // Multiples of Pythagorean triples whose longest side needs 54 bits: ties. An odd longest side is 1 modulo 4, so
    // that its tie goes down; three times it is 3 modulo 4, so that its tie goes up.
    for factor in [1_i64, 3] {
        all.extend(cases(20, 1000, |words| {
            let root = (factor as f64).sqrt();
            let bound = |value: f64| (value / root) as i64;
            let m = words.in_range(bound(85e6), bound(94e6));
            let n = words.in_range(bound(43e6), bound(47e6)) * 2 + i64::from(m % 2 == 0);
            let (shorter, longer) = (factor * (m * m - n * n), factor * 2 * m * n);
            let scale = 2_f64.powi(words.in_range(-900, 900) as i32);
            vec![(shorter as f64 * scale).to_bits(), (longer as f64 * scale).to_bits()]
        }));
    }
    check(RuntimeFunction::MathHypot, &all);
}

#[test]
fn cbrt() {
    let mut all = cases(24, 1000, |words| vec![words.float().to_bits()]);
    all.extend(cases(25, 1000, |words| vec![words.next()]));
    all.extend((1..=300_i32).map(|whole| vec![f64::from(-whole * whole * whole).to_bits()]));
    check(RuntimeFunction::MathCbrt, &all);
}

fn gamma_cases() -> Vec<Vec<u64>> {
    let mut all = cases(15, 6000, |words| vec![words.float().to_bits()]);
    all.extend(cases(16, 4000, |words| vec![(words.in_range(-200_000, 200_000) as f64 / 1024.0).to_bits()]));
    for whole in -200_i32..=200 {
        all.push(vec![f64::from(whole).to_bits()]);
        all.push(vec![f64::from(whole).next_up().to_bits()]);
    }
    all
}

#[test]
fn gamma() {
    check_within(RuntimeFunction::MathGamma, &gamma_cases(), 20, -1.0);
}

#[test]
fn lgamma() {
    // CPython's own sum loses relative accuracy near its negative roots, hence the absolute bound.
    check_within(RuntimeFunction::MathLgamma, &gamma_cases(), 20, 1e-14);
}

/// Functions that only pass on to the C library; CPython may stand on another one. Where CPython raises, the C tests have
/// the special values.
#[test]
fn library_functions() {
    for function in [
        RuntimeFunction::MathAcos,
        RuntimeFunction::MathAcosh,
        RuntimeFunction::MathAsin,
        RuntimeFunction::MathAsinh,
        RuntimeFunction::MathAtan,
        RuntimeFunction::MathAtanh,
        RuntimeFunction::MathCos,
        RuntimeFunction::MathCosh,
        RuntimeFunction::MathErf,
        RuntimeFunction::MathErfc,
        RuntimeFunction::MathExp,
        RuntimeFunction::MathExp2,
        RuntimeFunction::MathExpm1,
        RuntimeFunction::MathLog,
        RuntimeFunction::MathLog10,
        RuntimeFunction::MathLog1p,
        RuntimeFunction::MathLog2,
        RuntimeFunction::MathSin,
        RuntimeFunction::MathSinh,
        RuntimeFunction::MathTan,
        RuntimeFunction::MathTanh,
    ] {
        let mut all = cases(21, 4000, |words| vec![words.float().to_bits()]);
        all.extend(cases(22, 4000, |words| vec![(words.in_range(-1_000_000, 1_000_000) as f64 / 500_000.0).to_bits()]));
        check_within(function, &all, 4, -1.0);
    }
    for function in [RuntimeFunction::MathPow, RuntimeFunction::MathAtan2] {
        check_within(function, &float_pairs(23), 4, -1.0);
    }
}

#[test]
fn timedelta_scale() {
    let mut all = cases(17, 6000, |words| vec![words.integer().cast_unsigned(), words.float().to_bits()]);
    all.extend(cases(18, 4000, |words| {
        let factor = (words.next() >> 11) as f64 * 2_f64.powi(words.in_range(-190, 15) as i32);
        vec![words.integer().cast_unsigned(), factor.to_bits()]
    }));
    all.extend(cases(19, 3000, |words| {
        let factor = words.in_range(-2000, 2000) as f64 / 16.0;
        vec![words.in_range(-1_000_000, 1_000_000).cast_unsigned(), factor.to_bits()]
    }));
    for function in [
        RuntimeFunction::TimedeltaScale,
        RuntimeFunction::TimedeltaScaleFits,
        RuntimeFunction::TimedeltaDivideFloat,
        RuntimeFunction::TimedeltaDivideFloatFits,
    ] {
        check(function, &all);
    }
}

#[test]
fn integers_of_math() {
    let pairs = cases(30, 6000, |words| vec![words.integer().cast_unsigned(), words.integer().cast_unsigned()]);
    let small =
        cases(31, 4000, |words| vec![words.in_range(-2, 90).cast_unsigned(), words.in_range(-2, 90).cast_unsigned()]);
    let near = cases(32, 4000, |words| {
        let count = words.integer();
        vec![count.cast_unsigned(), count.saturating_sub(words.in_range(-1, 6)).cast_unsigned()]
    });
    let few = cases(33, 4000, |words| vec![words.integer().cast_unsigned(), words.in_range(-1, 8).cast_unsigned()]);
    let all: Vec<_> = [pairs, small, near, few].concat();
    check(RuntimeFunction::IntegerLcm, &all);
    check(RuntimeFunction::IntegerPermutations, &all);
    check(RuntimeFunction::IntegerCombinations, &all);
    let ones: Vec<_> = all.iter().map(|case| vec![case[0]]).collect();
    check(RuntimeFunction::IntegerFactorial, &ones);
}

#[test]
fn integer_power_modulo() {
    let mut all = cases(34, 5000, |words| (0..3).map(|_| words.integer().cast_unsigned()).collect());
    all.extend(cases(35, 3000, |words| {
        let mut small = || words.in_range(-60, 60).cast_unsigned();
        vec![small(), small(), small()]
    }));
    check(RuntimeFunction::IntegerPowerModulo, &all);
}

#[test]
fn parts_of_floats() {
    let all = cases(36, 6000, |words| vec![words.float().to_bits()]);
    check(RuntimeFunction::MathFrexpSignificand, &all);
    check(RuntimeFunction::MathFrexpExponent, &all);
    check(RuntimeFunction::MathUlp, &all);
}

#[test]
fn dates() {
    let all = cases(37, 6000, |words| vec![words.in_range(-719_162, 2_932_896).cast_unsigned()]);
    check(RuntimeFunction::DatetimeDate, &all);
    let all = cases(38, 6000, |words| {
        [words.in_range(1, 9999), words.in_range(1, 12), words.in_range(1, 28)].map(i64::cast_unsigned).to_vec()
    });
    check(RuntimeFunction::DatetimeDays, &all);
    let all: Vec<_> = all.into_iter().map(|case| case[..2].to_vec()).collect();
    check(RuntimeFunction::DatetimeMonthLength, &all);
}
