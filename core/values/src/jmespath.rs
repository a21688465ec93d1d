//! JMESPath, the language of `json_query` (specification at jmespath.org).

mod ast;
mod functions;
mod lexer;
mod parser;
mod run;

use minijinja::Value;

/// Returns what an expression finds in a value; what is not there is null.
pub fn search(expression: &str, data: &Value) -> Result<Value, String> {
    let tree = parser::parse(expression)?;
    run::evaluate(&tree, data)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{from_json, to_json};

    fn check(expression: &str, expected: serde_json::Value) {
        let data = from_json(json!({
            "a": {"b": [1, 2, 3]}, "n": null, "s": "text",
            "servers": [
                {"name": "x", "port": 80, "tags": ["p", "q"], "on": true},
                {"name": "y", "port": 443, "tags": ["q"], "on": false},
                {"name": "z", "port": 8080, "tags": []}
            ],
            "map": {"k1": {"v": 1}, "k2": {"v": 2}}
        }));
        assert_eq!(to_json(&search(expression, &data).unwrap()), expected, "{expression}");
    }

    #[test]
    fn finds_paths_and_projections() {
        check("a.b[0]", json!(1));
        check("a.b[-1]", json!(3));
        check("a.b[1:]", json!([2, 3]));
        check("a.b[::-1]", json!([3, 2, 1]));
        check("servers[*].name", json!(["x", "y", "z"]));
        check("servers[].tags[]", json!(["p", "q", "q"]));
        check("map.*.v", json!([1, 2]));
        check("missing.x", json!(null));
        check("\"a\".b | [0]", json!(1));
    }

    #[test]
    fn filters_and_builds() {
        check("servers[?port > `100`].name", json!(["y", "z"]));
        check("servers[?name=='x'].port | [0]", json!(80));
        check("servers[?contains(tags, 'p')].name", json!(["x"]));
        check("servers[?on && port < `100`].name", json!(["x"]));
        check("servers[?!on].name", json!(["y", "z"]));
        check("servers[0].{n: name, p: port}", json!({"n": "x", "p": 80}));
        check("servers[*].[name, port]", json!([["x", 80], ["y", 443], ["z", 8080]]));
        check("n || s", json!("text"));
        check("@.s", json!("text"));
    }

    #[test]
    fn calls_functions() {
        check("length(servers)", json!(3));
        check("sort_by(servers, &port)[-1].name", json!("z"));
        check("max_by(servers, &port).name", json!("z"));
        check("join(',', servers[*].name)", json!("x,y,z"));
        check("keys(map)", json!(["k1", "k2"]));
        check("sum(a.b)", json!(6));
        check("to_string(a.b)", json!("[1,2,3]"));
        check("map(&name, servers)", json!(["x", "y", "z"]));
        check("starts_with(s, 'te')", json!(true));
        check("merge(a, {c: `1`})", json!({"b": [1, 2, 3], "c": 1}));
        check("not_null(n, s)", json!("text"));
    }

    #[test]
    fn refuses_what_is_no_expression() {
        for wrong in ["a.", "a[", "servers[?", "nope(a)", "a b", "`{`"] {
            assert!(search(wrong, &Value::from(1)).is_err(), "{wrong}");
        }
    }
}
