// SPDX-License-Identifier: Apache-2.0
// The server's own requests about mappings, which `millrace mapping` makes: GET
// /_millrace/mappings/UUID, POST .../UUID/rewind?to=..., POST .../UUID/replay-failed. They reach no
// further than Lambda's API does, so they need no signature.
#pragma once

#include "machine/task.h"
#include "wire/http.h"

namespace mill::lambda {

class Lambda;
inline constexpr std::string_view mappings_path = "/_millrace/mappings/";

Task<wire::http::Response> answer_about_mapping(Lambda& lambda, wire::http::Request request);

}  // namespace mill::lambda
