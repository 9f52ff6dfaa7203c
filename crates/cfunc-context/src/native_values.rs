//! Native values: what unboxing makes of a dynamic value for a call, and what boxing reads after one.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::panicking;

use cfunc_models::{DataModel, Representation, Type, TypeTable, Value};
use smallvec::SmallVec;

use crate::native_containers::NativeContainer;
use crate::panics::asked;
use crate::{BoxError, BoxingContext, ExtensionPanic, NativeWord, RuleId};

/// What is done once a call is over, or does not happen.
type CleanUp = Box<dyn FnOnce()>;

/// Clean-ups, which run when this is dropped.
#[derive(Default)]
struct CleanUps(Vec<(Option<RuleId>, CleanUp)>);

impl Drop for CleanUps {
    #[inline]
    fn drop(&mut self) {
        if !self.0.is_empty() {
            clean_up(std::mem::take(&mut self.0));
        }
    }
}

/// What changes a dynamic value as the native one was changed by a call.
type WriteBack = Box<dyn FnOnce(&BoxingContext<'_>, &mut Value) -> Result<(), BoxError>>;

/// The outcome of unboxing: the components of a value of a type, or an error; with what is to be done after the call.
///
/// Clean-ups run when it is dropped, the latest first, on every path: after the call, where a later argument could not be
/// unboxed, where a later rule panicked. What a value is made of, it takes over ([`NativeValue::take_over`]), so that
/// whatever was made for an element is cleaned up with the whole.
#[derive(Default)]
pub struct NativeValue {
    words: SmallVec<[NativeWord; 2]>,
    error: Option<Box<str>>,
    write_back: Option<WriteBack>,
    /// With the rules that they are of, which are not known before the rule has answered.
    clean_ups: CleanUps,
    rule: Option<RuleId>,
}

impl NativeValue {
    /// A value of one component.
    #[inline]
    pub fn scalar(word: NativeWord) -> Self {
        let mut value = Self::default();
        value.words.push(word);
        value
    }

    /// A value of several components, or none.
    pub fn components(words: impl IntoIterator<Item = NativeWord>) -> Self {
        Self { words: words.into_iter().collect(), ..Self::default() }
    }

    /// An error: why a dynamic value is none of the type, in a sentence.
    #[cold]
    pub fn error(message: impl Into<String>) -> Self {
        Self { error: Some(message.into().into()), ..Self::default() }
    }

    /// A container, which lives until the call is over; whoever else holds it may go on.
    pub fn container(container: std::sync::Arc<NativeContainer>) -> Self {
        Self::scalar(container.word()).with_clean_up(move || drop(container))
    }

    /// Adds what is done once the call is over, or does not happen.
    #[must_use]
    pub fn with_clean_up(mut self, clean_up: impl FnOnce() + 'static) -> Self {
        self.clean_ups.0.push((None, Box::new(clean_up)));
        self
    }

    /// Says how the dynamic value changes as the native one was changed by the call: for values that Python passes by
    /// reference. It runs after the call, whether that failed or not, before any clean-up; not where a function cannot
    /// have changed the value.
    #[must_use]
    pub fn with_write_back(
        mut self,
        write_back: impl FnOnce(&BoxingContext<'_>, &mut Value) -> Result<(), BoxError> + 'static,
    ) -> Self {
        self.write_back = Some(Box::new(write_back));
        self
    }

    /// Says whose the clean-ups are that were added so far, and the write-back.
    #[inline]
    pub(crate) fn of_rule(&mut self, rule: RuleId) {
        self.rule = Some(rule);
        for (of, _) in &mut self.clean_ups.0 {
            of.get_or_insert(rule);
        }
    }

    /// Whether it is an error.
    #[inline]
    pub const fn is_error(&self) -> bool {
        self.error.is_some()
    }

    /// Why it is an error.
    pub fn message(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Says where an error is: `element 2: `.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        if let Some(message) = &mut self.error {
            *message = format!("{place}: {message}").into();
        }
        self
    }

    /// The components.
    #[inline]
    pub fn words(&self) -> &[NativeWord] {
        &self.words
    }

    /// Whether anything is to be written back.
    #[inline]
    pub const fn has_write_back(&self) -> bool {
        self.write_back.is_some()
    }

    /// Takes over a value that this one is made of: its components after those so far, its clean-ups, and its error where
    /// there is none yet. What it would write back is for the caller to put into a write-back of the whole.
    pub fn take_over(&mut self, mut part: Self) -> Option<PartWriteBack> {
        self.words.append(&mut part.words);
        self.clean_ups.0.append(&mut part.clean_ups.0);
        if self.error.is_none() {
            self.error = part.error.take();
        }
        let (write_back, rule) = (part.write_back.take()?, part.rule);
        Some(PartWriteBack { write_back, rule })
    }

    /// Takes over what a value that this one was made of leaves to be cleaned up, and nothing else of it: an element that
    /// is in a container already.
    pub fn hold(&mut self, mut part: Self) {
        if !part.clean_ups.0.is_empty() {
            self.clean_ups.0.append(&mut part.clean_ups.0);
        }
    }

    /// Writes back what the call changed; at most once. Without effect where nothing is to be written back.
    ///
    /// # Errors
    ///
    /// Where a value cannot be boxed.
    pub fn write_back(&mut self, context: &BoxingContext<'_>, value: &mut Value) -> Result<(), BoxError> {
        match self.write_back.take() {
            None => Ok(()),
            Some(write_back) => PartWriteBack { write_back, rule: self.rule }.apply(context, value),
        }
    }
}

/// Runs clean-ups, the latest first, all of them; then the first panic goes on, unless another one is on its way.
#[inline(never)]
fn clean_up(clean_ups: Vec<(Option<RuleId>, CleanUp)>) {
    let mut first: Option<Box<dyn std::any::Any + Send>> = None;
    for (rule, clean_up) in clean_ups.into_iter().rev() {
        let outcome = catch_unwind(AssertUnwindSafe(|| match rule {
            Some(rule) => asked(rule, None, clean_up),
            None => clean_up(),
        }));
        if let Err(panic) = outcome {
            first.get_or_insert(panic);
        }
    }
    if let Some(panic) = first.filter(|_| !panicking()) {
        match panic.downcast::<ExtensionPanic>() {
            Ok(panic) => panic.resume(),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl fmt::Debug for NativeValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("NativeValue");
        fields.field("words", &self.words).field("error", &self.error);
        fields.field("clean_ups", &self.clean_ups.0.len()).field("write_back", &self.has_write_back()).finish()
    }
}

/// What writes back a part of a value.
pub struct PartWriteBack {
    write_back: WriteBack,
    rule: Option<RuleId>,
}

impl PartWriteBack {
    /// Writes back what the call changed of the part.
    ///
    /// # Errors
    ///
    /// Where a value cannot be boxed.
    pub fn apply(self, context: &BoxingContext<'_>, value: &mut Value) -> Result<(), BoxError> {
        let Self { write_back, rule } = self;
        match rule {
            Some(rule) => asked(rule, None, || write_back(context, value)),
            None => write_back(context, value),
        }
    }
}

impl fmt::Debug for PartWriteBack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PartWriteBack").finish_non_exhaustive()
    }
}

/// The components of a value of a type that is there, as boxing rules see it.
#[derive(Clone, Copy)]
pub struct NativeCells<'a> {
    types: &'a TypeTable,
    ty: Type,
    words: &'a [NativeWord],
}

impl<'a> NativeCells<'a> {
    /// A value of a type.
    ///
    /// # Safety
    ///
    /// The words are the components of a value of the type, which lives as long as this: what an address among them leads
    /// to is there.
    pub unsafe fn new(types: &'a TypeTable, ty: Type, words: &'a [NativeWord]) -> Self {
        Self { types, ty, words }
    }

    /// A value of a type of plain data, of which any bits are one.
    pub(crate) const fn plain(types: &'a TypeTable, ty: Type, words: &'a [NativeWord]) -> Self {
        Self { types, ty, words }
    }

    /// A value of a type of plain data, of which any bits are one; `None` where the type holds addresses, or has another
    /// number of components.
    pub fn of_data(types: &'a TypeTable, ty: Type, words: &'a [NativeWord]) -> Option<Self> {
        let components = types.components(ty);
        let is_data = components.len() == words.len() && !components.contains(&Representation::Pointer);
        is_data.then_some(Self { types, ty, words })
    }

    /// The type.
    pub const fn ty(&self) -> Type {
        self.ty
    }

    /// All types.
    pub const fn types(&self) -> &'a TypeTable {
        self.types
    }

    /// The components.
    pub const fn words(&self) -> &'a [NativeWord] {
        self.words
    }

    /// The component of a value of one.
    #[inline]
    pub fn word(&self) -> NativeWord {
        self.words.first().copied().unwrap_or_default()
    }

    /// The integer of a value that is one of at most 64 bits.
    pub fn integer(&self) -> i64 {
        match self.types.definition(self.ty).model {
            DataModel::Scalar(representation) => self.word().as_integer(representation),
            DataModel::Empty | DataModel::Fields(_) => self.word().as_integer(Representation::I64),
        }
    }

    /// What lies where a value of one component points, of a struct or array, or of an address of one; `None` where it is no
    /// such type, or NULL.
    pub fn memory(&self) -> Option<&'a [u8]> {
        let place = self.types.place_of_address(self.ty).unwrap_or(self.ty);
        let (size, _) = self.types.memory_layout(place)?.size_and_alignment();
        let address = usize::try_from(self.word().bits()).ok().filter(|address| *address != 0)?;
        // SAFETY: who made this says that what an address among the words leads to is there, which for a type with a
        // layout is memory of it; `of_data` takes no addresses.
        Some(unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance(address), size as usize) })
    }

    /// The fields of a value of several, in order: of a tuple its elements.
    pub fn fields(&self) -> SmallVec<[Self; 4]> {
        let DataModel::Fields(fields) = &self.types.definition(self.ty).model else { return SmallVec::new() };
        let mut rest = self.words;
        let parts = fields.iter().map(|field| {
            let count = self.types.components(field.ty).len().min(rest.len());
            let (words, after) = rest.split_at(count);
            rest = after;
            Self { types: self.types, ty: field.ty, words }
        });
        parts.collect()
    }
}

impl fmt::Debug for NativeCells<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.types.name(self.ty);
        formatter.debug_struct("NativeCells").field("ty", &name).field("words", &self.words).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    use super::NativeValue;
    use crate::{NativeWord, PanicSource, RuleId, catch_panics};

    type Log = Rc<RefCell<Vec<&'static str>>>;

    fn noting(log: &Log, what: &'static str) -> impl FnOnce() + 'static {
        let log = Rc::clone(log);
        move || log.borrow_mut().push(what)
    }

    #[test]
    fn the_latest_is_cleaned_up_first_and_each_once() {
        let log = Log::default();
        let mut whole = NativeValue::default().with_clean_up(noting(&log, "container"));
        for what in ["first", "second"] {
            let part = NativeValue::scalar(NativeWord::int64(1)).with_clean_up(noting(&log, what));
            assert!(whole.take_over(part).is_none());
        }
        let mut third = NativeValue::error("no int");
        third = third.with_clean_up(noting(&log, "third"));
        whole.hold(third);
        assert!(!whole.is_error() && log.borrow().is_empty());
        whole.take_over(NativeValue::error("no float").within("element 3"));
        assert_eq!((whole.message(), whole.words().len()), (Some("element 3: no float"), 2));
        drop(whole);
        assert_eq!(*log.borrow(), ["third", "second", "first", "container"]);
    }

    #[test]
    fn a_clean_up_that_panics_keeps_no_other_from_running() {
        let log = Log::default();
        let panic = catch_panics(|| {
            let mut value = NativeValue::default().with_clean_up(noting(&log, "first"));
            value = value.with_clean_up(|| panic!("not mine"));
            value.of_rule(RuleId(7));
            drop(value.with_clean_up(noting(&log, "last")));
        });
        let panic = panic.expect_err("it is told whose it was");
        assert_eq!((panic.source, &*panic.message), (PanicSource::Rule(RuleId(7)), "not mine"));
        assert_eq!(*log.borrow(), ["last", "first"]);
    }

    #[test]
    fn a_later_panic_finds_everything_cleaned_up() {
        let log = Log::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let _held = NativeValue::default().with_clean_up(noting(&log, "held")).with_clean_up(|| panic!("second"));
            panic!("first");
        }));
        let payload = outcome.expect_err("it panics");
        assert_eq!((payload.downcast_ref::<&str>(), &**log.borrow()), (Some(&"first"), &["held"][..]));
    }
}
