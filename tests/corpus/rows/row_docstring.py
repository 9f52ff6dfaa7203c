@node
def row_docstring(x: Signal[int]) -> Signal[int]:
    """doc"""
    pass
    # comment
    "another"
    ...
    return x
