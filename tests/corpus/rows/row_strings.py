@node
def row_strings(x: Signal[int]) -> Signal[int]:
    s = 'ab'
    if s == 'ab' and len('abc') == 3 and s != 'b' and 'a' < 'b':
        return x
    return 0
