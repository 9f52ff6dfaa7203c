# What a host brings: structs, enumerations. A name that a struct is bound to holds a copy of it.
import enum
import struct


def with_any_value(cls, value):
    """A member without a name: a cell may hold any integer."""
    if not isinstance(value, int):
        return None
    made = int.__new__(cls, value) if issubclass(cls, int) else object.__new__(cls)
    made._value_, made._name_ = value, None
    return cls._value2member_map_.setdefault(value, made)


class AnyEnum(enum.Enum):
    _missing_ = classmethod(with_any_value)


class AnyIntEnum(enum.IntEnum):
    _missing_ = classmethod(with_any_value)


def single(value):
    """A float in 32 bits."""
    try:
        return struct.unpack('<f', struct.pack('<f', value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


class Field:
    def __init__(self, name, kind, bits, signed, single, count, default):
        self.name, self.kind, self.count, self.default = name, kind, count, default
        self.bits, self.signed, self.single = bits, signed, single

    def fit(self, value, classes):
        """A value as memory holds it."""
        if self.kind in classes.structs:
            return value.copy()
        if isinstance(value, Time):
            # Memory holds no offset.
            return type(value)(value.ns)
        if self.kind == 'float':
            value = float(value)
            return single(value) if self.single else value
        if self.bits < 64:
            number = value.value if isinstance(value, enum.Enum) else int(value)
            low = -2**(self.bits - 1) if self.signed else 0
            if not low <= number < low + 2**self.bits:
                raise OverflowError('the value does not fit into its field')
        return bool(value) if self.kind == 'bool' else int(value) if self.kind == 'int' else value


class Array(list):
    """Of a fixed number of elements."""

    def __init__(self, values, field, classes):
        super().__init__(values)
        self.field, self.classes = field, classes

    def __setitem__(self, index, value):
        index = int(index)
        if isinstance(self[index], Struct):
            self[index].assign(value)
        else:
            super().__setitem__(index, self.field.fit(value, self.classes))


class Struct:
    classes = None

    def __init__(self, *values, **named):
        for field, value in zip(self.fields, values):
            named[field.name] = value
        for field in self.fields:
            value = named[field.name] if field.name in named else self.classes.default(field)
            self.__dict__[field.name] = field.fit(value, self.classes)

    @classmethod
    def of(cls, words):
        """Of the words of its fields, an iterator."""
        made = cls.__new__(cls)
        for field in cls.fields:
            values = [cls.classes.decode(field.kind, words) for _ in range(field.count)]
            made.__dict__[field.name] = values[0] if field.count == 1 else Array(values, field, cls.classes)
        return made

    def words(self):
        for field in self.fields:
            value = getattr(self, field.name)
            for element in value if field.count > 1 else [value]:
                yield from self.classes.encode(field.kind, element)

    def words_of_any_nan(self):
        """As `words`, where any nan is the same."""
        for field in self.fields:
            value = getattr(self, field.name)
            for element in value if field.count > 1 else [value]:
                if isinstance(element, Struct):
                    yield from element.words_of_any_nan()
                else:
                    yield from self.classes.encode(field.kind, NAN if element != element else element)

    def copy(self):
        return self.of(self.words())

    def assign(self, other):
        """All fields of another, at the place where this one is."""
        values = other.copy()
        for field in self.fields:
            setattr(self, field.name, getattr(values, field.name))

    def __setattr__(self, name, value):
        mine = self.__dict__[name]
        if isinstance(mine, Struct):
            mine.assign(value)
        elif isinstance(mine, Array):
            for index, element in enumerate(list(value)):
                mine[index] = element
        else:
            [field] = [field for field in self.fields if field.name == name]
            self.__dict__[name] = field.fit(value, self.classes)

    def __eq__(self, other):
        return all([equal(getattr(self, field.name), getattr(other, field.name)) for field in self.fields])

    __hash__ = None


def kept(value):
    """What a name holds of a value."""
    if isinstance(value, Struct):
        return value if any(field.count > 1 for field in value.fields) else value.copy()
    if type(value) is tuple and any(isinstance(element, Struct) for element in value):
        return tuple(kept(element) for element in value)
    return value


class Classes:
    """The classes of kinds, by their names, and what cells of them hold."""

    def __init__(self, described, names):
        self.names = names
        self.structs = {}
        for name, members in described['enumerations'].items():
            names[name] = AnyEnum(name, [tuple(member) for member in members])
        for name, fields in described['structs'].items():
            made = [Field(*field) for field in fields]
            names[name] = self.structs[name] = type(name, (Struct,), {'fields': made, 'classes': self})

    def default(self, field):
        return self.names[field.kind](field.default) if field.kind in self.names else field.default

    def decode(self, kind, words):
        """A value of the next words."""
        if kind in self.structs:
            return self.structs[kind].of(words)
        word = next(words)
        if kind.startswith('EnumSet['):
            flags = self.names[kind[8:-1]]
            bits = word % 2**64 | next(words) % 2**64 << 64
            return EnumSet(*[flags(bit) for bit in range(128) if bits >> bit & 1])
        if kind == 'float':
            return struct.unpack('<d', struct.pack('<q', word))[0]
        if kind == 'bool':
            return word != 0
        if kind == 'timedelta':
            return Delta(word)
        if kind == 'datetime':
            return Instant(word)
        return word if kind == 'int' else self.names[kind](word)

    def encode(self, kind, value):
        if isinstance(value, Struct):
            return list(value.words())
        if isinstance(value, EnumSet):
            bits = sum(1 << flag.value for flag in value)
            return [wrapped(bits % 2**64), wrapped(bits >> 64)]
        if isinstance(value, (list, dict)):
            # What is in a container is seen by what the program does with it.
            return []
        if kind == 'float':
            return [struct.unpack('<q', struct.pack('<d', float(value)))[0]]
        if isinstance(value, Time):
            return [value.ns]
        return [value.value if isinstance(value, enum.Enum) else int(value)]

    def stored(self, kind, value):
        """A value as a cell of a kind takes it."""
        if kind == 'float':
            return float(value)
        if kind == 'bool':
            return bool(value)
        if kind == 'int':
            return to_int(value)
        if isinstance(value, Struct):
            return value.copy()
        if value is None and kind in self.structs:
            return self.structs[kind].of(iter(lambda: 0, 1))
        if not isinstance(value, (Time, list, dict, enum.Enum, EnumSet)):
            raise SystemError(f'{value!r} into a cell of {kind}')
        # A cell holds no offset: what is read from it is in UTC.
        return type(value)(value.ns) if isinstance(value, Time) else value


