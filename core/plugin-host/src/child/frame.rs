use std::io::{Error, ErrorKind, Read, Result, Write};

use crate::library::ANSWER_LIMIT;

/// One message on the socket: a byte that says what it is, its length, its bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The process: the description of the modules, as the plugin gave it.
    Described = b'd',
    /// The process: why the library cannot be used, and what to do about it: a text, and a text or null.
    Refused = b'e',
    /// The run: a request for `invoke`.
    Request = b'i',
    /// The process: the answer to a request.
    Reply = b'r',
    /// The process: why there is no answer to a request, in words.
    NoReply = b'n',
    /// The process: a host call.
    Call = b'h',
    /// The run: the answer to a host call.
    Answer = b'a',
    /// The process: whether the run is being stopped. The run answers with the same, holding 0 or 1.
    Cancelled = b'?',
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Described,
        Self::Refused,
        Self::Request,
        Self::Reply,
        Self::NoReply,
        Self::Call,
        Self::Answer,
        Self::Cancelled,
    ];
}

impl Frame {
    pub(crate) fn new(kind: Kind, bytes: impl Into<Vec<u8>>) -> Self {
        Self { kind, bytes: bytes.into() }
    }

    /// Sends the frame in one write, so that a small one is one packet.
    pub(crate) fn send(&self, to: &mut impl Write) -> Result<()> {
        let length = u32::try_from(self.bytes.len()).map_err(|_| Error::from(ErrorKind::FileTooLarge))?;
        let mut packet = Vec::with_capacity(5 + self.bytes.len());
        packet.push(self.kind as u8);
        packet.extend(length.to_le_bytes());
        packet.extend(&self.bytes);
        to.write_all(&packet)
    }

    /// Waits for a frame. A length that no plugin may answer, or an unknown kind, is invalid data.
    pub(crate) fn receive(from: &mut impl Read) -> Result<Self> {
        let mut head = [0; 5];
        from.read_exact(&mut head)?;
        let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == head[0]);
        let kind = kind.ok_or_else(|| Error::from(ErrorKind::InvalidData))?;
        let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if length > ANSWER_LIMIT {
            return Err(Error::from(ErrorKind::InvalidData));
        }
        let mut bytes = Vec::new();
        // Grows with what arrives: a length alone reserves nothing.
        let got = from.take(length as u64).read_to_end(&mut bytes)?;
        if got < length {
            return Err(Error::from(ErrorKind::UnexpectedEof));
        }
        Ok(Self { kind, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_arrives_as_it_was_sent() {
        for kind in Kind::ALL {
            let (frame, mut wire) = (Frame::new(kind, "{}"), Vec::new());
            frame.send(&mut wire).unwrap();
            assert_eq!(Frame::receive(&mut wire.as_slice()).unwrap(), frame);
        }
    }

    #[test]
    fn what_is_no_frame_is_refused_without_reserving_what_it_claims() {
        for (wire, expected) in [
            (&b"x\0\0\0\0"[..], ErrorKind::InvalidData),
            (b"r\xff\xff\xff\xff", ErrorKind::InvalidData),
            (b"r\xff\xff\xff\0abc", ErrorKind::UnexpectedEof),
            (b"r\x01", ErrorKind::UnexpectedEof),
        ] {
            assert_eq!(Frame::receive(&mut &wire[..]).unwrap_err().kind(), expected);
        }
    }
}
