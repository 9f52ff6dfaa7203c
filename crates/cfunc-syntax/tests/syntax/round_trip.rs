use cfunc_models::{Span, Value};
use cfunc_syntax::ast::{
    BinaryOperator, BooleanOperator, CompareOperator, Expression, ExpressionKind, Keyword, MatchCase, Module, Pattern,
    PatternKind, Statement, StatementKind, UnaryOperator,
};
use cfunc_syntax::builders;
use cfunc_syntax::visit::{Visitor, walk_expression, walk_pattern, walk_statement, walk_statements};
use cfunc_syntax::{ParseOutcome, print_module};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};

use crate::{module, parsed, shape};

const HERE: Span = Span::new(0, 0);

/// Sources that use every construct that the tree holds.
const SOURCES: &[&str] = &[
    "x = 1\n",
    "from __future__ import annotations\nimport a.b as c, d\nfrom ..e import f as g, h\nfrom . import i\nfrom j import *\n",
    "@decorator\n@other(1, *a, k=2, **b)\ndef f(p, /, a: int = 1, *args: str, k, l=2, **more) -> 'Signal[int]':\n    '''text'''\n    return\n",
    "async def g(a, b, /): pass\ndef h(*, a): global q, r; q = a\ndef i(*a, b=1): pass\n",
    "class A(B, c.D):\n    x: int\n    y: float = 1e300\n    def f(self): return self.x\n",
    "a = b = c, *d = 1, 2\n(e), [f, g] = h\na.b[c] += 1\na[1:2, ::3, ...:4] = x\na[b,] //= (1,)\na[()] = a[:]\ndel a, b.c, d[0]\n",
    "if a: pass\nelif b:\n    x\nelif (c := d): y\nelse:\n    z\nif a: pass\nelse:\n    if b: pass\n    x\n",
    "for i, (j, *k) in a, b:\n    if i: break\n    continue\nelse:\n    pass\nwhile not (x and y or z): x()\nelse: y\n",
    "try:\n    x\nexcept (A, B) as e:\n    raise\nexcept C:\n    raise D('m') from e\nexcept:\n    pass\nelse:\n    y\nfinally:\n    z\n",
    "match a, b:\n    case 1 | -2 | 'x' | None: pass\n    case [x, *_, y] if x > y: pass\n    case (a.b as c, (1 | 2) as d, *rest): pass\n    case True: pass\n    case _: pass\n",
    "assert a, 'm'\nassert (a, b)\nx = -1 ** -2 ** ~3 + (-1) ** 2 - (a - (b - c)) * (d @ e) / f % g\n",
    "x = a < b <= c != d is not e not in f\ny = (a < b) < c\nz = not (a, b)[0]\nw = (not a) + 1\nv = not a == b\n",
    "x = a if b else c if d else e\ny = (a if b else c) if (d if e else f) else g\nz = (lambda: 1)\n",
    "x = -9223372036854775808\ny = 9223372036854775807\nz = 1.5e-7, 1e16, 0.1, 1_000, 0xff, 0o17, 0b11, 1., .5\n",
    "x = {'a': 1, **b, c: d}, {}, [], (), [*a, b], (a,), 'q' \"r\", '\\n\\x00\\u1234\\\\\"', 'é中\\U0001F600'\n",
    "x = (1).real + 1.5.real + 'a'.b + a.b(c)(d)[e].f\ny = (a + b)[c]\nz = (-a).b\n(x := 1)\nf(y := 2)\nprint((x := 1), b)\n",
    "def f():\n    x = a << b >> c & d ^ e | f\n    y = (a | b) & (c ^ d) << (e + f)\n    return a, b\n",
    "def f(x):\n    def g():\n        nonlocal x\n        x = 1\n    return g\n",
];

#[track_caller]
fn check(tree: &Module) {
    let printed = print_module(tree);
    let again = parsed(&printed);
    assert_eq!(shape(tree), shape(&again.module), "\n{printed}\n{}", again.diagnostics);
    assert_eq!(printed, print_module(&again.module));
    check_depth(&printed, &again);
}

/// Counts how deep nodes nest in each other.
#[derive(Default)]
struct Depth {
    current: usize,
    most: usize,
}

impl Depth {
    fn inside(&mut self, walk: impl FnOnce(&mut Self)) {
        self.current += 1;
        self.most = self.most.max(self.current);
        walk(self);
        self.current -= 1;
    }
}

impl Visitor for Depth {
    fn statement(&mut self, statement: &Statement) {
        self.inside(|depth| walk_statement(depth, statement));
    }

    fn expression(&mut self, expression: &Expression) {
        self.inside(|depth| walk_expression(depth, expression));
    }

    fn pattern(&mut self, pattern: &Pattern) {
        self.inside(|depth| walk_pattern(depth, pattern));
    }
}

/// The bound that the limits go by must hold: a statement, a bare tuple and a leaf come on top of it.
#[track_caller]
fn check_depth(printed: &str, outcome: &ParseOutcome) {
    let mut depth = Depth::default();
    walk_statements(&mut depth, &outcome.module.body);
    assert!(depth.most <= outcome.depth + 3, "{} > {} + 3\n{printed}", depth.most, outcome.depth);
}

#[test]
fn sources_round_trip() {
    for source in SOURCES {
        let tree = parsed(source).module;
        assert!(!tree.body.is_empty(), "{source}\n{}", parsed(source).diagnostics);
        let printed = print_module(&tree);
        if printed.contains("__unsupported__") {
            continue;
        }
        check(&tree);
    }
    let all_but = |text: &str| SOURCES.iter().filter(|source| !source.contains(text)).count();
    assert!(all_but("...") >= 16);
}

#[test]
fn printed_sources_are_valid() {
    for source in SOURCES.iter().filter(|source| !source.contains("...") && !source.contains("lambda")) {
        module(&print_module(&module(source)));
    }
}

fn of(kind: ExpressionKind) -> Expression {
    Expression::new(HERE, kind)
}

fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "value", "_x1", "é"])
}

fn leaf() -> BoxedStrategy<Expression> {
    prop_oneof![
        name().prop_map(|text| builders::name(HERE, text)),
        (0..=i64::MAX).prop_map(|value| builders::constant(HERE, value)),
        Just(builders::constant(HERE, i64::MIN)),
        any::<f64>()
            .prop_filter("written as a literal", |value| value.is_finite() && value.is_sign_positive())
            .prop_map(|value| builders::constant(HERE, value)),
        any::<String>().prop_map(|value| builders::constant(HERE, value)),
        any::<bool>().prop_map(|value| builders::constant(HERE, value)),
        Just(builders::constant(HERE, Value::None)),
    ]
    .boxed()
}

fn boxed(expression: Expression) -> Box<Expression> {
    Box::new(expression)
}

fn expression() -> BoxedStrategy<Expression> {
    leaf()
        .prop_recursive(6, 60, 4, |inner| {
            let starred = prop_oneof![
                4 => inner.clone(),
                1 => inner.clone().prop_map(|value| of(ExpressionKind::Starred(boxed(value)))),
            ];
            let keyword = (option::of(name()), inner.clone()).prop_map(|(text, value)| Keyword {
                span: HERE,
                name: text.map(Into::into),
                value,
            });
            let slice = (option::of(inner.clone()), option::of(inner.clone()), option::of(inner.clone())).prop_map(
                |(lower, upper, step)| {
                    of(ExpressionKind::Slice {
                        lower: lower.map(boxed),
                        upper: upper.map(boxed),
                        step: step.map(boxed),
                    })
                },
            );
            let index = prop_oneof![
                3 => inner.clone(),
                1 => slice.clone(),
                1 => vec(prop_oneof![inner.clone(), slice], 1..3).prop_map(|list| builders::tuple(HERE, list)),
            ];
            prop_oneof![
                (inner.clone(), name()).prop_map(|(value, text)| builders::attribute(HERE, value, text)),
                (inner.clone(), vec(starred.clone(), 0..3), option::of(keyword)).prop_map(
                    |(function, arguments, keyword)| builders::call_with_keywords(
                        HERE,
                        function,
                        arguments,
                        keyword.into_iter().collect()
                    )
                ),
                (select(UnaryOperator::ALL), inner.clone()).prop_map(|(operator, operand)| {
                    // The parser folds the sign of the least integer into it.
                    builders::unary(HERE, operator, operand)
                }),
                (inner.clone(), select(BinaryOperator::ALL), inner.clone())
                    .prop_map(|(left, operator, right)| builders::binary(HERE, left, operator, right)),
                (select(BooleanOperator::ALL), vec(inner.clone(), 2..4))
                    .prop_map(|(operator, values)| builders::boolean(HERE, operator, values)),
                (inner.clone(), vec((select(CompareOperator::ALL), inner.clone()), 1..3))
                    .prop_map(|(left, rest)| of(ExpressionKind::Compare { left: boxed(left), rest })),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(test, body, or_else)| builders::conditional(HERE, test, body, or_else)),
                (inner.clone(), index).prop_map(|(value, index)| builders::subscript(HERE, value, index)),
                vec(starred.clone(), 0..3).prop_map(|list| builders::tuple(HERE, list)),
                vec(starred, 0..3).prop_map(|list| builders::list(HERE, list)),
                vec((option::of(inner.clone()), inner.clone()), 0..3)
                    .prop_map(|entries| of(ExpressionKind::Dict(entries))),
                (name(), inner).prop_map(|(text, value)| builders::walrus(HERE, builders::name(HERE, text), value)),
            ]
        })
        .boxed()
}

fn pattern() -> BoxedStrategy<Pattern> {
    let leaf = prop_oneof![
        (0..=i64::MAX).prop_map(|value| PatternKind::Value(builders::constant(HERE, value))),
        Just(PatternKind::Value(builders::attribute(HERE, builders::name(HERE, "a"), "b"))),
        Just(PatternKind::Singleton(Value::Boolean(true))),
        Just(PatternKind::Capture(None)),
        Just(PatternKind::Capture(Some(builders::name(HERE, "captured")))),
    ]
    .prop_map(|kind| Pattern { span: HERE, kind });
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| PatternKind::As(Box::new(inner), builders::name(HERE, "whole"))),
            vec(inner.clone(), 2..4).prop_map(PatternKind::Or),
            vec(inner, 0..3).prop_map(PatternKind::Sequence),
        ]
        .prop_map(|kind| Pattern { span: HERE, kind })
    })
    .boxed()
}

fn statement() -> BoxedStrategy<Statement> {
    let target = || name().prop_map(|text| builders::name(HERE, text));
    let leaf = prop_oneof![
        expression().prop_map(builders::expression_statement),
        (target(), expression()).prop_map(|(target, value)| builders::assign(HERE, target, value)),
        (target(), select(BinaryOperator::ALL), expression())
            .prop_map(|(target, operator, value)| { builders::augmented_assign(HERE, target, operator, value) }),
        (target(), option::of(expression())).prop_map(|(target, value)| {
            Statement::new(HERE, StatementKind::AnnotatedAssign { target: target.clone(), annotation: target, value })
        }),
        option::of(expression()).prop_map(|value| builders::return_statement(HERE, value)),
        (expression(), option::of(expression()))
            .prop_map(|(test, message)| Statement::new(HERE, StatementKind::Assert { test, message })),
        Just(builders::pass(HERE)),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let block = vec(inner, 1..3);
        prop_oneof![
            (expression(), block.clone(), option::of(block.clone())).prop_map(|(test, body, or_else)| {
                builders::if_statement(HERE, test, body, or_else.unwrap_or_default())
            }),
            (expression(), block.clone()).prop_map(|(test, body)| builders::while_statement(HERE, test, body)),
            (target(), expression(), block.clone())
                .prop_map(|(target, iterable, body)| { builders::for_statement(HERE, target, iterable, body) }),
            (expression(), vec((pattern(), option::of(expression()), block), 1..3)).prop_map(|(subject, cases)| {
                let cases =
                    cases.into_iter().map(|(pattern, guard, body)| MatchCase { pattern, guard, body }).collect();
                Statement::new(HERE, StatementKind::Match { subject, cases })
            }),
        ]
    })
    .boxed()
}

/// The same cases in each run; with PROPTEST_CASES as many as it says, drawn anew.
fn configuration() -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config {
        cases: asked.unwrap_or(150),
        rng_seed: if asked.is_some() { RngSeed::Random } else { RngSeed::Fixed(20) },
        failure_persistence: None,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn generated_trees_round_trip(body in vec(statement(), 1..4)) {
        check(&Module { body });
    }

    #[test]
    fn mutated_sources_never_panic(
        index in 0..SOURCES.len(),
        other in 0..SOURCES.len(),
        edits in vec((any::<u16>(), any::<u16>(), select(vec!["(", ")", "'", "\"\"\"", ":", "\n", "\n  ", "\t", "\\", "f'{", "def ", "\u{feff}", "é", "\r", "9", "*", "=", "#", "@", ""])), 1..6),
    ) {
        let mut text: Vec<char> = format!("{}{}", SOURCES[index], SOURCES[other]).chars().collect();
        for (place, removed, inserted) in edits {
            let start = usize::from(place) % (text.len() + 1);
            let end = (start + usize::from(removed) % 4).min(text.len());
            text.splice(start..end, inserted.chars());
        }
        let source: String = text.into_iter().collect();
        let outcome = parsed(&source);
        let rendered = outcome.diagnostics.render("test.py", &source);
        for diagnostic in &outcome.diagnostics {
            assert!(diagnostic.span.start <= diagnostic.span.end, "{rendered}");
            assert!(source.get(diagnostic.span.start as usize..diagnostic.span.end as usize).is_some(), "{rendered}");
        }
        print_module(&outcome.module);
    }
}
