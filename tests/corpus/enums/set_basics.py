from enum import Enum

class Flag(Enum):
    POST_ONLY = 0
    HIDDEN = 3
    IOC = 7
    ICEBERG = 64
    LAST = 127

USUAL = EnumSet(Flag.POST_ONLY, Flag.ICEBERG)
EVERYTHING = EnumSet(Flag.LAST, Flag.POST_ONLY, Flag.HIDDEN, Flag.IOC, Flag.ICEBERG)

@node
def set_basics(a: Signal[EnumSet[Flag]], b: Signal[EnumSet[Flag]], flag: Signal[Flag]) -> Annotated[Outputs, {
    "union": EnumSet[Flag], "both": EnumSet[Flag], "rest": EnumSet[Flag], "one": EnumSet[Flag], "count": int,
    "answers": int, "places": int,
}]:
    answers = 0
    for answer in (flag in a, a.contains(flag), a.contains_any(b), a.contains_all(b), a <= b, a < b, a >= b, a > b,
                   a == b, a != b, flag not in b, bool(a), not b, a <= EVERYTHING, a == USUAL, Flag.LAST in a):
        answers = answers * 2 + int(answer)
    places = 0
    for member in a:
        places = places * 1000 + member.value + 1
    return a | b, a & b, a - b, a ^ b, len(a) * 100 + len(b) * 10 + len(EVERYTHING), answers, places
