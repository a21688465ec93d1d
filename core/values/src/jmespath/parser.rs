use super::ast::{Comparison, Node};
use super::lexer::{Token, tokens};

/// Parses an expression.
pub fn parse(text: &str) -> Result<Node, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let node = parser.pipe()?;
    match parser.peek() {
        Token::End => Ok(node),
        other => Err(format!("{other:?} was not expected")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn skip(&mut self, sign: char) -> bool {
        let found = *self.peek() == Token::Sign(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        match self.skip(sign) {
            true => Ok(()),
            false => Err(format!("'{sign}' was expected, not {:?}", self.peek())),
        }
    }

    fn pipe(&mut self) -> Result<Node, String> {
        let mut left = self.or()?;
        while self.skip('|') {
            left = Node::Sub(Box::new(left), Box::new(self.or()?));
        }
        Ok(left)
    }

    fn or(&mut self) -> Result<Node, String> {
        let mut left = self.and()?;
        while *self.peek() == Token::Or {
            self.at += 1;
            left = Node::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Node, String> {
        let mut left = self.comparison()?;
        while *self.peek() == Token::And {
            self.at += 1;
            left = Node::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Node, String> {
        let left = self.not()?;
        let Token::Compare(operator) = *self.peek() else { return Ok(left) };
        self.at += 1;
        Ok(Node::Compare(operator, Box::new(left), Box::new(self.not()?)))
    }

    fn not(&mut self) -> Result<Node, String> {
        if self.skip('!') {
            return Ok(Node::Not(Box::new(self.not()?)));
        }
        let first = self.primary()?;
        self.postfix(first)
    }

    fn primary(&mut self) -> Result<Node, String> {
        match self.take() {
            Token::Name(name) if self.skip('(') => self.call(name),
            Token::Name(name) | Token::Quoted(name) => Ok(Node::Field(name)),
            Token::Literal(value) => Ok(Node::Literal(value)),
            Token::Sign('@') => Ok(Node::Current),
            Token::Sign('&') => Ok(Node::Expression(Box::new(self.or()?))),
            Token::Sign('(') => {
                let inner = self.pipe()?;
                self.expect(')')?;
                Ok(inner)
            }
            Token::Sign('{') => self.object(),
            Token::Sign('*') => self.each_value(Node::Current),
            Token::Sign('[') if !self.starts_bracket() => self.list(),
            Token::Sign('[' | 'F' | 'E') => {
                self.at -= 1;
                Ok(Node::Current)
            }
            other => Err(format!("an expression was expected, not {other:?}")),
        }
    }

    /// Returns whether an index, slice or projection follows a bracket, not a list of expressions.
    fn starts_bracket(&self) -> bool {
        let closes = self.tokens.get(self.at + 1) == Some(&Token::Sign(']'));
        match self.peek() {
            Token::Number(_) | Token::Sign(':') => true,
            Token::Sign('*') => closes,
            _ => false,
        }
    }

    fn postfix(&mut self, mut left: Node) -> Result<Node, String> {
        loop {
            left = match self.peek() {
                Token::Sign('.') => {
                    self.at += 1;
                    match self.skip('*') {
                        true => return self.each_value(left),
                        false => Node::Sub(Box::new(left), Box::new(self.member()?)),
                    }
                }
                Token::Sign('[') => {
                    self.at += 1;
                    match self.bracket(left)? {
                        (node, true) => return Ok(node),
                        (node, false) => node,
                    }
                }
                Token::Sign('E') => {
                    self.at += 1;
                    let flat = Node::Flatten(Box::new(left));
                    let each = Node::EachItem(Box::new(flat), Box::new(self.projected()?));
                    return self.flattened(each);
                }
                Token::Sign('F') => {
                    self.at += 1;
                    let condition = self.pipe()?;
                    self.expect(']')?;
                    let each = self.projected()?;
                    let filter = Node::Filter(Box::new(left), Box::new(condition), Box::new(each));
                    return self.flattened(filter);
                }
                _ => return Ok(left),
            };
        }
    }

    /// What follows a projection applies to each item, up to the next `[]`, which opens the whole.
    fn projected(&mut self) -> Result<Node, String> {
        let mut node = Node::Current;
        loop {
            node = match self.peek() {
                Token::Sign('.') => {
                    self.at += 1;
                    match self.skip('*') {
                        true => return self.each_value(node),
                        false => Node::Sub(Box::new(node), Box::new(self.member()?)),
                    }
                }
                Token::Sign('[') => {
                    self.at += 1;
                    match self.bracket(node)? {
                        (node, true) => return Ok(node),
                        (node, false) => node,
                    }
                }
                Token::Sign('F') => {
                    self.at += 1;
                    let condition = self.pipe()?;
                    self.expect(']')?;
                    let each = self.projected()?;
                    return Ok(Node::Filter(Box::new(node), Box::new(condition), Box::new(each)));
                }
                _ => return Ok(node),
            };
        }
    }

    fn flattened(&mut self, projection: Node) -> Result<Node, String> {
        if !self.skip('E') {
            return Ok(projection);
        }
        let flat = Node::Flatten(Box::new(projection));
        let each = Node::EachItem(Box::new(flat), Box::new(self.projected()?));
        self.flattened(each)
    }

    fn each_value(&mut self, left: Node) -> Result<Node, String> {
        let each = self.projected()?;
        self.flattened(Node::EachValue(Box::new(left), Box::new(each)))
    }

    /// What may stand after a point.
    fn member(&mut self) -> Result<Node, String> {
        match self.take() {
            Token::Name(name) if self.skip('(') => self.call(name),
            Token::Name(name) | Token::Quoted(name) => Ok(Node::Field(name)),
            Token::Sign('{') => self.object(),
            Token::Sign('[') => self.list(),
            other => Err(format!("a name was expected after '.', not {other:?}")),
        }
    }

    /// The rest of `[...]` after a value; true when it is a projection that took what follows.
    fn bracket(&mut self, left: Node) -> Result<(Node, bool), String> {
        if self.skip('*') {
            self.expect(']')?;
            let each = self.projected()?;
            let projection = Node::EachItem(Box::new(left), Box::new(each));
            return Ok((self.flattened(projection)?, true));
        }
        let first = self.number();
        if !self.skip(':') {
            let index = first.ok_or_else(|| format!("a number was expected, not {:?}", self.peek()))?;
            self.expect(']')?;
            return Ok((Node::Sub(Box::new(left), Box::new(Node::Index(index))), false));
        }
        let stop = self.number();
        let step = if self.skip(':') { self.number() } else { None };
        self.expect(']')?;
        let slice = Node::Sub(Box::new(left), Box::new(Node::Slice(first, stop, step.unwrap_or(1))));
        let projection = Node::EachItem(Box::new(slice), Box::new(self.projected()?));
        Ok((self.flattened(projection)?, true))
    }

    fn number(&mut self) -> Option<i64> {
        let Token::Number(number) = *self.peek() else { return None };
        self.at += 1;
        Some(number)
    }

    fn list(&mut self) -> Result<Node, String> {
        let mut items = vec![self.pipe()?];
        while self.skip(',') {
            items.push(self.pipe()?);
        }
        self.expect(']')?;
        Ok(Node::List(items))
    }

    fn object(&mut self) -> Result<Node, String> {
        let mut entries = Vec::new();
        loop {
            let (Token::Name(key) | Token::Quoted(key)) = self.take() else {
                return Err("a key was expected".into());
            };
            self.expect(':')?;
            entries.push((key, self.pipe()?));
            if !self.skip(',') {
                break;
            }
        }
        self.expect('}')?;
        Ok(Node::Object(entries))
    }

    fn call(&mut self, name: String) -> Result<Node, String> {
        let mut args = Vec::new();
        while !self.skip(')') {
            if !args.is_empty() {
                self.expect(',')?;
            }
            args.push(self.pipe()?);
        }
        Ok(Node::Call(name, args))
    }
}

impl Comparison {
    /// Returns whether the operator orders numbers, rather than asking whether values are equal.
    pub fn orders(self) -> bool {
        !matches!(self, Self::Equal | Self::Different)
    }
}
