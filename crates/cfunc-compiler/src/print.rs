//! Marked functions as text, which the semantic key is over.

use cfunc_sources::{MarkedCall, MarkedFunction, MarkedHelper};
use cfunc_syntax::print_statements_to;

/// The marked function as text: its bodies, one after the other. What is declared and the locals stand in front, since
/// two functions that read alike may bind their names differently.
pub(crate) fn print_marked(marked: &MarkedFunction) -> String {
    let mut text = String::with_capacity(1024);
    print_marked_to(marked, &mut text);
    text
}

fn print_marked_to(marked: &MarkedFunction, text: &mut String) {
    text.push_str("# locals: ");
    for (index, local) in marked.locals.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        text.push_str(&local.name);
    }
    text.push('\n');
    let bodies = [("# start\n", &marked.start), ("# execute\n", &marked.body), ("# stop\n", &marked.stop)];
    for (head, body) in bodies.into_iter().filter(|(_, body)| !body.is_empty()) {
        text.push_str(head);
        print_statements_to(body, text);
    }
    print_helpers_to(&marked.helpers, text);
}

/// A plain function that a host calls, and its helpers, as text.
pub(crate) fn print_call(marked: &MarkedCall) -> String {
    let mut text = format!("# call {}\n", marked.name);
    print_helpers_to(&marked.helpers, &mut text);
    text
}

fn print_helpers_to(helpers: &[MarkedHelper], text: &mut String) {
    for helper in helpers {
        let parameters = helper.parameters.iter().map(|parameter| match &parameter.default {
            Some(default) => format!("{}={default}", parameter.name),
            None => parameter.name.to_string(),
        });
        let parameters: Vec<String> = parameters.collect();
        text.push_str(&format!("# helper {}({})\n", helper.function.function.name, parameters.join(", ")));
        print_marked_to(&helper.function, text);
    }
}
