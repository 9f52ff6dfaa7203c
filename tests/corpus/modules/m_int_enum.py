from enum import IntEnum

class Level(IntEnum):
    LOW = 0
    MID = 5
    HIGH = 9

TOP = Level.HIGH + 1

def grade(x):
    if x > Level.MID:
        return Level.HIGH
    return Level.LOW

@numba_node
def m_int_enum(level: Signal[Level], x: Signal[int]) -> Annotated[Outputs, {"n": int, "f": float, "l": Level}]:
    n = level + x * Level.MID - TOP
    if level >= Level.MID and level == 5:
        n += 100
    if not level:
        n = -n
    if Level.LOW < level < Level.HIGH:
        n += 1000
    g = grade(x)
    m = level if x > 0 else x
    return n + int(level) + m, level / 2 + g, g
