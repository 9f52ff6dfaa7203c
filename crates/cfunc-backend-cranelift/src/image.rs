//! The image of a unit: static data and code in one run of bytes, and the addresses still to be written into it.

use cfunc_backend::{BackendError, SymbolTable};
use cfunc_ir::{Module, RelocationTarget};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{ExternalName, Function, LibCall, UserExternalName};
use cranelift_codegen::{CompiledCode, FinalizedRelocTarget};

use crate::backend::internal;
use crate::frames;
use crate::libcalls::{self, Helper};

/// The alignment of functions in bytes: what hosts fetch at once.
const FUNCTION_ALIGNMENT: usize = 16;

/// What an address in the image is the address of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// A function of the module, by position.
    Function(u32),
    /// An external function of the module, by position.
    External(u32),
    /// A data object of the module, by position.
    Data(u32),
    /// A helper of this backend.
    Helper(Helper),
    /// The thunk of an external function of the module, by the position of that.
    Thunk(u32),
}

impl Symbol {
    /// The name that stands for it in CLIF.
    pub(crate) fn name(self) -> UserExternalName {
        match self {
            Self::Function(index) => UserExternalName::new(0, index),
            Self::External(index) => UserExternalName::new(1, index),
            Self::Data(index) => UserExternalName::new(2, index),
            Self::Helper(helper) => UserExternalName::new(3, helper as u32),
            Self::Thunk(index) => UserExternalName::new(4, index),
        }
    }

    fn from_name(name: &UserExternalName) -> Option<Self> {
        match name.namespace {
            0 => Some(Self::Function(name.index)),
            1 => Some(Self::External(name.index)),
            2 => Some(Self::Data(name.index)),
            3 => Helper::from_index(name.index).map(Self::Helper),
            4 => Some(Self::Thunk(name.index)),
            _ => None,
        }
    }
}

/// What a relocation refers to.
#[derive(Clone, Copy, Debug)]
enum Target {
    Symbol(Symbol),
    Routine(LibCall),
    /// A place of the image.
    Offset(u32),
    /// An object of the host.
    Address(u64),
}

#[derive(Clone, Copy, Debug)]
struct Relocation {
    at: u32,
    kind: Reloc,
    target: Target,
    addend: i64,
}

/// A unit under construction; reused from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Image {
    bytes: Vec<u8>,
    relocations: Vec<Relocation>,
    functions: Vec<u32>,
    data: Vec<u32>,
}

impl Image {
    /// Forgets everything but the allocations.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.relocations.clear();
        self.functions.clear();
        self.data.clear();
    }

    /// The bytes; complete once linked.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes are held for reuse.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Where a function begins.
    pub(crate) fn function(&self, index: usize) -> Result<u32, BackendError> {
        get(&self.functions, index)
    }

    /// Appends the module's data objects.
    pub(crate) fn add_data(&mut self, module: &Module, symbols: &SymbolTable) -> Result<(), BackendError> {
        for object in &module.data {
            let start = self.append(&object.contents, object.alignment as usize)?;
            self.data.push(start);
            for relocation in &object.relocations {
                let end = u64::from(relocation.offset) + 8;
                if end > object.contents.len() as u64 {
                    return Err(internal(format_args!("a relocation beyond the data object `{}`", object.name)));
                }
                let target = match &relocation.target {
                    RelocationTarget::Data(data) => Target::Symbol(Symbol::Data(position(data.index())?)),
                    RelocationTarget::Function(function) => {
                        Target::Symbol(Symbol::Function(position(function.index())?))
                    }
                    RelocationTarget::Object(symbol) => {
                        let address = symbols.object(symbol);
                        let address =
                            address.ok_or_else(|| BackendError::UndefinedSymbol { symbol: symbol.clone() })?;
                        Target::Address(expose(address))
                    }
                };
                self.relocations.push(Relocation {
                    at: start + relocation.offset,
                    kind: Reloc::Abs8,
                    target,
                    addend: relocation.addend,
                });
            }
        }
        Ok(())
    }

    /// Appends the code of the next function.
    pub(crate) fn add_function(&mut self, code: &CompiledCode, function: &Function) -> Result<(), BackendError> {
        let alignment = (code.buffer.alignment as usize).max(FUNCTION_ALIGNMENT);
        let start = self.append(code.code_buffer(), alignment)?;
        let entry = frames::shorten(&mut self.bytes[start as usize..], code, function);
        self.functions.push(start + entry);
        for relocation in code.buffer.relocs() {
            let target = match &relocation.target {
                FinalizedRelocTarget::Func(offset) => Target::Offset(start + offset),
                FinalizedRelocTarget::ExternalName(name) => target(name, function)?,
            };
            self.relocations.push(Relocation {
                at: start + relocation.offset,
                kind: relocation.kind,
                target,
                addend: relocation.addend,
            });
        }
        Ok(())
    }

    /// Appends nothing for the next function, which is never called.
    pub(crate) fn add_unreachable(&mut self) -> Result<(), BackendError> {
        self.functions.push(position(self.bytes.len())?);
        Ok(())
    }

    fn append(&mut self, contents: &[u8], alignment: usize) -> Result<u32, BackendError> {
        let start = self.bytes.len().next_multiple_of(alignment.max(1));
        // Distances within the image are 32-bit and signed.
        if start + contents.len() > i32::MAX as usize {
            return Err(internal("the unit is larger than 2 GiB"));
        }
        self.bytes.resize(start, 0);
        self.bytes.extend_from_slice(contents);
        position(start)
    }

    /// Writes the addresses for an image that will stand at `base`, given those of the external functions and what gives
    /// those of their thunks.
    pub(crate) fn link(
        &mut self,
        base: u64,
        externals: &[u64],
        mut thunk: impl FnMut(u32) -> Result<u64, BackendError>,
    ) -> Result<(), BackendError> {
        for relocation in &self.relocations {
            let what = match relocation.target {
                Target::Offset(offset) => base + u64::from(offset),
                Target::Address(address) => address,
                Target::Routine(routine) => match libcalls::address(routine) {
                    Some(address) => expose(address),
                    None => {
                        return Err(internal(format_args!("no routine for {routine}")));
                    }
                },
                Target::Symbol(symbol) => match symbol {
                    Symbol::Function(index) => base + u64::from(get(&self.functions, index as usize)?),
                    Symbol::Data(index) => base + u64::from(get(&self.data, index as usize)?),
                    Symbol::External(index) => get(externals, index as usize)?,
                    Symbol::Helper(helper) => expose(helper.address()),
                    Symbol::Thunk(index) => thunk(index)?,
                },
            };
            let what = what.wrapping_add_signed(relocation.addend);
            let here = base + u64::from(relocation.at);
            let at = relocation.at as usize;
            write_relocation(&mut self.bytes, at, relocation.kind, here, what)?;
        }
        Ok(())
    }
}

/// The number of an address that code will hold.
pub(crate) fn expose(address: *const u8) -> u64 {
    address.expose_provenance() as u64
}

fn get<T: Copy>(list: &[T], index: usize) -> Result<T, BackendError> {
    list.get(index).copied().ok_or_else(|| internal("a reference to something the module does not have"))
}

fn position(index: usize) -> Result<u32, BackendError> {
    u32::try_from(index).map_err(internal)
}

fn target(name: &ExternalName, function: &Function) -> Result<Target, BackendError> {
    match name {
        ExternalName::User(reference) => function
            .params
            .user_named_funcs()
            .get(*reference)
            .and_then(Symbol::from_name)
            .map(Target::Symbol)
            .ok_or_else(|| internal("an unknown name in generated code")),
        ExternalName::LibCall(routine) => Ok(Target::Routine(*routine)),
        ExternalName::TestCase(_) | ExternalName::KnownSymbol(_) => {
            Err(internal("an unexpected name in generated code"))
        }
    }
}

/// Writes the address or distance of `what` at position `at` of the bytes, which will stand at the address `here`.
fn write_relocation(bytes: &mut [u8], at: usize, kind: Reloc, here: u64, what: u64) -> Result<(), BackendError> {
    let distance = what.wrapping_sub(here).cast_signed();
    match kind {
        Reloc::Abs8 => *place(bytes, at)? = what.to_le_bytes(),
        Reloc::X86PCRel4 | Reloc::X86CallPCRel4 => {
            let distance = i32::try_from(distance).map_err(|_| too_far())?;
            *place(bytes, at)? = distance.to_le_bytes();
        }
        // BL: a distance in words, in the low 26 bits.
        Reloc::Arm64Call => {
            let bits = field(distance >> 2, 26)?;
            modify(bytes, at, bits)?;
        }
        // ADRP: a distance in pages of 4 KiB, two low bits from bit 29 on, 19 high bits from bit 5 on.
        Reloc::Aarch64AdrPrelPgHi21 => {
            let pages = (what >> 12).wrapping_sub(here >> 12).cast_signed();
            let bits = field(pages, 21)?;
            modify(bytes, at, (bits & 3) << 29 | (bits >> 2) << 5)?;
        }
        // ADD: the position within the page, from bit 10 on.
        Reloc::Aarch64AddAbsLo12Nc => {
            let bits = u32::from(what as u16 & 0xfff);
            modify(bytes, at, bits << 10)?;
        }
        other => {
            return Err(internal(format_args!("unexpected relocation {other}")));
        }
    }
    Ok(())
}

fn place<const SIZE: usize>(bytes: &mut [u8], at: usize) -> Result<&mut [u8; SIZE], BackendError> {
    bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut).ok_or_else(|| internal("a relocation outside of the code"))
}

/// Sets bits of an instruction, which are zero before.
fn modify(bytes: &mut [u8], at: usize, bits: u32) -> Result<(), BackendError> {
    let place = place::<4>(bytes, at)?;
    *place = (u32::from_le_bytes(*place) | bits).to_le_bytes();
    Ok(())
}

/// The low bits of a signed number that fits so many.
fn field(value: i64, bits: u32) -> Result<u32, BackendError> {
    let limit = 1_i64 << (bits - 1);
    if !(-limit..limit).contains(&value) {
        return Err(too_far());
    }
    Ok((value & ((1 << bits) - 1)) as u32)
}

fn too_far() -> BackendError {
    internal("a relocation's target is too far away")
}

#[cfg(test)]
mod tests {
    use super::{Reloc, write_relocation};

    #[track_caller]
    fn check(kind: Reloc, before: u32, here: u64, what: u64, after: u32) {
        let mut bytes = before.to_le_bytes();
        write_relocation(&mut bytes, 0, kind, here, what).unwrap();
        assert_eq!(u32::from_le_bytes(bytes), after, "{kind} {after:#x}");
    }

    #[test]
    fn x86_distances() {
        check(Reloc::X86CallPCRel4, 0, 0x1000, 0x1234, 0x234);
        check(Reloc::X86PCRel4, 0, 0x1000, 0xffc, 0xffff_fffc);
        let mut bytes = [0; 4];
        let far = write_relocation(&mut bytes, 0, Reloc::X86PCRel4, 0, 1 << 31);
        assert!(far.is_err());
    }

    #[test]
    fn arm_instructions() {
        // bl #8; bl #-4
        check(Reloc::Arm64Call, 0x9400_0000, 0x1000, 0x1008, 0x9400_0002);
        check(Reloc::Arm64Call, 0x9400_0000, 0x1000, 0xffc, 0x97ff_ffff);
        // adrp x0, #4096; adrp x0, #-4096; adrp x0, #0x5000
        check(Reloc::Aarch64AdrPrelPgHi21, 0x9000_0000, 0x1ff0, 0x2010, 0xb000_0000);
        check(Reloc::Aarch64AdrPrelPgHi21, 0x9000_0000, 0x2010, 0x1ff0, 0xf0ff_ffe0);
        check(Reloc::Aarch64AdrPrelPgHi21, 0x9000_0000, 0x1000, 0x6000, 0xb000_0020);
        // add x0, x0, #0x123
        check(Reloc::Aarch64AddAbsLo12Nc, 0x9100_0000, 0, 0x5123, 0x9104_8c00);
        let mut bytes = [0; 4];
        assert!(write_relocation(&mut bytes, 0, Reloc::Arm64Call, 0, 1 << 27).is_err());
    }

    #[test]
    fn relocations_stay_inside() {
        let mut bytes = [0; 8];
        assert!(write_relocation(&mut bytes, 1, Reloc::Abs8, 0, 0).is_err());
        assert!(write_relocation(&mut bytes, 9, Reloc::Abs8, 0, 0).is_err());
        assert!(write_relocation(&mut bytes, 0, Reloc::Abs4, 0, 0).is_err());
        write_relocation(&mut bytes, 0, Reloc::Abs8, 0, 0x0102_0304_0506_0708).unwrap();
        assert_eq!(bytes, [8, 7, 6, 5, 4, 3, 2, 1]);
    }
}
