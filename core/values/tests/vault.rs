//! Vault texts made by `ansible-vault` of ansible-core 2.19 with the password `pw`.

use std::sync::Arc;

use serde_json::json;
use switchover_syntax::Source;
use switchover_values::vault::{VaultError, VaultSecrets, decrypt, encrypt, encrypt_with_salt, is_encrypted};
use switchover_values::{Layer, Redactor, Scope, Settings, VarMap, to_json};

const OLD: &str = "$ANSIBLE_VAULT;1.1;AES256
37643633623236383234373565386438643131323464396632373033336335393931366264383062
3432316330626365636235363362333662646438623536610a343633353733653235376564376264
38353666323136373031303838333762356366333532653039623633346433666432636261366231
3330356436353036380a626533393461633863333334626534323236336136366262393662333833
64633362626662633965646531663833666364373265396162656534663338643363
";

const WITH_ID: &str = "$ANSIBLE_VAULT;1.2;AES256;dev
36646566386133386633336662383361336663373761623135663934313263643765666234616437
6530343435656532623232373533363037613530666336390a646134613938313865306536363932
39323233333433363661366138666233326433356332616166336161323163303565663466393537
6633653366636163620a633635653734643561333761323234653465303438623632626236346266
65373063366666323931343935393637623033633035656164626630623235393434
";

const PLAIN: &str = "top secret\nline é";

fn secrets(entries: &[(&str, &str)]) -> VaultSecrets {
    let mut secrets = VaultSecrets::default();
    for (id, password) in entries {
        secrets.add(id, password.as_bytes());
    }
    secrets
}

#[test]
fn decrypts_what_ansible_encrypted() {
    let fitting = secrets(&[("default", "wrong"), ("other", "pw\n")]);
    assert_eq!(decrypt(OLD, &fitting).unwrap(), PLAIN.as_bytes());
    assert_eq!(decrypt(WITH_ID, &fitting).unwrap(), PLAIN.as_bytes());
    assert_eq!(decrypt(&WITH_ID.replace('\n', "\r\n  "), &fitting).unwrap(), PLAIN.as_bytes());
    assert!(is_encrypted(OLD) && !is_encrypted("$ANSIBLE"));
}

#[test]
fn names_what_is_wrong() {
    assert!(matches!(decrypt(OLD, &secrets(&[])), Err(VaultError::NoPassword)));
    let wrong = secrets(&[("dev", "wrong")]);
    assert!(
        matches!(decrypt(WITH_ID, &wrong), Err(VaultError::WrongPassword { id: Some(id) }) if id == "dev")
    );
    let mut matching = secrets(&[("prod", "pw")]);
    matching.match_id = true;
    assert!(matches!(decrypt(WITH_ID, &matching), Err(VaultError::WrongPassword { .. })));
    assert!(matches!(decrypt("hello", &wrong), Err(VaultError::NoHeader)));
    assert!(matches!(decrypt("$ANSIBLE_VAULT;1.0;AES\n00", &wrong), Err(VaultError::Header { .. })));
    assert!(matches!(decrypt("$ANSIBLE_VAULT;1.1;AES256\nxyz", &wrong), Err(VaultError::Damaged)));
}

#[test]
fn notices_each_changed_byte() {
    let pw = secrets(&[("x", "pw")]);
    let text = encrypt_with_salt(b"hello", b"pw", None, b"salt").unwrap();
    let last = text.trim_end().len() - 1;
    let changed = format!("{}{}", &text[..last], if text.as_bytes()[last] == b'0' { '1' } else { '0' });
    assert!(decrypt(&changed, &pw).is_err());
}

#[test]
fn reads_what_it_wrote() {
    for plain in ["", "a", "exactly sixteen!", "longer than one block of sixteen"] {
        for id in [None, Some("dev")] {
            let text = encrypt(plain.as_bytes(), b" pw\n", id).unwrap();
            assert!(text.lines().all(|line| line.len() <= 80));
            assert_eq!(decrypt(&text, &secrets(&[("x", "pw")])).unwrap(), plain.as_bytes());
        }
    }
}

#[test]
fn vault_values_of_variables_are_decrypted_and_masked() {
    let yaml = format!(
        "password: !vault |\n  {}\nurl: 'http://u:{{{{ password }}}}@h'\n",
        OLD.trim().replace('\n', "\n  ")
    );
    let (node, _) = switchover_syntax::parse_one(&Source::new("v.yml", yaml)).unwrap();
    let redactor = Arc::new(Redactor::new());
    let settings = Settings {
        vault: secrets(&[("default", "pw")]),
        redactor: Some(Arc::clone(&redactor)),
        ..Settings::default()
    };
    let mut scope = Scope::with_settings(Arc::new(settings));
    scope.push(Layer::PlayVars, Arc::new(VarMap::from_mapping(node.as_mapping().unwrap())));
    let url = to_json(&scope.get("url").unwrap().unwrap());
    assert_eq!(url, json!(format!("http://u:{PLAIN}@h")));
    assert_eq!(redactor.mask("so top secret it is"), "so ******** it is");
}

#[test]
fn a_vault_value_without_its_password_is_an_error_with_a_place() {
    let yaml = format!("password: !vault |\n  {}\n", OLD.trim().replace('\n', "\n  "));
    let (node, _) = switchover_syntax::parse_one(&Source::new("v.yml", yaml)).unwrap();
    let mut scope = Scope::new();
    scope.push(Layer::PlayVars, Arc::new(VarMap::from_mapping(node.as_mapping().unwrap())));
    let error = scope.get("password").unwrap_err();
    assert!(error.to_string().contains("there is no vault password"), "{error}");
    assert_eq!(error.span.unwrap().position().line, 2);
}

#[test]
fn encrypted_variables_can_be_asked_about_without_a_password() {
    let text =
        format!("v: !vault |\n{}", WITH_ID.lines().map(|line| format!("  {line}\n")).collect::<String>());
    let (node, _) = switchover_syntax::parse_one(&Source::new("vars.yml", text)).unwrap();
    let mut scope = Scope::new();
    scope.push(Layer::PlayVars, Arc::new(VarMap::from_mapping(node.as_mapping().unwrap())));
    let render = |template: &str| {
        let (node, _) =
            switchover_syntax::parse_one(&Source::new("case", format!("\"{template}\"").as_str())).unwrap();
        scope.render(&node).map(|value| to_json(&value))
    };
    assert_eq!(render("{{ v | unvault('pw') }}").unwrap(), json!(PLAIN));
    assert_eq!(render("{{ v is vault_encrypted }}").unwrap(), json!(true));
    assert_eq!(render("{{ v is ansible._protomatter.tagged_with('VaultedValue') }}").unwrap(), json!(true));
    let wrapped =
        "('x' | vault('pw', wrap_object=WRAPPED)) is ansible._protomatter.tagged_with('VaultedValue')";
    for flag in [true, false] {
        let template = format!("{{{{ {} }}}}", wrapped.replace("WRAPPED", &flag.to_string()));
        assert_eq!(render(&template).unwrap(), json!(flag));
    }
    for template in
        ["{{ v }}", "{{ v | comment }}", "{{ v ~ 'x' }}", "{{ v is ansible._protomatter.tagged_with('X') }}"]
    {
        assert!(render(template).is_err(), "{template}");
    }
}
