// SPDX-License-Identifier: Apache-2.0
// Requests to functions' URLs: who may ask, the invocation, the answer.
#pragma once

#include <optional>

#include "base/caller.h"
#include "machine/task.h"
#include "wire/http.h"

namespace mill::lambda {

class Lambda;

struct UrlClient {
    std::string address;
    bool is_foreign = false;       // a page of an origin that the server does not know
    std::optional<Caller> caller;  // who signed
};

// Whether the request is for a URL, of a function that may not be there.
bool is_for_function_url(const wire::http::Request& request);

// With AuthType AWS_IAM a request must be signed; as with all services of this server, any key
// will do and the signature is not verified. Pages of origins that neither the server nor the URL's
// Cors knows are refused, so that a page somewhere in the web cannot run the user's functions.
Task<wire::http::Response> answer_function_url(Lambda& lambda, wire::http::Request request,
                                               UrlClient client);

}  // namespace mill::lambda
