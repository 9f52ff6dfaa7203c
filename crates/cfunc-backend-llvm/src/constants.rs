//! Static data: bytes with addresses inside them.

use cfunc_backend::BackendError;
use cfunc_ir::{DataObject, RelocationTarget};
use inkwell::AddressSpace;
use inkwell::module::Linkage;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValueEnum, GlobalValue, PointerValue, UnnamedAddress};

use crate::backend::internal;
use crate::module::ModuleBuilder;

/// Bytes of an address.
const WORD: usize = 8;

/// A piece of an object: bytes, or the address that a relocation puts there.
enum Piece<'a> {
    Bytes(&'a [u8]),
    Address(&'a RelocationTarget, i64),
}

/// An object's pieces in order.
fn pieces(object: &DataObject) -> Result<Vec<Piece<'_>>, BackendError> {
    let mut relocations: Vec<_> = object.relocations.iter().collect();
    relocations.sort_by_key(|relocation| relocation.offset);
    let outside = || internal(format_args!("a relocation outside of the data object {}", object.name));
    let mut pieces = Vec::with_capacity(2 * relocations.len() + 1);
    let mut position = 0;
    for relocation in relocations {
        let start = relocation.offset as usize;
        let before = object.contents.get(position..start).ok_or_else(outside)?;
        if !before.is_empty() {
            pieces.push(Piece::Bytes(before));
        }
        pieces.push(Piece::Address(&relocation.target, relocation.addend));
        position = start + WORD;
    }
    let rest = object.contents.get(position..).ok_or_else(outside)?;
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Bytes(rest));
    }
    Ok(pieces)
}

impl<'ctx> ModuleBuilder<'ctx, '_> {
    /// Declares every data object, then says what each holds: they may hold addresses of each other.
    pub(crate) fn define_data(&mut self) -> Result<(), BackendError> {
        let objects = &self.source.data;
        for (index, object) in objects.iter().enumerate() {
            let types: Vec<BasicTypeEnum<'ctx>> = pieces(object)?
                .iter()
                .map(|piece| match piece {
                    Piece::Bytes(bytes) => {
                        let length = u32::try_from(bytes.len()).map_err(internal)?;
                        Ok(self.context.i8_type().array_type(length).into())
                    }
                    Piece::Address(..) => Ok(self.context.ptr_type(AddressSpace::default()).into()),
                })
                .collect::<Result<_, BackendError>>()?;
            let ty = self.context.struct_type(&types, true);
            // The number keeps names apart: LLVM would rename the second of one name without a word.
            let global = self.module.add_global(ty, None, &format!("data.{index}.{}", object.name));
            global.set_linkage(Linkage::Private);
            global.set_constant(true);
            global.set_unnamed_address(UnnamedAddress::None);
            global.set_alignment(object.alignment.max(1));
            self.data.push(global);
        }
        for (index, object) in objects.iter().enumerate() {
            let values: Vec<BasicValueEnum<'ctx>> = pieces(object)?
                .iter()
                .map(|piece| match piece {
                    Piece::Bytes(bytes) => Ok(self.context.const_string(bytes, false).into()),
                    Piece::Address(target, addend) => Ok(self.address(target, *addend)?.into()),
                })
                .collect::<Result<_, BackendError>>()?;
            self.data[index].set_initializer(&self.context.const_struct(&values, true));
        }
        Ok(())
    }

    /// The address that a relocation stands for.
    fn address(&mut self, target: &RelocationTarget, addend: i64) -> Result<PointerValue<'ctx>, BackendError> {
        let base = match target {
            RelocationTarget::Data(data) => {
                let global: Option<&GlobalValue<'ctx>> = self.data.get(data.index());
                global.ok_or_else(|| internal("the address of data that does not exist"))?.as_pointer_value()
            }
            RelocationTarget::Function(function) => {
                let function = self.functions.get(function.index());
                function
                    .ok_or_else(|| internal("the address of a function that does not exist"))?
                    .as_global_value()
                    .as_pointer_value()
            }
            RelocationTarget::Object(symbol) => self.object(symbol).as_pointer_value(),
        };
        if addend == 0 {
            return Ok(base);
        }
        let offset = self.context.i64_type().const_int(addend.cast_unsigned(), true);
        // SAFETY: the index is a number of bytes of a type of one byte.
        Ok(unsafe { base.const_gep(self.context.i8_type(), &[offset]) })
    }

    /// The declaration of an object of the host.
    fn object(&mut self, symbol: &str) -> GlobalValue<'ctx> {
        let name = object_symbol(symbol);
        self.module.get_global(&name).unwrap_or_else(|| {
            let global = self.module.add_global(self.context.i8_type(), None, &name);
            global.set_linkage(Linkage::External);
            global
        })
    }
}

/// The symbol of an object of the host: objects have names of their own, which may be those of functions.
pub(crate) fn object_symbol(name: &str) -> String {
    format!("{OBJECT}{name}")
}

/// How these symbols begin.
pub(crate) const OBJECT: &str = "cfunc_object_";
