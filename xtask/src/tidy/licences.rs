//! Licences of the dependency graph against deny.toml, whose format is that of cargo-deny.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use spdx::{Expression, LicenseReq, ParseMode};

use super::Violation;
use super::workspace::LicensedPackage;

/// The file that lists what is allowed.
pub(super) const CONFIGURATION: &str = "deny.toml";

#[derive(Deserialize)]
struct Configuration {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    /// Licences that any package may have.
    allow: Vec<String>,
    /// Further ones that single packages may have.
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    allow: Vec<String>,
}

/// Each package states a licence that is allowed, for all or for it; each exception is needed.
///
/// # Errors
///
/// The configuration is not understood.
pub(super) fn check(packages: &[LicensedPackage], configuration: &str) -> Result<Vec<Violation>> {
    let Configuration { licenses } = toml::from_str(configuration).context(CONFIGURATION)?;
    let mut violations = Vec::new();
    for package in packages {
        let extra: Vec<&String> = licenses
            .exceptions
            .iter()
            .filter(|exception| exception.package == package.name)
            .flat_map(|exception| &exception.allow)
            .collect();
        if let Err(reason) = accepted(package, &licenses.allow, &extra) {
            let message = format!("{} {}: {reason}", package.name, package.version);
            violations.push(Violation::new(CONFIGURATION, 0, message));
        }
    }
    for exception in &licenses.exceptions {
        let of_package = packages.iter().filter(|package| package.name == exception.package);
        if of_package.clone().all(|package| accepted(package, &licenses.allow, &[]).is_ok()) {
            let message = format!("the exception for {} is not needed", exception.package);
            violations.push(Violation::new(CONFIGURATION, 0, message));
        }
    }
    Ok(violations)
}

fn accepted(package: &LicensedPackage, allow: &[String], extra: &[&String]) -> Result<(), String> {
    let Some(licence) = &package.licence else {
        return Err("states no licence".to_owned());
    };
    let expression =
        Expression::parse_mode(licence, ParseMode::LAX).map_err(|error| format!("licence not understood: {error}"))?;
    let is_allowed = |requirement: &LicenseReq| {
        let name = requirement.to_string();
        allow.contains(&name) || extra.iter().any(|allowed| **allowed == name)
    };
    if expression.evaluate(is_allowed) { Ok(()) } else { Err(format!("licence {licence} is not allowed")) }
}

#[cfg(test)]
mod tests {
    use super::{LicensedPackage, check};

    const CONFIGURATION: &str = "[licenses]\nallow = [\"MIT\", \"Apache-2.0\", \"Apache-2.0 WITH LLVM-exception\"]\n\
        exceptions = [{ crate = \"special\", allow = [\"Zlib\"] }]\n";

    fn package(name: &str, licence: Option<&str>) -> LicensedPackage {
        LicensedPackage { name: name.to_owned(), version: "1.0.0".to_owned(), licence: licence.map(str::to_owned) }
    }

    fn messages(packages: &[LicensedPackage]) -> Vec<String> {
        check(packages, CONFIGURATION).expect("readable").into_iter().map(|violation| violation.message).collect()
    }

    #[test]
    fn allowed_licences_pass() {
        let special = package("special", Some("Zlib"));
        for licence in
            ["MIT", "GPL-3.0 OR MIT", "MIT/Unlicense", "Apache-2.0 WITH LLVM-exception", "MIT AND Apache-2.0"]
        {
            assert_eq!(messages(&[special.clone(), package("p", Some(licence))]), Vec::<String>::new(), "{licence}");
        }
    }

    #[test]
    fn other_licences_are_found() {
        let special = package("special", Some("Zlib"));
        for licence in [Some("GPL-3.0"), Some("MIT AND GPL-3.0"), Some("Zlib"), Some("own terms"), None] {
            assert_eq!(messages(&[special.clone(), package("p", licence)]).len(), 1, "{licence:?}");
        }
    }

    #[test]
    fn exceptions_without_use_are_found() {
        assert_eq!(messages(&[package("special", Some("MIT"))]), ["the exception for special is not needed"]);
        assert_eq!(messages(&[]), ["the exception for special is not needed"]);
    }
}
