//! The typed tree as text: what `cfunc emit --kind types` shows.

use std::fmt::Write;

use cfunc_context::{Registry, Resolution};
use cfunc_models::{Type, TypeTable};

use crate::typed::{
    CallArgument, EdgeId, Fallback, Selection, SlotId, SpecialisationId, TypedExpression, TypedExpressionKind,
    TypedFunction, TypedStatement, TypedStatementKind, TypedTry,
};

impl TypedFunction {
    /// The function with the type of every expression and, at each operation, the rules that typed and lowered it and
    /// the extensions they are of.
    pub fn dump(&self, types: &TypeTable, registry: &Registry) -> String {
        let mut dump = Dump { function: self, root: self, types, registry, text: String::new(), helpers: Vec::new() };
        let name = &self.function.name;
        for (phase, body) in [("start", &self.start), ("execute", &self.body), ("stop", &self.stop)] {
            if !body.is_empty() {
                dump.line(0, &format!("{phase} {name}:"));
                dump.statements(1, body);
            }
        }
        if let Some(call) = &self.call {
            let argument = |argument: &CallArgument| {
                let rule = dump.cast_rule(argument.given, argument.taken);
                let default = argument.default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
                format!("{} {rule}", types.name(argument.given)).trim_end().to_owned() + &default
            };
            let arguments: Vec<String> = call.arguments.iter().map(argument).collect();
            dump.line(0, &format!("call {name}({}) -> {}", arguments.join(", "), types.name(call.result)));
            dump.helpers.push(call.function);
        }
        let mut next = 0;
        while let Some((id, helper)) =
            dump.helpers.get(next).and_then(|id| Some((*id, self.helpers.get(id.0 as usize)?)))
        {
            dump.function = &helper.function;
            let head = dump.specialisation(id);
            dump.line(0, &format!("helper {head}:"));
            dump.statements(1, &helper.function.body);
            next += 1;
        }
        dump.text
    }
}

struct Dump<'a> {
    /// What the slots and edges are of.
    function: &'a TypedFunction,
    /// What the helpers are of.
    root: &'a TypedFunction,
    types: &'a TypeTable,
    registry: &'a Registry,
    text: String,
    /// The helpers that are called, in order of their first call.
    helpers: Vec<SpecialisationId>,
}

impl Dump<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{:width$}{text}", "", width = 4 * depth);
    }

    /// A helper with its types: `clamp(value.0: int, low.1: float) -> float`.
    fn specialisation(&self, id: SpecialisationId) -> String {
        let Some(helper) = self.root.helpers.get(id.0 as usize) else { return String::new() };
        let slot = |slot: SlotId| &helper.function.slots[slot.0 as usize];
        let parameter = |id: &SlotId| format!("{}.{}: {}", slot(*id).name, id.0, self.types.name(slot(*id).ty));
        let parameters: Vec<String> = helper.parameters.iter().map(parameter).collect();
        let result = self.types.name(slot(helper.result).ty);
        format!("{}({}) -> {result}", helper.function.function.name, parameters.join(", "))
    }

    fn slot(&self, slot: SlotId) -> String {
        let data = &self.function.slots[slot.0 as usize];
        format!("{}.{}: {}", data.name, slot.0, self.types.name(data.ty))
    }

    fn edge(&mut self, depth: usize, edge: EdgeId) {
        for conversion in self.function.edges[edge.0 as usize].clone() {
            let ty = |slot: SlotId| self.function.slots[slot.0 as usize].ty;
            let rule = self.cast_rule(ty(conversion.from), ty(conversion.to));
            let text = format!("{} <- {} {rule}", self.slot(conversion.to), self.slot(conversion.from));
            self.line(depth, text.trim_end());
        }
    }

    fn statements(&mut self, depth: usize, statements: &[TypedStatement]) {
        for statement in statements {
            self.statement(depth, statement);
        }
    }

    fn statement(&mut self, depth: usize, statement: &TypedStatement) {
        match &statement.kind {
            TypedStatementKind::Evaluate(value) => self.expression(depth, "evaluate", value),
            TypedStatementKind::SetSlot { slot, value, .. } => {
                let label = format!("{} =", self.slot(*slot));
                self.expression(depth, &label, value);
            }
            TypedStatementKind::StoreVariable { variable, value } => {
                let label = format!("{} =", self.function.variables.get(*variable).name);
                self.expression(depth, &label, value);
            }
            TypedStatementKind::If { test, body, or_else, body_edge, else_edge } => {
                self.expression(depth, "if", test);
                self.line(depth, "then:");
                self.statements(depth + 1, body);
                self.edge(depth + 1, *body_edge);
                if !or_else.is_empty() || !self.function.edges[else_edge.0 as usize].is_empty() {
                    self.line(depth, "else:");
                    self.statements(depth + 1, or_else);
                    self.edge(depth + 1, *else_edge);
                }
            }
            TypedStatementKind::Loop { entry_edge, test, body, back_edge, or_else, exit_edge } => {
                self.edge(depth, *entry_edge);
                self.expression(depth, "while", test);
                self.line(depth, "do:");
                self.statements(depth + 1, body);
                self.edge(depth + 1, *back_edge);
                if !or_else.is_empty() || !self.function.edges[exit_edge.0 as usize].is_empty() {
                    self.line(depth, "else:");
                    self.statements(depth + 1, or_else);
                    self.edge(depth + 1, *exit_edge);
                }
            }
            TypedStatementKind::Break(edge) => {
                self.edge(depth, *edge);
                self.line(depth, "break");
            }
            TypedStatementKind::Continue(edge) => {
                self.edge(depth, *edge);
                self.line(depth, "continue");
            }
            TypedStatementKind::Return => self.line(depth, "return"),
            TypedStatementKind::ReturnResult(edge) => {
                self.edge(depth, *edge);
                self.line(depth, "return result");
            }
            TypedStatementKind::Raise { kind, message } => {
                self.line(depth, &format!("raise {} {message:?}", kind.name()))
            }
            TypedStatementKind::Reraise { clause } => self.line(depth, &format!("raise again, clause {clause}")),
            TypedStatementKind::Assert { test, message } => {
                self.expression(depth, &format!("assert {message:?}"), test);
            }
            TypedStatementKind::Unbind(local) => self.line(depth, &format!("unbind local {}", local.0)),
            TypedStatementKind::Try(parts) => self.try_statement(depth, parts),
            TypedStatementKind::Leave { exit } => self.line(depth, &format!("leave, exit {exit}")),
        }
    }

    fn selections(&mut self, depth: usize, selections: &[Selection]) {
        for Selection { from, to, .. } in selections {
            let from: Vec<String> = from.iter().map(|slot| self.slot(*slot)).collect();
            let to = self.slot(*to);
            self.line(depth, &format!("{to} = {} as it was set last", from.join(" or ")));
        }
    }

    fn try_statement(&mut self, depth: usize, parts: &TypedTry) {
        self.line(depth, "try:");
        self.statements(depth + 1, &parts.body);
        for handler in &parts.handlers {
            let kinds: Vec<&str> = handler.kinds.iter().map(|kind| kind.name()).collect();
            self.line(depth, &format!("except {}:", kinds.join(", ")));
            self.selections(depth + 1, &handler.selections);
            self.statements(depth + 1, &handler.body);
            self.edge(depth + 1, handler.edge);
        }
        if !parts.or_else.is_empty() || !self.function.edges[parts.body_edge.0 as usize].is_empty() {
            self.line(depth, "else:");
            self.statements(depth + 1, &parts.or_else);
            self.edge(depth + 1, parts.body_edge);
        }
        if let Some(finally) = &parts.finally {
            self.line(depth, "finally:");
            self.selections(depth + 1, &finally.selections);
            self.statements(depth + 1, &finally.body);
            for (index, exit) in finally.exits.iter().enumerate() {
                self.line(depth, &format!("exit {index}:"));
                self.statements(depth + 1, exit);
            }
        }
    }

    /// The conversion between two types; nothing where they are one.
    fn cast_rule(&self, from: Type, to: Type) -> String {
        let cast = self.registry.cast(self.types, from, to).filter(|_| from != to);
        cast.map(|cast| self.registry.rule(cast.rule))
            .map_or_else(String::new, |rule| format!("{} [{}]", rule.name, rule.extension))
    }

    fn rules(&self, resolution: &Resolution) -> String {
        let typing = self.registry.rule(resolution.typing);
        let lowering = self.registry.rule(resolution.lowering);
        format!(
            "typed by {} [{}], lowered by {} [{}]",
            typing.name, typing.extension, lowering.name, lowering.extension
        )
    }

    fn expression(&mut self, depth: usize, label: &str, value: &TypedExpression) {
        let ty = self.types.name(value.ty).to_owned();
        let head =
            |what: &str| if label.is_empty() { format!("{what}: {ty}") } else { format!("{label} {what}: {ty}") };
        match &value.kind {
            TypedExpressionKind::Constant(constant) => self.line(depth, &head(&format!("constant {constant}"))),
            TypedExpressionKind::Slot(slot) => {
                let text = self.slot(*slot);
                self.line(depth, &if label.is_empty() { text } else { format!("{label} {text}") });
            }
            TypedExpressionKind::CheckedSlot { slot, fallback, .. } => {
                let text = format!("checked {}", self.slot(*slot));
                self.line(depth, &head(&text));
                if let Fallback::Value(below) = fallback {
                    self.expression(depth + 1, "or", below);
                }
            }
            TypedExpressionKind::Variable(variable) => {
                let name = self.function.variables.get(*variable).name.to_string();
                self.line(depth, &head(&name));
            }
            TypedExpressionKind::AbiElement { parameter, index } => {
                self.line(depth, &head(&format!("abi parameter {} element {index}", parameter.0)));
            }
            TypedExpressionKind::AbiElementAt { parameter, first, length, index } => {
                let text = format!("abi parameter {} element from {first}, of {length}", parameter.0);
                self.line(depth, &head(&text));
                self.expression(depth + 1, "", index);
            }
            TypedExpressionKind::AbiParameter(parameter) => {
                self.line(depth, &head(&format!("abi parameter {}", parameter.0)));
            }
            TypedExpressionKind::InputAt { container, index } => {
                let name = self.function.variables.get(*container).name.to_string();
                self.line(depth, &head(&format!("{name}[…]")));
                self.expression(depth + 1, "", index);
            }
            TypedExpressionKind::Call { resolution, arguments } => {
                let rules = self.rules(resolution);
                self.line(depth, &head(&rules));
                for argument in arguments {
                    self.expression(depth + 1, "", argument);
                }
            }
            TypedExpressionKind::HelperCall { helper, arguments, .. } => {
                let called = format!("helper {}", self.specialisation(*helper));
                self.line(depth, &head(&called));
                for argument in arguments {
                    self.expression(depth + 1, "", argument);
                }
                if !self.helpers.contains(helper) {
                    self.helpers.push(*helper);
                }
            }
            TypedExpressionKind::Cast(operand) => {
                let rule = self.cast_rule(operand.ty, value.ty);
                self.line(depth, &head(&rule));
                self.expression(depth + 1, "", operand);
            }
            TypedExpressionKind::ShortCircuit { operator, left, truth, right, edges } => {
                self.line(depth, &head(operator.text()));
                if let Some(truth) = truth {
                    let rules = self.rules(truth);
                    self.line(depth + 1, &rules);
                }
                self.expression(depth + 1, "", left);
                edges.iter().for_each(|[left, _]| self.edge(depth + 2, *left));
                self.expression(depth + 1, "", right);
                edges.iter().for_each(|[_, right]| self.edge(depth + 2, *right));
            }
            TypedExpressionKind::Conditional { test, body, or_else, edges } => {
                self.line(depth, &head("conditional"));
                self.expression(depth + 1, "if", test);
                self.expression(depth + 1, "then", body);
                edges.iter().for_each(|[body, _]| self.edge(depth + 2, *body));
                self.expression(depth + 1, "else", or_else);
                edges.iter().for_each(|[_, or_else]| self.edge(depth + 2, *or_else));
            }
            TypedExpressionKind::Sequence { statements, value } => {
                self.line(depth, &head("sequence"));
                self.statements(depth + 1, statements);
                self.expression(depth + 1, "", value);
            }
            TypedExpressionKind::Comparisons { first, rest } => {
                self.line(depth, &head("comparisons"));
                self.expression(depth + 1, "", first);
                for comparison in rest {
                    let rules = self.rules(&comparison.resolution);
                    self.line(depth + 1, &rules);
                    self.expression(depth + 1, "", &comparison.right);
                }
            }
            TypedExpressionKind::Not(operand) => {
                self.line(depth, &head("not"));
                self.expression(depth + 1, "", operand);
            }
        }
    }
}
