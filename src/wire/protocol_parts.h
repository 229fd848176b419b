// SPDX-License-Identifier: Apache-2.0
// Pieces that the protocols share. Internal to wire/.
#pragma once

#include "wire/protocol.h"

namespace mill::wire {

// What a client sees of an error that was never meant for it. Each name is the service model's own.
Error for_client(Protocol protocol, const Error& error);

// One codec per protocol, chosen in protocol.cc.
Result<Input> read_aws_json(http::Request& request, JsonReader& reader);
Result<Value> read_query(const Structure& input, const Parameters& parameters);
Result<Value> read_rest_json(const Structure& input, const Parameters& labels,
                             http::Request& request);
Result<Value> read_rest_xml(const Structure& input, const Parameters& labels,
                            http::Request& request);

http::Response write_aws_json(const Service& service, const Output& output);
http::Response write_query(const Service& service, const Operation& operation, const Output& output,
                           std::string_view request_id);
http::Response write_rest_json(const Operation& operation, const Output& output);
http::Response write_rest_xml(const Service& service, const Operation& operation,
                              const Output& output);

http::Response write_aws_json_error(const Service& service, const Error& error);
http::Response write_query_error(const Service& service, const Error& error,
                                 std::string_view request_id);
http::Response write_rest_json_error(const Error& error);
http::Response write_rest_xml_error(const Error& error, const ErrorContext& context);

// REST bindings: labels, query and headers into the input; headers and status out of the output.
const Member* payload_member(const Structure& structure);
bool has_body_members(const Structure& structure);
void read_bindings(const Structure& input, const Parameters& labels, const http::Request& request,
                   Value& into);
void write_bindings(const Output& output, http::Response& response);

// What the service calls an error in the Query protocol.
std::string_view query_code(const Service& service, std::string_view code);

void append_xml_text(std::string_view text, std::string& out);
void append_xml_element(std::string_view name, std::string_view text, std::string& out);

}  // namespace mill::wire
