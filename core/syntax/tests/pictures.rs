//! What a diagnostic looks like.

use switchover_syntax::{Diagnostic, Source, Span};

#[test]
fn shows_the_line_the_place_and_the_remedy() {
    let source = Source::new("play.yml", "- hosts: all\n  becom: yes\n");
    let found = Diagnostic::error(
        "playbook::unknown-keyword",
        "`becom` is no keyword of a play",
        &Span::new(&source, 15, 20),
    )
    .label("not known")
    .help("did you mean `become`?");
    assert_eq!(
        found.render(false),
        "\
error[playbook::unknown-keyword]: `becom` is no keyword of a play
 --> play.yml:2:3
  |
2 |   becom: yes
  |   ^^^^^ not known
  |
  = help: did you mean `become`?
"
    );
    assert_eq!(found.to_string(), "play.yml:2:3: `becom` is no keyword of a play");
}

#[test]
fn counts_tabs_and_wide_characters_as_the_terminal_does() {
    let source = Source::new("x", "\t日本: é\u{301}x\n");
    let at = source.text.find('x').unwrap() as u32;
    let picture = Diagnostic::error("a::b", "c", &Span::new(&source, at, at + 1)).render(false);
    let lines: Vec<&str> = picture.lines().collect();
    assert_eq!(lines[3], "1 |     日本: é\u{301}x");
    assert_eq!(lines[4], format!("  |     {}^", " ".repeat(7)));
}

#[test]
fn cuts_a_long_line_around_the_place() {
    let source = Source::new("x", format!("{}HERE{}", "a".repeat(500), "b".repeat(500)));
    let picture = Diagnostic::error("a::b", "c", &Span::new(&source, 500, 504)).render(false);
    let lines: Vec<&str> = picture.lines().collect();
    assert!(lines[3].chars().count() < 130, "{}", lines[3]);
    let shown = lines[3].chars().position(|c| c == 'H');
    assert_eq!(lines[4].chars().position(|c| c == '^'), shown);
    assert!(lines[3].contains('…'));
}

#[test]
fn never_sends_control_characters_to_the_terminal() {
    let source = Source::new("x", "a\u{1b}[31mb\u{202e}c\n");
    let picture =
        Diagnostic::error("a::b", "see \u{1b}[0m", &Span::new(&source, 0, 1)).label("\u{7}").render(false);
    assert!(picture.chars().all(|c| c == '\n' || !c.is_control()), "{picture:?}");
    assert!(!picture.contains('\u{202e}'));
}

#[test]
fn shows_places_in_another_file() {
    let here = Source::new("a.yml", "one\n");
    let there = Source::new("b.yml", "two\n");
    let picture = Diagnostic::warning("a::b", "c", &Span::new(&here, 0, 3))
        .and(&Span::new(&there, 0, 3), "first")
        .render(false);
    assert_eq!(
        picture,
        "warning[a::b]: c\n --> a.yml:1:1\n  |\n1 | one\n  | ^^^\n  |\n ::: b.yml:1:1\n  |\n1 | two\n  | --- first\n  |\n"
    );
}

#[test]
fn a_place_at_the_end_of_an_empty_file_has_a_picture() {
    let source = Source::new("x", "");
    let picture = Diagnostic::error("a::b", "c", &Span::new(&source, 0, 0)).render(true);
    assert!(picture.contains("^"), "{picture}");
}
