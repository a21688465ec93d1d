//! The one error of rpm that the procedure warns of.

use switchover_sdk::prelude::*;

/// Returns the failure for a package whose header rpm refuses to read, when that is what rpm said.
pub fn explain(said: &str, rpm_version: &str) -> Option<Failure> {
    let line = said
        .lines()
        .find(|line| line.contains("headerRead failed") || line.contains("hdr data: BAD"))?
        .trim();
    Some(
        Failure::new(format!("rpm cannot read the header of the package: {line}"))
            .remedy(format!(
                "older rpm reads headers of at most 16 MB, newer of 256 MB, and this host has {rpm_version}: compare the file's \
                 checksum with the download (a damaged file says the same), then update the host's rpm package and run again; \
                 Alation's page is \"RPM Installation Error During Update\""
            ))
            .with("header_error", true),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_recognised_and_explained() {
        let said = "error: alation-10.0.0.1.rpm: headerRead failed: hdr data: BAD, no. of bytes(24567890) out of range\n\
                    error: alation-10.0.0.1.rpm cannot be installed\n";
        let failure = explain(said, "RPM version 4.11.3").unwrap();
        assert!(failure.msg.contains("no. of bytes(24567890) out of range"));
        assert!(failure.remedy.unwrap().contains("RPM version 4.11.3"));
    }

    #[test]
    fn other_errors_are_not() {
        assert!(explain("error: Failed dependencies:\n", "").is_none());
    }
}
