use super::rpm::{Request, open};
use super::site::{Site, ask, complain, say};
use crate::sim::{Build, Package, Release};

/// `rpm -qp FILE`.
pub fn file(site: &Site, request: &Request, file: &str) -> bool {
    open(site, file).is_some_and(|package| tell(request, package.release, package.build, package.payload))
}

/// `rpm -q NAME`.
pub fn installed(site: &Site, request: &Request, name: &str) -> bool {
    let product = site.state().ok().and_then(|state| state.product);
    match product.filter(|product| {
        name == "alation"
            || Package::label(product.rpm_release, product.rpm_build).starts_with(&format!("{name}."))
    }) {
        Some(product) => tell(request, product.rpm_release, product.rpm_build, 0),
        None => {
            say(&format!("package {name} is not installed"));
            false
        }
    }
}

fn tell(request: &Request, release: Release, build: Build, size: u64) -> bool {
    let Some(format) = &request.format else {
        say(&Package::label(release, build));
        return true;
    };
    match render(format, release, build, size) {
        Ok(text) => {
            ask(&text);
            true
        }
        Err(tag) => {
            complain(&format!("error: incorrect format: unknown tag: \"{tag}\""));
            false
        }
    }
}

/// Fills in the tags of a query format; the error is a tag that is not known.
fn render(format: &str, release: Release, build: Build, size: u64) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find("%{") {
        out.push_str(&unescape(&rest[..at]));
        let end = rest[at..].find('}').ok_or_else(|| rest[at..].to_owned())?;
        let tag = &rest[at + 2..at + end];
        let value = match tag.to_ascii_uppercase().as_str() {
            "NAME" => "alation".to_owned(),
            "VERSION" => release.to_string(),
            "RELEASE" => build.to_string(),
            "ARCH" => "x86_64".to_owned(),
            "EPOCH" => "(none)".to_owned(),
            "SIZE" => size.to_string(),
            "NVRA" | "NEVRA" => Package::label(release, build),
            "VENDOR" => "switchover-lab".to_owned(),
            _ => return Err(tag.to_owned()),
        };
        out.push_str(&value);
        rest = &rest[at + end + 1..];
    }
    out.push_str(&unescape(rest));
    Ok(out)
}

fn unescape(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t").replace("%%", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_a_query_format() {
        let (release, build) = (Release::new(2021, 4), "10.0.0.147420".parse().unwrap());
        let text = render("%{NAME} %{version}-%{RELEASE}\\n", release, build, 1).unwrap();
        assert_eq!(text, "alation 2021.4-10.0.0.147420\n");
        assert_eq!(render("%{NOSUCHTAG}", release, build, 1), Err("NOSUCHTAG".to_owned()));
    }
}
