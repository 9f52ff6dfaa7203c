//! A function compiled for one signature, and how its arguments get in and its result out.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cfunc_context::{
    BoxWord, Boxing, BoxingContext, NativeCells, NativeValue, NativeWord, Registry, UnboxWord, Unboxing, catch_panics,
};
use cfunc_models::{CellForm, Representation, Type, TypeTable, Value};
use cfunc_runtime::NodeError;
use smallvec::SmallVec;

use super::container::Container;
use super::error::RaisedError;
use super::fingerprint::{Fingerprint, Uniform};
use super::panicked;
use super::settings::Settings;
use crate::native::CallMemory;
use crate::{CallError, CompiledCall};

/// What a call gives for a parameter.
pub(crate) enum Given<'a> {
    Value(&'a mut Value),
    Container(&'a Container),
    Default,
}

/// The arguments of a call, in the order of the parameters.
pub(crate) trait Arguments {
    /// That at a position; a default beyond the last.
    fn get(&mut self, index: usize) -> Given<'_>;
}

impl Arguments for [Value] {
    #[inline]
    fn get(&mut self, index: usize) -> Given<'_> {
        <[Value]>::get_mut(self, index).map_or(Given::Default, Given::Value)
    }
}

/// What a call gave.
pub(crate) enum Outcome {
    Value(Value),
    Container(Container),
}

/// How a value lies in the memory of a call.
#[derive(Debug)]
enum Cell {
    /// Not at all.
    Nothing,
    /// The one component is the pointer itself: a container, an object, a struct.
    Pointer,
    /// One component, in the word of 16 bytes at a position.
    Word(usize, Representation),
    /// Components at offsets in bytes from the word at a position.
    Components(usize, SmallVec<[(Representation, usize); 4]>),
}

impl Cell {
    /// For a type; takes as many words as it needs.
    fn of(types: &TypeTable, ty: Type, is_result: bool, words: &mut usize) -> Self {
        let components = types.components(ty);
        let form = types.definition(ty).cell;
        let first = *words;
        let (size, _) = types.cell_layout(ty);
        match (form, components.as_slice()) {
            (_, []) => Self::Nothing,
            (CellForm::Container | CellForm::Object, _) if !is_result => Self::Pointer,
            (CellForm::Place, _) if is_result => {
                // The struct itself lies there.
                *words += (size as usize).div_ceil(WORD).max(1);
                Self::Pointer
            }
            (CellForm::Place, _) => Self::Pointer,
            (_, [one]) => {
                *words += 1;
                Self::Word(first, *one)
            }
            (_, several) => {
                *words += (size as usize).div_ceil(WORD).max(1);
                let (offsets, _) = types.layout(ty);
                let offsets = offsets.iter().map(|offset| *offset as usize);
                Self::Components(first, several.iter().copied().zip(offsets).collect())
            }
        }
    }
}

/// Bytes of a word of the memory of a call.
const WORD: usize = 16;

/// An argument.
#[derive(Debug)]
struct Argument {
    name: Box<str>,
    /// `None` for a default.
    unboxing: Option<Unboxing>,
    cell: Cell,
}

/// A function compiled for one signature.
pub(crate) struct Specialisation {
    pub(crate) compiled: CompiledCall,
    /// The names of the types that it is for, as [`signature_key`] makes them.
    pub(crate) key: Box<str>,
    pub(crate) fingerprint: Option<Fingerprint>,
    /// Whether the dispatcher was given the signature, and keeps it.
    pub(crate) is_kept: bool,
    /// When it was called last, in calls of the dispatcher; where that counts.
    pub(crate) used: AtomicU64,
    memory: Arc<CallMemory>,
    arguments: Box<[Argument]>,
    result: Cell,
    /// Where the result lies among the words.
    result_word: usize,
    result_type: Type,
    boxing: Option<Boxing>,
    /// Whether the result is a container.
    gives_container: bool,
    words: usize,
    /// What calls with words alone need.
    in_words: Option<InWords>,
}

/// The most arguments of a call with words alone.
const MOST_WORDS: usize = 8;

/// A call whose arguments are words of at most 64 bits, or defaults, and whose result is one, or known.
struct InWords {
    /// `None` for a default.
    unbox: SmallVec<[Option<UnboxWord>; 4]>,
    /// `None` where the result is known.
    boxing: Option<BoxWord>,
    /// Bits of the result's component.
    mask: u64,
    entry: Option<NativeFunction>,
    /// Whether a call can leave an error.
    is_fallible: bool,
}

/// The entry of native code.
type NativeFunction = unsafe extern "C" fn(*mut u64, *const *mut u64) -> i32;

/// The types that the arguments of a function are of and are converted to, as text.
pub(crate) fn signature_key(types: &TypeTable, arguments: &[(Option<Type>, Option<Type>)]) -> Box<str> {
    let mut key = String::with_capacity(12 * arguments.len());
    for (given, taken) in arguments {
        key.push_str(given.map_or("...", |ty| types.name(ty)));
        if let Some(taken) = taken.filter(|taken| Some(*taken) != *given) {
            key.push('>');
            key.push_str(types.name(taken));
        }
        key.push(';');
    }
    key.into()
}

impl Specialisation {
    /// Finds the rules for a compiled function.
    ///
    /// # Errors
    ///
    /// [`CallError::Unbox`] and [`CallError::Box`] where there are none.
    pub(crate) fn new(
        compiled: CompiledCall,
        key: Box<str>,
        uniform: &Uniform,
        is_kept: bool,
    ) -> Result<Self, CallError> {
        let (types, registry) = (compiled.types(), compiled.context().registry());
        let given = compiled.argument_types();
        let mut words = 0;
        let mut arguments = Vec::with_capacity(given.len());
        for (parameter, ty) in compiled.unit.function().parameters.iter().zip(&given) {
            let name: Box<str> = (*parameter.name).into();
            arguments.push(match ty {
                None => Argument { name, unboxing: None, cell: Cell::Nothing },
                Some(ty) => {
                    let unboxing = registry.unboxing(types, *ty);
                    let unboxing =
                        unboxing.map_err(|message| CallError::Unbox { argument: name.to_string(), message })?;
                    Argument { name, unboxing: Some(unboxing), cell: Cell::of(types, *ty, false, &mut words) }
                }
            });
        }
        let (result_type, result_word) = (compiled.result_type(), words);
        let result = Cell::of(types, result_type, true, &mut words);
        let boxing = match compiled.known_result() {
            Some(_) => None,
            None => {
                let boxing = registry.boxing(types, result_type);
                Some(boxing.map_err(|message| CallError::Box { argument: None, message })?)
            }
        };
        let of: Vec<Type> = given.iter().flatten().copied().chain([result_type]).collect();
        let memory = Arc::new(CallMemory::new(registry, types, &compiled.unit.symbols, &of));
        let in_words = in_words(&compiled, &arguments, &result, boxing.as_ref());
        let gives_container = types.definition(result_type).cell == CellForm::Container;
        let fingerprint = uniform.of_types(given.iter().copied());
        Ok(Self {
            key,
            fingerprint,
            is_kept,
            used: AtomicU64::new(0),
            memory,
            arguments: arguments.into(),
            result,
            result_word,
            result_type,
            boxing,
            gives_container,
            words,
            in_words,
            compiled,
        })
    }

    pub(crate) fn note_use(&self, time: u64) {
        self.used.store(time, Ordering::Relaxed);
    }

    /// Calls the function with words alone; `None` where that is not for these arguments, or the host wants something of the
    /// call.
    #[inline]
    pub(crate) fn call_words(&self, arguments: &[Value], is_plain: bool) -> Option<Result<Value, CallError>> {
        let in_words = self.in_words.as_ref().filter(|_| is_plain)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut words = [0_u64; MOST_WORDS];
            let mut pointers = [std::ptr::null_mut::<u64>(); MOST_WORDS];
            let each = in_words.unbox.iter().zip(&mut words).zip(&mut pointers).enumerate();
            for (index, ((unbox, word), pointer)) in each {
                let Some(unbox) = unbox else { continue };
                *word = unbox(arguments.get(index)?)?;
                *pointer = word;
            }
            let mut result = 0_u64;
            if !in_words.is_fallible
                && let Some(entry) = in_words.entry
            {
                // SAFETY: the entry is that of the code, which lives as long as this; arguments are of the types of its
                // signature, each in a word of its own.
                unsafe { entry(&raw mut result, pointers.as_ptr()) };
            } else {
                // SAFETY: as above.
                let called = unsafe { self.compiled.call_native(in_words.entry, &raw mut result, pointers.as_ptr()) };
                if let Err(error) = called {
                    return Some(Err(self.raised(error, &Settings::default())));
                }
            }
            Some(Ok(match in_words.boxing {
                Some(boxing) => boxing(result & in_words.mask),
                None => self.compiled.known_result().cloned().unwrap_or(Value::None),
            }))
        }));
        outcome.unwrap_or_else(|panic| Some(Err(panicked_rule(&*panic))))
    }

    /// Calls the function. A container comes out as such where `keeps` says so.
    #[inline]
    pub(crate) fn run<A: Arguments + ?Sized>(
        &self,
        arguments: &mut A,
        settings: &Settings,
        keeps: bool,
    ) -> Result<Outcome, CallError> {
        let outcome = if settings.is_plain() {
            catch_panics(|| self.run_rules(arguments, settings, keeps))
        } else {
            catch_panics(|| settings.run(|| self.run_rules(arguments, settings, keeps)))
        };
        outcome.unwrap_or_else(|panic| Err(panicked(self.compiled.context().registry(), &panic)))
    }

    #[inline]
    fn run_rules<A: Arguments + ?Sized>(
        &self,
        arguments: &mut A,
        settings: &Settings,
        keeps: bool,
    ) -> Result<Outcome, CallError> {
        let types = self.compiled.types();
        let context = BoxingContext::new(self.registry(), types, &*self.memory);
        let mut memory: SmallVec<[u128; 6]> = SmallVec::from_elem(0, self.words);
        let mut pointers: SmallVec<[*mut u8; 6]> = SmallVec::new();
        let mut natives = Natives::default();
        let base = memory.as_mut_ptr().cast::<u8>();
        for (index, argument) in self.arguments.iter().enumerate() {
            let mut scalar = [NativeWord::default()];
            let words = match (arguments.get(index), &argument.unboxing) {
                (Given::Value(value), Some(unboxing)) => {
                    let native = unboxing.apply(&context, value);
                    if native.is_error() {
                        return Err(self.not_unboxed(argument, &native));
                    }
                    natives.push(index, native)
                }
                (Given::Container(container), Some(unboxing)) => {
                    // Code would take what is there for something else.
                    if !container.is_of(types, unboxing.ty()) {
                        return Err(other_container(types, argument, unboxing.ty(), container));
                    }
                    scalar[0] = container.word();
                    &scalar[..]
                }
                (Given::Container(_), None) | (Given::Value(_) | Given::Default, _) => &[],
            };
            pointers.push(match &argument.cell {
                Cell::Nothing => std::ptr::null_mut(),
                Cell::Pointer => {
                    let word = words.first().copied().unwrap_or_default();
                    std::ptr::with_exposed_provenance_mut(word.as_int64().cast_unsigned() as usize)
                }
                Cell::Word(position, _) => {
                    // SAFETY: the position is one of the words; the bits above those of the component are not looked at.
                    unsafe {
                        let place = base.add(position * WORD);
                        let bits = words.first().copied().unwrap_or_default().bits();
                        place.cast::<[u8; WORD]>().write(low_bytes_first(bits));
                        place
                    }
                }
                Cell::Components(position, parts) => {
                    // SAFETY: the words of the type begin there, and its components lie within them.
                    unsafe {
                        let place = base.add(position * WORD);
                        for ((representation, offset), word) in parts.iter().zip(words) {
                            let size = representation.size() as usize;
                            let bytes = low_bytes_first(word.bits());
                            place.add(*offset).copy_from_nonoverlapping(bytes.as_ptr(), size);
                        }
                        place
                    }
                }
            });
        }
        // SAFETY: the result's words are the last.
        let result = unsafe { base.add(self.result_word * WORD) };
        // SAFETY: the cells are those of the signature, each as its type wants it, and live until the natives are dropped;
        // the result's are none of theirs.
        let called = unsafe { self.compiled.call(result, pointers.as_ptr()) };
        let outcome = match called {
            // What the call changed is written back also where a rule panics.
            Ok(()) => catch_panics(|| self.boxed(&context, result, keeps))
                .unwrap_or_else(|panic| Err(panicked(self.registry(), &panic))),
            Err(error) => Err(self.raised(error, settings)),
        };
        natives.write_back(self, &context, arguments, outcome)
    }

    fn registry(&self) -> &Registry {
        self.compiled.context().registry()
    }

    /// The value of a result that the call wrote.
    #[inline]
    fn boxed(&self, context: &BoxingContext<'_>, result: *mut u8, keeps: bool) -> Result<Outcome, CallError> {
        let Some(boxing) = &self.boxing else {
            return Ok(Outcome::Value(self.compiled.known_result().cloned().unwrap_or(Value::None)));
        };
        let mut words: SmallVec<[NativeWord; 4]> = SmallVec::new();
        match &self.result {
            Cell::Nothing => {}
            Cell::Pointer => words.push(NativeWord::address(result.expose_provenance() as u64)),
            Cell::Word(_, representation) => {
                // SAFETY: the call wrote a component there, in words that were zero before.
                let bytes = unsafe { std::slice::from_raw_parts(result, WORD) };
                words.push(NativeWord::read(*representation, bytes));
            }
            Cell::Components(_, parts) => {
                for (representation, offset) in parts {
                    // SAFETY: as above, for each component.
                    let bytes =
                        unsafe { std::slice::from_raw_parts(result.add(*offset), representation.size() as usize) };
                    words.push(NativeWord::read(*representation, bytes));
                }
            }
        }
        let types = self.compiled.types();
        if self.gives_container && keeps {
            let context = self.compiled.context();
            let word = words.first().copied().unwrap_or_default();
            // SAFETY: the call gave the container away.
            let given = unsafe { Container::given(context, types, (&self.memory, self.result_type), word) };
            return given.map(Outcome::Container).map_err(|message| CallError::Box { argument: None, message });
        }
        let owned = Owned { context, ty: self.result_type, words: &words, is_plain: !holds_pointers(&self.result) };
        // SAFETY: the components are those of the result, which `owned` lets go after this.
        let cells = unsafe { NativeCells::new(types, self.result_type, &words) };
        let boxed = boxing.apply(context, &cells);
        drop(owned);
        match boxed {
            Ok(value) => Ok(Outcome::Value(value)),
            Err(error) => Err(CallError::Box { argument: None, message: error.message }),
        }
    }

    #[cold]
    fn not_unboxed(&self, argument: &Argument, native: &NativeValue) -> CallError {
        let message = native.message().unwrap_or_default().to_owned();
        CallError::Unbox { argument: argument.name.to_string(), message }
    }

    #[cold]
    fn raised(&self, mut error: NodeError, settings: &Settings) -> CallError {
        settings.note(&mut error);
        let position = self.compiled.error_position(&error);
        let position = position.map(|(source, line, column)| (source.to_owned(), line, column));
        CallError::Node(Box::new(RaisedError { error, position }))
    }
}

/// What calls with words alone need, where there can be such.
fn in_words(
    compiled: &CompiledCall,
    arguments: &[Argument],
    result: &Cell,
    boxing: Option<&Boxing>,
) -> Option<InWords> {
    let is_word =
        |cell: &Cell| matches!(cell, Cell::Word(_, one) if one.size() <= 8 && *one != Representation::Pointer);
    let unbox = arguments.iter().map(|argument| match &argument.unboxing {
        None => Some(None),
        Some(unboxing) => unboxing.word().filter(|_| is_word(&argument.cell)).map(Some),
    });
    let unbox: SmallVec<[_; 4]> = unbox.collect::<Option<_>>()?;
    let (boxing, mask) = match (boxing, result) {
        (None, _) => (None, u64::MAX),
        (Some(boxing), Cell::Word(_, one)) if is_word(result) => {
            (Some(boxing.word()?), u64::MAX >> (64 - 8 * one.size()))
        }
        (Some(_), _) => return None,
    };
    let entry = compiled.function_pointer().map(|address| {
        // SAFETY: native code has the signature of functions that hosts call.
        unsafe { std::mem::transmute::<*const u8, NativeFunction>(address) }
    });
    let is_fallible = entry.is_none() || !compiled.unit.site_spans.is_empty();
    (unbox.len() <= MOST_WORDS).then_some(InWords { unbox, boxing, mask, entry, is_fallible })
}

/// What is to be told of a container of a type that the parameter does not take.
#[cold]
fn other_container(types: &TypeTable, argument: &Argument, ty: Type, container: &Container) -> CallError {
    let message = format!("{} expected, not a container of type {}", types.written_name(ty), container.type_name());
    CallError::Typing { argument: Some(argument.name.to_string()), message }
}

/// What is to be told of a rule that panicked where rules are not told apart.
#[cold]
fn panicked_rule(panic: &(dyn std::any::Any + Send)) -> CallError {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    CallError::Extension(format!("a rule that unboxes or boxes a word: it panicked: {text}"))
}

/// The bytes of a word in the order of memory, those of a narrower integer first.
#[inline]
const fn low_bytes_first(bits: u128) -> [u8; WORD] {
    // Engines of the build run on little-endian machines alone; others would need the last bytes first.
    bits.to_ne_bytes()
}

/// Whether a result may hold what is to be let go.
fn holds_pointers(cell: &Cell) -> bool {
    match cell {
        Cell::Nothing | Cell::Pointer => false,
        Cell::Word(_, representation) => *representation == Representation::Pointer,
        Cell::Components(_, parts) => parts.iter().any(|(part, _)| *part == Representation::Pointer),
    }
}

/// A result that the call gave away, let go with this.
struct Owned<'a> {
    context: &'a BoxingContext<'a>,
    ty: Type,
    words: &'a [NativeWord],
    is_plain: bool,
}

impl Drop for Owned<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.is_plain {
            // SAFETY: the components are those of a value that the call gave away, and nothing keeps them.
            unsafe { self.context.release(self.ty, self.words) };
        }
    }
}

/// The native values of the arguments, dropped the latest first.
#[derive(Default)]
struct Natives {
    all: SmallVec<[(usize, NativeValue); 2]>,
}

impl Natives {
    /// Keeps one; gives its components.
    #[inline]
    fn push(&mut self, index: usize, native: NativeValue) -> &[NativeWord] {
        self.all.push((index, native));
        self.all.last().map_or(&[], |(_, native)| native.words())
    }

    /// Writes back what the call changed.
    #[inline]
    fn write_back<A: Arguments + ?Sized>(
        &mut self,
        of: &Specialisation,
        context: &BoxingContext<'_>,
        arguments: &mut A,
        outcome: Result<Outcome, CallError>,
    ) -> Result<Outcome, CallError> {
        let mut outcome = outcome;
        for (index, native) in &mut self.all {
            if !native.has_write_back() {
                continue;
            }
            let Given::Value(value) = arguments.get(*index) else { continue };
            // One that panics keeps no other from being written back, and what ended the call first is what is told.
            let failure = match catch_panics(|| native.write_back(context, value)) {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => {
                    let argument = Some(of.arguments[*index].name.to_string());
                    CallError::Box { argument, message: error.message }
                }
                Err(panic) => panicked(of.registry(), &panic),
            };
            outcome = outcome.and(Err(failure));
        }
        outcome
    }
}

impl Drop for Natives {
    #[inline]
    fn drop(&mut self) {
        while let Some(native) = self.all.pop() {
            drop(native);
        }
    }
}

impl fmt::Debug for Specialisation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Specialisation").field("compiled", &self.compiled).finish_non_exhaustive()
    }
}
