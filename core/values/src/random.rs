//! Random numbers: with a seed those of Python's `random`, so that a seed gives the same minute of cron as before.

use minijinja::{Error, Value};
use sha2::{Digest, Sha512};

use crate::call::fail;
use crate::template::python;

const SIZE: usize = 624;
const SHIFT: usize = 397;

/// A source of numbers.
pub enum Random {
    /// Python's Mersenne Twister, seeded.
    Seeded(Box<Twister>),
    /// What the operating system gives.
    System,
}

/// MT19937 (Matsumoto and Nishimura, 1998).
pub struct Twister {
    state: [u32; SIZE],
    next: usize,
}

impl Random {
    /// Returns the numbers of a seed; without one they cannot be foreseen.
    pub fn new(seed: Option<&Value>) -> Self {
        match seed.filter(|seed| !seed.is_none()) {
            Some(seed) => Self::Seeded(Box::new(Twister::seeded(&key_of(seed)))),
            None => Self::System,
        }
    }

    /// Returns a number below `limit`, each equally likely.
    pub fn below(&mut self, limit: u64) -> Result<u64, Error> {
        if limit == 0 {
            return Err(fail("there is nothing to choose from"));
        }
        let bits = u64::BITS - limit.leading_zeros();
        loop {
            let number = self.bits(bits)?;
            if number < limit {
                return Ok(number);
            }
        }
    }

    fn bits(&mut self, count: u32) -> Result<u64, Error> {
        let Self::Seeded(twister) = self else {
            let number =
                getrandom::u64().map_err(|error| fail(format!("there are no random numbers: {error}")))?;
            return Ok(number >> (64 - count));
        };
        // Python fills numbers from their low end, 32 bits at a time.
        let low = u64::from(twister.next()) >> 32u32.saturating_sub(count);
        if count <= 32 {
            return Ok(low);
        }
        Ok(low | (u64::from(twister.next()) >> (64 - count)) << 32)
    }
}

/// The words that Python makes of a seed: a text is followed by its SHA-512, a number is itself.
fn key_of(seed: &Value) -> Vec<u32> {
    let mut bytes = match seed.as_i64().filter(|_| seed.is_integer()) {
        Some(number) => number.unsigned_abs().to_be_bytes().to_vec(),
        None => {
            let text = python::text(seed).into_bytes();
            let digest = Sha512::digest(&text);
            [text, digest.to_vec()].concat()
        }
    };
    let leading = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..leading.min(bytes.len().saturating_sub(1)));
    let words = bytes.rchunks(4);
    words.map(|word| word.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))).collect()
}

impl Twister {
    fn seeded(key: &[u32]) -> Self {
        let mut state = [0; SIZE];
        state[0] = 19_650_218;
        for at in 1..SIZE {
            state[at] = mixed(state[at - 1]).wrapping_mul(1_812_433_253).wrapping_add(at as u32);
        }
        let (mut i, mut j) = (1, 0);
        for _ in 0..SIZE.max(key.len()) {
            let turned = mixed(state[i - 1]).wrapping_mul(1_664_525);
            state[i] = (state[i] ^ turned).wrapping_add(key[j]).wrapping_add(j as u32);
            i = advance(&mut state, i);
            j = (j + 1) % key.len();
        }
        for _ in 0..SIZE - 1 {
            let turned = mixed(state[i - 1]).wrapping_mul(1_566_083_941);
            state[i] = (state[i] ^ turned).wrapping_sub(i as u32);
            i = advance(&mut state, i);
        }
        state[0] = 0x8000_0000;
        Self { state, next: SIZE }
    }

    fn next(&mut self) -> u32 {
        if self.next == SIZE {
            self.turn();
        }
        let mut number = self.state[self.next];
        self.next += 1;
        number ^= number >> 11;
        number ^= number << 7 & 0x9d2c_5680;
        number ^= number << 15 & 0xefc6_0000;
        number ^ number >> 18
    }

    fn turn(&mut self) {
        for at in 0..SIZE {
            let joined = self.state[at] & 0x8000_0000 | self.state[(at + 1) % SIZE] & 0x7fff_ffff;
            let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[at] = self.state[(at + SHIFT) % SIZE] ^ joined >> 1 ^ odd;
        }
        self.next = 0;
    }
}

fn mixed(word: u32) -> u32 {
    word ^ word >> 30
}

fn advance(state: &mut [u32; SIZE], at: usize) -> usize {
    if at + 1 < SIZE {
        return at + 1;
    }
    state[0] = state[SIZE - 1];
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    // The numbers are those of Python 3.11's `random.Random(seed)`.
    #[test]
    fn agrees_with_python() {
        let seeded = |seed: &str, limit| Random::new(Some(&Value::from(seed))).below(limit).unwrap();
        assert_eq!(seeded("web1.example", 59), 45);
        assert_eq!(seeded("a", 5), 2);
    }
}
