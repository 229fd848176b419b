// SPDX-License-Identifier: Apache-2.0
// What a simulated function asks of the Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <string>

#include "wire/http_client.h"

namespace mill::sim {

inline wire::http::Request runtime_call(std::string method, std::string path, Bytes body) {
    wire::http::Request request{.method = std::move(method),
                                .target = "/2018-06-01/runtime/" + path,
                                .body = std::move(body)};
    request.headers.set("content-type", "application/json");
    return request;
}

}  // namespace mill::sim
