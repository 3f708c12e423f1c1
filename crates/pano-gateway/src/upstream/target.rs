//! Where an upstream listens.

use crate::registry::Registry;

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
}

/// Why a target was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url} is no usable upstream address: {reason}")]
pub struct TargetError {
    url: String,
    reason: &'static str,
}

impl Target {
    /// Parses `http://host[:port][/prefix]`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(url: &str, registry: &Registry) -> Result<Self, TargetError> {
        let error = |reason| TargetError { url: url.to_owned(), reason };
        let uri: http::Uri = url.parse().map_err(|_| error("it is no URI"))?;
        if uri.scheme_str() != Some("http") {
            return Err(error("only http:// is possible"));
        }
        if uri.query().is_some() {
            return Err(error("it has a query"));
        }
        let authority = uri.authority().filter(|a| !a.as_str().contains('@') && !a.host().is_empty());
        let authority = authority.ok_or_else(|| error("it names no host"))?;
        let port = authority.port_u16().unwrap_or(80);
        let address = format!("{}:{port}", authority.host());
        Ok(Self {
            number: registry.target(&address),
            host: if port == 80 { authority.host().into() } else { address.as_str().into() },
            address: address.into(),
            prefix: uri.path().trim_end_matches('/').into(),
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
        for bad in ["https://a", "http://", "a:80", "http://a?b", "http://u:p@a", "/x", ""] {
            assert!(Target::parse(bad, &registry).is_err(), "{bad}");
        }
    }
}
