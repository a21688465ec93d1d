use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};

use crate::{Scope, TemplateError};

/// Encrypted text of the author that is not decrypted yet: for templates that ask about the encryption.
pub struct Vaulted {
    pub text: Arc<str>,
    scope: Scope,
}

impl fmt::Debug for Vaulted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("encrypted text")
    }
}

impl Vaulted {
    /// Returns a value of such text.
    pub fn value(text: &str, scope: &Scope) -> Value {
        Value::from_object(Self { text: text.into(), scope: scope.clone() })
    }

    /// Returns the encrypted text of a value of this kind.
    pub fn of(value: &Value) -> Option<&Self> {
        value.downcast_object_ref()
    }

    /// Decrypts it with the passwords that are known.
    pub fn plain(&self) -> Result<Value, TemplateError> {
        self.scope.settings().decrypt(&self.text).map(Value::from)
    }
}

impl Object for Vaulted {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.plain() {
            Ok(plain) => fmt::Display::fmt(&plain, f),
            Err(_) => Err(fmt::Error),
        }
    }
}
