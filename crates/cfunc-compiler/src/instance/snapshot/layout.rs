//! Plain data: where its components lie in memory, and their bytes in a snapshot.

use cfunc_models::{CellForm, DataModel, FieldForm, MemoryLayout, Representation, Type, TypeTable};

use super::bytes::{Reader, put_text, put_u32};
use crate::SnapshotError;

/// One component of a plain value.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    /// In bytes from the start of the value in memory.
    offset: usize,
    representation: Representation,
    /// The bytes of it, fewer than the representation has where it is packed.
    width: usize,
    /// Whether it is a truth value: 0 or 1.
    truth: bool,
    /// Whether memory holds it with its sign extended to 64 bits.
    extended: bool,
    /// What it is, where its representation does not say it: of a struct, an integer without a sign, or a single.
    special: Option<u8>,
}

impl Leaf {
    /// A number in all bytes of its representation.
    fn of(offset: usize, representation: Representation) -> Self {
        let width = representation.size() as usize;
        Self { offset, representation, width, truth: false, extended: false, special: None }
    }

    fn width(&self) -> usize {
        self.width
    }

    /// Whether it is its lowest bytes alone, in an order that is not the machine's.
    fn is_packed(&self) -> bool {
        self.width < self.representation.size() as usize
    }

    /// The number that stands for it in descriptions.
    fn code(&self) -> u8 {
        if let Some(code) = self.special {
            return code;
        }
        match self.representation {
            _ if self.truth => 7,
            // Up to 15 bytes.
            _ if self.is_packed() => 16 + u8::try_from(self.width).unwrap_or(0),
            Representation::I8 => 1,
            Representation::I16 => 2,
            Representation::I32 => 3,
            Representation::I64 => 4,
            Representation::I128 => 5,
            Representation::F64 => 6,
            // Plain data holds none.
            Representation::Pointer => 0,
        }
    }

    /// The bytes that it has in memory.
    fn memory_width(&self) -> usize {
        if self.extended { 8 } else { self.width() }
    }

    fn save(&self, memory: &[u8], sink: &mut Vec<u8>) {
        let held = &memory[self.offset..self.offset + self.memory_width()];
        if self.truth {
            sink.push(u8::from(held.iter().any(|byte| *byte != 0)));
            return;
        }
        let start = sink.len();
        if cfg!(target_endian = "big") && !self.is_packed() {
            sink.extend(held.iter().rev());
        } else {
            sink.extend(held);
        }
        sink.truncate(start + self.width());
    }

    fn restore(&self, saved: &[u8], memory: &mut [u8]) -> Result<(), SnapshotError> {
        if self.truth && saved[0] > 1 {
            return Err(SnapshotError::damaged("a truth value is neither 0 nor 1"));
        }
        let held = &mut memory[self.offset..self.offset + self.memory_width()];
        let (value, sign) = held.split_at_mut(self.width());
        value.copy_from_slice(saved);
        sign.fill(if saved.last().is_some_and(|byte| *byte >= 0x80) { 0xff } else { 0 });
        if cfg!(target_endian = "big") && !self.is_packed() {
            held.reverse();
        }
        Ok(())
    }
}

/// The components of plain values that lie together: those of a cell or buffer, or of an item.
#[derive(Debug, Default)]
pub(super) struct Layout {
    leaves: Vec<Leaf>,
    /// Bytes in memory.
    size: usize,
    /// Bytes in a snapshot.
    saved: usize,
    /// What the components are called and mean, for descriptions.
    description: Vec<u8>,
}

impl Layout {
    /// The layout of a cell of a type, or of its buffer.
    pub(super) fn of(types: &TypeTable, ty: Type) -> Self {
        let size = types.cell_layout(ty).0 as usize;
        let mut layout = Self { size, ..Self::default() };
        let definition = types.definition(ty);
        match (definition.cell, &definition.model, types.memory_layout(ty)) {
            (CellForm::Place, _, Some(memory)) => layout.add_memory(types, memory, &mut String::new(), 0),
            (CellForm::Packed(_), DataModel::Scalar(representation), _) => {
                layout.add_leaf(types, ty, "", Leaf { width: size, ..Leaf::of(0, *representation) });
            }
            _ => layout.add(types, ty, 0, false),
        }
        layout
    }

    /// An empty layout of so many bytes in memory.
    pub(super) fn sized(size: usize) -> Self {
        Self { size, ..Self::default() }
    }

    /// Adds the components of a type that begins at an offset.
    pub(super) fn add(&mut self, types: &TypeTable, ty: Type, offset: usize, extended: bool) {
        let (offsets, _) = types.layout(ty);
        let mut offsets = offsets.iter().map(|inner| offset + *inner as usize);
        self.add_leaves(types, ty, &mut String::new(), extended, &mut offsets);
    }

    /// Adds the fields of a struct, or the elements of an array, that begins at an offset.
    fn add_memory(&mut self, types: &TypeTable, memory: &MemoryLayout, path: &mut String, offset: usize) {
        for (index, part) in memory.parts().into_iter().enumerate() {
            let (length, offset) = (path.len(), offset + part.offset as usize);
            match part.name {
                Some(name) => *path = format!("{path}.{name}"),
                None => *path = format!("{path}[{index}]"),
            }
            let leaf = |representation, special| Leaf { special, ..Leaf::of(offset, representation) };
            match (part.form, types.memory_layout(part.ty)) {
                (FieldForm::Inside, Some(inside)) => self.add_memory(types, inside, path, offset),
                (FieldForm::Integer { memory, signed }, _) => {
                    let unsigned = match memory {
                        Representation::I8 => 8,
                        Representation::I16 => 9,
                        Representation::I32 => 10,
                        _ => 11,
                    };
                    self.add_leaf(types, part.ty, path, leaf(memory, (!signed).then_some(unsigned)));
                }
                // The four bytes of a single.
                (FieldForm::Float32, _) => self.add_leaf(types, part.ty, path, leaf(Representation::I32, Some(12))),
                (FieldForm::Cell, _) => {
                    let truth = types.definition(part.ty).cell == CellForm::Truth;
                    let width = types.cell_layout(part.ty).0 as usize;
                    if let Some(representation) = types.components(part.ty).first() {
                        self.add_leaf(types, part.ty, path, Leaf { truth, width, ..leaf(*representation, None) });
                    }
                }
                // Structs with addresses are not saved.
                (FieldForm::Inside | FieldForm::Address, _) => {}
            }
            path.truncate(length);
        }
    }

    fn add_leaf(&mut self, types: &TypeTable, ty: Type, path: &str, leaf: Leaf) {
        let definition = types.definition(ty);
        let members = definition.set_of.map_or(&definition.members, |members| &types.definition(members).members);
        self.saved += leaf.width();
        put_text(&mut self.description, path);
        put_text(&mut self.description, &definition.name);
        self.description.push(leaf.code());
        put_u32(&mut self.description, members.len());
        for (name, value) in members {
            put_text(&mut self.description, name);
            self.description.extend(value.to_le_bytes());
        }
        self.leaves.push(leaf);
    }

    fn add_leaves(
        &mut self,
        types: &TypeTable,
        ty: Type,
        path: &mut String,
        extended: bool,
        offsets: &mut dyn Iterator<Item = usize>,
    ) {
        let definition = types.definition(ty);
        match &definition.model {
            DataModel::Empty => {}
            DataModel::Scalar(representation) => {
                let truth = definition.cell == CellForm::Truth;
                let Some(offset) = offsets.next() else { return };
                let leaf = Leaf { truth, extended, ..Leaf::of(offset, *representation) };
                self.add_leaf(types, ty, path, leaf);
            }
            DataModel::Fields(fields) => {
                for field in fields {
                    let length = path.len();
                    path.push('.');
                    path.push_str(&field.name);
                    self.add_leaves(types, field.ty, path, extended, offsets);
                    path.truncate(length);
                }
            }
        }
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Bytes in a snapshot.
    pub(super) fn saved(&self) -> usize {
        self.saved
    }

    /// Writes what distinguishes this layout from others: how many components there are, and of each what it is called,
    /// the name of its type, its representation, and the members of an enumeration.
    pub(super) fn describe(&self, sink: &mut Vec<u8>) {
        put_u32(sink, self.leaves.len());
        sink.extend_from_slice(&self.description);
    }

    /// Appends the components of a value, of [`Layout::size`] bytes, to a snapshot.
    pub(super) fn save(&self, memory: &[u8], sink: &mut Vec<u8>) {
        self.leaves.iter().for_each(|leaf| leaf.save(memory, sink));
    }

    /// Reads the components of a value into memory of [`Layout::size`] bytes; what lies between them stays as it is.
    pub(super) fn restore(&self, reader: &mut Reader<'_>, memory: &mut [u8]) -> Result<(), SnapshotError> {
        self.leaves.iter().try_for_each(|leaf| leaf.restore(reader.take(leaf.width())?, memory))
    }
}

#[cfg(test)]
mod tests {
    use cfunc_models::{CellForm, DataModel, Field, Representation, Type, TypeTable};

    use super::{Layout, Reader};

    #[test]
    fn components_come_back_without_what_lies_between_them() {
        let mut types = TypeTable::new();
        let side = types.define("Side", DataModel::Scalar(Representation::I16), CellForm::Scalar);
        let fields = [("flag", Type::BOOLEAN), ("price", Type::FLOAT64), ("side", side)];
        let fields = fields.map(|(name, ty)| Field { name: name.to_owned(), ty });
        let order = types.define("Order", DataModel::Fields(fields.into()), CellForm::Buffer);
        let layout = Layout::of(&types, order);
        assert_eq!((layout.size(), layout.saved()), (24, 11));
        let mut memory = [0xee; 24];
        memory[0] = 7;
        memory[8..16].copy_from_slice(&2.5f64.to_ne_bytes());
        memory[16..18].copy_from_slice(&(-2i16).to_ne_bytes());
        let mut saved = Vec::new();
        layout.save(&memory, &mut saved);
        let expected: Vec<u8> = [&[1][..], &2.5f64.to_le_bytes(), &(-2i16).to_le_bytes()].concat();
        assert_eq!(saved, expected);
        let mut restored = [0; 24];
        layout.restore(&mut Reader::new(&saved), &mut restored).expect("it is whole");
        assert_eq!((restored[0], &restored[8..18], &restored[18..]), (1, &memory[8..18], &[0; 6][..]));
        saved[0] = 2;
        assert!(layout.restore(&mut Reader::new(&saved), &mut restored).is_err());
        assert!(layout.restore(&mut Reader::new(&expected[..10]), &mut restored).is_err());
    }

    #[test]
    fn signs_are_extended() {
        let mut types = TypeTable::new();
        let side = types.define("Side", DataModel::Scalar(Representation::I16), CellForm::Scalar);
        let mut layout = Layout::sized(16);
        layout.add(&types, side, 0, true);
        layout.add(&types, Type::BOOLEAN, 8, true);
        for value in [-2i64, 300] {
            let memory: Vec<u8> = [value.to_ne_bytes(), 1i64.to_ne_bytes()].concat();
            let mut saved = Vec::new();
            layout.save(&memory, &mut saved);
            assert_eq!(saved.len(), 3);
            let mut restored = [0; 16];
            layout.restore(&mut Reader::new(&saved), &mut restored).expect("it is whole");
            assert_eq!(restored, memory.as_slice());
        }
    }
}
