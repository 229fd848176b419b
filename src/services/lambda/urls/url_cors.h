// SPDX-License-Identifier: Apache-2.0
// What pages of other origins may do with a function's URL, and read of its answers. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
#pragma once

#include "services/lambda/urls/function_url.h"

namespace mill::lambda {

// ValidationException: a text with a line break, which would break a header too.
Result<void> check_cors(const UrlCors& cors);
bool allows_origin(const UrlCors& cors, std::string_view origin);
// Lambda answers it in the function's place.
wire::http::Response url_preflight_answer(const UrlCors& cors, std::string_view origin);
// In place of what the function itself said of them.
void add_url_cors_headers(const UrlCors& cors, std::string_view origin,
                          wire::http::Response& response);

}  // namespace mill::lambda
