@numba_node
def b_pow_modulus(a: Signal[int], b: Signal[int], m: Signal[int]) -> Annotated[Outputs, {"p": int, "q": int, "r": int}]:
    return pow(a, b, m), pow(a, b % 5, mod=7), pow(exp=2, base=a % 1000)
