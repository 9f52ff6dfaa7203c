"""Runs nodes as the compiler promises to: CPython, where ints wrap and division by zero follows the error model.

Reads requests as JSON, one a line, and answers likewise. Values of cells are 64-bit integers: doubles by their bits,
times in nanoseconds.
"""
import ast
import datetime as real_datetime
import fractions
import json
import math
import operator
import sys

MIN, MAX, SPAN = -2**63, 2**63 - 1, 2**64
NAN = math.nan


class Options:
    python_errors = False
    checked = False


def wrap(value):
    if MIN <= value <= MAX:
        return value
    if Options.checked:
        raise OverflowError('the result does not fit into 64 bits')
    return wrapped(value)


def wrapped(value):
    return (value - MIN) % SPAN + MIN


def signed(magnitude, *signs):
    for sign in signs:
        magnitude = math.copysign(1.0, sign) * magnitude
    return magnitude


def saturated(value):
    if value != value:
        return 0
    if math.isinf(value):
        return MAX if value > 0 else MIN
    return max(MIN, min(MAX, int(value)))


def to_int(value):
    if not isinstance(value, float):
        return int(value.ns if isinstance(value, Time) else value)
    if Options.python_errors:
        result = int(value)
        if not MIN <= result <= MAX:
            raise OverflowError('float too large to convert to a 64-bit integer')
        return result
    return saturated(value)


class Time:
    """A time in nanoseconds, which wraps."""

    def __init__(self, ns):
        self.ns = wrap(ns)

    def __bool__(self):
        return self.ns != 0

    def __eq__(self, other):
        return self.ns == other.ns

    def __lt__(self, other):
        return self.ns < other.ns

    def __le__(self, other):
        return self.ns <= other.ns

    def __gt__(self, other):
        return self.ns > other.ns

    def __ge__(self, other):
        return self.ns >= other.ns

    __hash__ = None


class Delta(Time):
    def total_seconds(self):
        return quotient(self.ns, 10**9)

    days = property(lambda self: self.ns // (86400 * 10**9))
    seconds = property(lambda self: self.ns % (86400 * 10**9) // 10**9)
    microseconds = property(lambda self: self.ns % 10**9 // 1000)


EPOCH = real_datetime.datetime(1970, 1, 1)


class Instant(Time):
    # The fixed offset of a constant, in nanoseconds; what is computed has none here, and no part of it is asked for.
    offset = 0

    def timestamp(self):
        return quotient(self.ns, 10**9)

    def parts(self):
        return EPOCH + real_datetime.timedelta(microseconds=(self.ns + self.offset) // 1000)

    def weekday(self):
        return self.parts().weekday()


for part in ('year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'):
    setattr(Instant, part, property(lambda self, part=part: getattr(self.parts(), part)))


def exact(delta):
    return (delta.days * 86400 + delta.seconds) * 10**9 + delta.microseconds * 1000


def timedelta(*arguments, **keywords):
    return Delta(exact(real_datetime.timedelta(*map(plain, arguments), **{k: plain(v) for k, v in keywords.items()})))


def plain(value):
    if isinstance(value, Delta):
        return real_datetime.timedelta(microseconds=value.ns // 1000)
    return value


def datetime(*arguments, **keywords):
    made = real_datetime.datetime(*arguments, **keywords)
    instant = Instant(exact(made - real_datetime.datetime(1970, 1, 1, tzinfo=real_datetime.timezone.utc)))
    instant.offset = exact(made.utcoffset())
    return instant


class timezone:
    utc = real_datetime.timezone.utc

    def __new__(cls, offset):
        return real_datetime.timezone(plain(offset))


def quotient(a, b):
    """Rounded once."""
    if b == 0:
        if Options.python_errors:
            raise ZeroDivisionError('division by zero')
        return NAN if a == 0 else signed(math.inf, a)
    return a / b


def half_even(value):
    """A fraction rounded."""
    return round(value)


def scaled(ns, factor):
    """A duration times a float."""
    if not math.isfinite(factor):
        no_ratio(factor)
        if factor != factor or ns == 0:
            return 0
        return MAX if (factor > 0) == (ns > 0) else MIN
    return bounded(half_even(fractions.Fraction(factor) * ns))


def no_ratio(number):
    if Options.python_errors:
        if number != number:
            raise ValueError('cannot convert NaN to integer ratio')
        raise OverflowError('cannot convert Infinity to integer ratio')


def bounded(value):
    if MIN <= value <= MAX:
        return value
    if Options.python_errors:
        raise OverflowError('outside of the durations')
    return MAX if value > 0 else MIN


def number(value):
    """An int or float, of a truth value or a member of an IntEnum too."""
    if isinstance(value, float):
        return value
    if value is None:
        raise TypeError('None is no number')
    if isinstance(value, enum.Enum) and not isinstance(value, int):
        raise SystemError('an enum in arithmetic')
    if isinstance(value, int):
        return int(value)
    raise SystemError(f'arithmetic on {value!r}')


def pair(a, b):
    a, b = number(a), number(b)
    if isinstance(a, float) or isinstance(b, float):
        return float(a), float(b), True
    return a, b, False


def add(a, b):
    if isinstance(a, tuple):
        return a + b
    if isinstance(a, Time):
        return (Instant if isinstance(a, Instant) or isinstance(b, Instant) else Delta)(a.ns + b.ns)
    a, b, floats = pair(a, b)
    return a + b if floats else wrap(a + b)


def sub(a, b):
    if isinstance(a, Time):
        return (Instant if isinstance(a, Instant) and isinstance(b, Delta) else Delta)(a.ns - b.ns)
    a, b, floats = pair(a, b)
    return a - b if floats else wrap(a - b)


def mul(a, b):
    if isinstance(b, Delta):
        a, b = b, a
    if isinstance(a, Delta):
        return Delta(scaled(a.ns, b)) if isinstance(b, float) else Delta(a.ns * int(b))
    a, b, floats = pair(a, b)
    return a * b if floats else wrap(a * b)


def div(a, b):
    if isinstance(a, Delta):
        if isinstance(b, Delta):
            return quotient(a.ns, b.ns)
        if b == 0:
            if Options.python_errors:
                raise ZeroDivisionError('integer division or modulo by zero')
            if not isinstance(b, float):
                return Delta(0)
            return Delta(0 if a.ns == 0 else (MAX if signed(1.0, a.ns, b) > 0 else MIN))
        if isinstance(b, float):
            if not math.isfinite(b):
                no_ratio(b)
                return Delta(0)
            return Delta(bounded(half_even(fractions.Fraction(a.ns) / fractions.Fraction(b))))
        return Delta(half_even(fractions.Fraction(a.ns, int(b))))
    a, b, _ = pair(a, b)
    a, b = float(a), float(b)
    if b == 0:
        if Options.python_errors:
            raise ZeroDivisionError('division by zero')
        return NAN if a == 0 or a != a else signed(math.inf, a, b)
    return a / b


def no_divisor():
    if Options.python_errors:
        raise ZeroDivisionError('integer division or modulo by zero')
    return 0


def floordiv(a, b):
    if isinstance(a, Delta):
        if isinstance(b, Delta):
            return int_floordiv(a.ns, b.ns)
        return Delta(int_floordiv(a.ns, int(b)))
    a, b, floats = pair(a, b)
    if not floats:
        return int_floordiv(a, b)
    if b == 0:
        no_divisor()
        return NAN if a == 0 or a != a else signed(math.inf, a, b)
    return a // b


def int_floordiv(a, b):
    if b == 0:
        return no_divisor()
    if a == MIN and b == -1 and not Options.checked:
        return 0
    return wrap(a // b)


def mod(a, b):
    if isinstance(a, Delta):
        return Delta(no_divisor() if b.ns == 0 else a.ns % b.ns)
    a, b, floats = pair(a, b)
    if b == 0:
        no_divisor()
        return NAN if floats else 0
    return a % b


def power(a, b):
    a, b = number(a), number(b)
    if isinstance(a, float) and not isinstance(b, float):
        return float_to_int_power(a, b)
    if isinstance(b, float):
        return float_power(float(a), b)
    if b < 0:
        if Options.python_errors:
            if a == 0:
                raise ZeroDivisionError('0.0 cannot be raised to a negative power')
            raise ValueError('an int to a negative power is no int')
        return {1: 1, -1: 1 if b % 2 == 0 else -1}.get(a, 0)
    if Options.checked and abs(a) > 1:
        return wrap(a**b) if b <= 64 else wrap(SPAN)
    return wrapped(pow(a, b, SPAN))


def float_to_int_power(a, b):
    """Multiplied out, as the package does."""
    if Options.python_errors and a == 0 and b < 0:
        raise ZeroDivisionError('0.0 cannot be raised to a negative power')
    if abs(b) > 65536:
        return float_power(a, float(b))
    result, square, rest = 1.0, a, abs(b)
    while rest:
        if rest & 1:
            result *= square
        square *= square
        rest >>= 1
    if b < 0:
        if result == 0 and not Options.python_errors:
            raise ZeroDivisionError('0.0 cannot be raised to a negative power')
        result = signed(math.inf, result) if result == 0 else 1.0 / result
    if Options.python_errors and math.isinf(result) and math.isfinite(a):
        raise OverflowError(34, 'Numerical result out of range')
    return result


def float_power(a, b):
    if a < 0 and math.isfinite(a) and math.isfinite(b) and not b.is_integer():
        # A complex number, which may be beyond the floats besides.
        if Options.python_errors:
            raise ValueError('a negative number to a broken power is no float')
        return NAN
    try:
        result = a**b
    except ZeroDivisionError:
        if Options.python_errors:
            raise
        return signed(math.inf, a) if b % 2 == 1 else math.inf
    except OverflowError:
        if Options.python_errors:
            raise
        return signed(math.inf, a) if b % 2 == 1 else math.inf
    return result


def lshift(a, b):
    if b < 0:
        raise ValueError('negative shift count')
    a = int(a)
    if b >= 64:
        return wrap(SPAN) if a and Options.checked else 0
    return wrap(a << b)


def rshift(a, b):
    if b < 0:
        raise ValueError('negative shift count')
    return int(a) >> min(b, 64)


def bits(operation):
    def apply(a, b):
        if isinstance(a, bool) and isinstance(b, bool):
            return operation(a, b)
        return operation(int(a), int(b))
    return apply


def neg(a):
    if isinstance(a, Delta):
        return Delta(-a.ns)
    a = number(a)
    return -a if isinstance(a, float) else wrap(-a)


def pos(a):
    return a if isinstance(a, Delta) else number(a)


def invert(a):
    return ~int(a)


def comparison(operation):
    def apply(a, b):
        if isinstance(a, (tuple, list)):
            return tuples(operation, a, b)
        if isinstance(a, dict):
            same = len(a) == len(b) and all(key in b and equal(value, b[key]) for key, value in a.items())
            return operation(same, True)
        if isinstance(a, (Time, str, EnumSet, Struct)) or (isinstance(a, enum.Enum) and not isinstance(a, int)):
            return operation(a, b)
        a, b, _ = pair(a, b)
        return operation(a, b)
    return apply


def tuples(operation, a, b):
    """By the first places that differ. A nan differs from itself also where it is one object."""
    for left, right in zip(a, b):
        if not equal(left, right):
            if operation is EQUAL:
                return False
            if operation is NOT_EQUAL:
                return True
            return comparison(operation)(left, right)
    return operation(len(a), len(b))


def EQUAL(a, b): return a == b
def NOT_EQUAL(a, b): return a != b


equal = comparison(EQUAL)


def contains(container, value):
    if isinstance(container, (range, EnumSet)):
        return value in container
    return any([equal(value, element) for element in container])


COMPARISONS = {
    ast.Eq: ('__eq', equal),
    ast.NotEq: ('__ne', comparison(NOT_EQUAL)),
    ast.Lt: ('__lt', comparison(lambda a, b: a < b)),
    ast.LtE: ('__le', comparison(lambda a, b: a <= b)),
    ast.Gt: ('__gt', comparison(lambda a, b: a > b)),
    ast.GtE: ('__ge', comparison(lambda a, b: a >= b)),
    ast.In: ('__in', lambda a, b: contains(b, a)),
    ast.NotIn: ('__not_in', lambda a, b: not contains(b, a)),
    ast.Is: ('__is', lambda a, b: a is b),
    ast.IsNot: ('__is_not', lambda a, b: a is not b),
}
BINARY = {
    ast.Add: ('__add', add), ast.Sub: ('__sub', sub), ast.Mult: ('__mul', mul), ast.Div: ('__div', div),
    ast.FloorDiv: ('__floordiv', floordiv), ast.Mod: ('__mod', mod), ast.Pow: ('__pow', power),
    ast.LShift: ('__lshift', lshift), ast.RShift: ('__rshift', rshift),
    ast.BitAnd: ('__and', bits(lambda a, b: a & b)), ast.BitOr: ('__or', bits(lambda a, b: a | b)),
    ast.BitXor: ('__xor', bits(lambda a, b: a ^ b)),
}
PLAIN = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.LShift: operator.lshift,
    ast.RShift: operator.rshift, ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert,
}
UNARY = {ast.USub: ('__neg', neg), ast.UAdd: ('__pos', pos), ast.Invert: ('__invert', invert)}


def as_float(value):
    return float(value) if isinstance(value, (int, float)) else value


def as_int(value):
    return int(value) if isinstance(value, int) else value


# Sets of members of an enum.

class SetFamily(type):
    def __getitem__(cls, members):
        return lambda *flags: cls(members, *flags)


class EnumSet(frozenset, metaclass=SetFamily):
    """A value: what updates one gives another."""

    def __new__(cls, *arguments):
        flags = []
        for argument in arguments:
            if not isinstance(argument, type):
                flags += argument if isinstance(argument, EnumSet) else [argument]
        if not all(0 <= flag.value < 128 for flag in flags):
            raise ValueError('the position of no bit')
        return super().__new__(cls, flags)

    def __iter__(self):
        return iter(sorted(super().__iter__(), key=lambda flag: flag.value))

    def contains(self, flag):
        return flag in self

    def contains_any(self, other):
        return not self.isdisjoint(other)

    def contains_all(self, other):
        return self >= other

    def copy(self):
        return self


for operation in ('union', 'intersection', 'difference', 'symmetric_difference'):
    setattr(EnumSet, operation, lambda self, other, plain=getattr(frozenset, operation): EnumSet(*plain(self, other)))


def updated(value, method, *arguments):
    """What a name holds after a method that updates it."""
    if not isinstance(value, EnumSet):
        getattr(value, method)(*arguments)
        return value
    if method == 'clear':
        return EnumSet()
    [flag] = arguments
    if method == 'add':
        return EnumSet(value, flag)
    if method == 'remove' and flag not in value:
        raise KeyError('the set has no such member')
    return value.difference({flag})


def of_sets(name, plain):
    """An operator that is a method where the operands are sets."""
    def apply(a, b):
        return getattr(a, name)(b) if isinstance(a, EnumSet) else plain(a, b)
    return apply


for kind, name in ((ast.BitOr, 'union'), (ast.BitAnd, 'intersection'), (ast.Sub, 'difference'),
                   (ast.BitXor, 'symmetric_difference')):
    BINARY[kind] = (BINARY[kind][0], of_sets(name, BINARY[kind][1]))


# Builtins.

def common(values):
    """Values in the type that all of them fit."""
    values = list(values)
    if any(isinstance(value, float) for value in values):
        return [float(value) for value in values]
    if any(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return [int(value) for value in values]
    return values


def extreme(better):
    def choose(*values):
        values = common(values[0] if len(values) == 1 else values)
        if not values:
            raise ValueError('of nothing')
        best = values[0]
        for value in values[1:]:
            if better(value, best):
                best = value
        return best
    return choose


def absolute(value):
    if isinstance(value, Delta):
        return Delta(abs(value.ns))
    value = number(value)
    return abs(value) if isinstance(value, float) else wrap(abs(value))


def total(values, start=0):
    result = start
    for value in values:
        result = add(result, value)
    return result


def rounded(value, ndigits=None):
    if ndigits is None:
        if not isinstance(value, float):
            return int(value)
        if math.isfinite(value):
            return to_int(float(round(value)))
        return to_int(value)
    if isinstance(value, float):
        try:
            return round(value, ndigits)
        except OverflowError:
            if Options.python_errors:
                raise
            return signed(math.inf, value)
    return wrap(round(int(value), ndigits))


def power_function(a, b, modulus=None):
    if modulus is None:
        return power(a, b)
    return wrap(pow(int(a), int(b), int(modulus)))


def int_function(value=0):
    return to_int(value)


def float_function(value=0.0):
    return float(value)


def bool_function(value=False):
    return bool(value)


def isinstance_function(value, classes):
    if not isinstance(classes, tuple):
        classes = (classes,)
    real = {int_function: int, float_function: float, bool_function: bool}
    return isinstance(value, tuple(real[c] for c in classes))


# math.

def poles(name, arguments):
    """What a function gives where Python raises."""
    x = arguments[0]
    y = arguments[1] if len(arguments) > 1 else None
    if name in ('log', 'log2', 'log10') and y is None:
        return -math.inf if x == 0 else NAN
    if name == 'log':
        return div_quiet(quiet('log', x), quiet('log', y))
    if name == 'log1p':
        return -math.inf if x == -1 else NAN
    if name == 'atanh':
        return signed(math.inf, x) if abs(x) == 1 else NAN
    if name == 'gamma':
        return signed(math.inf, x) if x == 0 else NAN
    if name == 'lgamma':
        return math.inf if math.isfinite(x) else NAN
    if name == 'pow':
        if x == 0 and y < 0:
            return signed(math.inf, x) if y % 2 == 1 else math.inf
        return NAN
    return NAN


def div_quiet(a, b):
    if b == 0:
        return NAN if a == 0 or a != a else signed(math.inf, a, b)
    return a / b


def overflowing(name, arguments):
    x = arguments[0]
    if name in ('sinh', 'ldexp'):
        return signed(math.inf, x)
    if name == 'pow':
        return signed(math.inf, x) if arguments[1] % 2 == 1 else math.inf
    return math.inf


def quiet(name, *arguments):
    try:
        return getattr(math, name)(*arguments)
    except ZeroDivisionError:
        # The logarithm to base 1.
        return poles(name, arguments)
    except ValueError:
        return poles(name, arguments)
    except OverflowError:
        return overflowing(name, arguments)


class Math:
    pi, e, tau, inf, nan = math.pi, math.e, math.tau, math.inf, math.nan


def of_floats(name):
    def apply(*arguments):
        arguments = [float(argument) for argument in arguments]
        if Options.python_errors:
            return getattr(math, name)(*arguments)
        return quiet(name, *arguments)
    return apply


for name in ('sqrt fabs copysign fmod remainder hypot nextafter ulp acos acosh asin asinh atan atan2 atanh cbrt cos cosh '
             'degrees erf erfc exp exp2 expm1 gamma lgamma log log10 log1p log2 radians sin sinh tan tanh').split():
    setattr(Math, name, staticmethod(of_floats(name)))
for name in ('isfinite', 'isinf', 'isnan', 'isclose', 'dist', 'frexp', 'modf'):
    setattr(Math, name, staticmethod(getattr(math, name)))
for name in ('gcd', 'lcm', 'isqrt', 'comb', 'perm', 'factorial'):
    def of_ints(*arguments, function=getattr(math, name)):
        result = function(*map(int, arguments))
        if not MIN <= result <= MAX:
            raise OverflowError('the result does not fit into 64 bits')
        return result
    setattr(Math, name, staticmethod(of_ints))


def math_power(x, n):
    if isinstance(n, int) and not isinstance(n, bool) and not Options.python_errors:
        return float_to_int_power(float(x), n)
    return of_floats('pow')(x, n)


def ldexp(x, n):
    if not Options.python_errors and math.isfinite(x) and x != 0:
        n = max(-5000, min(5000, n))
    if Options.python_errors:
        return math.ldexp(x, n)
    return quiet('ldexp', x, n)


Math.pow = staticmethod(math_power)


def rounding(function):
    def apply(value):
        if isinstance(value, float):
            return to_int(float(function(value)) if math.isfinite(value) else value)
        return int(value)
    return apply


def product(values, start=1):
    result = start
    for value in values:
        result = mul(result, value)
    return result


def fsum(values):
    try:
        return math.fsum(values)
    except ValueError:
        if Options.python_errors:
            raise
        return NAN
    except OverflowError:
        if Options.python_errors:
            raise
        return sum(values)


Math.ldexp, Math.fsum, Math.prod = staticmethod(ldexp), staticmethod(fsum), staticmethod(product)
for name in ('floor', 'ceil', 'trunc'):
    setattr(Math, name, staticmethod(rounding(getattr(math, name))))


# Nodes.

class States:
    def __init__(self, kinds, classes):
        object.__setattr__(self, 'kinds', kinds)
        object.__setattr__(self, 'classes', classes)

    def __setattr__(self, name, value):
        if isinstance(value, Struct) and name in self.__dict__:
            # The same memory as before.
            getattr(self, name).assign(value)
        else:
            object.__setattr__(self, name, self.classes.stored(self.kinds[name], value))

    def walrus(self, name, value):
        setattr(self, name, value)
        return value


# Those of constants whose values Python's compiler may fold.
PLAIN_KINDS = ('int', 'float', 'bool')


class Transformer(ast.NodeTransformer):
    def __init__(self, request, known=()):
        self.states = set(request['states']) if request else set()
        self.node = request['function'] if request else None
        self.constants = [name for name, _, _ in request['constants']] if request else []
        self.in_node = False
        self.temporaries = 0
        self.known = dict(known)

    def call(self, name, *arguments):
        return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])

    def visit_FunctionDef(self, function):
        self.in_node = function.name == self.node
        owned = self.states
        if any(isinstance(d, ast.Attribute) for d in function.decorator_list):
            # A start or stop body, which sees the constants as the node does.
            function.args.kwonlyargs = [ast.arg(name) for name in self.constants]
            function.args.kw_defaults = [None] * len(self.constants)
        elif not self.in_node:
            # A helper sees no states; its locals may have their names.
            self.states = set()
        function.decorator_list = []
        function.returns = None
        # Its locals and parameters hide constants; those of the node are its keyword-only parameters.
        outer = self.known
        bound = {name.id for name in ast.walk(function) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
        bound |= {argument.arg for argument in function.args.args}
        self.known = {name: value for name, value in outer.items() if name not in bound}
        for argument in function.args.args + function.args.kwonlyargs:
            argument.annotation = None
        body = []
        for statement in function.body:
            made = self.visit(statement)
            body.extend(made if isinstance(made, list) else [made] if made is not None else [])
        function.body = body
        function.args.defaults = [self.visit(default) for default in function.args.defaults]
        function.args.kw_defaults = [d and self.visit(d) for d in function.args.kw_defaults]
        function.body.append(ast.Pass())
        self.states, self.in_node, self.known = owned, False, outer
        return function

    def visit_ClassDef(self, definition):
        return definition

    def folded(self, node):
        """The value of operators of literals and constants, as Python's compiler evaluates them; None for others."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, (int, float, str)) else None
        if isinstance(node, ast.Name):
            return self.known.get(node.id)
        if isinstance(node, ast.UnaryOp) and type(node.op) in PLAIN:
            operands = [self.folded(node.operand)]
        elif isinstance(node, ast.BinOp) and type(node.op) in PLAIN:
            operands = [self.folded(node.left), self.folded(node.right)]
            if isinstance(node.op, (ast.Pow, ast.LShift)) and isinstance(operands[1], int) and operands[1] > 200:
                return None
        else:
            return None
        if None in operands:
            return None
        try:
            value = PLAIN[type(node.op)](*operands)
        except (ArithmeticError, TypeError, ValueError):
            return None
        return value if isinstance(value, (int, float, str)) else None

    def visit_BinOp(self, node):
        value = self.folded(node)
        if value is not None:
            return ast.Constant(value)
        return self.call(BINARY[type(node.op)][0], self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node):
        value = self.folded(node)
        if value is not None:
            return ast.Constant(value)
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return ast.UnaryOp(node.op, operand)
        return self.call(UNARY[type(node.op)][0], operand)

    def visit_Compare(self, node):
        left = self.visit(node.left)
        parts = []
        for index, (operator, right) in enumerate(zip(node.ops, node.comparators)):
            right = self.visit(right)
            name = COMPARISONS[type(operator)][0]
            if index + 1 < len(node.ops):
                self.temporaries += 1
                temporary = f'__t{self.temporaries}'
                right = ast.NamedExpr(ast.Name(temporary, ast.Store()), right)
                parts.append(self.call(name, left, right))
                left = ast.Name(temporary, ast.Load())
            else:
                parts.append(self.call(name, left, right))
        return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)

    def visit_Name(self, node):
        if node.id in self.states:
            return ast.Attribute(ast.Name('__states', ast.Load()), node.id, node.ctx)
        return node

    def visit_NamedExpr(self, node):
        value = self.call('__kept', self.visit(node.value))
        if node.target.id in self.states:
            method = ast.Attribute(ast.Name('__states', ast.Load()), 'walrus', ast.Load())
            return ast.Call(method, [ast.Constant(node.target.id), value], [])
        return ast.NamedExpr(node.target, value)

    def visit_AugAssign(self, node):
        if isinstance(node.target, ast.Subscript):
            # The container and the place are evaluated once.
            names = []
            made = []
            for part in (node.target.value, node.target.slice):
                self.temporaries += 1
                names.append(f'__t{self.temporaries}')
                made.append(ast.Assign([ast.Name(names[-1], ast.Store())], self.visit(part)))
            def place(context):
                return ast.Subscript(ast.Name(names[0], ast.Load()), ast.Name(names[1], ast.Load()), context)
            value = self.call(BINARY[type(node.op)][0], place(ast.Load()), self.visit(node.value))
            return [*made, ast.Assign([place(ast.Store())], value)]
        if isinstance(node.target, ast.Attribute):
            self.temporaries += 1
            name = f'__t{self.temporaries}'
            made = ast.Assign([ast.Name(name, ast.Store())], self.visit(node.target.value))
            def field(context):
                return ast.Attribute(ast.Name(name, ast.Load()), node.target.attr, context)
            value = self.call(BINARY[type(node.op)][0], field(ast.Load()), self.visit(node.value))
            return [made, ast.Assign([field(ast.Store())], value)]
        load = self.visit(ast.Name(node.target.id, ast.Load()))
        value = self.call(BINARY[type(node.op)][0], load, self.visit(node.value))
        return ast.Assign([self.visit(node.target)], value)

    def visit_AnnAssign(self, node):
        if isinstance(node.annotation, ast.Subscript) and node.annotation.value.id == 'State':
            return None
        return ast.Assign([node.target], self.visit(node.value))

    def visit_Assign(self, node):
        return ast.Assign([self.visit(target) for target in node.targets], self.call('__kept', self.visit(node.value)))

    def visit_For(self, node):
        node = self.generic_visit(node)
        node.iter = self.call('map', ast.Name('__kept', ast.Load()), node.iter)
        return node

    def visit_Tuple(self, node):
        node = self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.elts = [self.call('__kept', element) for element in node.elts]
        return node

    def visit_List(self, node):
        return self.visit_Tuple(node)

    def visit_Call(self, node):
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in ('ticked', 'valid'):
            return self.call('__' + function.attr, ast.Constant(function.value.id))
        return self.generic_visit(node)

    def visit_Expr(self, node):
        match node.value:
            case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() as place,
                                             attr='add' | 'discard' | 'remove' | 'clear' as method), args=arguments):
                value = self.call('__updated', self.visit(place), ast.Constant(method), *map(self.visit, arguments))
                target = ast.Name(place.id, ast.Store()) if isinstance(place, ast.Name) else ast.Attribute(
                    self.visit(place.value), place.attr, ast.Store())
                return ast.Assign([self.visit(target) if isinstance(place, ast.Name) else target], value)
        return self.generic_visit(node)

    def visit_Return(self, node):
        if node.value is None:
            return node
        if self.in_node and isinstance(node.value, ast.Tuple):
            # Several outputs: each is copied when all are evaluated.
            value = ast.Tuple([self.visit(element) for element in node.value.elts], ast.Load())
            return ast.Return(self.call('__return', value))
        return ast.Return(self.call('__return' if self.in_node else '__kept', self.visit(node.value)))

    def visit_Global(self, node):
        return ast.Pass()

    def visit_MatchValue(self, node):
        return node


class Run:
    def __init__(self, request):
        self.request = request
        self.inputs = request['inputs']
        self.outputs = request['outputs']
        self.names = {}
        self.classes = Classes(request['classes'], self.names)
        self.states = States({name: kind for name, (kind, _) in request['states'].items()}, self.classes)
        self.flags = {}
        self.written = [None] * len(self.outputs)
        stored = self.classes.stored

        def set_output(name, value):
            index = [output[0] for output in self.outputs].index(name)
            self.written[index] = stored(self.outputs[index][1], value)

        def returned(value):
            values = value if isinstance(value, tuple) else (value,)
            return [v if v is None else stored(self.outputs[i][1], v) for i, v in enumerate(values)]

        self.names.update({name: function for name, function in
                           [*BINARY.values(), *UNARY.values(), *COMPARISONS.values()]})
        self.names.update({
            '__states': self.states, '__f': as_float, '__i': as_int, '__return': returned,
            '__ticked': lambda name: self.flags['ticked'][name], '__valid': lambda name: self.flags['valid'][name],
            'set_output': set_output, 'int': int_function, 'float': float_function, 'bool': bool_function,
            'abs': absolute, 'min': extreme(COMPARISONS[ast.Lt][1]), 'max': extreme(COMPARISONS[ast.Gt][1]),
            'sum': total, 'round': rounded, 'pow': power_function, 'isinstance': isinstance_function,
            'divmod': lambda a, b: (floordiv(a, b), mod(a, b)), 'print': lambda *a, **k: None,
            'timedelta': timedelta, 'datetime': datetime, 'timezone': timezone,
            '__updated': updated, 'EnumSet': EnumSet, 'Enum': AnyEnum, 'IntEnum': AnyIntEnum, '__kept': kept, 'map': map,
            'create_new_list': lambda _: [], 'create_new_dict': lambda _key, _value: {},
        })
        source = request['source'].replace('from math import sqrt as root', 'root = math.sqrt')
        for line in ('import math\n', 'from enum import Enum\n', 'from enum import IntEnum\n'):
            source = source.replace(line, '')
        self.names['math'] = Math
        tree = ast.parse(source)
        lifecycle = {}
        for statement in tree.body:
            for decorator in getattr(statement, 'decorator_list', []):
                if isinstance(decorator, ast.Attribute):
                    lifecycle[decorator.attr] = statement.name
        plain = [(name, self.decode(kind, value)) for name, kind, value in request['constants'] if kind in PLAIN_KINDS]
        transformer = Transformer(request)
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if (known := transformer.folded(value)) is not None:
                    transformer.known[name] = known
        transformer.known |= {name: value for name, value in plain if isinstance(value, (int, float))}
        tree = ast.fix_missing_locations(transformer.visit(tree))
        exec(compile(tree, '<node>', 'exec'), self.names)
        # The classes of the module are there now.
        self.constants = {name: self.decode(kind, value) for name, kind, value in request['constants']}
        self.lifecycle = lifecycle
        for name, (kind, text) in request['states'].items():
            initial = ast.fix_missing_locations(Transformer(None).visit(ast.parse(text, mode='eval')))
            setattr(self.states, name, eval(compile(initial, '<state>', 'eval'), self.names))

    def decode(self, kind, words):
        return self.classes.decode(kind, iter(words))

    def cells(self):
        return {name: self.classes.encode(kind, getattr(self.states, name)) for name, kind in self.states.kinds.items()}

    def call(self, function, *arguments, **keywords):
        self.written = [None] * len(self.outputs)
        message = None
        error = None
        try:
            # Outputs that are returned are written when the function is left: `finally` may return others instead.
            for index, value in enumerate(function(*arguments, **keywords) or []):
                if value is not None:
                    self.written[index] = value
        except Exception as raised:
            error, message = type(raised).__name__, str(raised)
            self.written = [None] * len(self.outputs)
        outputs = [None if v is None else self.classes.encode(kind, v) for v, (_, kind) in zip(self.written, self.outputs)]
        return {'error': error, 'message': message, 'outputs': outputs, 'states': self.cells()}

    def phase(self, name):
        if name not in self.lifecycle:
            return self.call(lambda: None)
        return self.call(self.names[self.lifecycle[name]], **self.constants)

    def run(self):
        results = [self.phase('start')]
        if results[0]['error']:
            # What START allocated is freed by STOP; an error of the latter is not told.
            self.phase('stop')
            results[0]['states'] = self.cells()
            return results
        # The memory of structs is the host's: what a node writes there is there at the next tick.
        width = {kind: len(self.classes.encode(kind, self.decode(kind, iter(lambda: 0, 1)))) for _, kind in self.inputs}
        values = [self.decode(kind, [0] * width[kind]) for _, kind in self.inputs]
        for tick in self.request['ticks']:
            values = [old if new is None else self.decode(kind, new)
                      for old, new, (_, kind) in zip(values, tick['values'], self.inputs)]
            names = [name for name, _ in self.inputs]
            self.flags = {flag: dict(zip(names, tick[flag])) for flag in ('ticked', 'valid')}
            self.names['input_ticked'] = [int(flag) for flag in tick['ticked']]
            arguments = dict(zip(names, values))
            results.append(self.call(self.names[self.request['function']], **arguments, **self.constants))
        results.append(self.phase('stop'))
        return results
