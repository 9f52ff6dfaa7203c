use cfunc_models::Span;
use cfunc_syntax::ast::{Expression, ExpressionKind, Statement, StatementKind};
use cfunc_syntax::visit::{Visitor, assigned_names, walk_expression, walk_statement, walk_statements};
use cfunc_syntax::{Limits, functions, parse_expression};
use expect_test::{Expect, expect};

use crate::module;

/// The text of every statement and expression.
struct Spans<'a> {
    source: &'a str,
    lines: Vec<String>,
}

impl Visitor for Spans<'_> {
    fn statement(&mut self, statement: &Statement) {
        self.lines.push(format!("{:?}", statement.span.text(self.source)));
        walk_statement(self, statement);
    }

    fn expression(&mut self, expression: &Expression) {
        let text = expression.span.text(self.source);
        let attribute = matches!(expression.kind, ExpressionKind::Attribute { .. })
            .then(|| format!(" {:?}", expression.attribute_span().text(self.source)));
        self.lines.push(format!("  {text:?}{}", attribute.unwrap_or_default()));
        walk_expression(self, expression);
    }
}

#[track_caller]
fn check(source: &str, expect: Expect) {
    let tree = module(source);
    let mut spans = Spans { source, lines: Vec::new() };
    walk_statements(&mut spans, &tree.body);
    for function in functions(&tree) {
        spans.lines.push(format!("name {:?}", function.name_span.text(source)));
        for parameter in &function.parameters {
            spans.lines.push(format!("parameter {:?}", parameter.span.text(source)));
        }
    }
    expect.assert_eq(&spans.lines.join("\n"));
}

#[test]
fn spans() {
    check(
        "x = (a.b [0] + é( c ,k = d)) * -2\n",
        expect![[r#"
        "x = (a.b [0] + é( c ,k = d)) * -2"
          "x"
          "(a.b [0] + é( c ,k = d)) * -2"
          "a.b [0] + é( c ,k = d)"
          "a.b [0]"
          "a.b" "b"
          "a"
          "0"
          "é( c ,k = d)"
          "é"
          "c"
          "d"
          "-2"
          "2""#]],
    );
    check(
        "\u{feff}@deco\r\nasync  def  deff(a: int=1, *b):\r\n\treturn (a,\r\n\t\tb)\r\n",
        expect![[r#"
        "async  def  deff(a: int=1, *b):\r\n\treturn (a,\r\n\t\tb)"
          "deco"
          "int"
          "1"
        "return (a,\r\n\t\tb)"
          "(a,\r\n\t\tb)"
          "a"
          "b"
        name "deff"
        parameter "a: int"
        parameter "b""#]],
    );
    check(
        "if a:\n    b\nelif c:\n    d\nelse:\n    e\n",
        expect![[r#"
        "if a:\n    b\nelif c:\n    d\nelse:\n    e"
          "a"
        "b"
          "b"
        "elif c:\n    d\nelse:\n    e"
          "c"
        "d"
          "d"
        "e"
          "e""#]],
    );
    check(
        "match a, b:\n    case 1: pass\n",
        expect![[r#"
        "match a, b:\n    case 1: pass"
          "a, b"
          "a"
          "b"
          "1"
        "pass""#]],
    );
}

#[test]
fn string_annotations() {
    check(
        "def f(a: 'Signal[int]', b: '''  x.y ''', c: \"a\" 'b', d: 'not one', e: r'\\x') -> \"é\": pass\n",
        expect![[r#"
            "def f(a: 'Signal[int]', b: '''  x.y ''', c: \"a\" 'b', d: 'not one', e: r'\\x') -> \"é\": pass"
              "Signal[int]"
              "Signal"
              "int"
              "x.y" "y"
              "x"
              "\"a\" 'b'"
              "not one"
              "one"
              "r'\\x'"
              "é"
            "pass"
            name "f"
            parameter "a: 'Signal[int]'"
            parameter "b: '''  x.y '''"
            parameter "c: \"a\" 'b'"
            parameter "d: 'not one'"
            parameter "e: r'\\x'""#]],
    );
    let tree = module("from __future__ import annotations\nx: 'State[int]' = 1\n");
    let StatementKind::AnnotatedAssign { annotation, .. } = &tree.body[1].kind else {
        panic!("{tree:?}");
    };
    assert_eq!(annotation.span, Span::new(39, 49));
    assert!(matches!(annotation.kind, ExpressionKind::Subscript { .. }));
}

#[test]
fn names_in_order() {
    let source = "a = (b := 1)\nc, (*d, e.f) = g[h := 0], 1\ni += 1\nj: int = 1\nfor k, a in l: m = 1\ntry: pass\nexcept A as n: pass\nmatch o:\n    case [p, *q] as r: pass\nimport s.t, u as v\nfrom w import x, y as z\ndef aa(bb=(cc := 1)):\n    dd = 1\nif a: pass\nelif (ee := 1): pass\nwhile f(gg := 1): pass\n";
    let names = assigned_names(&module(source).body);
    expect!["a b c d h i j k m n p q r s v x z cc aa ee gg"].assert_eq(&names.join(" "));
}

#[test]
fn expressions_of_handlers() {
    let limits = Limits::default();
    let tree = parse_expression("a + 1", &limits).expect("an expression");
    assert_eq!(tree.span, Span::new(0, 5));
    for wrong in ["a = 1", "", "a +"] {
        assert!(parse_expression(wrong, &limits).is_err(), "{wrong}");
    }
}
