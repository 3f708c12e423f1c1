//! Everything that can be wrong with a request, with its OAuth error code and its one sentence.

use serde_json::{Value, json};

/// Registered error codes that our endpoints answer with (RFC 6749 §5.2, RFC 7009 §2.2.1, RFC 8707 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request cannot be understood.
    InvalidRequest,
    /// The client did not prove who it is.
    InvalidClient,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The grant is not one of ours.
    UnsupportedGrantType,
    /// A scope is unknown, malformed, or more than the client may have.
    InvalidScope,
    /// The resource is not one we issue tokens for.
    InvalidTarget,
    /// A code or refresh token does not count (any more).
    InvalidGrant,
    /// The response type is not offered.
    UnsupportedResponseType,
    /// Request objects are not taken (OpenID Connect Core §3.1.2.6).
    RequestNotSupported,
    /// The customer said no.
    AccessDenied,
    /// Too many failures from there, or we cannot answer at the moment.
    TemporarilyUnavailable,
    /// Something failed on our side.
    ServerError,
}

impl ErrorCode {
    /// The registered text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::RequestNotSupported => "request_not_supported",
            Self::AccessDenied => "access_denied",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// What is wrong with a request. One row each in `Refusal::parts`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}: {}", self.code().text(), self.description())]
#[allow(missing_docs, reason = "the sentence of each variant stands in `parts`, once")]
pub enum Refusal {
    NotForm,
    BodyTooLarge,
    BodyMalformed,
    TooManyParameters,
    DuplicateParameter,
    ParameterMissing(&'static str),
    ParameterTooLong(&'static str),
    GrantUnsupported,
    ScopeMalformed,
    ScopeNotAllowed,
    TargetUnknown,
    NoClientAuthentication,
    OtherClientAuthentication,
    AssertionTypeUnknown,
    AssertionTooLong,
    AssertionMalformed,
    AssertionAlgorithm,
    AssertionClaimMissing(&'static str),
    AssertionSubject,
    ClientIdMismatch,
    AssertionAudience,
    AssertionExpired,
    AssertionLifetime,
    AssertionNotYetValid,
    AssertionFromFuture,
    AssertionJti,
    ClientNotProven,
    AssertionReplayed,
    ClientNotActive,
    CallerNotProven,
    TooManyFailures,
    RequestUriInside,
    RequestObject,
    ResponseTypeUnsupported,
    ResponseModeUnsupported,
    RedirectUriUnknown,
    ChallengeMethod,
    ChallengeMalformed,
    GrantInvalid,
    RedirectUriDiffers,
    VerifierWrong,
    Unavailable,
    Internal,
}

impl Refusal {
    /// The OAuth error code.
    pub fn code(&self) -> ErrorCode {
        self.parts().0
    }

    /// What goes into `error_description`: fixed text of the characters that RFC 6749 §5.2 allows.
    pub fn description(&self) -> String {
        let (_, _, text) = self.parts();
        match self {
            Self::ParameterMissing(name) | Self::ParameterTooLong(name) | Self::AssertionClaimMissing(name) => {
                format!("{text}: {name}")
            }
            _ => text.to_owned(),
        }
    }

    /// HTTP status. RFC 6749 §5.2 asks for 401 only where the client used the `Authorization` header; `invalid_client` gets
    /// it in any case, for clients expect it.
    pub fn status(&self) -> u16 {
        self.parts().1
    }

    /// Whether it counts against the sender: a proof that failed, as opposed to a request that is merely wrong.
    pub fn is_failed_proof(&self) -> bool {
        matches!(self.code(), ErrorCode::InvalidClient | ErrorCode::InvalidGrant)
            && !matches!(self, Self::NoClientAuthentication | Self::OtherClientAuthentication | Self::ClientNotActive)
    }

    /// The wire form (RFC 6749 §5.2).
    pub fn to_json(&self) -> Value {
        json!({ "error": self.code().text(), "error_description": self.description() })
    }

    fn parts(&self) -> (ErrorCode, u16, &'static str) {
        use ErrorCode::{
            InvalidClient, InvalidGrant, InvalidRequest, InvalidScope, InvalidTarget, RequestNotSupported, ServerError,
            TemporarilyUnavailable, UnsupportedGrantType, UnsupportedResponseType,
        };
        match self {
            Self::NotForm => (InvalidRequest, 400, "send application/x-www-form-urlencoded"),
            Self::BodyTooLarge => (InvalidRequest, 413, "the body is too large"),
            Self::BodyMalformed => (InvalidRequest, 400, "the body is not a well-formed form in UTF-8"),
            Self::TooManyParameters => (InvalidRequest, 400, "too many parameters"),
            Self::DuplicateParameter => (InvalidRequest, 400, "a parameter is sent twice"),
            Self::ParameterMissing(_) => (InvalidRequest, 400, "a parameter is missing"),
            Self::ParameterTooLong(_) => (InvalidRequest, 400, "a parameter is too long"),
            Self::GrantUnsupported => (UnsupportedGrantType, 400, "the grant type is not offered"),
            Self::ScopeMalformed => (InvalidScope, 400, "scope must be tokens parted by single spaces"),
            Self::ScopeNotAllowed => (InvalidScope, 400, "a scope is unknown or not among the client's subscriptions"),
            Self::TargetUnknown => (InvalidTarget, 400, "tokens are not issued for this resource"),
            Self::NoClientAuthentication => (InvalidClient, 401, "authenticate with private_key_jwt"),
            Self::OtherClientAuthentication => (InvalidClient, 401, "only private_key_jwt is accepted, and only it"),
            Self::AssertionTypeUnknown => (
                InvalidClient,
                401,
                "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            Self::AssertionTooLong => (InvalidClient, 401, "the assertion is too long"),
            Self::AssertionMalformed => (InvalidClient, 401, "the assertion is not an acceptable JWT"),
            Self::AssertionAlgorithm => (InvalidClient, 401, "the assertion must be signed with ES256, PS256 or EdDSA"),
            Self::AssertionClaimMissing(_) => (InvalidClient, 401, "a claim is missing or of the wrong type"),
            Self::AssertionSubject => (InvalidClient, 401, "iss and sub must both be the client_id"),
            Self::ClientIdMismatch => (InvalidClient, 401, "client_id is not the assertion's"),
            Self::AssertionAudience => (InvalidClient, 401, "aud must be the issuer, as one string"),
            Self::AssertionExpired => (InvalidClient, 401, "the assertion has expired"),
            Self::AssertionLifetime => (InvalidClient, 401, "exp must be at most 5 minutes ahead"),
            Self::AssertionNotYetValid => (InvalidClient, 401, "the assertion is not valid yet"),
            Self::AssertionFromFuture => (InvalidClient, 401, "iat lies in the future"),
            Self::AssertionJti => (InvalidClient, 401, "jti must be 8 to 128 visible ASCII characters"),
            // One text for all of: unknown client, no valid key, wrong kid, wrong signature.
            Self::ClientNotProven => (InvalidClient, 401, "the assertion is not signed with a valid key of the client"),
            Self::AssertionReplayed => (InvalidClient, 401, "the assertion has been used before"),
            // Told only to who has proven to be the client.
            Self::ClientNotActive => (InvalidClient, 401, "the client is not active"),
            Self::CallerNotProven => (InvalidClient, 401, "the bearer credential is not accepted here"),
            Self::TooManyFailures => (TemporarilyUnavailable, 429, "too many failed attempts; slow down"),
            Self::RequestUriInside => (InvalidRequest, 400, "request_uri must not be pushed"),
            Self::RequestObject => (RequestNotSupported, 400, "request objects are not taken"),
            Self::ResponseTypeUnsupported => (UnsupportedResponseType, 400, "response_type must be code"),
            Self::ResponseModeUnsupported => (InvalidRequest, 400, "response_mode must be query"),
            Self::RedirectUriUnknown => (InvalidRequest, 400, "redirect_uri is not registered for the client"),
            Self::ChallengeMethod => (InvalidRequest, 400, "code_challenge_method must be S256"),
            Self::ChallengeMalformed => (InvalidRequest, 400, "code_challenge must be 43 characters of base64url"),
            // One text for all of: unknown, ended, used up, taken back, another client's.
            Self::GrantInvalid => (InvalidGrant, 400, "the code or refresh token does not count"),
            Self::RedirectUriDiffers => (InvalidGrant, 400, "redirect_uri is not the one that was pushed"),
            Self::VerifierWrong => (InvalidGrant, 400, "code_verifier does not fit the challenge that was pushed"),
            Self::Unavailable => (TemporarilyUnavailable, 503, "the service is not ready"),
            Self::Internal => (ServerError, 500, "something failed on our side"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_keep_to_the_allowed_characters() {
        for refusal in [
            Refusal::ParameterMissing("grant_type"),
            Refusal::AssertionTypeUnknown,
            Refusal::TooManyFailures,
            Refusal::Internal,
        ] {
            let text = refusal.description();
            let fine = text.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e));
            assert!(fine, "{text}");
            assert_eq!(refusal.to_json()["error"], refusal.code().text());
        }
    }

    #[test]
    fn only_failed_proofs_count_against_the_sender() {
        assert!(Refusal::ClientNotProven.is_failed_proof() && Refusal::AssertionReplayed.is_failed_proof());
        assert!(!Refusal::ScopeNotAllowed.is_failed_proof() && !Refusal::ClientNotActive.is_failed_proof());
        assert!(!Refusal::NoClientAuthentication.is_failed_proof());
    }
}
