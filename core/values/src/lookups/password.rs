use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use minijinja::{Error, Value};

use super::{Lookup, Request, lookup};
use crate::call::{fail, into_engine, items};
use crate::filters::{expanded_user, password_hash};
use crate::random::Random;
use crate::template::python;

/// Lookups that make passwords.
pub const TABLE: &[Lookup] = &[lookup("password", password), lookup("random_string", random_string)];

/// The characters that ansible-core uses when nothing else is asked for.
const DEFAULT_CHARS: [&str; 3] = ["ascii_letters", "digits", ".,:-_"];
const DEFAULT_LENGTH: usize = 20;

/// What kind of password is wanted.
#[derive(Clone)]
struct Wish {
    length: Option<String>,
    chars: Option<Vec<String>>,
    encrypt: Option<String>,
    ident: Option<String>,
    seed: Option<Value>,
}

/// Hosts are rendered for at the same time, and only one of them may make the password of a file.
static MAKING: Mutex<()> = Mutex::new(());

fn password(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let common = Wish {
        length: request.named_text("length"),
        chars: request.named("chars").map(|chars| char_sets(&chars)).transpose()?,
        encrypt: request.named_text("encrypt").filter(|name| !name.is_empty() && name != "False"),
        ident: request.named_text("ident"),
        seed: request.named("seed"),
    };
    let mut out = Vec::new();
    for term in request.texts() {
        out.push(Value::from(one(request, &term, &common)?));
    }
    Ok(out)
}

fn char_sets(value: &Value) -> Result<Vec<String>, Error> {
    match value.as_str() {
        Some(text) => Ok(text.replace(",,", "\0").split(',').map(|set| set.replace('\0', ",")).collect()),
        None => Ok(items(value)?.iter().map(python::text).collect()),
    }
}

/// Makes or reads the password of one term: `path length=12 chars=ascii_letters,digits encrypt=sha512_crypt`.
fn one(request: &Request<'_>, term: &str, common: &Wish) -> Result<String, Error> {
    let mut path = String::new();
    let Wish { mut length, mut chars, mut encrypt, ident, mut seed } = common.clone();
    for word in term.split(' ') {
        match word.split_once('=') {
            Some(("length", value)) => length = Some(value.to_string()),
            Some(("encrypt", value)) => encrypt = Some(value.to_string()),
            Some(("chars", value)) => chars = Some(char_sets(&Value::from(value))?),
            Some(("seed", value)) => seed = Some(Value::from(value)),
            Some(("ident", _)) => {
                return Err(fail("'ident' in a term of the lookup 'password' is not supported"));
            }
            _ => {
                if !path.is_empty() {
                    path.push(' ');
                }
                path.push_str(word);
            }
        }
    }
    let length = match length {
        Some(length) => length.parse().map_err(|_| fail("'length' of the lookup 'password' is a number"))?,
        None => DEFAULT_LENGTH,
    };
    let alphabet = alphabet(chars)?;
    let file = file_of(request, &path)?;
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let (password, salt) = match file.as_deref().map(read).transpose()?.flatten() {
        Some(known) => known,
        None => (random(&alphabet, length, &mut Random::new(seed.as_ref()))?, None),
    };
    if let Some(redactor) = &request.scope.settings().redactor {
        redactor.add(&password);
    }
    finish(file.as_deref(), password, salt, encrypt, ident.as_deref())
}

/// Keeps the password and returns it, encrypted when that is asked for.
fn finish(
    file: Option<&Path>,
    password: String,
    salt: Option<String>,
    encrypt: Option<String>,
    ident: Option<&str>,
) -> Result<String, Error> {
    let known_salt = salt.clone();
    let salt = match (&encrypt, salt) {
        (Some(kind), None) => Some(crate::filters::new_salt(kind)?),
        (_, salt) => salt,
    };
    if let Some(file) = file
        && (!file.exists() || known_salt != salt)
    {
        keep(file, &password, salt.as_deref())?;
    }
    match encrypt {
        Some(kind) => password_hash(&password, &kind, salt.as_deref(), None, ident),
        None => Ok(password),
    }
}

fn file_of(request: &Request<'_>, path: &str) -> Result<Option<PathBuf>, Error> {
    if path == "/dev/null" {
        return Ok(None);
    }
    if path.is_empty() {
        return Err(fail("the lookup 'password' needs the path of a file, or /dev/null"));
    }
    let path = PathBuf::from(expanded_user(path));
    if path.is_absolute() {
        return Ok(Some(path));
    }
    let playbook = request.scope.get("playbook_dir").map_err(into_engine)?;
    let base = playbook
        .map_or_else(|| request.scope.settings().base.clone(), |dir| PathBuf::from(python::text(&dir)));
    Ok(Some(base.join(path)))
}

/// Reads a password and its salt: `secret salt=abc`.
fn read(path: &Path) -> Result<Option<(String, Option<String>)>, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let text = text.trim_end_matches(['\n', '\r']);
            Ok(Some(match text.rsplit_once(" salt=") {
                Some((password, salt)) => {
                    (password.to_string(), Some(salt.split(' ').next().unwrap_or(salt).to_string()))
                }
                None => (text.to_string(), None),
            }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fail(format!("the password file '{}' cannot be read: {error}", path.display()))),
    }
}

fn keep(path: &Path, password: &str, salt: Option<&str>) -> Result<(), Error> {
    let refused = |error: std::io::Error| {
        fail(format!("the password file '{}' cannot be written: {error}", path.display()))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(refused)?;
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(refused)?;
    let line = match salt {
        Some(salt) => format!("{password} salt={salt}\n"),
        None => format!("{password}\n"),
    };
    file.write_all(line.as_bytes()).map_err(refused)
}

fn alphabet(sets: Option<Vec<String>>) -> Result<Vec<char>, Error> {
    let sets = sets.unwrap_or_else(|| DEFAULT_CHARS.map(str::to_string).to_vec());
    let mut out: Vec<char> = Vec::new();
    for set in &sets {
        let chars: String = match set.as_str() {
            "ascii_letters" => ('a'..='z').chain('A'..='Z').collect(),
            "ascii_lowercase" => ('a'..='z').collect(),
            "ascii_uppercase" => ('A'..='Z').collect(),
            "digits" => ('0'..='9').collect(),
            "hexdigits" => "0123456789abcdefABCDEF".into(),
            "octdigits" => "01234567".into(),
            "punctuation" => "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".into(),
            other => other.to_string(),
        };
        // Quotes would need quoting wherever the password goes; ansible-core leaves them away too.
        out.extend(chars.chars().filter(|c| !"\"'".contains(*c)));
    }
    if out.is_empty() {
        Err(fail("Cannot choose from an empty sequence: there are no characters to make a password of"))
    } else {
        Ok(out)
    }
}

/// Returns that many characters, each equally likely.
pub fn random(alphabet: &[char], length: usize, numbers: &mut Random) -> Result<String, Error> {
    (0..length).map(|_| Ok(alphabet[numbers.below(alphabet.len() as u64)? as usize])).collect()
}

fn random_string(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let length = request.named("length").and_then(|length| length.as_usize()).unwrap_or(8);
    let mut sets = Vec::new();
    for (name, set, default) in [
        ("upper", "ascii_uppercase", true),
        ("lower", "ascii_lowercase", true),
        ("numbers", "digits", true),
        ("special", "punctuation", true),
    ] {
        if request.named_flag(name, default) {
            sets.push(set.to_string());
        }
    }
    let sets = match request.named_text("override_all") {
        Some(all) => vec![all],
        None => sets,
    };
    Ok(vec![Value::from(random(&alphabet(Some(sets))?, length, &mut Random::System)?)])
}
