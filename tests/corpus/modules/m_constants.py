import math as m
from math import sqrt as root, floor
import datetime as dt
from datetime import timedelta

BASE = 3
SCALE = -BASE * 2.5
NAMES = "abc"
FIRST, (SECOND, THIRD) = 1, (2, 3)
WINDOW = timedelta(seconds=BASE)
LONGER = WINDOW * 2 + dt.timedelta(milliseconds=5)
FLAG = BASE > 2 and not SCALE > 0
CHOSEN = 10 if FLAG else 20
BASE += 4
Real = float
squared = root

@numba_node
def m_constants(x: Signal[int], y: Signal[Real]) -> Signal[float]:
    t = BASE * x + SCALE * y + len(NAMES) + FIRST * 100 + SECOND * 10 + THIRD
    if FLAG:
        t += CHOSEN
    if LONGER > WINDOW:
        t += LONGER // WINDOW + WINDOW.total_seconds()
    return t + root(16.0) + squared(y * y) + floor(m.pi)
