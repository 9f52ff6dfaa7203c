//! What extensions nest without bound is refused with their name, wherever they hand it over.

use cfunc_compiler::ast::{BinaryOperator, Expression, ExpressionKind, Statement, StatementKind, UnaryOperator};
use cfunc_compiler::{
    CellForm, CompilationContext, DataModel, ExpressionNode, Field, Operand, Registrar, RegistrationError,
    Representation, Span, StatementNode, Type, builders,
};

use crate::common::{body, build_with, context_with, refused};

const HERE: Span = Span { start: 0, end: 0 };
const LEVELS: usize = 300_000;

fn built(tree: Expression) -> Expression {
    let one = || builders::constant(HERE, 1);
    (0..LEVELS).fold(tree, |tree, _| builders::binary(HERE, tree, BinaryOperator::Add, one()))
}

/// A tree whose nodes are changed in place, which builders do not see.
fn changed(tree: Expression) -> Expression {
    (0..LEVELS).fold(tree, |tree, _| {
        let mut outer = builders::constant(HERE, 1);
        outer.kind = ExpressionKind::Unary { operator: UnaryOperator::Negate, operand: Box::new(tree) };
        outer
    })
}

fn changed_statement() -> Statement {
    (0..LEVELS).fold(builders::pass(HERE), |inner, _| {
        let mut outer = builders::pass(HERE);
        let test = builders::constant(HERE, true);
        outer.kind = StatementKind::If { test, body: vec![inner], or_else: Vec::new() };
        outer
    })
}

fn is_call(expression: &Expression, wanted: &str) -> bool {
    let ExpressionKind::Call { function, .. } = &expression.kind else { return false };
    matches!(&function.kind, ExpressionKind::Name { name, .. } if **name == *wanted)
}

fn deep(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    for marker in ["built", "dropped", "copied", "changed", "passed_on", "asked", "blocks", "changed_blocks"] {
        registrar.marker(marker)?;
    }
    registrar.before_expression(ExpressionNode::Call, 0, |api, call| {
        let leaf = builders::constant(call.span, 1);
        Ok(match call {
            call if is_call(call, "built") => Some(built(leaf)),
            call if is_call(call, "dropped") => {
                drop(built(leaf.clone()));
                Some(leaf)
            }
            call if is_call(call, "copied") => Some(built(leaf).clone()),
            call if is_call(call, "changed") => Some(changed(leaf)),
            call if is_call(call, "passed_on") => Some(api.transform(changed(leaf))),
            call if is_call(call, "asked") => {
                let tree = changed(leaf);
                assert_eq!(api.value_of(&tree), None);
                Some(tree)
            }
            _ => None,
        })
    });
    registrar.before_statement(StatementNode::Expression, 0, |api, statement| {
        let StatementKind::Expression(call) = &statement.kind else { return Ok(None) };
        Ok(match call {
            call if is_call(call, "blocks") => {
                let test = || builders::constant(HERE, true);
                let nested = |inner, _| builders::if_statement(HERE, test(), vec![inner], Vec::new());
                Some(vec![(0..LEVELS).fold(builders::pass(HERE), nested)])
            }
            call if is_call(call, "changed_blocks") => Some(api.transform_statements(vec![changed_statement()])),
            _ => None,
        })
    });
    let fields = [Field { name: "value".to_owned(), ty: Type::INT64 }];
    let ty = registrar.define_type("Box", DataModel::Fields(fields.into()), CellForm::Buffer)?;
    let make = registrar.function("Box");
    registrar.builtin(make, &[Type::INT64], ty, |b, signature, operands| Ok(b.make(signature.result, operands)));
    let family = registrar.types().definition(ty).constructor;
    registrar.attribute_accessor(family, 0, |_api, access| {
        Ok(match access.name {
            "built" => Some(built(access.base.expression())),
            "changed" => Some(changed(access.base.expression())),
            _ => None,
        })
    });
    // Pairs of pairs, without an end.
    let nest = registrar.function("nest");
    registrar.type_callable(nest, |call| {
        let mut ty = Type::INT64;
        for level in 0..LEVELS {
            let fields = [Field { name: "inner".to_owned(), ty }];
            ty = call.types.define(&format!("nest{level}"), DataModel::Fields(fields.into()), CellForm::None);
        }
        cfunc_compiler::TypingAnswer::No(String::new())
    });
    let double = registrar.function("double");
    registrar.type_callable(double, |call| {
        let mut ty = Type::INT64;
        for level in 0..60 {
            let fields = ["left", "right"].map(|name| Field { name: name.to_owned(), ty });
            ty = call.types.define(&format!("double{level}"), DataModel::Fields(fields.into()), CellForm::None);
        }
        cfunc_compiler::TypingAnswer::No(String::new())
    });
    Ok(())
}

fn context() -> CompilationContext {
    context_with(deep)
}

#[test]
fn trees_of_handlers() {
    let context = context();
    for line in ["built()", "dropped()", "copied()", "changed()", "passed_on()", "asked()", "1 + built() + changed()"] {
        let found = refused(&context, &body(&format!("return {line}")));
        assert!(found.contains("E0003") && found.contains("a handler of `probe@3`"), "{line}: {found}");
    }
    for line in ["blocks()", "changed_blocks()"] {
        let found = refused(&context, &body(&format!("{line}; return x")));
        assert!(found.contains("E0003") && found.contains("a handler of `probe@3`"), "{line}: {found}");
    }
}

#[test]
fn trees_of_elaborators() {
    let context = context();
    let found = refused(&context, &body("return Box(x).built"));
    assert!(found.contains("E0003") && found.contains("an elaborator of `probe@3`"), "{found}");
    let found = refused(&context, &body("return Box(x).changed"));
    assert!(found.contains("an elaborator of `probe@3` answers with a tree that is nested too deeply"), "{found}");
}

#[test]
fn types() {
    let context = context();
    for line in ["nest(x)", "double(x)"] {
        let found = refused(&context, &body(&format!("return {line}")));
        assert!(found.contains("E0003") && found.contains("of the extension `probe`"), "{line}: {found}");
    }
    let error = build_with(|registrar| {
        let mut ty = Type::INT64;
        for level in 0..LEVELS {
            let fields = [Field { name: "inner".to_owned(), ty }];
            ty = registrar.define_type(&format!("N{level}"), DataModel::Fields(fields.into()), CellForm::None)?;
        }
        Ok(())
    });
    let error = error.expect_err("it is too deep").to_string();
    assert!(error.contains("`Extension::register` of `probe@3`") && error.contains("nested more deeply"), "{error}");
    // What people nest has room.
    let context = context_with(|registrar| {
        let mut ty = registrar.define_type("N", DataModel::Scalar(Representation::I64), CellForm::Scalar)?;
        for level in 0..60 {
            let fields = [Field { name: "inner".to_owned(), ty }];
            ty = registrar.define_type(&format!("N{level}"), DataModel::Fields(fields.into()), CellForm::Buffer)?;
        }
        let make = registrar.function("make");
        registrar.builtin(make, &[Type::INT64], ty, |_b, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
        Ok(())
    });
    crate::common::gives(&context, &crate::common::request(&body("n = make(x); return x")), 3, 3);
}
