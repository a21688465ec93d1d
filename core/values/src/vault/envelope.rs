use super::VaultError;

/// What a vault text carries.
pub struct Envelope {
    pub id: Option<String>,
    pub salt: Vec<u8>,
    pub mac: Vec<u8>,
    pub data: Vec<u8>,
}

const MAGIC: &str = "$ANSIBLE_VAULT;";

/// Returns whether a text begins like a vault text.
pub fn is_encrypted(text: &str) -> bool {
    text.trim_start().starts_with(MAGIC)
}

impl Envelope {
    /// Reads a vault text; white space around it and in its lines does not count.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        let (header, body) = text.split_once('\n').unwrap_or((text, ""));
        let id = header_id(header.trim())?;
        let hex: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let inner = String::from_utf8(unhex(&hex)?).map_err(|_| VaultError::Damaged)?;
        let mut parts = inner.split('\n').map(|part| unhex(part.trim()));
        let mut next = || parts.next().ok_or(VaultError::Damaged)?;
        Ok(Self { id, salt: next()?, mac: next()?, data: next()? })
    }

    /// Writes a vault text with lines of 80 digits.
    pub fn write(&self) -> String {
        let inner = [hex(&self.salt), hex(&self.mac), hex(&self.data)].join("\n");
        let header = match &self.id {
            Some(id) => format!("{MAGIC}1.2;AES256;{id}"),
            None => format!("{MAGIC}1.1;AES256"),
        };
        let digits = hex(inner.as_bytes());
        let mut out = header;
        for start in (0..digits.len()).step_by(80) {
            out.push('\n');
            out.push_str(&digits[start..(start + 80).min(digits.len())]);
        }
        out.push('\n');
        out
    }
}

fn header_id(header: &str) -> Result<Option<String>, VaultError> {
    let fields = header.strip_prefix(MAGIC).ok_or(VaultError::NoHeader)?;
    let fields: Vec<&str> = fields.split(';').map(str::trim).collect();
    match fields.as_slice() {
        ["1.1", "AES256"] => Ok(None),
        ["1.2", "AES256", id] => Ok(Some((*id).to_string())),
        _ => Err(VaultError::Header { header: header.to_string() }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>, VaultError> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return Err(VaultError::Damaged);
    }
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).map_err(|_| VaultError::Damaged))
        .collect()
}
