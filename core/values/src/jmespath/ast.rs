use minijinja::Value;

/// A node of an expression.
#[derive(Clone, Debug)]
pub enum Node {
    Current,
    Field(String),
    Literal(Value),
    Index(i64),
    Slice(Option<i64>, Option<i64>, i64),
    /// The right side applied to the result of the left one.
    Sub(Box<Node>, Box<Node>),
    /// The right side applied to each item of the left one's list.
    EachItem(Box<Node>, Box<Node>),
    /// The right side applied to each value of the left one's object.
    EachValue(Box<Node>, Box<Node>),
    /// The right side applied to each item for which the condition holds.
    Filter(Box<Node>, Box<Node>, Box<Node>),
    /// A list whose lists are opened by one level.
    Flatten(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    Call(String, Vec<Node>),
    /// `&expression`, an argument of functions.
    Expression(Box<Node>),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
