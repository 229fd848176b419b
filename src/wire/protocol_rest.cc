// SPDX-License-Identifier: Apache-2.0
// REST bindings, common to REST-JSON and REST-XML. https://smithy.io/2.0/spec/http-bindings.html
#include <algorithm>

#include "wire/protocol_parts.h"

namespace mill::wire {
namespace {

std::string text_of_scalar(const Type& type, const void* at) {
    switch (type.kind) {
        case Kind::string:
            return *static_cast<const std::string*>(at);
        case Kind::blob:
            return base64_encode(static_cast<const Blob*>(at)->bytes);
        case Kind::boolean:
            return *static_cast<const bool*>(at) ? "true" : "false";
        case Kind::integer:
            return std::to_string(*static_cast<const std::int64_t*>(at));
        case Kind::timestamp:
            return http_date(*static_cast<const WallTime*>(at));
        case Kind::real:
            return write_json(Value(*static_cast<const double*>(at)));
        default:
            break;
    }
    return {};
}

void read_query_member(const Member& m, const Parameters& query, Value& into) {
    for (const auto& [name, text] : query) {
        if (name != m.location_name) continue;
        if (m.type->kind == Kind::list) {
            into[m.name].push_back(text);
        } else {
            into[m.name] = text;
        }
    }
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

// A map takes all headers that begin with its name, as x-amz-meta-.
void read_header_member(const Member& m, const http::Headers& headers, Value& into) {
    const std::string wanted = lower(m.location_name);
    if (m.type->kind != Kind::map) {
        if (const auto text = headers.find(wanted)) into[m.name] = std::string(*text);
        return;
    }
    for (const auto& [name, text] : headers) {
        const std::string key = lower(name);
        if (key.starts_with(wanted)) into[m.name][key.substr(wanted.size())] = std::string(text);
    }
}

struct HeaderSink {
    http::Headers* headers;
    std::string prefix;
    static void visit(void* self, std::string_view key, const void* value) {
        auto* sink = static_cast<HeaderSink*>(self);
        sink->headers->set(sink->prefix + std::string(key),
                           *static_cast<const std::string*>(value));
    }
};

}  // namespace

const Member* payload_member(const Structure& structure) {
    const auto at = std::ranges::find(structure.members, Location::payload, &Member::location);
    return at == structure.members.end() ? nullptr : &*at;
}

bool has_body_members(const Structure& structure) {
    return std::ranges::count(structure.members, Location::body, &Member::location) > 0;
}

void read_bindings(const Structure& input, const Parameters& labels, const http::Request& request,
                   Value& into) {
    const Parameters query = http::parse_query(request.query());
    for (const Member& m : input.members) {
        if (m.location == Location::query) read_query_member(m, query, into);
        if (m.location == Location::header) read_header_member(m, request.headers, into);
        if (m.location != Location::uri) continue;
        for (const auto& [name, text] : labels) {
            if (name == m.name) into[m.name] = text;
        }
    }
}

void write_bindings(const Output& output, http::Response& response) {
    for (const Member& m : output.structure->members) {
        const void* at = m.find(output.object.get());
        if (!at) continue;
        if (m.location == Location::status)
            response.status = static_cast<int>(*static_cast<const std::int64_t*>(at));
        if (m.location != Location::header) continue;
        if (m.type->kind == Kind::map) {
            HeaderSink sink{&response.headers, std::string(m.location_name)};
            m.type->each(at, &sink, &HeaderSink::visit);
        } else if (m.location_name == "Content-Length") {  // of an answer to HEAD
            response.content_length =
                static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(at));
        } else {
            response.headers.set(m.location_name, text_of_scalar(*m.type, at));
        }
    }
}

}  // namespace mill::wire
