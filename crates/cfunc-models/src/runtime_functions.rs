//! The functions of the C runtime that generated code may call: symbols, signatures, effects, and which are rare.
//!
//! This table, runtime-c/include/cfunc_runtime.h and the symbol table of cfunc-runtime say the same; a test of
//! cfunc-runtime checks it.

use crate::Representation::{self, F64, I8, I32, I64, Pointer};

/// What a call may do to memory, and whether it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effects {
    /// Depends on its arguments alone and changes nothing: may be merged, moved and dropped.
    Pure,
    /// As `Reads`, and reads no cells and slots: only containers, the runtime's own memory, and what its arguments lead to that
    /// is neither.
    ReadsInternal,
    /// Reads memory, changes nothing: may be merged while nothing is written.
    Reads,
    /// As `Writes`, but neither reads nor writes cells and slots: only containers, the runtime's own memory, and what its
    /// arguments lead to that is neither. It comes back.
    WritesInternal,
    /// Reads and writes memory, and may not come back: stays as often and where it is.
    Writes,
}

impl Effects {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Pure, Self::ReadsInternal, Self::Reads, Self::WritesInternal, Self::Writes];

    /// Whether a call may change memory.
    pub const fn writes(self) -> bool {
        matches!(self, Self::WritesInternal | Self::Writes)
    }

    /// The effects of what does both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Writes, _) | (_, Self::Writes) => Self::Writes,
            (Self::WritesInternal, Self::Reads) | (Self::Reads, Self::WritesInternal) => Self::Writes,
            (Self::WritesInternal, _) | (_, Self::WritesInternal) => Self::WritesInternal,
            (Self::Reads, _) | (_, Self::Reads) => Self::Reads,
            (Self::ReadsInternal, _) | (_, Self::ReadsInternal) => Self::ReadsInternal,
            (Self::Pure, Self::Pure) => Self::Pure,
        }
    }
}

/// What a caller must know of a native function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionDescription {
    /// The symbol, as a linker sees it.
    pub symbol: &'static str,
    /// Parameters of the C function.
    pub parameters: &'static [Representation],
    /// The result; `None` for void.
    pub result: Option<Representation>,
    /// What a call may do.
    pub effects: Effects,
    /// Whether loops go past calls many times for each that they make, whatever a node does: a slower call is worth it then
    /// where the loop gets faster.
    pub rare: bool,
}

macro_rules! runtime_functions {
    ($($(#[$doc:meta])* $name:ident = $symbol:literal ($($parameter:ident),*) $(-> $result:ident)?, $effects:ident $(, $rare:ident)?;)*) => {
        /// A function of the C runtime.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum RuntimeFunction { $($(#[$doc])* $name,)* }

        impl RuntimeFunction {
            /// How the symbols of all that the C runtime defines begin: no function of a host's has such a symbol.
            pub const PREFIX: &'static str = "cfunc_";

            /// Every function, in the order of the headers.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Symbol, signature, effects, rarity.
            pub const fn description(self) -> FunctionDescription {
                match self {
                    $(Self::$name => FunctionDescription {
                        symbol: $symbol,
                        parameters: &[$($parameter),*],
                        result: runtime_functions!(@result $($result)?),
                        effects: Effects::$effects,
                        rare: runtime_functions!(@rare $($rare)?),
                    },)*
                }
            }

            /// The function of a symbol.
            pub fn from_symbol(symbol: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|function| function.description().symbol == symbol)
            }
        }
    };
    (@result $result:ident) => { Some($result) };
    (@result) => { None };
    (@rare rare) => { true };
    (@rare) => { false };
}

runtime_functions! {
    /// Records a node error: unit descriptor (static data of the compiled unit), number of the error site.
    ErrorRaise = "cfunc_error_raise" (Pointer, I32), WritesInternal;
    /// The message that a function of the host left is that of this site's error: unit descriptor, number of the site.
    ErrorMessageKeep = "cfunc_error_message_keep" (Pointer, I32), WritesInternal;
    /// Whether the call is to end: 1 or 0.
    Poll = "cfunc_poll" () -> I32, WritesInternal, rare;
    /// A text of print(), by address and length in bytes.
    PrintText = "cfunc_print_text" (Pointer, I64), Writes;
    /// An int of print().
    PrintInteger = "cfunc_print_integer" (I64), Writes;
    /// A float of print().
    PrintFloat = "cfunc_print_float" (F64), Writes;
    /// An instant of print(), in nanoseconds.
    PrintDatetime = "cfunc_print_datetime" (I64), Writes;
    /// A duration of print(), in nanoseconds.
    PrintTimedelta = "cfunc_print_timedelta" (I64), Writes;
    /// The end of a print(): what it wrote goes to the hook.
    PrintEnd = "cfunc_print_end" (), Writes;

    /// int ** int with wrap-around; a negative exponent gives 1 for base 1, 1 or -1 for base -1, else 0 (0 for base 0).
    IntegerPower = "cfunc_integer_power" (I64, I64) -> I64, Pure;
    /// Greatest common divisor of absolute values, wrapping like the peer's.
    IntegerGcd = "cfunc_integer_gcd" (I64, I64) -> I64, Pure;
    /// round(int, n): half to even at the n-th decimal place before the point for negative n.
    IntegerRound = "cfunc_integer_round" (I64, I64) -> I64, Pure;

    /// How many bits are 1.
    BitCount = "cfunc_bit_count" (I64) -> I64, Pure;
    /// The position of the lowest bit that is 1; 64 where there is none.
    BitTrailingZeros = "cfunc_bit_trailing_zeros" (I64) -> I64, Pure;

    /// Least common multiple of absolute values; -1 beyond int64, also of -1 and what is not 0.
    IntegerLcm = "cfunc_integer_lcm" (I64, I64) -> I64, Pure;
    /// math.factorial; -1 outside of the domain and beyond int64.
    IntegerFactorial = "cfunc_integer_factorial" (I64) -> I64, Pure;
    /// math.perm; -1 outside of the domain and beyond int64.
    IntegerPermutations = "cfunc_integer_permutations" (I64, I64) -> I64, Pure;
    /// math.comb; -1 outside of the domain and beyond int64.
    IntegerCombinations = "cfunc_integer_combinations" (I64, I64) -> I64, Pure;
    /// pow(base, exponent, modulus); 0 for a zero modulus and where there is no inverse.
    IntegerPowerModulo = "cfunc_integer_power_modulo" (I64, I64, I64) -> I64, Pure;
    /// Starts a product of integers in 16 bytes.
    ProductStart = "cfunc_product_start" (Pointer), WritesInternal;
    /// Multiplies a product.
    ProductMultiply = "cfunc_product_multiply" (Pointer, I64), WritesInternal;
    /// Whether a product is in int64: 1 or 0.
    ProductFits = "cfunc_product_fits" (Pointer) -> I32, ReadsInternal;
    /// A product that is in int64.
    ProductResult = "cfunc_product_result" (Pointer) -> I64, ReadsInternal;

    /// float // float as CPython, but IEEE results for a zero divisor.
    FloatFloorDivide = "cfunc_float_floor_divide" (F64, F64) -> F64, Pure;
    /// float % float as CPython, but nan for a zero divisor.
    FloatModulo = "cfunc_float_modulo" (F64, F64) -> F64, Pure;
    /// round(float, n), correctly rounded as CPython.
    FloatRoundDigits = "cfunc_float_round_digits" (F64, I64) -> F64, Pure;
    /// round(float) to an integral float, half to even.
    FloatRoundEven = "cfunc_float_round_even" (F64) -> F64, Pure;

    /// A double of an IEEE single, by its bits.
    SingleToDouble = "cfunc_single_to_double" (I32) -> F64, Pure;
    /// The bits of the IEEE single nearest to a double, half to even; infinity beyond its range.
    DoubleToSingle = "cfunc_double_to_single" (F64) -> I32, Pure;

    /// libm pow.
    MathPow = "cfunc_math_pow" (F64, F64) -> F64, Pure;
    /// libm acos.
    MathAcos = "cfunc_math_acos" (F64) -> F64, Pure;
    /// libm acosh.
    MathAcosh = "cfunc_math_acosh" (F64) -> F64, Pure;
    /// libm asin.
    MathAsin = "cfunc_math_asin" (F64) -> F64, Pure;
    /// libm asinh.
    MathAsinh = "cfunc_math_asinh" (F64) -> F64, Pure;
    /// libm atan.
    MathAtan = "cfunc_math_atan" (F64) -> F64, Pure;
    /// libm atan2.
    MathAtan2 = "cfunc_math_atan2" (F64, F64) -> F64, Pure;
    /// libm atanh.
    MathAtanh = "cfunc_math_atanh" (F64) -> F64, Pure;
    /// Cube root, correctly rounded.
    MathCbrt = "cfunc_math_cbrt" (F64) -> F64, Pure;
    /// libm cos.
    MathCos = "cfunc_math_cos" (F64) -> F64, Pure;
    /// libm cosh.
    MathCosh = "cfunc_math_cosh" (F64) -> F64, Pure;
    /// libm erf.
    MathErf = "cfunc_math_erf" (F64) -> F64, Pure;
    /// libm erfc.
    MathErfc = "cfunc_math_erfc" (F64) -> F64, Pure;
    /// libm exp.
    MathExp = "cfunc_math_exp" (F64) -> F64, Pure;
    /// libm exp2.
    MathExp2 = "cfunc_math_exp2" (F64) -> F64, Pure;
    /// libm expm1.
    MathExpm1 = "cfunc_math_expm1" (F64) -> F64, Pure;
    /// libm fmod.
    MathFmod = "cfunc_math_fmod" (F64, F64) -> F64, Pure;
    /// math.gamma as CPython, infinities and nan where CPython raises.
    MathGamma = "cfunc_math_gamma" (F64) -> F64, Pure;
    /// Length of two sides, correctly rounded.
    MathHypot = "cfunc_math_hypot" (F64, F64) -> F64, Pure;
    /// libm ldexp with the exponent saturated to int.
    MathLdexp = "cfunc_math_ldexp" (F64, I64) -> F64, Pure;
    /// math.lgamma as CPython.
    MathLgamma = "cfunc_math_lgamma" (F64) -> F64, Pure;
    /// libm log.
    MathLog = "cfunc_math_log" (F64) -> F64, Pure;
    /// libm log10.
    MathLog10 = "cfunc_math_log10" (F64) -> F64, Pure;
    /// libm log1p.
    MathLog1p = "cfunc_math_log1p" (F64) -> F64, Pure;
    /// libm log2.
    MathLog2 = "cfunc_math_log2" (F64) -> F64, Pure;
    /// libm nextafter.
    MathNextafter = "cfunc_math_nextafter" (F64, F64) -> F64, Pure;
    /// libm remainder.
    MathRemainder = "cfunc_math_remainder" (F64, F64) -> F64, Pure;
    /// libm sin.
    MathSin = "cfunc_math_sin" (F64) -> F64, Pure;
    /// libm sinh.
    MathSinh = "cfunc_math_sinh" (F64) -> F64, Pure;
    /// libm tan.
    MathTan = "cfunc_math_tan" (F64) -> F64, Pure;
    /// libm tanh.
    MathTanh = "cfunc_math_tanh" (F64) -> F64, Pure;

    /// The significand of math.frexp.
    MathFrexpSignificand = "cfunc_math_frexp_significand" (F64) -> F64, Pure;
    /// The exponent of math.frexp.
    MathFrexpExponent = "cfunc_math_frexp_exponent" (F64) -> I64, Pure;
    /// math.ulp.
    MathUlp = "cfunc_math_ulp" (F64) -> F64, Pure;
    /// Length of the sides in an array of doubles.
    MathNorm = "cfunc_math_norm" (Pointer, I64) -> F64, ReadsInternal;
    /// Starts an exact sum of doubles in 280 bytes.
    SumStart = "cfunc_sum_start" (Pointer), WritesInternal;
    /// Adds to a sum.
    SumAdd = "cfunc_sum_add" (Pointer, F64), WritesInternal;
    /// A sum, rounded once.
    SumResult = "cfunc_sum_result" (Pointer) -> F64, ReadsInternal;
    /// What CPython fails with: 1 for an overflow on the way, 2 for infinities of both signs, else 0.
    SumStatus = "cfunc_sum_status" (Pointer) -> I32, ReadsInternal;

    /// timedelta * float: nanoseconds times a double, rounded half to even, saturating.
    TimedeltaScale = "cfunc_timedelta_scale" (I64, F64) -> I64, Pure;
    /// Whether timedelta * float is within 64 bits: 1 or 0.
    TimedeltaScaleFits = "cfunc_timedelta_scale_fits" (I64, F64) -> I64, Pure;
    /// timedelta / float: nanoseconds divided by a double, rounded half to even, saturating.
    TimedeltaDivideFloat = "cfunc_timedelta_divide_float" (I64, F64) -> I64, Pure;
    /// Whether timedelta / float is within 64 bits: 1 or 0.
    TimedeltaDivideFloatFits = "cfunc_timedelta_divide_float_fits" (I64, F64) -> I64, Pure;
    /// timedelta / int: nanoseconds divided, rounded half to even; 0 for a zero divisor.
    TimedeltaDivide = "cfunc_timedelta_divide" (I64, I64) -> I64, Pure;
    /// timedelta(…) of an array of seven counts and the bits of those that are doubles; INT64_MIN beyond int64.
    TimedeltaMake = "cfunc_timedelta_make" (Pointer, I64) -> I64, ReadsInternal;
    /// Days since 1970 of year, month and day.
    DatetimeDays = "cfunc_datetime_days" (I64, I64, I64) -> I64, Pure;
    /// Days of a month of a year.
    DatetimeMonthLength = "cfunc_datetime_month_length" (I64, I64) -> I64, Pure;
    /// Year * 512 + month * 32 + day of a number of days since 1970.
    DatetimeDate = "cfunc_datetime_date" (I64) -> I64, Pure;
    /// Quotient of two int64, rounded once to a double; IEEE results for a zero divisor.
    IntegerQuotient = "cfunc_integer_quotient" (I64, I64) -> F64, Pure;

    /// An empty list with one owner, of an element size and a kind; NULL: no memory.
    ListNew = "cfunc_list_new" (I64, I64) -> Pointer, WritesInternal;
    /// An owner of a list more.
    ListRetain = "cfunc_list_retain" (Pointer), WritesInternal;
    /// An owner of a list less; the last one frees it.
    ListRelease = "cfunc_list_release" (Pointer), WritesInternal;
    /// Room for one element more at the end; 0: no memory.
    ListReserve = "cfunc_list_reserve" (Pointer) -> I8, WritesInternal;
    /// Adds elements by address and count; 0: no memory.
    ListAppend = "cfunc_list_append" (Pointer, Pointer, I64) -> I8, WritesInternal;
    /// Takes all elements out.
    ListClear = "cfunc_list_clear" (Pointer), WritesInternal;
    /// Makes a place at an index; 0: no memory.
    ListOpen = "cfunc_list_open" (Pointer, I64) -> I8, WritesInternal;
    /// Takes the element at an index out.
    ListClose = "cfunc_list_close" (Pointer, I64), WritesInternal;
    /// Takes the elements of a slice out: list, start, count, step.
    ListDelete = "cfunc_list_delete" (Pointer, I64, I64, I64), WritesInternal;
    /// Adds the elements of another list; 0: no memory.
    ListExtend = "cfunc_list_extend" (Pointer, Pointer) -> I8, WritesInternal;
    /// A new list of a slice: list, start, count, step; NULL: no memory.
    ListSlice = "cfunc_list_slice" (Pointer, I64, I64, I64) -> Pointer, WritesInternal;
    /// Turns the order of the elements round.
    ListReverse = "cfunc_list_reverse" (Pointer), WritesInternal;
    /// Sorts a list of int64; 0: no memory.
    ListSortInteger = "cfunc_list_sort_integer" (Pointer, I8) -> I8, WritesInternal;
    /// Sorts a list of doubles; 0: no memory.
    ListSortFloat = "cfunc_list_sort_float" (Pointer, I8) -> I8, WritesInternal;
    /// Sorts a list of truth values; 0: no memory.
    ListSortByte = "cfunc_list_sort_byte" (Pointer, I8) -> I8, WritesInternal;
    /// Sorts a list of int16; 0: no memory.
    ListSortShort = "cfunc_list_sort_short" (Pointer, I8) -> I8, WritesInternal;
    /// Adjusts the bounds of a slice, by address, to a length; gives how many elements it has.
    SliceLength = "cfunc_slice_length" (I64, Pointer, Pointer, I64, I64) -> I64, WritesInternal;
    /// An empty dict with one owner, of a kind; NULL: no memory.
    DictNew = "cfunc_dict_new" (I64) -> Pointer, WritesInternal;
    /// An owner of a dict more.
    DictRetain = "cfunc_dict_retain" (Pointer), WritesInternal;
    /// An owner of a dict less; the last one frees it.
    DictRelease = "cfunc_dict_release" (Pointer), WritesInternal;
    /// The entry of a key; NULL: there is none.
    DictFind = "cfunc_dict_find" (Pointer, I64) -> Pointer, ReadsInternal;
    /// The entry of a key, made where there is none; NULL: no memory.
    DictInsert = "cfunc_dict_insert" (Pointer, I64) -> Pointer, WritesInternal;
    /// Takes an entry out.
    DictRemove = "cfunc_dict_remove" (Pointer, Pointer), WritesInternal;
    /// The entry that was inserted last; NULL: the dict is empty.
    DictLast = "cfunc_dict_last" (Pointer) -> Pointer, ReadsInternal;
    /// The position of the first entry at or after one; -1: there is none.
    DictNext = "cfunc_dict_next" (Pointer, I64) -> I64, ReadsInternal;
    /// Takes all entries out.
    DictClear = "cfunc_dict_clear" (Pointer), WritesInternal;
    /// Adds the entries of another dict; 0: no memory.
    DictUpdate = "cfunc_dict_update" (Pointer, Pointer) -> I8, WritesInternal;
    /// A new dict of the same entries; NULL: no memory.
    DictCopy = "cfunc_dict_copy" (Pointer) -> Pointer, WritesInternal;
    /// Copies elements of a list, from a cursor on, to a buffer: list, cursor, buffer, most; gives how many.
    ListRead = "cfunc_list_read" (Pointer, Pointer, Pointer, I64) -> I64, Writes;
    /// Copies entries of a dict, from a cursor on, to a buffer: dict, cursor, buffer, most; gives how many.
    DictRead = "cfunc_dict_read" (Pointer, Pointer, Pointer, I64) -> I64, Writes;
    /// Adds entries by address and count; 0: no memory, -1: a key is there already.
    DictAppend = "cfunc_dict_append" (Pointer, Pointer, I64) -> I8, Writes;
    /// Copies bytes of a host's structs: to, from, how many; they may overlap.
    MoveBytes = "cfunc_move_bytes" (Pointer, Pointer, I64), WritesInternal;
    /// Why the latest allocation of the thread failed: the number of the kind of error.
    MemoryFailure = "cfunc_memory_failure" () -> I32, ReadsInternal;
}
