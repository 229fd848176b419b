// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mapping_requests.h"

#include "services/lambda/lambda.h"
#include "services/lambda/mappings/mappings.h"

namespace mill::lambda {
namespace {

using wire::http::Response;

Response json_answer(int status, const wire::Value& value) {
    Response response{.status = status, .body = wire::write_json(value) + "\n"};
    response.headers.set("content-type", "application/json");
    return response;
}

Response error_answer(const Error& error) {
    return json_answer(error.status > 0 ? error.status : 500,
                       wire::Value::Map{{"code", error.code}, {"message", error.message}});
}

Response answer_of(const Result<wire::Value>& value) {
    return value ? json_answer(200, *value) : error_answer(value.error());
}

std::string parameter(const wire::http::Request& request, std::string_view wanted) {
    for (auto& [name, value] : wire::http::parse_query(request.query(), false)) {
        if (name == wanted) return std::move(value);
    }
    return {};
}

}  // namespace

Task<Response> answer_about_mapping(Lambda& lambda, wire::http::Request request) {
    const std::string rest(request.path().substr(mappings_path.size()));
    const std::size_t slash = rest.find('/');
    const std::string uuid = rest.substr(0, slash);
    const std::string verb = slash == std::string::npos ? "" : rest.substr(slash + 1);
    Mappings& mappings = lambda.mappings();
    if (verb.empty() && request.method == "GET") co_return answer_of(mappings.status(uuid));
    if (request.method != "POST")
        co_return error_answer({"MethodNotAllowed", "This is asked for by POST.", 405});
    if (verb == "rewind") {
        const auto done = co_await mappings.rewind(uuid, parameter(request, "to"));
        co_return done ? answer_of(mappings.status(uuid)) : error_answer(done.error());
    }
    if (verb == "replay-failed") co_return answer_of(co_await mappings.replay_discarded(uuid));
    co_return error_answer({"NotFound", "Known here: rewind, replay-failed.", 404});
}

}  // namespace mill::lambda
