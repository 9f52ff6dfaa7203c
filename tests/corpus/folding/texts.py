@node
def texts(x: Signal[int]) -> Signal[int]:
    return len("ab" + "c") + len(3 * "ab") * 10 + ("a" * 2 == "aa") * 100 + x
