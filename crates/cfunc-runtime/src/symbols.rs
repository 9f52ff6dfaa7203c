//! The functions of the C runtime: addresses, and calls by number.

use std::ffi::c_void;

use cfunc_models::{Effects, Representation, RuntimeFunction};

/// A C argument or result that travels in a word: integers in the low bits, doubles as their bits, pointers as their
/// address.
trait Word {
    #[cfg(test)]
    const REPRESENTATION: Representation;

    fn from_word(word: u64) -> Self;
    fn into_word(self) -> u64;
}

macro_rules! word {
    ($type:ty, $representation:ident, $from:expr, $into:expr) => {
        impl Word for $type {
            #[cfg(test)]
            const REPRESENTATION: Representation = Representation::$representation;

            fn from_word(word: u64) -> Self {
                $from(word)
            }

            fn into_word(self) -> u64 {
                $into(self)
            }
        }
    };
}

word!(i64, I64, u64::cast_signed, i64::cast_unsigned);
word!(i8, I8, |word: u64| (word & 0xFF) as u8 as i8, |value: i8| u64::from(value as u8));
word!(u32, I32, |word: u64| (word & 0xFFFF_FFFF) as u32, u64::from);
word!(f64, F64, f64::from_bits, f64::to_bits);
word!(
    *const c_void,
    Pointer,
    |word: u64| std::ptr::with_exposed_provenance(word as usize),
    |pointer: *const c_void| pointer.expose_provenance() as u64
);
word!(
    *mut c_void,
    Pointer,
    |word: u64| std::ptr::with_exposed_provenance_mut(word as usize),
    |pointer: *mut c_void| pointer.expose_provenance() as u64
);

macro_rules! runtime_symbols {
    ($($variant:ident = $symbol:ident($($parameter:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        // SAFETY: declared as in cfunc_runtime.h; a test compares both.
        unsafe extern "C" {
            $(fn $symbol($($parameter: $type),*) $(-> $result)?;)*
        }

        /// The address of a runtime function, for backends that resolve symbols themselves.
        pub fn address(function: RuntimeFunction) -> *const u8 {
            match function {
                $(RuntimeFunction::$variant => $symbol as *const u8,)*
            }
        }

        /// Calls a runtime function with arguments as words: integers in the low bits, doubles as their bits, pointers
        /// as exposed addresses. The result is a word of the same kind, 0 for void; the bits above a narrow integer
        /// are 0.
        ///
        /// # Safety
        ///
        /// There are as many arguments as the function's description has parameters (a missing one counts as 0), and
        /// pointers among them point at what the function expects. Functions without pointers are always safe to call;
        /// [`call_pure`] is the safe way.
        pub unsafe fn invoke(function: RuntimeFunction, arguments: &[u64]) -> u64 {
            debug_assert_eq!(
                arguments.len(),
                function.description().parameters.len(),
                "arguments of {}",
                function.description().symbol
            );
            let mut words = arguments.iter().copied();
            match function {
                $(RuntimeFunction::$variant => {
                    $(let $parameter = <$type as Word>::from_word(words.next().unwrap_or(0));)*
                    // SAFETY: the types are those of the header; the caller promises the rest.
                    let result = unsafe { $symbol($($parameter),*) };
                    runtime_symbols!(@word result $($result)?)
                })*
            }
        }

        /// Symbol and signature as declared here.
        #[cfg(test)]
        fn declared(
            function: RuntimeFunction,
        ) -> (&'static str, Vec<Representation>, Option<Representation>) {
            match function {
                $(RuntimeFunction::$variant => (
                    stringify!($symbol),
                    vec![$(<$type as Word>::REPRESENTATION),*],
                    runtime_symbols!(@representation $($result)?),
                ),)*
            }
        }
    };
    (@word $value:ident $result:ty) => { Word::into_word($value) };
    (@word $value:ident) => {{ let () = $value; 0 }};
    (@representation $result:ty) => { Some(<$result as Word>::REPRESENTATION) };
    (@representation) => { None };
}

runtime_symbols! {
    ErrorRaise = cfunc_error_raise(unit: *const c_void, site: u32);
    ErrorMessageKeep = cfunc_error_message_keep(unit: *const c_void, site: u32);
    Poll = cfunc_poll() -> u32;
    PrintText = cfunc_print_text(text: *const c_void, length: i64);
    PrintInteger = cfunc_print_integer(value: i64);
    PrintFloat = cfunc_print_float(value: f64);
    PrintDatetime = cfunc_print_datetime(nanoseconds: i64);
    PrintTimedelta = cfunc_print_timedelta(nanoseconds: i64);
    PrintEnd = cfunc_print_end();
    IntegerPower = cfunc_integer_power(base: i64, exponent: i64) -> i64;
    BitCount = cfunc_bit_count(bits: i64) -> i64;
    BitTrailingZeros = cfunc_bit_trailing_zeros(bits: i64) -> i64;
    IntegerGcd = cfunc_integer_gcd(left: i64, right: i64) -> i64;
    IntegerRound = cfunc_integer_round(value: i64, digits: i64) -> i64;
    IntegerLcm = cfunc_integer_lcm(left: i64, right: i64) -> i64;
    IntegerFactorial = cfunc_integer_factorial(value: i64) -> i64;
    IntegerPermutations = cfunc_integer_permutations(count: i64, taken: i64) -> i64;
    IntegerCombinations = cfunc_integer_combinations(count: i64, taken: i64) -> i64;
    IntegerPowerModulo = cfunc_integer_power_modulo(base: i64, exponent: i64, modulus: i64) -> i64;
    ProductStart = cfunc_product_start(state: *mut c_void);
    ProductMultiply = cfunc_product_multiply(state: *mut c_void, factor: i64);
    ProductFits = cfunc_product_fits(state: *const c_void) -> u32;
    ProductResult = cfunc_product_result(state: *const c_void) -> i64;
    FloatFloorDivide = cfunc_float_floor_divide(left: f64, right: f64) -> f64;
    FloatModulo = cfunc_float_modulo(left: f64, right: f64) -> f64;
    FloatRoundDigits = cfunc_float_round_digits(value: f64, digits: i64) -> f64;
    FloatRoundEven = cfunc_float_round_even(value: f64) -> f64;
    MathPow = cfunc_math_pow(base: f64, exponent: f64) -> f64;
    MathAcos = cfunc_math_acos(value: f64) -> f64;
    MathAcosh = cfunc_math_acosh(value: f64) -> f64;
    MathAsin = cfunc_math_asin(value: f64) -> f64;
    MathAsinh = cfunc_math_asinh(value: f64) -> f64;
    MathAtan = cfunc_math_atan(value: f64) -> f64;
    MathAtan2 = cfunc_math_atan2(y: f64, x: f64) -> f64;
    MathAtanh = cfunc_math_atanh(value: f64) -> f64;
    MathCbrt = cfunc_math_cbrt(value: f64) -> f64;
    MathCos = cfunc_math_cos(value: f64) -> f64;
    MathCosh = cfunc_math_cosh(value: f64) -> f64;
    MathErf = cfunc_math_erf(value: f64) -> f64;
    MathErfc = cfunc_math_erfc(value: f64) -> f64;
    MathExp = cfunc_math_exp(value: f64) -> f64;
    MathExp2 = cfunc_math_exp2(value: f64) -> f64;
    MathExpm1 = cfunc_math_expm1(value: f64) -> f64;
    MathFmod = cfunc_math_fmod(left: f64, right: f64) -> f64;
    MathGamma = cfunc_math_gamma(value: f64) -> f64;
    MathHypot = cfunc_math_hypot(x: f64, y: f64) -> f64;
    MathLdexp = cfunc_math_ldexp(value: f64, exponent: i64) -> f64;
    MathLgamma = cfunc_math_lgamma(value: f64) -> f64;
    MathLog = cfunc_math_log(value: f64) -> f64;
    MathLog10 = cfunc_math_log10(value: f64) -> f64;
    MathLog1p = cfunc_math_log1p(value: f64) -> f64;
    MathLog2 = cfunc_math_log2(value: f64) -> f64;
    MathNextafter = cfunc_math_nextafter(value: f64, towards: f64) -> f64;
    MathRemainder = cfunc_math_remainder(left: f64, right: f64) -> f64;
    MathSin = cfunc_math_sin(value: f64) -> f64;
    MathSinh = cfunc_math_sinh(value: f64) -> f64;
    MathTan = cfunc_math_tan(value: f64) -> f64;
    MathTanh = cfunc_math_tanh(value: f64) -> f64;
    MathFrexpSignificand = cfunc_math_frexp_significand(value: f64) -> f64;
    MathFrexpExponent = cfunc_math_frexp_exponent(value: f64) -> i64;
    MathUlp = cfunc_math_ulp(value: f64) -> f64;
    MathNorm = cfunc_math_norm(values: *const c_void, count: i64) -> f64;
    SumStart = cfunc_sum_start(state: *mut c_void);
    SumAdd = cfunc_sum_add(state: *mut c_void, value: f64);
    SumResult = cfunc_sum_result(state: *const c_void) -> f64;
    SumStatus = cfunc_sum_status(state: *const c_void) -> u32;
    TimedeltaScale = cfunc_timedelta_scale(nanoseconds: i64, factor: f64) -> i64;
    TimedeltaScaleFits = cfunc_timedelta_scale_fits(nanoseconds: i64, factor: f64) -> i64;
    TimedeltaDivideFloat = cfunc_timedelta_divide_float(nanoseconds: i64, divisor: f64) -> i64;
    TimedeltaDivideFloatFits = cfunc_timedelta_divide_float_fits(nanoseconds: i64, divisor: f64) -> i64;
    TimedeltaDivide = cfunc_timedelta_divide(nanoseconds: i64, divisor: i64) -> i64;
    TimedeltaMake = cfunc_timedelta_make(counts: *const c_void, floats: i64) -> i64;
    DatetimeDays = cfunc_datetime_days(year: i64, month: i64, day: i64) -> i64;
    DatetimeMonthLength = cfunc_datetime_month_length(year: i64, month: i64) -> i64;
    DatetimeDate = cfunc_datetime_date(days: i64) -> i64;
    IntegerQuotient = cfunc_integer_quotient(left: i64, right: i64) -> f64;
    ListNew = cfunc_list_new(element_bytes: i64, kind: i64) -> *const c_void;
    ListRetain = cfunc_list_retain(list: *const c_void);
    ListRelease = cfunc_list_release(list: *const c_void);
    ListReserve = cfunc_list_reserve(list: *const c_void) -> i8;
    ListAppend = cfunc_list_append(list: *const c_void, elements: *const c_void, count: i64) -> i8;
    ListClear = cfunc_list_clear(list: *const c_void);
    ListOpen = cfunc_list_open(list: *const c_void, index: i64) -> i8;
    ListClose = cfunc_list_close(list: *const c_void, index: i64);
    ListDelete = cfunc_list_delete(list: *const c_void, start: i64, count: i64, step: i64);
    ListExtend = cfunc_list_extend(list: *const c_void, other: *const c_void) -> i8;
    ListSlice = cfunc_list_slice(list: *const c_void, start: i64, count: i64, step: i64) -> *const c_void;
    ListReverse = cfunc_list_reverse(list: *const c_void);
    ListSortInteger = cfunc_list_sort_integer(list: *const c_void, descending: i8) -> i8;
    ListSortFloat = cfunc_list_sort_float(list: *const c_void, descending: i8) -> i8;
    ListSortByte = cfunc_list_sort_byte(list: *const c_void, descending: i8) -> i8;
    ListSortShort = cfunc_list_sort_short(list: *const c_void, descending: i8) -> i8;
    SliceLength = cfunc_slice_length(length: i64, start: *const c_void, stop: *const c_void, step: i64, flags: i64) -> i64;
    DictNew = cfunc_dict_new(kind: i64) -> *const c_void;
    DictRetain = cfunc_dict_retain(dict: *const c_void);
    DictRelease = cfunc_dict_release(dict: *const c_void);
    DictFind = cfunc_dict_find(dict: *const c_void, key: i64) -> *const c_void;
    DictInsert = cfunc_dict_insert(dict: *const c_void, key: i64) -> *const c_void;
    DictRemove = cfunc_dict_remove(dict: *const c_void, entry: *const c_void);
    DictLast = cfunc_dict_last(dict: *const c_void) -> *const c_void;
    DictNext = cfunc_dict_next(dict: *const c_void, position: i64) -> i64;
    DictClear = cfunc_dict_clear(dict: *const c_void);
    DictUpdate = cfunc_dict_update(dict: *const c_void, other: *const c_void) -> i8;
    DictCopy = cfunc_dict_copy(dict: *const c_void) -> *const c_void;
    ListRead = cfunc_list_read(list: *const c_void, cursor: *mut c_void, items: *mut c_void, count: i64) -> i64;
    DictRead = cfunc_dict_read(dict: *const c_void, cursor: *mut c_void, items: *mut c_void, count: i64) -> i64;
    DictAppend = cfunc_dict_append(dict: *const c_void, items: *const c_void, count: i64) -> i8;
    SingleToDouble = cfunc_single_to_double(bits: u32) -> f64;
    DoubleToSingle = cfunc_double_to_single(value: f64) -> u32;
    MoveBytes = cfunc_move_bytes(to: *mut c_void, from: *const c_void, count: i64);
    MemoryFailure = cfunc_memory_failure() -> u32;
}

/// Calls a function without effects and pointers; `None` if it has any, or if the number of arguments is not that of its
/// parameters. Words are as for [`invoke`].
pub fn call_pure(function: RuntimeFunction, arguments: &[u64]) -> Option<u64> {
    let description = function.description();
    let callable = description.effects == Effects::Pure
        && !description.parameters.contains(&Representation::Pointer)
        && description.parameters.len() == arguments.len();
    // SAFETY: the number of arguments is right and none is a pointer.
    callable.then(|| unsafe { invoke(function, arguments) })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{address, call_pure, declared};
    use cfunc_models::RuntimeFunction;

    #[test]
    fn declarations_agree_with_the_table() {
        for &function in RuntimeFunction::ALL {
            let description = function.description();
            assert_eq!(declared(function), (description.symbol, description.parameters.to_vec(), description.result));
        }
    }

    #[test]
    fn every_function_has_an_address_of_its_own() {
        let addresses: HashSet<_> = RuntimeFunction::ALL.iter().map(|&f| address(f)).collect();
        assert_eq!(addresses.len(), RuntimeFunction::ALL.len());
        assert!(!addresses.contains(&std::ptr::null()));
    }

    #[test]
    fn calls_that_are_not_pure_are_refused() {
        assert_eq!(call_pure(RuntimeFunction::ErrorRaise, &[0, 0]), None);
        assert_eq!(call_pure(RuntimeFunction::IntegerPower, &[2]), None);
        assert_eq!(call_pure(RuntimeFunction::IntegerPower, &[2, 10]), Some(1024));
    }
}
