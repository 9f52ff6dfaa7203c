//! Prints trees as Python text: canonical, with the fewest parentheses, the same text for the same tree.
//!
//! What was parsed prints to text that parses to the same tree. What has no source form prints as calls of names with
//! two underscores (`__abi_element__(parameter, index)`, `__store_output__(variable, value)`), times as
//! `datetime(<n> ns)`, a nan as `float("nan")`. Nothing here recurses, so depth does not matter.

mod values;

use cfunc_models::Value;

use crate::ast::{
    BinaryOperator, BooleanOperator, ClassDefinition, Expression, ExpressionKind, FunctionDefinition, ImportAlias,
    Intrinsic, Keyword, MatchCase, Module, Name, ParameterKind, Pattern, Statement, StatementKind, UnaryOperator,
};

/// Prints a module; each statement ends its line.
pub fn print_module(module: &Module) -> String {
    print_statements(&module.body)
}

/// Prints statements at column 0; each ends its line.
pub fn print_statements(statements: &[Statement]) -> String {
    let mut text = String::new();
    print_statements_to(statements, &mut text);
    text
}

/// As [`print_statements`], at the end of a text.
pub fn print_statements_to(statements: &[Statement], text: &mut String) {
    let mut printer = Printer { output: std::mem::take(text), ..Printer::default() };
    printer.push(Item::Statements(statements, 0));
    *text = printer.run();
}

/// Prints a function definition with its decorators.
pub fn print_function(function: &FunctionDefinition) -> String {
    let mut printer = Printer::default();
    printer.function(function, 0);
    printer.run()
}

/// Prints an expression on one line.
pub fn print_expression(expression: &Expression) -> String {
    let mut printer = Printer::default();
    printer.push(Item::Expression(expression, Precedence::Bare));
    printer.run()
}

/// How tightly an expression binds, from loose to tight; an operand that binds less tightly than its place asks for
/// is put in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precedence {
    /// Where a tuple and a walrus need no parentheses.
    Bare,
    /// Where a walrus needs none: tests and arguments.
    Walrus,
    Conditional,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Unary,
    Power,
    Primary,
}

/// Text still to be written, in order from the end of the stack.
enum Item<'a> {
    Text(&'static str),
    Name(&'a str),
    Value(&'a Value, Precedence),
    Expression(&'a Expression, Precedence),
    /// A place where a tuple stands without parentheses even with starred elements.
    Target(&'a Expression),
    Pattern(&'a Pattern, PatternPlace),
    Indentation(usize),
    Statements(&'a [Statement], usize),
    Statement(&'a Statement, usize),
    /// An `if` behind the indentation and the letters of `elif`.
    If(&'a Statement, usize),
    Case(&'a MatchCase, usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PatternPlace {
    /// `as` and `|` need no parentheses.
    Open,
    /// `|` needs none.
    Alternative,
    Closed,
}

struct Printer<'a> {
    output: String,
    stack: Vec<Item<'a>>,
    /// Filled in reading order, then moved onto the stack in reverse.
    next: Vec<Item<'a>>,
}

impl Default for Printer<'_> {
    fn default() -> Self {
        Self { output: String::new(), stack: Vec::with_capacity(32), next: Vec::with_capacity(16) }
    }
}

impl<'a> Printer<'a> {
    fn run(mut self) -> String {
        self.flush();
        while let Some(item) = self.stack.pop() {
            self.item(item);
            self.flush();
        }
        self.output
    }

    fn flush(&mut self) {
        while let Some(item) = self.next.pop() {
            self.stack.push(item);
        }
    }

    fn push(&mut self, item: Item<'a>) {
        self.next.push(item);
    }

    fn text(&mut self, text: &'static str) {
        self.push(Item::Text(text));
    }

    fn item(&mut self, item: Item<'a>) {
        match item {
            Item::Text(text) => self.output.push_str(text),
            Item::Name(name) => self.output.push_str(name),
            Item::Value(value, place) => self.value(value, place),
            Item::Expression(expression, place) => self.expression(expression, place),
            Item::Target(target) => self.target(target),
            Item::Pattern(pattern, place) => self.pattern(pattern, place),
            Item::Indentation(level) => {
                for _ in 0..level {
                    self.output.push_str("    ");
                }
            }
            Item::Statements(statements, level) => {
                for statement in statements {
                    self.push(Item::Statement(statement, level));
                }
            }
            Item::Statement(statement, level) => self.statement(statement, level),
            Item::If(statement, level) => self.if_statement(statement, level),
            Item::Case(case, level) => {
                self.push(Item::Indentation(level));
                self.text("case ");
                self.push(Item::Pattern(&case.pattern, PatternPlace::Open));
                if let Some(guard) = &case.guard {
                    self.text(" if ");
                    self.push(Item::Expression(guard, Precedence::Walrus));
                }
                self.block(&case.body, level);
            }
        }
    }

    /// `:` and the statements below.
    fn block(&mut self, statements: &'a [Statement], level: usize) {
        self.text(":\n");
        if statements.is_empty() {
            self.push(Item::Indentation(level + 1));
            self.text("pass\n");
        }
        self.push(Item::Statements(statements, level + 1));
    }

    fn optional_block(&mut self, head: &'static str, statements: &'a [Statement], level: usize) {
        if !statements.is_empty() {
            self.push(Item::Indentation(level));
            self.text(head);
            self.block(statements, level);
        }
    }

    fn statement(&mut self, statement: &'a Statement, level: usize) {
        match &statement.kind {
            StatementKind::FunctionDefinition(function) => return self.function(function, level),
            StatementKind::ClassDefinition(class) => return self.class(class, level),
            _ => self.push(Item::Indentation(level)),
        }
        match &statement.kind {
            StatementKind::If { .. } => self.push(Item::If(statement, level)),
            StatementKind::For { target, iterable, body, or_else } => {
                self.text("for ");
                self.push(Item::Target(target));
                self.text(" in ");
                self.push(Item::Expression(iterable, Precedence::Bare));
                self.block(body, level);
                self.optional_block("else", or_else, level);
            }
            StatementKind::While { test, body, or_else } => {
                self.text("while ");
                self.push(Item::Expression(test, Precedence::Walrus));
                self.block(body, level);
                self.optional_block("else", or_else, level);
            }
            StatementKind::Try { body, handlers, or_else, finally } => {
                self.text("try");
                self.block(body, level);
                for handler in handlers {
                    self.push(Item::Indentation(level));
                    self.text("except");
                    if let Some(exception) = &handler.exception {
                        self.text(" ");
                        self.push(Item::Expression(exception, Precedence::Conditional));
                    }
                    if let Some(name) = &handler.name {
                        self.text(" as ");
                        self.push(Item::Name(name));
                    }
                    self.block(&handler.body, level);
                }
                self.optional_block("else", or_else, level);
                self.optional_block("finally", finally, level);
            }
            StatementKind::Match { subject, cases } => {
                self.text("match ");
                self.push(Item::Expression(subject, Precedence::Walrus));
                self.text(":\n");
                for case in cases {
                    self.push(Item::Case(case, level + 1));
                }
            }
            _ => {
                self.simple(&statement.kind);
                self.text("\n");
            }
        }
    }

    fn if_statement(&mut self, statement: &'a Statement, level: usize) {
        let StatementKind::If { test, body, or_else } = &statement.kind else {
            return;
        };
        self.text("if ");
        self.push(Item::Expression(test, Precedence::Walrus));
        self.block(body, level);
        if let [nested] = or_else.as_slice()
            && matches!(nested.kind, StatementKind::If { .. })
        {
            self.push(Item::Indentation(level));
            self.text("el");
            self.push(Item::If(nested, level));
        } else {
            self.optional_block("else", or_else, level);
        }
    }

    /// A statement of one line, without its end.
    fn simple(&mut self, kind: &'a StatementKind) {
        match kind {
            StatementKind::Return(None) => self.text("return"),
            StatementKind::Return(Some(value)) => {
                self.text("return ");
                self.push(Item::Expression(value, Precedence::Bare));
            }
            StatementKind::Assign { targets, value } => {
                for target in targets {
                    self.push(Item::Target(target));
                    self.text(" = ");
                }
                self.push(Item::Expression(value, Precedence::Bare));
            }
            StatementKind::AugmentedAssign { target, operator, value } => {
                self.push(Item::Expression(target, Precedence::Conditional));
                self.text(" ");
                self.text(operator.text());
                self.text("= ");
                self.push(Item::Expression(value, Precedence::Bare));
            }
            StatementKind::AnnotatedAssign { target, annotation, value } => {
                self.push(Item::Expression(target, Precedence::Conditional));
                self.text(": ");
                self.push(Item::Expression(annotation, Precedence::Conditional));
                if let Some(value) = value {
                    self.text(" = ");
                    self.push(Item::Expression(value, Precedence::Bare));
                }
            }
            StatementKind::Expression(value) => {
                self.push(Item::Expression(value, Precedence::Bare));
            }
            StatementKind::Pass => self.text("pass"),
            StatementKind::Break => self.text("break"),
            StatementKind::Continue => self.text("continue"),
            StatementKind::Assert { test, message } => {
                self.text("assert ");
                self.push(Item::Expression(test, Precedence::Conditional));
                if let Some(message) = message {
                    self.text(", ");
                    self.push(Item::Expression(message, Precedence::Conditional));
                }
            }
            StatementKind::Raise { exception, cause } => {
                self.text("raise");
                if let Some(exception) = exception {
                    self.text(" ");
                    self.push(Item::Expression(exception, Precedence::Conditional));
                }
                if let Some(cause) = cause {
                    self.text(" from ");
                    self.push(Item::Expression(cause, Precedence::Conditional));
                }
            }
            StatementKind::Delete(targets) => {
                self.text("del ");
                self.list(targets, Precedence::Conditional);
            }
            StatementKind::Import(aliases) => {
                self.text("import ");
                self.aliases(aliases);
            }
            StatementKind::ImportFrom { module, names } => {
                self.text("from ");
                self.push(Item::Name(module));
                self.text(" import ");
                self.aliases(names);
            }
            StatementKind::Global(names) => self.names("global ", names),
            StatementKind::Nonlocal(names) => self.names("nonlocal ", names),
            StatementKind::Unsupported(what) => self.unsupported(what),
            StatementKind::FunctionDefinition(_)
            | StatementKind::ClassDefinition(_)
            | StatementKind::For { .. }
            | StatementKind::While { .. }
            | StatementKind::If { .. }
            | StatementKind::Try { .. }
            | StatementKind::Match { .. } => {}
        }
    }

    fn names(&mut self, head: &'static str, names: &'a [Name]) {
        self.text(head);
        for (index, name) in names.iter().enumerate() {
            self.comma(index);
            self.push(Item::Name(name));
        }
    }

    fn aliases(&mut self, aliases: &'a [ImportAlias]) {
        for (index, alias) in aliases.iter().enumerate() {
            self.comma(index);
            self.push(Item::Name(&alias.name));
            if let Some(name) = &alias.alias {
                self.text(" as ");
                self.push(Item::Name(name));
            }
        }
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.text(", ");
        }
    }

    fn list(&mut self, expressions: &'a [Expression], place: Precedence) {
        for (index, expression) in expressions.iter().enumerate() {
            self.comma(index);
            self.push(Item::Expression(expression, place));
        }
    }

    fn decorators(&mut self, decorators: &'a [Expression], level: usize) {
        for decorator in decorators {
            self.push(Item::Indentation(level));
            self.text("@");
            self.push(Item::Expression(decorator, Precedence::Walrus));
            self.text("\n");
        }
        self.push(Item::Indentation(level));
    }

    fn class(&mut self, class: &'a ClassDefinition, level: usize) {
        self.decorators(&class.decorators, level);
        self.text("class ");
        self.push(Item::Name(&class.name));
        if !class.bases.is_empty() {
            self.text("(");
            self.list(&class.bases, Precedence::Walrus);
            self.text(")");
        }
        self.block(&class.body, level);
    }

    fn function(&mut self, function: &'a FunctionDefinition, level: usize) {
        self.decorators(&function.decorators, level);
        self.text(if function.is_async { "async def " } else { "def " });
        self.push(Item::Name(&function.name));
        self.text("(");
        let mut previous = ParameterKind::PositionalOrKeyword;
        for (index, parameter) in function.parameters.iter().enumerate() {
            let kind = parameter.kind;
            if previous == ParameterKind::PositionalOnly && kind != previous {
                self.text(", /");
            }
            self.comma(index);
            let after_star = matches!(previous, ParameterKind::VariadicPositional | ParameterKind::KeywordOnly);
            match kind {
                ParameterKind::KeywordOnly if !after_star => self.text("*, "),
                ParameterKind::VariadicPositional => self.text("*"),
                ParameterKind::VariadicKeyword => self.text("**"),
                _ => {}
            }
            previous = kind;
            self.push(Item::Name(&parameter.name));
            if let Some(annotation) = &parameter.annotation {
                self.text(": ");
                self.push(Item::Expression(annotation, Precedence::Conditional));
            }
            if let Some(default) = &parameter.default {
                self.text(if parameter.annotation.is_some() { " = " } else { "=" });
                self.push(Item::Expression(default, Precedence::Conditional));
            }
        }
        if previous == ParameterKind::PositionalOnly {
            self.text(", /");
        }
        self.text(")");
        if let Some(returns) = &function.returns {
            self.text(" -> ");
            self.push(Item::Expression(returns, Precedence::Conditional));
        }
        self.block(&function.body, level);
    }

    fn target(&mut self, target: &'a Expression) {
        match &target.kind {
            ExpressionKind::Tuple(elements) if elements.len() > 1 => {
                self.list(elements, Precedence::Conditional);
            }
            _ => self.push(Item::Expression(target, Precedence::Conditional)),
        }
    }

    fn unsupported(&mut self, what: &'static str) {
        self.text("__unsupported__(\"");
        self.text(what);
        self.text("\")");
    }

    fn expression(&mut self, expression: &'a Expression, place: Precedence) {
        let own = match &expression.kind {
            ExpressionKind::Constant(value) => return self.push(Item::Value(value, place)),
            ExpressionKind::Tuple(elements) => return self.tuple(elements, place),
            ExpressionKind::Walrus { .. } => Precedence::Walrus,
            ExpressionKind::Conditional { .. } => Precedence::Conditional,
            ExpressionKind::Boolean { operator, .. } => match operator {
                BooleanOperator::Or => Precedence::Or,
                BooleanOperator::And => Precedence::And,
            },
            ExpressionKind::Unary { operator, .. } => match operator {
                UnaryOperator::Not => Precedence::Not,
                UnaryOperator::Negate | UnaryOperator::Plus | UnaryOperator::Invert => Precedence::Unary,
            },
            ExpressionKind::Compare { .. } => Precedence::Compare,
            ExpressionKind::Binary { operator, .. } => binary_precedence(*operator),
            _ => Precedence::Primary,
        };
        // A statement that is a walrus needs its parentheses; it stands bare in tests and arguments only.
        let walrus = own == Precedence::Walrus && place == Precedence::Bare;
        let parentheses = own < place || walrus;
        if parentheses {
            self.text("(");
        }
        self.operation(&expression.kind, own);
        if parentheses {
            self.text(")");
        }
    }

    fn tuple(&mut self, elements: &'a [Expression], place: Precedence) {
        let starred = elements.iter().any(|element| matches!(element.kind, ExpressionKind::Starred(_)));
        let bare = place == Precedence::Bare && elements.len() > 1 && !starred;
        if !bare {
            self.text("(");
        }
        self.list(elements, Precedence::Conditional);
        if elements.len() == 1 {
            self.text(",");
        }
        if !bare {
            self.text(")");
        }
    }

    fn operation(&mut self, kind: &'a ExpressionKind, own: Precedence) {
        match kind {
            ExpressionKind::Name { name, .. } => self.push(Item::Name(name)),
            ExpressionKind::Attribute { value, attribute, .. } => {
                self.push(Item::Expression(value, Precedence::Primary));
                self.text(".");
                self.push(Item::Name(attribute));
            }
            ExpressionKind::Call { function, arguments, keywords } => self.call(function, arguments, keywords),
            ExpressionKind::Unary { operator, operand } => {
                self.text(operator.text());
                if *operator == UnaryOperator::Not {
                    self.text(" ");
                }
                self.push(Item::Expression(operand, own));
            }
            ExpressionKind::Binary { operator, left, right } => {
                // `**` groups to the right, and its right operand may be a sign.
                let (before, after) = if *operator == BinaryOperator::Power {
                    (Precedence::Primary, Precedence::Unary)
                } else {
                    (own, tighter(own))
                };
                self.push(Item::Expression(left, before));
                self.text(" ");
                self.text(operator.text());
                self.text(" ");
                self.push(Item::Expression(right, after));
            }
            ExpressionKind::Boolean { operator, values } => {
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.text(" ");
                        self.text(operator.text());
                        self.text(" ");
                    }
                    self.push(Item::Expression(value, tighter(own)));
                }
            }
            ExpressionKind::Compare { left, rest } => {
                self.push(Item::Expression(left, tighter(own)));
                for (operator, operand) in rest {
                    self.text(" ");
                    self.text(operator.text());
                    self.text(" ");
                    self.push(Item::Expression(operand, tighter(own)));
                }
            }
            ExpressionKind::Conditional { test, body, or_else } => {
                self.push(Item::Expression(body, Precedence::Or));
                self.text(" if ");
                self.push(Item::Expression(test, Precedence::Or));
                self.text(" else ");
                self.push(Item::Expression(or_else, Precedence::Conditional));
            }
            ExpressionKind::Subscript { value, index } => {
                self.push(Item::Expression(value, Precedence::Primary));
                self.text("[");
                self.index(index);
                self.text("]");
            }
            ExpressionKind::Slice { lower, upper, step } => {
                self.optional(lower.as_deref());
                self.text(":");
                self.optional(upper.as_deref());
                if step.is_some() {
                    self.text(":");
                    self.optional(step.as_deref());
                }
            }
            ExpressionKind::List(elements) => {
                self.text("[");
                self.list(elements, Precedence::Conditional);
                self.text("]");
            }
            ExpressionKind::Dict(entries) => self.dict(entries),
            ExpressionKind::Walrus { target, value } => {
                self.push(Item::Expression(target, Precedence::Primary));
                self.text(" := ");
                self.push(Item::Expression(value, Precedence::Conditional));
            }
            ExpressionKind::Starred(value) => {
                self.text("*");
                self.push(Item::Expression(value, Precedence::BitOr));
            }
            ExpressionKind::Sequence(sequence) => {
                self.text("__sequence__(\n");
                self.push(Item::Statements(&sequence.statements, 1));
                self.text("    ");
                self.push(Item::Expression(&sequence.value, Precedence::Conditional));
                self.text(")");
            }
            ExpressionKind::Intrinsic { intrinsic, arguments } => self.intrinsic(*intrinsic, arguments),
            ExpressionKind::Unsupported(what) => self.unsupported(what),
            ExpressionKind::Constant(_) | ExpressionKind::Tuple(_) => {}
        }
    }

    fn optional(&mut self, expression: Option<&'a Expression>) {
        if let Some(expression) = expression {
            self.push(Item::Expression(expression, Precedence::Conditional));
        }
    }

    /// What stands in the brackets of a subscript: a tuple of slices has no parentheses there.
    fn index(&mut self, index: &'a Expression) {
        match &index.kind {
            ExpressionKind::Tuple(elements) if !elements.is_empty() => {
                self.list(elements, Precedence::Conditional);
                if elements.len() == 1 {
                    self.text(",");
                }
            }
            _ => self.push(Item::Expression(index, Precedence::Conditional)),
        }
    }

    fn dict(&mut self, entries: &'a [(Option<Expression>, Expression)]) {
        self.text("{");
        for (index, (key, value)) in entries.iter().enumerate() {
            self.comma(index);
            match key {
                Some(key) => {
                    self.push(Item::Expression(key, Precedence::Conditional));
                    self.text(": ");
                    self.push(Item::Expression(value, Precedence::Conditional));
                }
                None => {
                    self.text("**");
                    self.push(Item::Expression(value, Precedence::BitOr));
                }
            }
        }
        self.text("}");
    }

    fn call(&mut self, function: &'a Expression, arguments: &'a [Expression], keywords: &'a [Keyword]) {
        self.push(Item::Expression(function, Precedence::Primary));
        self.text("(");
        self.list(arguments, Precedence::Walrus);
        for (index, keyword) in keywords.iter().enumerate() {
            self.comma(arguments.len() + index);
            match &keyword.name {
                Some(name) => {
                    self.push(Item::Name(name));
                    self.text("=");
                    self.push(Item::Expression(&keyword.value, Precedence::Conditional));
                }
                None => {
                    self.text("**");
                    self.push(Item::Expression(&keyword.value, Precedence::BitOr));
                }
            }
        }
        self.text(")");
    }

    fn intrinsic(&mut self, intrinsic: Intrinsic, arguments: &'a [Expression]) {
        // The head goes out at once: an expression is handled when its turn has come.
        let head = match intrinsic {
            Intrinsic::AbiElement { parameter, index, .. } => format!("__abi_element__({}, {index}", parameter.0),
            Intrinsic::AbiElementAt { parameter, .. } => format!("__abi_element_at__({}", parameter.0),
            Intrinsic::AbiParameter { parameter, .. } => format!("__abi_parameter__({}", parameter.0),
            Intrinsic::InputAt { variable } => format!("__input_at__({}", variable.0),
            Intrinsic::Held(number) => format!("__held__({number}"),
            Intrinsic::StoreOutput { variable } => format!("__store_output__({}", variable.0),
            Intrinsic::StoreOutputs => "__store_outputs__(None".to_owned(),
            Intrinsic::Folded => "__folded__(".to_owned(),
            Intrinsic::Reported => "__reported__(".to_owned(),
        };
        self.flush_text(&head);
        for (index, argument) in arguments.iter().enumerate() {
            if index > 0 || !head.ends_with('(') {
                self.text(", ");
            }
            self.push(Item::Expression(argument, Precedence::Conditional));
        }
        self.text(")");
    }

    /// Writes what was queued before `text`, which is text only, and then `text`.
    fn flush_text(&mut self, text: &str) {
        for item in std::mem::take(&mut self.next) {
            if let Item::Text(queued) = item {
                self.output.push_str(queued);
            }
        }
        self.output.push_str(text);
    }
}

fn tighter(precedence: Precedence) -> Precedence {
    match precedence {
        Precedence::Bare => Precedence::Walrus,
        Precedence::Walrus => Precedence::Conditional,
        Precedence::Conditional => Precedence::Or,
        Precedence::Or => Precedence::And,
        Precedence::And => Precedence::Not,
        Precedence::Not => Precedence::Compare,
        Precedence::Compare => Precedence::BitOr,
        Precedence::BitOr => Precedence::BitXor,
        Precedence::BitXor => Precedence::BitAnd,
        Precedence::BitAnd => Precedence::Shift,
        Precedence::Shift => Precedence::Sum,
        Precedence::Sum => Precedence::Product,
        Precedence::Product => Precedence::Unary,
        Precedence::Unary => Precedence::Power,
        Precedence::Power | Precedence::Primary => Precedence::Primary,
    }
}

fn binary_precedence(operator: BinaryOperator) -> Precedence {
    match operator {
        BinaryOperator::BitOr => Precedence::BitOr,
        BinaryOperator::BitXor => Precedence::BitXor,
        BinaryOperator::BitAnd => Precedence::BitAnd,
        BinaryOperator::LeftShift | BinaryOperator::RightShift => Precedence::Shift,
        BinaryOperator::Add | BinaryOperator::Subtract => Precedence::Sum,
        BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::FloorDivide
        | BinaryOperator::Modulo
        | BinaryOperator::MatrixMultiply => Precedence::Product,
        BinaryOperator::Power => Precedence::Power,
    }
}
