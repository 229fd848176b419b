// SPDX-License-Identifier: Apache-2.0
// AWS Signature Version 4: signing for clients, reading what a request claims, and verifying it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
#pragma once

#include <optional>

#include "base/time.h"
#include "wire/http.h"

namespace mill::wire {

struct Credentials {
    std::string access_key;
    std::string secret_key;
    std::string session_token;
};

// Adds Host (must be set already), X-Amz-Date, X-Amz-Security-Token, for s3 X-Amz-Content-SHA256,
// and Authorization.
void sign(http::Request& request, const Credentials& credentials, std::string_view region,
          std::string_view service, WallTime now);

struct CredentialScope {
    std::string access_key, date, region, service;
};
// From the Authorization header or X-Amz-Credential in the query; empty if the request is not
// signed.
std::optional<CredentialScope> credential_scope(const http::Request& request);

// Whether the Authorization header is a signature by `credentials`, for `service`, of this request
// as it is: method, path, query, body and Host. Made at most five minutes before or after `now`.
// Errors have AWS's codes and status 403.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
Result<void> verify(const http::Request& request, const Credentials& credentials,
                    std::string_view service, WallTime now);

}  // namespace mill::wire
