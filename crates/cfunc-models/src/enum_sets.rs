//! Sets of members of an enumeration: their types, and their bits as dynamic values.

use crate::{AbiConfig, Type, TypeConstructor, TypeTable, Value};

/// The kind of the value that a set is where it is known when a node is compiled.
const KNOWN: &str = "EnumSet";

impl TypeTable {
    /// The type of the sets of members of an enumeration, a bit each: bit N is the member of the value N.
    ///
    /// # Errors
    ///
    /// Why there is none: the type is no enumeration, or a member's value is no position of a bit.
    pub fn enum_set(&mut self, constructor: TypeConstructor, members: Type, abi: &AbiConfig) -> Result<Type, String> {
        let definition = self.definition(members);
        let name = &definition.name;
        if definition.members.is_empty() {
            return Err(format!("`{name}` is no enum with members"));
        }
        let width = i64::from(abi.enumset_width);
        let (representation, cell) =
            abi.enumset_forms().ok_or_else(|| format!("sets of {width} bits are not supported"))?;
        if let Some((member, value)) = definition.members.iter().find(|(_, value)| !(0..width).contains(value)) {
            let last = width - 1;
            return Err(format!(
                "`{name}.{member}` is {value}, and members of a set of {width} bits are from 0 to {last}"
            ));
        }
        Ok(self.apply_set(constructor, members, representation, cell))
    }

    /// How many bits the sets of a type have.
    pub fn set_width(&self, ty: Type) -> u32 {
        8 * self.cell_layout(ty).0
    }

    /// The bits of a set of a type, of a dynamic value: a list or tuple of members, each by its name, its value or as a
    /// record of its class; an integer, whose bits they are (that of all 128 bits may be negative); or what
    /// [`Value::set_of_members`] makes. `None` where it is none of these, or has a bit beyond the width.
    pub fn set_bits(&self, ty: Type, value: &Value) -> Option<u128> {
        let width = self.set_width(ty);
        let members = self.definition(ty).set_of?;
        let bits = match value {
            Value::List(elements) | Value::Tuple(elements) => elements.iter().try_fold(0, |bits, element| {
                let position = self.set_position(members, element)?;
                Some(bits | 1u128.checked_shl(u32::try_from(position).ok()?)?)
            })?,
            Value::Integer(number) if width == 128 => i128::from(*number).cast_unsigned(),
            Value::Integer(number) => u128::try_from(*number).ok()?,
            Value::LargeInteger(Some(number)) if width == 128 => number.cast_unsigned(),
            Value::LargeInteger(Some(number)) => u128::try_from(**number).ok()?,
            Value::Record(..) => {
                let (class, bits) = value.known_set()?;
                (class == self.name(members)).then_some(bits)?
            }
            _ => return None,
        };
        let fits = width >= 128 || bits >> width == 0;
        fits.then_some(bits)
    }

    /// The bit of a member.
    fn set_position(&self, members: Type, value: &Value) -> Option<i64> {
        let definition = self.definition(members);
        match value {
            Value::Integer(position) => Some(*position),
            Value::Text(name) => definition.member_written(name).map(|(_, position)| *position),
            Value::Record(class, fields) if *class == definition.name => {
                match fields.iter().find(|(field, _)| field == "value") {
                    Some((_, Value::Integer(position))) => Some(*position),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The members of a set of a type, from the lowest bit on: the names of members, and integers for other bits.
    pub fn set_elements(&self, ty: Type, bits: u128) -> Value {
        let members = self.definition(ty).set_of.map_or(&[][..], |members| &self.definition(members).members);
        let element = |position: i64| match members.iter().find(|(_, known)| *known == position) {
            Some((name, _)) => Value::Text(name.clone()),
            None => Value::Integer(position),
        };
        Value::List((0..128).filter(|position| bits >> position & 1 == 1).map(element).collect())
    }
}

impl Value {
    /// The kind of [`Value::set_of_members`].
    pub const SET_KIND: &'static str = KNOWN;

    /// A set of members of an enumeration, by its name, where its bits are known.
    pub fn set_of_members(class: &str, bits: u128) -> Self {
        let word = |bits: u128| Self::Integer((bits as u64).cast_signed());
        let fields = [("class", Self::Text(class.to_owned())), ("low", word(bits)), ("high", word(bits >> 64))];
        Self::Record(KNOWN.to_owned(), fields.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// The name of the enumeration and the bits, of what [`Value::set_of_members`] made.
    pub fn known_set(&self) -> Option<(&str, u128)> {
        match self {
            Self::Record(kind, fields) if kind == KNOWN => match fields.as_slice() {
                [(_, Self::Text(class)), (_, Self::Integer(low)), (_, Self::Integer(high))] => {
                    Some((class, u128::from(low.cast_unsigned()) | u128::from(high.cast_unsigned()) << 64))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{AbiConfig, CellForm, Representation, Type, TypeTable, Value};

    fn flags(types: &mut TypeTable, width: u32) -> Result<Type, String> {
        let enums = types.define_constructor("Enum");
        let sets = types.define_constructor("EnumSet");
        let members = [("A", 0), ("B", 3), ("C", 23)].map(|(name, value)| (name.to_owned(), value));
        let flag = types.define_enumeration(enums, "Flag", Representation::I16, members.into(), Vec::new());
        types.enum_set(sets, flag, &AbiConfig { enumset_width: width, ..AbiConfig::default() })
    }

    #[test]
    fn every_width() {
        for width in (8..=128).step_by(8) {
            let mut types = TypeTable::new();
            let set = flags(&mut types, width);
            let Ok(set) = set else {
                assert!(width < 24, "{set:?}");
                continue;
            };
            assert_eq!((types.cell_layout(set).0, types.set_width(set)), (width / 8, width));
            let size = types.layout(set).1;
            assert!(size.is_power_of_two() && size >= width / 8, "{size}");
            assert_eq!(types.definition(set).cell == CellForm::Scalar, width.is_power_of_two(), "{width}");
            let all = u128::MAX >> (128 - width);
            for bits in [0, 1, 1 << 23 | 9, all] {
                let elements = types.set_elements(set, bits);
                assert_eq!(types.set_bits(set, &elements), Some(bits), "{elements}");
                assert_eq!(types.set_bits(set, &Value::integer(Some(bits.cast_signed()))), Some(bits));
                assert_eq!(types.set_bits(set, &Value::set_of_members("Flag", bits)), Some(bits));
            }
            assert_eq!(types.set_bits(set, &Value::List(vec![Value::Integer(i64::from(width))])), None);
            assert_eq!(types.set_bits(set, &Value::List(vec![Value::Integer(-1)])), None);
        }
        for width in [0, 7, 12, 129, 136] {
            assert!(flags(&mut TypeTable::new(), width).is_err(), "{width}");
        }
    }

    #[test]
    fn values_of_sets() {
        let mut types = TypeTable::new();
        let set = flags(&mut types, 32).expect("the members fit");
        let text = |name: &str| Value::Text(name.to_owned());
        assert_eq!(types.set_elements(set, 0b1010), Value::List(vec![Value::Integer(1), text("B")]));
        assert_eq!(types.set_bits(set, &Value::Tuple(vec![text("C"), text("A"), text("C")])), Some(1 << 23 | 1));
        for wrong in [
            Value::Integer(-1),
            Value::Integer(1 << 32),
            text("A"),
            Value::List(vec![text("D")]),
            Value::List(vec![Value::Float(1.0)]),
            Value::set_of_members("Other", 1),
            Value::None,
        ] {
            assert_eq!(types.set_bits(set, &wrong), None, "{wrong}");
        }
    }
}
