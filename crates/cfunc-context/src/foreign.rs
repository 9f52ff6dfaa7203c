//! Functions of a host that nodes call: what is said of one, and how C holds what goes in and out.
//!
//! A [`ForeignFunction`] is data. [`Registrar::foreign_function`](crate::Registrar::foreign_function) and
//! [`Registrar::foreign_methods`](crate::Registrar::foreign_methods) make a callable of it, with the rules that type and
//! lower its calls; nobody writes rules for it.

use std::borrow::Cow;

use cfunc_models::{Effects, NodeErrorKind, StructReference, Type, Value};

/// How a C function holds a value, where that is another way than the type's own: int is `int64_t`, float `double`, bool
/// `int8_t` of 0 or 1, an enum the signed integer of the configured width, datetime and timedelta `int64_t` of nanoseconds,
/// a type of one component that component. What is several values is passed by the address of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CType {
    /// `int8_t`.
    Int8,
    /// `int16_t`.
    Int16,
    /// `int32_t`.
    Int32,
    /// `int64_t`.
    Int64,
    /// `uint8_t`.
    UnsignedInt8,
    /// `uint16_t`.
    UnsignedInt16,
    /// `uint32_t`.
    UnsignedInt32,
    /// `uint64_t`; the bits of the int, of which values from 2 to the 63 on are negative.
    UnsignedInt64,
    /// `float`.
    Float32,
    /// `double`.
    Float64,
    /// `bool`, of which any byte but 0 is true.
    Bool,
    /// A pointer at an object of the host.
    Pointer,
    /// `__int128`, signed or not.
    Int128,
}

/// A type, by itself or by the name that it is registered under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeReference {
    /// The type.
    Type(Type),
    /// The name of one that is registered before the function is, or of a family with registered ones in brackets:
    /// `EnumSet[Flag]`.
    Named(Cow<'static, str>),
    /// A struct that is registered before the function is, and that is as it is described.
    Struct(StructReference),
}

impl From<Type> for TypeReference {
    fn from(ty: Type) -> Self {
        Self::Type(ty)
    }
}

impl From<&'static str> for TypeReference {
    fn from(name: &'static str) -> Self {
        Self::Named(Cow::Borrowed(name))
    }
}

impl From<String> for TypeReference {
    fn from(name: String) -> Self {
        Self::Named(Cow::Owned(name))
    }
}

/// What a value is for a node, and for the C function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignType {
    /// What the node sees.
    pub ty: TypeReference,
    /// What the C function sees; `None` for the type's own form.
    pub form: Option<CType>,
}

impl ForeignType {
    /// A type in a form.
    pub fn new(ty: impl Into<TypeReference>, form: CType) -> Self {
        Self { ty: ty.into(), form: Some(form) }
    }
}

impl<T: Into<TypeReference>> From<T> for ForeignType {
    fn from(ty: T) -> Self {
        Self { ty: ty.into(), form: None }
    }
}

/// A parameter of the C function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForeignParameter {
    pub(crate) name: Cow<'static, str>,
    pub(crate) ty: ForeignType,
    pub(crate) default: Option<Value>,
    /// Whether it is a pointer that a part of the result comes through.
    pub(crate) is_out: bool,
    /// Whether the function writes to what it leads to.
    pub(crate) is_changed: bool,
}

/// What a status of a C function stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignStatus {
    /// The number that the function returns.
    pub code: i32,
    /// The kind of the node error.
    pub kind: NodeErrorKind,
    /// Its message, unless the function left another.
    pub message: Cow<'static, str>,
}

impl ForeignStatus {
    /// A status of a code.
    pub fn new(code: i32, kind: NodeErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, kind, message: message.into() }
    }
}

/// How the function says that it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ForeignFailure {
    /// It does not fail.
    Never,
    /// It returns an `int32_t`, 0 for success; its values come through pointers.
    Status(Vec<ForeignStatus>),
    /// It returns two words, a status and the bits of its value.
    Outcome(Vec<ForeignStatus>),
}

/// A function of the host, as nodes call it and as C declares it.
///
/// Without more it takes nothing, gives nothing, never fails, and may do anything ([`Effects::Writes`]).
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it has no effect before it is registered"]
pub struct ForeignFunction {
    pub(crate) name: Cow<'static, str>,
    pub(crate) symbol: Option<Cow<'static, str>>,
    pub(crate) address: Option<usize>,
    pub(crate) parameters: Vec<ForeignParameter>,
    pub(crate) result: Option<ForeignType>,
    /// Whether what it returns may be NULL, which is None.
    pub(crate) is_nullable: bool,
    pub(crate) effects: Effects,
    pub(crate) failure: ForeignFailure,
}

impl ForeignFunction {
    /// A function of a name that nodes call it by, dotted perhaps. Its symbol is the last part of the name, for a method with
    /// the suffix of its type.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            symbol: None,
            address: None,
            parameters: Vec::new(),
            result: None,
            is_nullable: false,
            effects: Effects::Writes,
            failure: ForeignFailure::Never,
        }
    }

    /// The symbol, by which the host registers the function's address for a compilation, and a linker finds it.
    pub fn symbol(self, symbol: impl Into<Cow<'static, str>>) -> Self {
        Self { symbol: Some(symbol.into()), ..self }
    }

    /// The address of the function. What a compilation registers for the symbol goes before it.
    ///
    /// # Safety
    ///
    /// `address` is a function of the C calling convention that has the parameters and results said here, and the effects;
    /// it lives as long as any code that calls it, and may be called from every thread that runs such code.
    pub unsafe fn address(self, address: *const u8) -> Self {
        Self { address: Some(address.expose_provenance()), ..self }
    }

    /// One more parameter, by its name and type, or by type and form in C ([`ForeignType::new`]).
    pub fn parameter(mut self, name: impl Into<Cow<'static, str>>, ty: impl Into<ForeignType>) -> Self {
        let (name, ty) = (name.into(), ty.into());
        self.parameters.push(ForeignParameter { name, ty, default: None, is_out: false, is_changed: false });
        self
    }

    /// One more parameter that calls may leave out.
    pub fn parameter_with_default(
        mut self,
        name: impl Into<Cow<'static, str>>,
        ty: impl Into<ForeignType>,
        default: impl Into<Value>,
    ) -> Self {
        let (name, ty) = (name.into(), ty.into());
        self.parameters.push(ForeignParameter {
            name,
            ty,
            default: Some(default.into()),
            is_out: false,
            is_changed: false,
        });
        self
    }

    /// One more parameter of the C function that nodes do not give: a pointer that the function writes a part of its result
    /// through. Of several values, the one that the function returns first, the result is a tuple.
    pub fn out_parameter(mut self, ty: impl Into<ForeignType>) -> Self {
        let ty = ty.into();
        self.parameters.push(ForeignParameter {
            name: Cow::Borrowed(""),
            ty,
            default: None,
            is_out: true,
            is_changed: false,
        });
        self
    }

    /// Says that the function writes to the struct that a parameter of this name leads to. A copy of one is refused there
    /// (E0305), and a name that holds a copy of what is given for it is warned of (W0005). Its effects are
    /// [`Effects::Writes`], or [`Effects::WritesInternal`] for an object of the host.
    pub fn changes(mut self, name: &str) -> Self {
        self.parameters.iter_mut().filter(|parameter| parameter.name == name).for_each(|one| one.is_changed = true);
        self
    }

    /// The value that the function returns.
    pub fn result(self, ty: impl Into<ForeignType>) -> Self {
        Self { result: Some(ty.into()), ..self }
    }

    /// Says that the address that the function returns may be NULL: nodes see None then, and otherwise the object, or the
    /// struct, which a name holds as it is and not a copy. It lives as long as the call of the node.
    pub fn nullable(self) -> Self {
        Self { is_nullable: true, ..self }
    }

    /// What a call may do. Passes merge, move and drop calls by it, so the function must hold to it: `Pure` depends on
    /// the arguments alone and not on what pointers among them lead to, `Reads` and `ReadsInternal` change nothing that
    /// anybody sees, the internal ones touch no cells of the node.
    pub fn effects(self, effects: Effects) -> Self {
        Self { effects, ..self }
    }

    /// Says that the function returns an `int32_t`: 0, or what became wrong. What it returned otherwise comes through a
    /// pointer, its last parameter. A status that is not among these is a `ForeignError`.
    pub fn status(self, statuses: impl IntoIterator<Item = ForeignStatus>) -> Self {
        Self { failure: ForeignFailure::Status(statuses.into_iter().collect()), ..self }
    }

    /// Says that the function returns two words: a status as an `int64_t`, 0 for success, and the bits of its value. Two
    /// values in two registers, they keep the function free of memory that passes would have to be careful with. It is
    /// what thunks of Rust functions do.
    pub fn outcome(self, statuses: impl IntoIterator<Item = ForeignStatus>) -> Self {
        Self { failure: ForeignFailure::Outcome(statuses.into_iter().collect()), ..self }
    }

    /// Of a function that returns an outcome: kinds of errors that it fails with beside `ForeignError`, its status being the
    /// kind's number. A Rust function that gives a `Result` fails with kinds that are named here.
    pub fn raises(mut self, kinds: impl IntoIterator<Item = NodeErrorKind>) -> Self {
        if let ForeignFailure::Outcome(statuses) = &mut self.failure {
            let known = |kind: &NodeErrorKind| statuses.iter().any(|status| status.code == kind.code());
            let added: Vec<_> = kinds.into_iter().filter(|kind| !known(kind)).collect();
            statuses.extend(added.into_iter().map(|kind| ForeignStatus::new(kind.code(), kind, "the call failed")));
        }
        self
    }

    /// The name that nodes call it by.
    pub fn name(&self) -> &str {
        &self.name
    }
}
