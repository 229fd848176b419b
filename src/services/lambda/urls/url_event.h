// SPDX-License-Identifier: Apache-2.0
// A request to a function's URL as the event that the function gets, and what the function answered
// as the response: payload format 2.0. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
#pragma once

#include "services/lambda/urls/function_url.h"

namespace mill::lambda {

struct UrlVisit {
    std::string url_id;
    std::string path;       // raw
    std::string source_ip;  // the client's
    std::string request_id, trace_id;
    // Who signed; empty where nobody has to.
    std::string account, access_key;
    WallTime now;
};

Bytes render_url_event(const wire::http::Request& request, const UrlVisit& visit);
// 502 for what says a status, but is no response.
wire::http::Response url_response(BytesView answer);
wire::http::Response bad_gateway();

}  // namespace mill::lambda
