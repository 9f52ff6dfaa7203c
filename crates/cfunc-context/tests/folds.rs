//! Evaluation at compile time: rules for a kind of value beside those for all values.

use cfunc_context::{
    CompilationContext, Extension, ExtensionId, FoldArguments, Operation, Registrar, RegistrationError,
};
use cfunc_models::Value;
use cfunc_syntax::ast::{BinaryOperator, Name};

/// Says which of its rules was asked.
struct Folds;

impl Extension for Folds {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("folds", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let add = Operation::Binary(BinaryOperator::Add);
        let multiply = Operation::Binary(BinaryOperator::Multiply);
        registrar.fold_kind(add, "Price", |_| Ok(Value::from("prices")));
        registrar.fold(add, |_| Ok(Value::from("all values")));
        registrar.fold_kind(multiply, "Price", |_| Err("prices are not multiplied".to_owned()));
        Ok(())
    }
}

fn price() -> Value {
    Value::Record("Price".to_owned(), Vec::new())
}

#[test]
fn a_kind_has_rules_of_its_own() {
    let context = CompilationContext::builder().with(Folds).build().expect("rules that can be registered");
    let evaluate = |operator: BinaryOperator, positional: &[Value], keywords: &[(Name, Value)]| {
        let arguments = FoldArguments { positional, keywords, exact: false };
        let (result, rule) = context.registry().evaluate(Operation::Binary(operator).id(), &arguments)?;
        Some((result, context.registry().rule(rule).name.clone()))
    };
    let prices = Some((Ok(Value::from("prices")), "fold(+, Price)".to_owned()));
    assert_eq!(evaluate(BinaryOperator::Add, &[price(), Value::from(1)], &[]), prices);
    assert_eq!(evaluate(BinaryOperator::Add, &[Value::from(1), price()], &[]), prices);
    assert_eq!(evaluate(BinaryOperator::Add, &[], &[("right".into(), price())]), prices);
    assert_eq!(
        evaluate(BinaryOperator::Add, &[Value::from(1), Value::from(2)], &[]),
        Some((Ok(Value::from("all values")), "fold(+)".to_owned()))
    );
    assert!(matches!(evaluate(BinaryOperator::Multiply, &[price(), price()], &[]), Some((Err(_), _))));
    assert_eq!(
        evaluate(BinaryOperator::Multiply, &[Value::from(1), Value::from(2)], &[]),
        None,
        "a kind's rule is for it alone"
    );
    assert_eq!(evaluate(BinaryOperator::Subtract, &[price(), price()], &[]), None);
}

#[test]
fn what_has_a_rule_for_some_kind_is_foldable() {
    let context = CompilationContext::builder().with(Folds).build().expect("rules that can be registered");
    let foldable = |operator| context.registry().is_foldable(Operation::Binary(operator).id());
    assert!(foldable(BinaryOperator::Add) && foldable(BinaryOperator::Multiply));
    assert!(!foldable(BinaryOperator::Subtract));
}
