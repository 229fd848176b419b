// SPDX-License-Identifier: Apache-2.0
// Which service, which operation, and who asks: decided from the request alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/protocol.h"
#include "wire/sigv4.h"

namespace mill::gateway {

using Scope = std::optional<wire::CredentialScope>;

// By X-Amz-Target, the credential scope, Action and Version, the path, the host; else S3.
// NotImplemented (501) names the service that is missing and lists those served.
Result<const wire::Service*> find_service(const std::vector<wire::Service>& services,
                                          const wire::http::Request& request, const Scope& scope);
// The service's own answer to an operation that it does not know, and the list of those it does.
Result<wire::Route> find_operation(const wire::Service& service,
                                   const wire::http::Request& request);
// The operations of AWS JSON by their X-Amz-Target, for the usual request: one that names its own.
class Targets {
  public:
    struct Target {
        const wire::Service* service = nullptr;
        const wire::Operation* operation = nullptr;
    };
    // The services must stay where they are.
    explicit Targets(const std::vector<wire::Service>& services);
    // Empty for all others, which are find_service()'s.
    std::optional<Target> find(const wire::http::Request& request) const;

  private:
    std::map<std::string, Target, std::less<>> targets_;
};

// Who signed, as far as the signature's credential says.
Caller caller_of(const wire::CredentialScope& scope);
// Open mode: any access key will do, but there must be one. One of 12 digits is an account id.
Result<Caller> authenticate(const wire::Service& service, const Scope& scope);

// A URL that was signed for a time: AccessDenied after it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
Result<void> check_expiry(const wire::http::Request& request, WallTime now);

// S3: "bucket.s3.us-east-1.amazonaws.com/key" and "bucket.localhost:4566/key" become "/bucket/key".
void apply_virtual_host(wire::http::Request& request);
// Stands in for the service where none was found, so that the client can read the error.
const wire::Service& fallback_service(const wire::http::Request& request);

}  // namespace mill::gateway
