// SPDX-License-Identifier: Apache-2.0
#include "cli/aws_client.h"

#include <algorithm>
#include <pugixml.hpp>

namespace mill::cli {
namespace {

wire::Value value_of(const pugi::xml_node& node) {
    const auto first = node.find_child(
        [](const pugi::xml_node& child) { return child.type() == pugi::node_element; });
    if (!first) return wire::Value(node.text().get());
    const bool is_list = std::string_view(first.name()) == "member";
    wire::Value value = is_list ? wire::Value::list() : wire::Value::map();
    for (const pugi::xml_node& child : node.children()) {
        if (child.type() != pugi::node_element) continue;
        if (is_list) {
            value.push_back(value_of(child));
        } else {
            value[child.name()] = value_of(child);
        }
    }
    return value;
}

Failure xml_error(const wire::http::Response& response) {
    pugi::xml_document document;
    document.load_buffer(response.body.data(), response.body.size());
    pugi::xml_node error = document.document_element();
    if (error.child("Error")) error = error.child("Error");
    std::string code = error.child("Code").text().get();
    if (code.empty()) code = "HTTP " + std::to_string(response.status);
    return fail(std::move(code), error.child("Message").text().get(), response.status);
}

Failure json_error(const wire::http::Response& response) {
    std::string code = response.headers.get("x-amzn-errortype");
    std::string message;
    if (const auto body = wire::parse_json(response.body)) {
        if (code.empty()) code = wire::text_of(*body, "__type");
        message = wire::text_of(*body, "message", wire::text_of(*body, "Message"));
    }
    code = code.substr(code.find('#') + 1);
    code = code.substr(0, code.find(':'));
    if (code.empty()) code = "HTTP " + std::to_string(response.status);
    return fail(std::move(code), std::move(message), response.status);
}

}  // namespace

Task<Result<wire::http::Response>> AwsClient::rest(std::string service,
                                                   wire::http::Request request) {
    request.headers.set("host", target_.endpoint.text());
    wire::sign(request, target_.credentials, target_.region, service, machine_.clock.wall());
    auto response =
        co_await wire::http::exchange(machine_.network, target_.endpoint, std::move(request));
    if (!response) {
        co_return fail("net.unreachable",
                       "no Millrace server answers at http://" + target_.endpoint.text() + " (" +
                           response.error().message + "). Start one with: millrace serve");
    }
    if (response->status >= 400) {
        const bool xml = service == "s3" || response->body.starts_with('<');
        co_return xml ? xml_error(*response) : json_error(*response);
    }
    co_return std::move(*response);
}

Task<Result<wire::Value>> AwsClient::json(std::string service, std::string target,
                                          wire::Value input) {
    wire::http::Request request{.method = "POST", .target = "/", .body = wire::write_json(input)};
    request.headers.set("content-type", "application/x-amz-json-1.1");
    request.headers.set("x-amz-target", std::move(target));
    MILL_CO_TRY(const auto response, co_await rest(std::move(service), std::move(request)));
    if (response.body.empty()) co_return wire::Value::map();
    co_return wire::parse_json(response.body);
}

Task<Result<wire::Value>> AwsClient::query(std::string service, std::string version,
                                           std::string action, Parameters parameters) {
    wire::http::Request request{.method = "POST", .target = "/"};
    request.body = "Action=" + wire::http::percent_encode(action) + "&Version=" + version;
    for (const auto& [name, value] : parameters) {
        request.body +=
            "&" + wire::http::percent_encode(name) + "=" + wire::http::percent_encode(value);
    }
    request.headers.set("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    MILL_CO_TRY(const auto response, co_await rest(std::move(service), std::move(request)));
    pugi::xml_document document;
    if (!document.load_buffer(response.body.data(), response.body.size())) {
        co_return fail("xml", "the server's answer is not XML");
    }
    co_return value_of(document.document_element().child((action + "Result").c_str()));
}

Task<Result<wire::Value>> cloudformation(AwsClient& client, std::string action,
                                         AwsClient::Parameters parameters) {
    co_return co_await client.query("cloudformation", "2010-05-15", std::move(action),
                                    std::move(parameters));
}

}  // namespace mill::cli
