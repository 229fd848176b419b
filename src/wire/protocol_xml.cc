// SPDX-License-Identifier: Apache-2.0
// REST-XML as S3 speaks it: lists are flattened, the root element bears the shape's name.
// https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
#include <algorithm>
#include <pugixml.hpp>

#include "wire/protocol_parts.h"
#include "wire/streamed.h"

namespace mill::wire {
namespace {

constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

Value value_of(const Type& type, const pugi::xml_node& node);

Value structure_value(const Structure& structure, const pugi::xml_node& node) {
    Value out = Value::map();
    for (const Member& m : structure.members) {
        for (const pugi::xml_node& child : node.children(std::string(m.name).c_str())) {
            if (m.type->kind == Kind::list) {
                out[m.name].push_back(value_of(*m.type->element, child));
            } else {
                out[m.name] = value_of(*m.type, child);
            }
        }
    }
    return out;
}

// Without a shape every element is a member.
Value document_value(const pugi::xml_node& node) {
    Value out;
    for (const pugi::xml_node& child : node.children()) {
        if (child.type() == pugi::node_element) out[child.name()] = document_value(child);
    }
    return out.is_null() ? Value(node.child_value()) : out;
}

Value value_of(const Type& type, const pugi::xml_node& node) {
    if (type.kind == Kind::structure) return structure_value(*type.structure(), node);
    if (type.kind == Kind::document) return document_value(node);
    return node.child_value();
}

Result<Value> parse_body(const Structure& structure, const Bytes& body) {
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8)) {
        return fail("MalformedXML",
                    "The XML you provided was not well-formed or did not validate against our "
                    "published schema",
                    400);
    }
    return structure_value(structure, document.document_element());
}

// Of documents: what is stored as it comes is S3's to check.
Result<void> check_md5(const http::Request& request) {
    const auto claimed = request.headers.find("content-md5");
    if (!claimed) return {};
    const Digest16 digest = md5(request.body);
    if (base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()}) == *claimed)
        return {};
    return fail("BadDigest", "The Content-MD5 you specified did not match what we received.", 400);
}

// S3 has its own names for the errors that the shape tables find.
std::string_view s3_code(std::string_view code) {
    return code == "SerializationException" ? "InvalidArgument"
           : code == "ValidationException"  ? "InvalidRequest"
                                            : code;
}

void append_structure(const Structure& structure, const void* object, std::string& out);

void append_value(std::string_view name, const Type& type, const void* at, std::string& out) {
    switch (type.kind) {
        case Kind::structure:
            out += "<" + std::string(name) + ">";
            append_structure(*type.structure(), at, out);
            out += "</" + std::string(name) + ">";
            break;
        case Kind::list:
            for (std::size_t i = 0; i < type.size(at); ++i)
                append_value(name, *type.element, type.at(at, i), out);
            break;
        case Kind::string:
            append_xml_element(name, *static_cast<const std::string*>(at), out);
            break;
        case Kind::integer:
            append_xml_element(name, std::to_string(*static_cast<const std::int64_t*>(at)), out);
            break;
        case Kind::boolean:
            append_xml_element(name, *static_cast<const bool*>(at) ? "true" : "false", out);
            break;
        case Kind::timestamp:
            append_xml_element(name, iso8601_ms(*static_cast<const WallTime*>(at)), out);
            break;
        case Kind::blob:
            append_xml_element(name, base64_encode(static_cast<const Blob*>(at)->bytes), out);
            break;
        case Kind::real:
            append_xml_element(name, write_json(Value(*static_cast<const double*>(at))), out);
            break;
        case Kind::map:
        case Kind::document:
            break;  // S3 has neither in a body
    }
}

void append_structure(const Structure& structure, const void* object, std::string& out) {
    for (const Member& m : structure.members) {
        const void* at = m.location == Location::body ? m.find(object) : nullptr;
        if (at) append_value(m.name, *m.type, at, out);
    }
}

void append_root(std::string_view xml_namespace, const Structure& structure, const void* object,
                 std::string& out) {
    const std::string name(structure.name);
    out += declaration;
    out += "<" + name + " xmlns=\"" + std::string(xml_namespace) + "\">";
    append_structure(structure, object, out);
    out += "</" + name + ">";
}

}  // namespace

void append_xml_text(std::string_view text, std::string& out) {
    for (char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\r':
                out += "&#xD;";
                break;
            default:
                // XML 1.0 cannot carry other control characters at all.
                out += static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' ? '?' : c;
        }
    }
}

void append_xml_element(std::string_view name, std::string_view text, std::string& out) {
    if (text.empty()) {
        out.append("<").append(name).append("/>");
        return;
    }
    out.append("<").append(name).append(">");
    append_xml_text(text, out);
    out.append("</").append(name).append(">");
}

Result<Value> read_rest_xml(const Structure& input, const Parameters& labels,
                            http::Request& request) {
    Value value = Value::map();
    const Member* payload = payload_member(input);
    if (payload && !request.body.empty()) {
        if (payload->type->kind != Kind::blob) MILL_CHECK(check_md5(request));
        if (payload->type->kind == Kind::structure) {
            MILL_TRY(value[payload->name], parse_body(*payload->type->structure(), request.body));
        } else if (payload->type->kind == Kind::blob) {
            value[payload->name] = Blob{std::move(request.body)};
        } else {
            value[payload->name] = std::move(request.body);
        }
    }
    read_bindings(input, labels, request, value);
    return value;
}

http::Response write_rest_xml(const Service& service, const Operation& operation,
                              const Output& output) {
    http::Response response{.status = operation.http.status};
    const Structure& structure = *output.structure;
    if (const Member* payload = payload_member(structure)) {
        if (const void* at = payload->find(output.object.get())) {
            if (payload->type == &detail::TypeOf<OutgoingBody>::type) {
                const auto& body = *static_cast<const OutgoingBody*>(at);
                response.body = body.bytes;
                response.stream = body.source;
            } else if (payload->type->kind == Kind::blob) {
                response.body = static_cast<const Blob*>(at)->bytes;
            }
            if (payload->type->kind == Kind::string)
                response.body = *static_cast<const std::string*>(at);
            if (payload->type->kind == Kind::structure) {
                response.headers.set("Content-Type", "application/xml");
                append_root(service.xml_namespace, *payload->type->structure(), at, response.body);
            }
        }
    } else if (has_body_members(structure)) {
        response.headers.set("Content-Type", "application/xml");
        append_root(service.xml_namespace, structure, output.object.get(), response.body);
    }
    write_bindings(output, response);
    return response;
}

http::Response write_rest_xml_error(const Error& error, const ErrorContext& context) {
    http::Response response{.status = error.status};
    response.headers.set("Content-Type", "application/xml");
    std::string& out = response.body;
    out = declaration;
    out += "<Error>";
    append_xml_element("Code", s3_code(error.code), out);
    append_xml_element("Message", error.message, out);
    append_xml_element("Resource", context.resource, out);
    append_xml_element("RequestId", context.request_id, out);
    out += "</Error>";
    return response;
}

}  // namespace mill::wire
