"""Nodes on complex numbers."""

import cmath

from cfunc_example_complex import Complex


@node
def arithmetic(a: Signal[Complex], b: Signal[Complex]) -> Annotated[
    Outputs, {"sum": Complex, "difference": Complex, "product": Complex, "quotient": Complex, "negated": Complex}
]:
    return a + b, a - b, a * b, a / b, -a


@node
def mixed(a: Signal[Complex], n: Signal[int], x: Signal[float]) -> Annotated[
    Outputs, {"plus_int": Complex, "float_minus": Complex, "times": Complex, "shifted": Complex, "plain": float}
]:
    return a + n, x - a, n * a * x, a + 2 * cmath.i, n / x


@node
def parts(a: Signal[Complex]) -> Annotated[
    Outputs, {"real": float, "imag": float, "abs": float, "phase": float, "conjugate": Complex, "exp": Complex}
]:
    return a.real, a.imag, abs(a), cmath.phase(a), a.conjugate(), cmath.exp(a)


@node
def compared(a: Signal[Complex], x: Signal[float]) -> Annotated[
    Outputs, {"equal": bool, "not_equal": bool, "true": bool}
]:
    return a == x, x != a, not not a


@node
def joined(re: Signal[float], im: Signal[float]) -> Signal[Complex]:
    if im == 0.0:
        value = re
    else:
        value = Complex(re, im=im)
    return value


@node
def rotated(x: Signal[float], step: Complex) -> Annotated[Outputs, {"total": Complex, "turn": Complex}]:
    total: State[Complex] = -Complex(2.0) + 1
    turn: State[Complex] = 1
    turn *= step
    total += x * turn
    return total, turn


@node
def powers(a: Signal[Complex], n: Signal[int]) -> Signal[Complex]:
    return a**n
