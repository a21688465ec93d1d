//! Files that say they are vaults: opened or refused, and what was sealed opens again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchover_values::vault::{VaultSecrets, is_encrypted, open};

fuzz_target!(|text: &str| {
    let mut secrets = VaultSecrets::default();
    secrets.add("default", b"secret");
    for header in ["", "$ANSIBLE_VAULT;1.1;AES256\n", "$ANSIBLE_VAULT;1.2;AES256;one\n"] {
        let whole = format!("{header}{text}");
        if let Ok(opened) = open(&whole, &secrets) {
            assert!(is_encrypted(&whole), "only a vault is opened: {:?}", opened.plain);
        }
    }
});
