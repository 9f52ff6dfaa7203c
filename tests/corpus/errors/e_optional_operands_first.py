@node
def e_optional_operands_first(x: Signal[int]) -> Signal[int]:
    s: State[int] = 0
    n = x if x > 0 else None
    # both operands are evaluated before the addition fails on None
    return n + (s := s + 1)
