//! The stable codes of diagnostics, by family.
//!
//! E00xx limits and syntax, E01xx names and bindings, E02xx annotations and states, E03xx types and operations,
//! E04xx constructs that are not supported, E05xx outputs, E06xx bound values, E09xx extensions, W00xx conversions that
//! lose something, W01xx what is unused.

/// A stable code with the title of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DiagnosticCode {
    /// `E0101`; never reused for another meaning.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
}

/// The page of a code of the compiler, as Markdown: what it means, an example that is wrong, one that is right, and why
/// it is so. `None` for codes that are not the compiler's.
pub fn diagnostic_page(id: &str) -> Option<&'static str> {
    let position = DIAGNOSTIC_CODES.iter().position(|code| code.id == id)?;
    PAGES.get(position).copied()
}

macro_rules! diagnostic_codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $title:literal;)*) => {
        /// The compiler's own codes. An extension may define codes of its own, outside the `E0` and `W0` ranges.
        pub mod codes {
            use super::DiagnosticCode;
            $($(#[$doc])* pub const $name: DiagnosticCode = DiagnosticCode { id: $id, title: $title };)*
        }

        /// All codes of the compiler, ascending within their family.
        pub const DIAGNOSTIC_CODES: &[DiagnosticCode] = &[$(codes::$name),*];

        /// The pages, in the order of [`DIAGNOSTIC_CODES`].
        const PAGES: &[&str] = &[$(include_str!(concat!("../pages/", $id, ".md"))),*];
    };
}

diagnostic_codes! {
    /// The text is not Python.
    SYNTAX = "E0001", "invalid syntax";
    /// The source is larger than a limit allows.
    LIMIT_SOURCE = "E0002", "source too large";
    /// Something is nested deeper than a limit allows.
    LIMIT_NESTING = "E0003", "nested too deeply";
    /// More of something than a limit allows.
    LIMIT_COUNT = "E0004", "too many of something";
    /// A number that no type here holds.
    LITERAL_RANGE = "E0005", "literal out of range";
    /// No function of that name, or none at all.
    FUNCTION_NOT_FOUND = "E0006", "function not found";
    /// Valid for the parser, not for Python (break outside a loop and the like).
    INVALID_PLACE = "E0007", "not allowed here";
    /// A name that nothing binds.
    UNKNOWN_NAME = "E0101", "unknown name";
    /// A local that no path binds before its use.
    UNBOUND_LOCAL = "E0102", "local read before it is bound";
    /// Two things of one name.
    DUPLICATE_NAME = "E0103", "name used twice";
    /// Something that cannot be assigned to.
    ASSIGNMENT_TARGET = "E0104", "cannot assign to this";
    /// A parameter without an annotation.
    MISSING_ANNOTATION = "E0201", "annotation missing";
    /// An annotation that nothing registered understands.
    UNKNOWN_ANNOTATION = "E0202", "unknown annotation";
    /// A state whose declaration is not right.
    STATE_DECLARATION = "E0203", "invalid state declaration";
    /// A return annotation that nothing registered understands.
    RETURN_ANNOTATION = "E0204", "invalid return annotation";
    /// A kind of parameter that nodes do not have.
    PARAMETER_KIND = "E0205", "unsupported kind of parameter";
    /// No rule for an operation on these types.
    NO_RULE = "E0301", "operation not defined for these types";
    /// A value of one type where another is needed.
    TYPE_MISMATCH = "E0302", "type mismatch";
    /// Two types that cannot be one.
    NO_UNIFICATION = "E0303", "types cannot be unified";
    /// A call that no signature fits.
    CALL_ARGUMENTS = "E0304", "wrong arguments";
    /// A type without that attribute.
    UNKNOWN_ATTRIBUTE = "E0305", "unknown attribute";
    /// A value that cannot be called.
    NOT_CALLABLE = "E0306", "not callable";
    /// A value that cannot be used as one.
    NOT_A_VALUE = "E0307", "not a value";
    /// A value that cannot be kept in a name, a tuple or a list: a struct that has no copies.
    NOT_KEPT = "E0308", "value cannot be kept";
    /// A construct of Python that nodes do not have.
    UNSUPPORTED = "E0401", "construct not supported";
    /// What is evaluated at compile time and has no value: a time out of range or without a zone, say.
    CONSTANT_VALUE = "E0402", "invalid constant";
    /// A function that calls itself, directly or through others.
    RECURSION = "E0403", "recursion";
    /// More returned values than outputs.
    OUTPUT_COUNT = "E0501", "wrong number of outputs";
    /// No output of that name.
    UNKNOWN_OUTPUT = "E0502", "unknown output";
    /// `set_output` used in a way that cannot work.
    SET_OUTPUT = "E0503", "invalid use of set_output";
    /// A constant parameter without a value.
    MISSING_CONSTANT = "E0601", "constant not bound";
    /// A bound value that its parameter does not accept.
    CONSTANT_TYPE = "E0602", "constant of the wrong type";
    /// A bound value that no parameter takes.
    UNKNOWN_CONSTANT = "E0603", "no such constant";
    /// A function or object of the host that is used and that the host did not give.
    MISSING_SYMBOL = "E0604", "symbol missing";
    /// A handler or rule of an extension broke its contract.
    EXTENSION = "E0901", "extension error";
    /// A float loses its fraction on the way into an int cell.
    FLOAT_TRUNCATED = "W0001", "float truncated";
    /// A number becomes a truth value on the way into a bool cell.
    NUMBER_TO_BOOLEAN = "W0002", "number stored as bool";
    /// int and a time in one operation.
    TIME_MIXED = "W0003", "int used as nanoseconds";
    /// One value for several outputs.
    FEWER_OUTPUTS = "W0004", "fewer values than outputs";
    /// A copy of a struct under a name, whose original changes later.
    STALE_COPY = "W0005", "copy of what changes later";
    /// A set that is updated under one name, and has another one in the source.
    SHARED_SET = "W0006", "set updated under one of two names";
    /// A parameter that is an input and that nothing reads.
    UNUSED_INPUT = "W0101", "unused input";
    /// A constant parameter that nothing reads.
    UNUSED_CONSTANT = "W0102", "unused constant";
    /// A state that nothing reads.
    UNUSED_STATE = "W0103", "unused state";
    /// A statement that control never gets to.
    UNREACHABLE = "W0104", "unreachable code";
    /// A decorator that is nearly one that means something.
    MISSPELLED_DECORATOR = "W0105", "misspelled decorator";
    /// An annotation of a plain function that is nearly a type.
    MISSPELLED_ANNOTATION = "W0106", "misspelled annotation";
}
