// SPDX-License-Identifier: Apache-2.0
// Admission: browsers are an attack path, so requests for an unknown Host (DNS rebinding) or from a
// foreign Origin are refused before anything else is looked at. Programs send no Origin and are not
// concerned.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/http.h"

namespace mill::gateway {

class Admission {
  public:
    Admission(std::vector<std::string> allowed_hosts, std::vector<std::string> allowed_origins);
    // An address listened at: its literal is a known host. A wildcard address makes every literal
    // known.
    void add_listener(std::string host);
    // AccessDeniedException (403) that names the option to lift it.
    Result<void> check_host(const wire::http::Request& request);
    Result<void> check_origin(const wire::http::Request& request) const;

  private:
    bool knows_host(std::string_view host) const;
    bool knows_origin(std::string_view origin) const;

    std::vector<std::string> hosts_;
    std::vector<std::string> origins_;
    bool any_literal_ = false;
    std::string admitted_host_;  // the header last found in order: the next is most often the same
};

// "localhost" of "localhost:4566", "::1" of "[::1]:4566"; in lower case.
std::string host_name(std::string_view host_header);

bool is_preflight(const wire::http::Request& request);
wire::http::Response preflight_answer(const wire::http::Request& request);
// What a page of an allowed origin may read of an answer.
void add_cors_headers(wire::http::Response& response);

}  // namespace mill::gateway
