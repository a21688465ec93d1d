//! The marks by which the answers of a shell are told from one another, for one stream.
//!
//! A mark is the byte 0x1e, the shell's secret token, and a word up to a line feed: `<` begins an answer,
//! `>CODE` ends it, `!TEXT` is a remark of the shell itself.

const RECORD_SEPARATOR: u8 = 0x1e;
const LONGEST_WORD: usize = 64;

/// What a stream consists of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Data(Vec<u8>),
    Begin,
    End(i32),
    Remark(String),
}

/// Cuts a stream into [`Piece`]s; holds back only what may be the beginning of a mark.
pub(crate) struct Framer {
    mark: Vec<u8>,
    held: Vec<u8>,
}

impl Framer {
    pub(crate) fn new(token: &str) -> Self {
        let mut mark = vec![RECORD_SEPARATOR];
        mark.extend_from_slice(token.as_bytes());
        Self { mark, held: Vec::new() }
    }

    /// Takes the next bytes and returns the pieces that are complete now.
    pub(crate) fn push(&mut self, bytes: Vec<u8>) -> Vec<Piece> {
        let bytes = if self.held.is_empty() {
            bytes
        } else {
            let mut all = std::mem::take(&mut self.held);
            all.extend_from_slice(&bytes);
            all
        };
        let mut pieces = Vec::new();
        let (mut done, mut from) = (0, 0);
        while let Some(found) = bytes[from..].iter().position(|byte| *byte == RECORD_SEPARATOR) {
            let at = from + found;
            match self.look(&bytes[at..]) {
                Look::Other => from = at + 1,
                Look::TooShort => {
                    data(&mut pieces, &bytes[done..at]);
                    self.held = bytes[at..].to_vec();
                    return pieces;
                }
                Look::Mark(piece, length) => {
                    data(&mut pieces, &bytes[done..at]);
                    pieces.push(piece);
                    done = at + length;
                    from = done;
                }
            }
        }
        data(&mut pieces, &bytes[done..]);
        pieces
    }

    fn look(&self, bytes: &[u8]) -> Look {
        let known = bytes.len().min(self.mark.len());
        if bytes[..known] != self.mark[..known] {
            return Look::Other;
        }
        let word = &bytes[known..];
        let Some(end) = word.iter().take(LONGEST_WORD).position(|byte| *byte == b'\n') else {
            return if word.len() < LONGEST_WORD { Look::TooShort } else { Look::Other };
        };
        let length = known + end + 1;
        let text = String::from_utf8_lossy(&word[1.min(end)..end]);
        match (word.first(), text.parse()) {
            (Some(b'<'), _) => Look::Mark(Piece::Begin, length),
            (Some(b'>'), Ok(code)) => Look::Mark(Piece::End(code), length),
            (Some(b'!'), _) => Look::Mark(Piece::Remark(text.into_owned()), length),
            _ => Look::Other,
        }
    }
}

enum Look {
    Other,
    TooShort,
    Mark(Piece, usize),
}

fn data(pieces: &mut Vec<Piece>, bytes: &[u8]) {
    if !bytes.is_empty() {
        pieces.push(Piece::Data(bytes.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(framer: &mut Framer, chunks: &[&[u8]]) -> Vec<Piece> {
        let mut all: Vec<Piece> = Vec::new();
        for piece in chunks.iter().flat_map(|chunk| framer.push(chunk.to_vec())) {
            match (all.last_mut(), piece) {
                (Some(Piece::Data(before)), Piece::Data(more)) => before.extend_from_slice(&more),
                (_, piece) => all.push(piece),
            }
        }
        all
    }

    #[test]
    fn finds_marks_wherever_the_chunks_are_cut() {
        let stream = b"noise\x1etok!42\n\x1etok<\na\x1eb\x1eto\n\x1etok>-1\nrest";
        let expected = [
            Piece::Data(b"noise".to_vec()),
            Piece::Remark("42".to_owned()),
            Piece::Begin,
            Piece::Data(b"a\x1eb\x1eto\n".to_vec()),
            Piece::End(-1),
            Piece::Data(b"rest".to_vec()),
        ];
        for cut in 0..stream.len() {
            let chunks = [&stream[..cut], &stream[cut..]];
            assert_eq!(pieces(&mut Framer::new("tok"), &chunks), expected, "cut at {cut}");
        }
        let single: Vec<_> = stream.chunks(1).collect();
        assert_eq!(pieces(&mut Framer::new("tok"), &single), expected);
    }

    #[test]
    fn passes_data_on_at_once() {
        assert_eq!(Framer::new("tok").push(b"half a line".to_vec()), [Piece::Data(b"half a line".to_vec())]);
    }
}
