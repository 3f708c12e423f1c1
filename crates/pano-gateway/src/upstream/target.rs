//! Where an upstream listens.

use crate::registry::Registry;
use rustls_pki_types::ServerName;

/// One address of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The same for the same address everywhere in the process.
    pub number: u32,
    /// `host:port` to connect to.
    pub address: Box<str>,
    /// `Host` header: without the default port.
    pub host: Box<str>,
    /// Path before the operation's, without a trailing slash.
    pub prefix: Box<str>,
    /// For `https`: the name that the upstream's certificate must prove.
    pub server_name: Option<ServerName<'static>>,
}

/// Why a target was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url} is no usable upstream address: {reason}")]
pub struct TargetError {
    url: String,
    reason: &'static str,
}

impl Target {
    /// Parses `http://host[:port][/prefix]`, or the same with `https`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(url: &str, registry: &Registry) -> Result<Self, TargetError> {
        let error = |reason| TargetError { url: url.to_owned(), reason };
        let uri: http::Uri = url.parse().map_err(|_| error("it is no URI"))?;
        let (secure, usual) = match uri.scheme_str() {
            Some("http") => (false, 80),
            Some("https") => (true, 443),
            _ => return Err(error("only http:// and https:// are possible")),
        };
        if uri.query().is_some() {
            return Err(error("it has a query"));
        }
        let authority = uri.authority().filter(|a| !a.as_str().contains('@') && !a.host().is_empty());
        let authority = authority.ok_or_else(|| error("it names no host"))?;
        let port = authority.port_u16().unwrap_or(usual);
        let address = format!("{}:{port}", authority.host());
        let server_name = secure.then(|| ServerName::try_from(authority.host().trim_matches(['[', ']']).to_owned()));
        let server_name = server_name.transpose().map_err(|_| error("its host can stand in no certificate"))?;
        // Plain and secured connections to one address are not the same.
        let number = if secure { registry.target(&format!("https://{address}")) } else { registry.target(&address) };
        Ok(Self {
            number,
            host: if port == usual { authority.host().into() } else { address.as_str().into() },
            address: address.into(),
            prefix: uri.path().trim_end_matches('/').into(),
            server_name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let registry = Registry::default();
        let target = Target::parse("http://bank:7003/mock/v1/", &registry).unwrap();
        assert_eq!((&*target.address, &*target.host, &*target.prefix), ("bank:7003", "bank:7003", "/mock/v1"));
        let target = Target::parse("http://[::1]", &registry).unwrap();
        assert_eq!((&*target.address, &*target.host, &*target.prefix), ("[::1]:80", "[::1]", ""));
        assert_ne!(target.number, Target::parse("http://bank:7003", &registry).unwrap().number);
        assert_eq!(target.server_name, None);
        let target = Target::parse("https://core.bank.example/v1", &registry).unwrap();
        assert_eq!((&*target.address, &*target.host), ("core.bank.example:443", "core.bank.example"));
        assert_eq!(target.server_name, Some(ServerName::try_from("core.bank.example").unwrap()));
        assert_ne!(target.number, Target::parse("http://core.bank.example:443", &registry).unwrap().number);
        assert!(Target::parse("https://[::1]:7443", &registry).unwrap().server_name.is_some());
        for bad in ["ftp://a", "https://a_b..", "http://", "a:80", "http://a?b", "http://u:p@a", "/x", ""] {
            assert!(Target::parse(bad, &registry).is_err(), "{bad}");
        }
    }
}
