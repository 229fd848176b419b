// SPDX-License-Identifier: Apache-2.0
// Names in requests: percent-encoding, queries, paths, hosts, origins, function names, template
// URLs.
#include "fuzz.h"
#include "gateway/admission.h"
#include "gateway/resolve.h"
#include "services/cloudformation/template_url.h"
#include "services/lambda/functions/function_name.h"

namespace {

using namespace mill;

void decode(std::string_view text) {
    using namespace wire::http;
    MILL_ASSERT(percent_decode(percent_encode(text)) == text);
    MILL_ASSERT(percent_decode(percent_encode(text, true)) == text);
    MILL_ASSERT(percent_decode(text).size() <= text.size());
    std::string query;
    const auto items = parse_query(text);
    for (const auto& [name, value] : items) {
        query += query.empty() ? "" : "&";
        query += percent_encode(name) + "=" + percent_encode(value);
    }
    if (!items.empty()) MILL_ASSERT(parse_query(query) == items);
    wire::match_path("/2015-03-31/functions/{FunctionName}/invocations", text);
    wire::match_path("/{Bucket}/{Key+}", text);
    cloudformation::parse_template_url(text);
    const Caller caller;
    if (const auto name = lambda::parse_function_name(caller, text, "")) {
        const auto again = lambda::parse_function_name(caller, name->arn(), "");
        MILL_ASSERT(again && again->id == name->id && again->qualifier == name->qualifier);
    }
}

void admit(fuzz::Input input) {
    wire::http::Request request{.method = input.flag() ? "OPTIONS" : "POST",
                                .target = "/" + std::string(input.until('\n'))};
    request.headers.set("host", std::string(input.until('\n')));
    request.headers.set("origin", std::string(input.until('\n')));
    request.headers.set("access-control-request-method", std::string(input.rest()));
    gateway::Admission admission({"known"}, {"https://known"});
    admission.add_listener("127.0.0.1");
    for (const auto& admitted : {admission.check_host(request), admission.check_origin(request)}) {
        if (!admitted) MILL_ASSERT(admitted.error().status == 403);
    }
    if (gateway::is_preflight(request)) gateway::preflight_answer(request);
    gateway::apply_virtual_host(request);
    gateway::fallback_service(request);
}

}  // namespace

void mill::fuzz::run(std::string_view bytes) {
    decode(bytes);
    admit(bytes);
}
