//! Refusing to repeat a list that is written out, such as `[1] * 1000`.
//!
//! MiniJinja repeats lists without making them, and works out what is constant while it compiles, where no fuel is
//! charged: `5 in [1] * 30000000` would hold a thread for seconds before anything runs. Nobody needs it, so it is not
//! compiled. A list from a variable may be repeated; that happens when the expression runs, and pays fuel.

/// A piece of the text, as far as this question goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[` that begins a list.
    List,
    /// `[` that takes an item out of what stands before it.
    Item,
    /// `]`
    End,
    /// `*`
    Times,
    /// A name: its value is not known before the expression runs.
    Name,
    /// A number, a text, or a brace that closes: something that ends an operand.
    Value,
    /// Anything else.
    Sign,
}

/// Whether a list that is written out is multiplied anywhere in `text`.
pub(super) fn is_in(text: &str) -> bool {
    if !text.contains('*') || !text.contains('[') {
        return false;
    }
    let tokens = tokens(text);
    let is_times = |at: &usize| tokens[*at] == Token::Times;
    (0..tokens.len()).filter(is_times).any(|at| is_list_before(&tokens, at) || is_list_after(&tokens, at))
}

fn is_list_before(tokens: &[Token], times: usize) -> bool {
    let Some(last) = times.checked_sub(1) else { return false };
    let first = match tokens[last] {
        Token::End | Token::Close => begin_of(tokens, last),
        _ => return false,
    };
    match tokens[first] {
        Token::List => true,
        // Brackets behind a name are a call, whose value is not known before.
        Token::Open if first == 0 || tokens[first - 1] != Token::Name => {
            is_constant_list(&tokens[first..last])
        }
        _ => false,
    }
}

fn is_list_after(tokens: &[Token], times: usize) -> bool {
    let signs = tokens[times + 1..].iter().take_while(|token| **token == Token::Sign).count();
    let first = times + 1 + signs;
    match tokens.get(first) {
        Some(Token::List) => true,
        Some(Token::Open) => is_constant_list(&tokens[first..end_of(tokens, first)]),
        _ => false,
    }
}

/// Whether a group holds a list and nothing that is known only later.
fn is_constant_list(group: &[Token]) -> bool {
    group.contains(&Token::List) && !group.contains(&Token::Name)
}

/// Where the group that ends at `last` begins.
fn begin_of(tokens: &[Token], last: usize) -> usize {
    let mut depth = 0_usize;
    for at in (0..=last).rev() {
        match tokens[at] {
            Token::End | Token::Close => depth += 1,
            Token::Open | Token::List | Token::Item => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    0
}

/// Where the group that begins at `first` ends.
fn end_of(tokens: &[Token], first: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(first) {
        match token {
            Token::Open | Token::List | Token::Item => depth += 1,
            Token::End | Token::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// The pieces of everything in `text` that is computed.
fn tokens(text: &str) -> Vec<Token> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(begin) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        rest = &rest[begin + 2..];
        rest = block(rest, &mut tokens);
        tokens.push(Token::Sign);
    }
    tokens
}

/// Adds the pieces up to the end of the block that `text` begins in, and gives what follows.
fn block<'t>(text: &'t str, tokens: &mut Vec<Token>) -> &'t str {
    /// Words that stand between operands.
    const WORDS: [&str; 9] = ["and", "or", "not", "in", "is", "if", "else", "true", "false"];
    let mut braces = 0_usize;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        if braces == 0 && matches!((c, next), ('}' | '%', Some('}'))) {
            break;
        }
        match c {
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ => {}
        }
        let token = match c {
            ' ' | '\t' | '\n' | '\r' => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ']' => Token::End,
            '[' => match tokens.last() {
                Some(Token::Name | Token::End | Token::Close | Token::Value) => Token::Item,
                _ => Token::List,
            },
            '*' => Token::Times,
            '\'' | '"' => {
                // Behind a backslash the quotation mark belongs to the text.
                while let Some(next) = rest.next() {
                    if next == '\\' {
                        rest.next();
                    } else if next == c {
                        break;
                    }
                }
                Token::Value
            }
            c if c.is_alphabetic() || c == '_' => {
                let mut word = String::from(c);
                while let Some(next) = rest.next_if(|next| next.is_alphanumeric() || *next == '_') {
                    word.push(next);
                }
                if WORDS.contains(&word.as_str()) { Token::Sign } else { Token::Name }
            }
            c if c.is_ascii_digit() || c == '}' => Token::Value,
            _ => Token::Sign,
        };
        tokens.push(token);
    }
    let left: usize = rest.map(char::len_utf8).sum();
    &text[text.len() - left..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_are_written_out_are_not_repeated() {
        for text in [
            "{{ [1] * 30000000 }}",
            "{{ 30000000 * [1] }}",
            "{{ 5 in ([1]*30000000) }}",
            "{{ 5 in ([1] + [2]) * 9 }}",
            "{{ 9 * ((([1]))) }}",
            "{{ 9 * -([1]) }}",
            "{{ not [trigger.x, ']'] * 9 }}",
            "{% if 5 in [1]*9 %}x{% endif %}",
            "{{ a }} and {{ ['*', \"[\"] * 3 }}",
            "{{ (1, [2]) * 3 }}",
            "{{ '}}' and 5 in [1] * 9 }}",
            "{{ {'a': {'b': 1}}.a or [1] * 9 }}",
        ] {
            assert!(is_in(text), "{text}");
        }
    }

    #[test]
    fn everything_else_may_be_multiplied() {
        for text in [
            "{{ items[0] * 2 }}",
            "{{ (a + b) * 2 }}",
            "{{ trigger.body.rows * 2 }}",
            "{{ ([1, 2]|length) * 3 }}",
            "{{ sum([1, 2]) * 3 }}",
            "{{ 2 * items[1] }}",
            "{{ {'a': 1}['a'] * 3 }}",
            "{{ 'a[1] * 3' }}",
            "{{ [2 * 3, 4] }}",
            "{{ ('[' ~ ']') * 3 }}",
            "{{ [a] + b * 3 }}",
            "* [x] {{ a }} * [y]",
            "{{ {'a': {'b': 1}} }} * [x]",
        ] {
            assert!(!is_in(text), "{text}");
        }
    }
}
