use super::site::{Site, complain, say};
use crate::sim::{ConfError, Phase, Refusal};

/// `alation_conf KEY`, `alation_conf KEY -s VALUE` and `alation_conf -s VALUE KEY`.
pub fn run(site: &Site, args: &[String]) -> u8 {
    if site.shell.is_none() {
        complain("alation_conf: run this inside the Alation shell");
        return 1;
    }
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [key] if !key.starts_with('-') => read(site, key),
        [key, "-s", value] | ["-s", value, key] => set(site, key, value),
        _ => {
            complain("usage: alation_conf <key> [-s <value>]");
            2
        }
    }
}

fn read(site: &Site, key: &str) -> u8 {
    // Reading through a change first lets the configuration pull happen that is due.
    let lines = site.store.change(|world| Ok(world.product(&site.host)?.read_conf(key)));
    match lines {
        Ok(Ok(lines)) => {
            for line in lines {
                say(&line);
            }
            0
        }
        Ok(Err(error)) => refuse(&error.to_string()),
        Err(error) => refuse(&error.to_string()),
    }
}

fn set(site: &Site, key: &str, value: &str) -> u8 {
    site.record("alation_conf", Phase::Started, None, "");
    let refused = |error: ConfError| Refusal::new(error.to_string());
    let lines = site.store.change(|world| {
        let product = world.product_mut(&site.host)?;
        product.set_conf(key, value).map_err(refused)?;
        product.read_conf(key).map_err(refused)
    });
    match lines {
        Ok(lines) => {
            for line in lines {
                say(&line);
            }
            site.end("alation_conf", 0, "")
        }
        Err(error) => {
            let code = refuse(&error.to_string());
            site.end("alation_conf", code, &error.to_string())
        }
    }
}

fn refuse(message: &str) -> u8 {
    complain(&format!("ERROR: {message}"));
    1
}
