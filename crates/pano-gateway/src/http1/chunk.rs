//! A chunked body (RFC 9112 §7.1), the strict half: no extensions, no trailers, canonical line ends.

/// Where in the body we are.
#[derive(Debug, Default)]
pub(super) struct Chunked {
    state: State,
    size: u64,
    digits: u8,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the hex digits of a size.
    #[default]
    Size,
    /// After the carriage return of a size.
    SizeEnd,
    /// In the data.
    Data,
    /// After the data.
    DataCr,
    /// After the data's carriage return.
    DataEnd,
    /// After the last size line.
    LastCr,
    /// After the last carriage return.
    LastEnd,
}

/// Sixteen hex digits would overflow; no honest chunk needs more than twelve.
const DIGITS_MAX: u8 = 12;

impl Chunked {
    /// Walks over `bytes` and adds what is data to `out`; how many belong to the body, and whether it is over.
    pub(super) fn advance(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(usize, bool), ()> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.state == State::Data {
                let size = self.size.min((bytes.len() - at) as u64);
                out.extend_from_slice(bytes.get(at..at + size as usize).unwrap_or_default());
                at += size as usize;
                self.size -= size;
                if self.size == 0 {
                    self.state = State::DataCr;
                }
                continue;
            }
            at += 1;
            self.state = self.step(byte)?;
            if self.state == State::Size && byte == b'\n' && self.digits == u8::MAX {
                return Ok((at, true));
            }
        }
        Ok((at, false))
    }

    fn step(&mut self, byte: u8) -> Result<State, ()> {
        match (self.state, byte) {
            (State::Size, b'\r') if self.digits > 0 => Ok(State::SizeEnd),
            (State::Size, _) => {
                let digit = char::from(byte).to_digit(16).ok_or(())?;
                if self.digits >= DIGITS_MAX {
                    return Err(());
                }
                self.digits += 1;
                self.size = self.size << 4 | u64::from(digit);
                Ok(State::Size)
            }
            (State::SizeEnd, b'\n') => {
                self.digits = 0;
                Ok(if self.size == 0 { State::LastCr } else { State::Data })
            }
            (State::DataCr, b'\r') => Ok(State::DataEnd),
            (State::DataEnd, b'\n') => Ok(State::Size),
            (State::LastCr, b'\r') => Ok(State::LastEnd),
            (State::LastEnd, b'\n') => {
                // Marks the end for `advance`.
                self.digits = u8::MAX;
                Ok(State::Size)
            }
            _ => Err(()),
        }
    }
}
