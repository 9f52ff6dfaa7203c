use cfunc_syntax::{functions, pick};
use expect_test::{Expect, expect};

use crate::{module, parsed};

/// All diagnostics, each with the text that it points at.
#[track_caller]
fn check(source: &str, expect: Expect) {
    let outcome = parsed(source);
    let mut text = String::new();
    for diagnostic in &outcome.diagnostics {
        text.push_str(&diagnostic.render("test.py", source));
        text.push_str(&format!("\n  at: {:?}\n", diagnostic.span.text(source)));
        for note in &diagnostic.notes {
            text.push_str(&format!("  note: {} {:?}\n", note.message, note.span.text(source)));
        }
    }
    expect.assert_eq(&text);
}

#[test]
fn several_errors_in_one_run() {
    let source = "import a\n\ndef f(x:\n    return 1\n\n@d\ndef good(x):\n    return x\n\ndef g():\n    x = (1, 2\n\ndef h():\n    return 'abc\n\nx = = 1\n\nclass C:\npass\n";
    check(
        source,
        expect![[r#"
            test.py:3:6: error[E0001]: `(` is never closed
              expected: `)`
              hint: write `)` where what the bracket holds ends
              at: "("
            test.py:11:9: error[E0001]: `(` is never closed
              expected: `)`
              hint: write `)` where what the bracket holds ends
              at: "("
            test.py:14:12: error[E0001]: this string does not end
              expected: the same quotes that began it
              hint: close it on its line; a text of several lines begins and ends with three quotes
              at: "'abc"
            test.py:16:5: error[E0001]: `=` is not expected here
              hint: write `==` to compare
              at: "="
            test.py:19:1: error[E0001]: an indented block is missing here
              expected: a statement, indented deeper than the line above
              hint: indent the statements that belong to the line above; `pass` stands for none
              at: "pass"
        "#]],
    );
    let outcome = parsed(source);
    let names: Vec<&str> = functions(&outcome.module).map(|function| &*function.name).collect();
    assert_eq!(names, ["good"]);
    assert_eq!(outcome.module.body.len(), 3);
}

#[test]
fn syntax() {
    check(
        "if x\n    pass\n",
        expect![[r#"
            test.py:1:5: error[E0001]: the line ends in the middle of a statement
              expected: `:`
              hint: write `:` here
              at: ""
        "#]],
    );
    check(
        "def f():\nreturn 1\n",
        expect![[r#"
            test.py:2:1: error[E0001]: an indented block is missing here
              expected: a statement, indented deeper than the line above
              hint: indent the statements that belong to the line above; `pass` stands for none
              at: "return"
        "#]],
    );
    check(
        "x = 1\n    y = 2\n",
        expect![[r#"
        test.py:2:1: error[E0001]: unexpected indentation
          hint: indent the line like the one above it
          at: "    "
    "#]],
    );
    check(
        "if x:\n        y\n    z\n",
        expect![[r#"
        test.py:3:5: error[E0001]: this indentation matches no block around it
          hint: indent the line like another line of its block
          at: "z"
    "#]],
    );
    check(
        "if x:\n    y\n \tz\n",
        expect![[r#"
        test.py:3:2: error[E0001]: tabs and spaces are mixed in the indentation
          hint: use spaces only
          at: "\t"
    "#]],
    );
    check(
        "x = )\n",
        expect![[r#"
            test.py:1:5: error[E0001]: `)` closes nothing
              hint: leave it out, or open it before with the bracket of its kind
              at: ")"
        "#]],
    );
    check(
        "x = (1]\n",
        expect![[r#"
            test.py:1:7: error[E0001]: `]` is not expected here
              hint: an operator, a comma or a bracket before it may be missing or too many
              at: "]"
        "#]],
    );
    check(
        "x = 1 $ 2\n",
        expect![[r#"
            test.py:1:7: error[E0001]: the character `$` is not part of Python
              hint: leave it out, or put it into a string or a comment
              at: "$"
        "#]],
    );
    check(
        "x = 1 ! 2\n",
        expect![[r#"
            test.py:1:7: error[E0001]: the character `!` is not part of Python
              hint: leave it out, or put it into a string or a comment
              at: "!"
        "#]],
    );
    check(
        "x = 007\n",
        expect![[r#"
        test.py:1:7: error[E0001]: a number must not begin with 0
          hint: write `0o` before an octal number
          at: "7"
    "#]],
    );
    check(
        "x = '''abc\n",
        expect![[r#"
            test.py:1:5: error[E0001]: this string does not end
              expected: the same quotes that began it
              hint: close it on its line; a text of several lines begins and ends with three quotes
              at: "'''"
        "#]],
    );
    check(
        "x = 1 \\ \n",
        expect![[r#"
        test.py:1:7: error[E0001]: something follows the `\` that joins lines
          hint: a `\` must be the last character of its line
          at: "\\"
    "#]],
    );
    check(
        "if x = 1: pass\n",
        expect![[r#"
        test.py:1:6: error[E0001]: `=` is not expected here
          hint: write `==` to compare
          at: "="
    "#]],
    );
    check(
        "x = '\\N{no such name}'\n",
        expect![[r#"
            test.py:1:8: error[E0001]: this escape does not stand for a character
              hint: write `\\` for a backslash itself
              at: "{"
        "#]],
    );
    check(
        "f(a=1, 2)\nf(a=1, a=2)\nf(**a, *b)\nf(a.b=1)\n",
        expect![[r#"
            test.py:1:8: error[E0001]: a positional argument follows a keyword argument
              hint: put it before the keyword arguments, or name it
              at: "2"
            test.py:2:8: error[E0103]: the keyword argument `a` is given twice
              hint: leave one of them out
              at: "a"
            test.py:3:8: error[E0001]: `*` follows `**` in the arguments
              hint: put it before the `**`
              at: "*"
            test.py:4:6: error[E0001]: `=` is not expected here
              hint: write `==` to compare
              at: "="
        "#]],
    );
    check(
        "def f(a, a): pass\ndef g(a=1, b): pass\n",
        expect![[r#"
            test.py:1:10: error[E0103]: two parameters are named `a`
              hint: give each parameter a name of its own
              at: "a"
            test.py:2:12: error[E0001]: a parameter without a default follows one with a default
              hint: give it a default, or move it to the front
              at: "b"
        "#]],
    );
    check(
        "x = 1 +",
        expect![[r#"
            test.py:1:8: error[E0001]: the line ends in the middle of a statement
              hint: finish the statement on this line, or put brackets around what goes on below
              at: ""
        "#]],
    );
    check(
        "for x y: pass\n",
        expect![[r#"
            test.py:1:7: error[E0001]: `y` is not expected here
              hint: an operator, a comma or a bracket before it may be missing or too many
              at: "y"
        "#]],
    );
    check(
        "x = f'{a'\n",
        expect![[r#"
            test.py:1:9: error[E0001]: f-string: a `{` is never closed
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "'"
        "#]],
    );
}

#[test]
fn targets() {
    check(
        "1 = x\nNone = 1\nf() = 2\na + b = c\n[x, 1] = y\n",
        expect![[r#"
            test.py:1:1: error[E0104]: cannot assign to a literal
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: assign to a name of its own
              at: "1"
            test.py:2:1: error[E0104]: cannot assign to None
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: assign to a name of its own
              at: "None"
            test.py:3:1: error[E0104]: cannot assign to the result of a call
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: assign to a name of its own
              at: "f()"
            test.py:4:1: error[E0104]: cannot assign to the result of an operation
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: write `==` to compare
              at: "a + b"
            test.py:5:5: error[E0104]: cannot assign to a literal
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: assign to a name of its own
              at: "1"
        "#]],
    );
    check(
        "(a, b) += 1\n1 += 2\n(a, b): int = 1\n",
        expect![[r#"
            test.py:1:1: error[E0104]: an assignment with an operator takes one target
              expected: a name, an attribute or a subscript
              hint: write one statement for each
              at: "(a, b)"
            test.py:2:1: error[E0104]: cannot assign to a literal
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: assign to a name of its own
              at: "1"
            test.py:3:1: error[E0104]: an annotation takes one target
              expected: a name, an attribute or a subscript
              hint: write one statement for each
              at: "(a, b)"
        "#]],
    );
    check(
        "a, *b, *c = x\n*a = x\nx = *y\nf(*a, [*b], *c)\n",
        expect![[r#"
            test.py:1:8: error[E0104]: two starred targets in one assignment
              expected: at most one `*`
              hint: one `*` takes everything the others leave
              at: "*c"
            test.py:2:1: error[E0104]: a starred target must stand in a tuple or list
              expected: a target without `*`
              hint: write a comma behind it
              at: "*a"
            test.py:3:5: error[E0007]: `*` is not allowed here
              hint: it stands before arguments and in tuples and lists
              at: "*y"
        "#]],
    );
    check(
        "del f()\ndel a, (b.c, [d[0]]), 1\n",
        expect![[r#"
            test.py:1:5: error[E0104]: cannot delete the result of a call
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: leave the `del` out
              at: "f()"
            test.py:2:23: error[E0104]: cannot delete a literal
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: leave the `del` out
              at: "1"
        "#]],
    );
    check(
        "for 1 in x: pass\nfor a.b, c[0] in x: pass\n",
        expect![[r#"
            test.py:1:5: error[E0104]: cannot assign to a literal
              expected: a name, an attribute, a subscript, or a tuple of them
              hint: assign to a name of its own
              at: "1"
        "#]],
    );
}

#[test]
fn places() {
    check(
        "return 1\nbreak\nfor x in y:\n    def f():\n        continue\n    break\nelse:\n    continue\nclass C:\n    return\nnonlocal x\n",
        expect![[r#"
            test.py:1:1: error[E0007]: `return` outside of a function
              hint: indent it into the function it belongs to
              at: "return 1"
            test.py:2:1: error[E0007]: `break` outside of a loop
              hint: it ends or repeats a `for` or `while` around it
              at: "break"
            test.py:5:9: error[E0007]: `continue` outside of a loop
              hint: it ends or repeats a `for` or `while` around it
              at: "continue"
            test.py:8:5: error[E0007]: `continue` outside of a loop
              hint: it ends or repeats a `for` or `while` around it
              at: "continue"
            test.py:10:5: error[E0007]: `return` outside of a function
              hint: indent it into the function it belongs to
              at: "return"
            test.py:11:1: error[E0007]: `nonlocal` outside of a function: `x`
              hint: leave it out: at module level every name is global
              at: "nonlocal x"
        "#]],
    );
    check(
        "def f(p):\n    x = 1\n    global x, p, y\n    nonlocal y, z\n    global a\n    a: int = 1\ndef g(b):\n    def h():\n        nonlocal b\n",
        expect![[r#"
            test.py:3:5: error[E0007]: `x` is used before it is declared `global`
              hint: move the `global` to the top of the function
              at: "global x, p, y"
              note: the first use "x"
            test.py:3:5: error[E0007]: `p` is a parameter and declared `global`
              hint: leave the `global` out, or give the parameter another name
              at: "global x, p, y"
              note: the parameter "p"
            test.py:4:5: error[E0007]: no function around this one binds `y`
              hint: leave the `nonlocal` out: a name that is assigned is a local
              at: "nonlocal y, z"
            test.py:4:5: error[E0007]: `y` is declared both `global` and `nonlocal`
              hint: leave one of them out
              at: "nonlocal y, z"
            test.py:4:5: error[E0007]: no function around this one binds `z`
              hint: leave the `nonlocal` out: a name that is assigned is a local
              at: "nonlocal y, z"
            test.py:5:5: error[E0007]: `a` is annotated, so it cannot be declared `global`
              hint: leave the annotation or the `global` out
              at: "global a"
        "#]],
    );
    check(
        "try: pass\nexcept: pass\nexcept A: pass\n",
        expect![[r#"
        test.py:2:1: error[E0007]: a bare `except` must be the last
          hint: move it below the others
          at: ""
    "#]],
    );
    check(
        "x = 1\nfrom __future__ import annotations\ndef f():\n    from a import *\n",
        expect![[r#"
        test.py:2:1: error[E0007]: an import from `__future__` must be the first statement
          hint: move it to the top of the source
          at: "from __future__ import annotations"
        test.py:4:5: error[E0007]: `import *` stands at module level only
          hint: import the names that are used
          at: "from a import *"
    "#]],
    );
    check(
        "match x:\n    case _: pass\n    case [*a, *b]: pass\n    case [a, a]: pass\n    case [a] | [b]: pass\n    case a | b: pass\n    case *a: pass\n",
        expect![[r#"
            test.py:2:10: error[E0007]: this pattern matches everything, so the cases below are never reached
              hint: move it to the end
              at: "_"
            test.py:3:15: error[E0007]: two starred patterns in one sequence
              hint: one `*` takes everything the others leave
              at: "*b"
            test.py:4:14: error[E0103]: the pattern captures `a` twice
              hint: capture the second under another name, and compare them with `if` behind the pattern
              at: "a"
            test.py:5:16: error[E0007]: the alternatives of a pattern capture different names
              hint: capture the same names in each, or write two cases
              at: "[b]"
            test.py:6:10: error[E0007]: this pattern matches everything, so the alternatives behind it are never reached
              hint: move it to the end
              at: "a"
            test.py:6:10: error[E0007]: this pattern matches everything, so the cases below are never reached
              hint: move it to the end
              at: "a | b"
            test.py:6:14: error[E0007]: the alternatives of a pattern capture different names
              hint: capture the same names in each, or write two cases
              at: "b"
            test.py:7:10: error[E0007]: a starred pattern must stand in a sequence
              hint: write brackets around it
              at: "*a"
        "#]],
    );
}

#[test]
fn numbers() {
    check(
        "a = 0x\nb = 0B\nc = 0xg\nd = 0b2\ne = 1._5\nf = 1e_5\ng = 1e\nh = 1e+\n",
        expect![[r#"
            test.py:1:5: error[E0001]: no digits follow the `0x` of this number
              hint: write the digits, or leave the prefix out
              at: "0x"
            test.py:2:5: error[E0001]: no digits follow the `0B` of this number
              hint: write the digits, or leave the prefix out
              at: "0B"
            test.py:3:5: error[E0001]: `g` is not a number behind `0x`
              hint: `0x` takes 0 to 9 and a to f, `0o` 0 to 7, `0b` 0 and 1
              at: "0xg"
            test.py:4:5: error[E0001]: `2` is not a number behind `0b`
              hint: `0x` takes 0 to 9 and a to f, `0o` 0 to 7, `0b` 0 and 1
              at: "0b2"
            test.py:5:7: error[E0001]: a `_` in a number must stand between digits
              hint: leave it out
              at: "_"
            test.py:6:6: error[E0001]: `e_5` is not expected here
              hint: an operator, a comma or a bracket before it may be missing or too many
              at: "e_5"
            test.py:7:6: error[E0001]: `e` is not expected here
              hint: an operator, a comma or a bracket before it may be missing or too many
              at: "e"
            test.py:8:6: error[E0001]: `e` is not expected here
              hint: an operator, a comma or a bracket before it may be missing or too many
              at: "e"
        "#]],
    );
}

#[test]
fn messages_are_sentences() {
    check(
        "a = b'é'\nb = b'a' 'b'\nc = (*a)\nd = (**a)\ndef e(*): pass\nmatch a:\n    case 1 as _: pass\n",
        expect![[r#"
            test.py:1:7: error[E0001]: a bytes literal holds ASCII characters only
              hint: leave the `b` out
              at: "é"
            test.py:2:5: error[E0001]: a bytes literal cannot be joined with a string
              hint: write both with a `b`, or none
              at: "b"
            test.py:3:6: error[E0001]: `*` is not allowed here
              hint: it stands before arguments and in tuples and lists
              at: "*"
            test.py:4:6: error[E0001]: `**` is not allowed here
              hint: it stands before arguments and in dicts
              at: "*"
            test.py:5:7: error[E0001]: no parameter follows the `*`
              hint: write the parameters that are given by name behind it, or leave it out
              at: "*"
            test.py:7:10: error[E0001]: `_` cannot be the name behind `as`
              hint: use another name
              at: "1"
        "#]],
    );
    check(
        "a = f'{}'\nb = f'{a!x}'\nc = f'}'\nd = f'{a b}'\ne = f'{0x}'\ng = f'{(a]}'\nh = f'{a!r'\ni = f'{a)}'\nj = f'{a\\\\}'\n",
        expect![[r#"
            test.py:1:9: error[E0001]: f-string: nothing stands between the braces
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "'"
            test.py:2:11: error[E0001]: f-string: the conversion is none of `!r`, `!s` and `!a`
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "}"
            test.py:3:8: error[E0001]: f-string: a `}` closes nothing; write `}}` for one
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "'"
            test.py:4:8: error[E0001]: f-string: what stands between the braces is not an expression
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "a"
            test.py:5:8: error[E0001]: f-string: what stands between the braces is not an expression
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "0x"
            test.py:6:11: error[E0001]: f-string: `(` cannot be closed by `]`
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "}"
            test.py:7:11: error[E0001]: f-string: a `{` is never closed
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "'"
            test.py:8:10: error[E0001]: f-string: `)` closes nothing
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "}"
            test.py:9:10: error[E0001]: f-string: a string between the braces does not end, or a `\` stands there
              hint: an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves
              at: "\\"
        "#]],
    );
}

#[test]
fn names_are_those_of_python() {
    check(
        "😀 = 1\na😀b = 2\ndef f(x, ｘ): pass\nf(x=1, ｘ=2)\n",
        expect![[r#"
            test.py:1:1: error[E0001]: the character `😀` cannot stand in a name
              hint: names are made of letters, digits and `_`
              at: "😀"
            test.py:2:2: error[E0001]: the character `😀` cannot stand in a name
              hint: names are made of letters, digits and `_`
              at: "😀"
            test.py:3:10: error[E0103]: two parameters are named `x`
              hint: give each a name of its own
              at: "ｘ"
            test.py:4:8: error[E0103]: the keyword argument `x` is given twice
              hint: give each a name of its own
              at: "ｘ=2"
        "#]],
    );
}

#[test]
fn carriage_returns_end_lines() {
    check(
        "x = 1\r# comment\ry = )\r'''a\rb'''\rdef f():\r    return 0x\rz = 'a\r",
        expect![[r#"
            test.py:3:5: error[E0001]: `)` closes nothing
              hint: leave it out, or open it before with the bracket of its kind
              at: ")"
            test.py:7:12: error[E0001]: no digits follow the `0x` of this number
              hint: write the digits, or leave the prefix out
              at: "0x"
            test.py:8:5: error[E0001]: this string does not end
              expected: the same quotes that began it
              hint: close it on its line; a text of several lines begins and ends with three quotes
              at: "'a"
        "#]],
    );
}

#[test]
fn picked_functions() {
    let tree = module("def average(x): pass\nclass C: pass\ndef total(x): pass\ndef total(y): pass\n");
    assert_eq!(&*pick(&tree, Some("total")).expect("defined").parameters[0].name, "y");
    expect![
        "[E0006] the source defines no function `averge`; expected one of `average`, `total` (did you mean `average`?)"
    ]
    .assert_eq(&pick(&tree, Some("averge")).expect_err("not defined").to_string());
    expect!["[E0006] the source defines no function `C`; expected one of `average`, `total` (name a function that is defined at column 0)"]
        .assert_eq(&pick(&tree, Some("C")).expect_err("a class").to_string());
    expect!["[E0006] the source defines 2 functions; expected the name of the function to compile (name one of `average`, `total`)"].assert_eq(&pick(&tree, None).expect_err("several").to_string());
    expect![
        "[E0006] the source defines no function; expected a function definition (write the node as a `def` at column 0)"
    ]
    .assert_eq(&pick(&module("x = 1\n"), None).expect_err("none").to_string());
    assert_eq!(&*pick(&module("def f(): pass\n"), None).expect("one").name, "f");
}
