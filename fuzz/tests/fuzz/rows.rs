//! What of the language each construct stands for: every row has one, and a construct that is renamed is missed here.

use cfunc_fuzz::Table;

/// What nodes may use beside containers, and constructs that show it.
const ROWS: &[(&str, &[&str])] = &[
    ("branches", &["if", "if else", "if elif", "if elif else", "if on an int", "if on a float"]),
    (
        "loops over ranges",
        &["for in range(n)", "for in range(a, b)", "for in range(a, b, step)", "for in falling range"],
    ),
    ("loops with else, break, continue", &["for else", "while else", "break", "continue", "while", "while True"]),
    ("a step of zero", &["for in range with a step of its own"]),
    ("returns", &["return value", "bare return", "return None", "return values", "return with None in a place"]),
    ("a return of a value or None", &["return value or None"]),
    (
        "optional values",
        &["None and int meet", "optional is None", "optional + int", "use of an optional behind a test"],
    ),
    ("a local that some path did not bind", &["read of a local that may be unbound"]),
    ("assignment", &["a = b = value", "a, b = values", "swap", "nested unpacking", "unpacking of a tuple variable"]),
    ("tuples", &["t[0]", "t[-1]", "tuple slice", "tuple + tuple", "tuple == tuple", "tuple < tuple"]),
    ("an index at run time", &["t[int]", "t[bounded]"]),
    ("walrus", &["walrus onto a new name", "walrus onto a name", "walrus onto a state", "while with a walrus"]),
    ("annotated locals", &["annotated local", "annotation that is not the type"]),
    ("names of inputs and constants", &["assign to an input's name", "assign to a constant's name"]),
    ("errors", &["assert", "assert with message", "raise class", "raise with message"]),
    ("handlers", &["try except", "try except Exception", "try except by kind", "try except else", "try finally"]),
    ("print", &["print"]),
    ("literals of lists as tuples", &["for in a list literal", "x in list literal"]),
    ("texts", &["len of str", "str == str", "ord"]),
    ("match", &["match on ints", "match on a tuple", "match on enum members"]),
    ("membership", &["x in ints", "x not in ints", "x in range", "x in tuple variable"]),
    ("is None", &["int is None", "int is not None"]),
    ("attributes of numbers", &["int.real", "float.imag", "bool.real"]),
    ("docstrings, pass", &["docstring", "pass", "expression statement", "global"]),
    ("annotations and decorators", &["text annotations", "keyword-only constant", "two decorators"]),
    ("abs min max", &["abs(int)", "min of ints", "max of three floats", "min of a tuple", "max of mixed"]),
    ("int float bool", &["int(float)", "float(int)", "bool(int)", "float('inf')"]),
    ("round pow divmod", &["round(float)", "round(float, n)", "pow(int, int)", "divmod[0]", "unpacking of divmod"]),
    ("len sum any all", &["len of range", "sum of a tuple", "any of a tuple", "all of ints"]),
    ("enumerate zip reversed", &["for in enumerate", "for in zip", "for in reversed range"]),
    ("isinstance", &["isinstance int", "isinstance of several"]),
    ("arithmetic of ints", &["int + int", "int // int", "int % int", "int ** int", "int << int", "int >> int", "~int"]),
    ("arithmetic of bools", &["bool + int", "~bool", "bool & bool", "-bool"]),
    ("arithmetic of floats", &["float / float", "float // float", "float % float", "float ** float", "float ** small"]),
    ("mixed arithmetic", &["float + int", "int / int", "int < float"]),
    ("comparison and logic", &["chain of two", "int and int", "int or int", "bool and int", "not float"]),
    ("conditional expressions", &["int if bool else int", "int if bool else float"]),
    (
        "types where paths meet",
        &["int and float meet", "bool and int meet", "type widened by a loop", "change of type"],
    ),
    ("states", &["assign to a state", "float into an int state", "int into a bool state", "negative initial state"]),
    ("outputs", &["set_output", "set_output of a rough value"]),
    ("flags", &["ticked()", "valid()", "ticked array"]),
    ("instants", &["datetime(...)", "datetime of an offset", "time - time", "time + delta", "time.year", "timestamp"]),
    ("durations", &["timedelta(days, ...)", "delta / int", "delta // delta", "delta % delta", "total_seconds"]),
    ("module names", &["module constant", "import from math", "class of Enum", "class of IntEnum"]),
    ("helpers", &["helper", "helper with defaults", "helper of several statements", "helper by keyword"]),
    (
        "lists",
        &["list of ints", "xs.append", "xs.pop()", "xs.pop(0)", "xs.insert", "del xs[i]", "xs[i] += v", "xs.clear"],
    ),
    ("search and order in lists", &["x in a list", "xs.index", "xs.count", "xs.remove", "xs.sort", "xs.reverse"]),
    ("slices of lists", &["list slice", "list slice with a step", "del of a slice"]),
    ("dicts", &["dict of ints", "d[k] = v", "d[k] += v", "d.get", "d.setdefault", "d.pop", "d.popitem", "del d[k]"]),
    ("loops over containers", &["for in a list", "for in items", "for in keys", "for in values"]),
    ("containers that change in their loop", &["list changed in its loop", "dict changed in its loop"]),
    ("containers in states", &["list state", "dict state", "list moved into a state"]),
    ("containers given to helpers", &["helper that appends", "helper that counts"]),
    ("bodies of START and STOP", &["start body", "stop body"]),
];

/// The functions of `math` that nodes may use.
const MATH: &str = "acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist erf erfc exp exp2 \
                    expm1 fabs factorial floor fmod fsum gamma gcd hypot isclose isfinite isinf isnan isqrt lcm ldexp \
                    lgamma log log10 log1p log2 nextafter perm pow prod radians remainder sin sinh sqrt tan tanh trunc ulp \
                    pi e tau inf nan";

#[test]
fn every_row_has_constructs() {
    let table = Table::new();
    for (row, constructs) in ROWS {
        for name in *constructs {
            assert!(table.constructs().iter().any(|construct| construct.name == *name), "{row}: no `{name}`");
        }
    }
    for name in MATH.split_whitespace() {
        let construct = format!("math.{name}");
        assert!(table.constructs().iter().any(|known| known.name == construct), "no `{construct}`");
    }
}
