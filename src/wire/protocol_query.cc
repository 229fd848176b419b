// SPDX-License-Identifier: Apache-2.0
// The Query protocol: parameters in, XML out.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
#include <algorithm>
#include <charconv>
#include <map>

#include "wire/protocol_parts.h"

namespace mill::wire {
namespace {

constexpr std::size_t depth_max = 32;
constexpr std::size_t parameters_max = 20'000;

// "Parameters.member.1.ParameterKey" becomes a path in a tree.
struct Node {
    std::optional<std::string> text;
    std::map<std::string, Node, std::less<>> children;

    Node* child(std::string_view name) {
        const auto at = children.find(name);
        return at == children.end() ? nullptr : &at->second;
    }
};

Failure malformed(std::string_view what) { return fail("MalformedInput", std::string(what), 400); }

Result<Node> tree_of(const Parameters& parameters) {
    if (parameters.size() > parameters_max) return malformed("Too many parameters.");
    Node root;
    for (const auto& [name, value] : parameters) {
        Node* at = &root;
        std::size_t depth = 0;
        for (std::string_view rest = name; !rest.empty();) {
            if (++depth > depth_max)
                return malformed("The parameter " + name + " nests too deeply.");
            const std::string_view part = rest.substr(0, rest.find('.'));
            rest.remove_prefix(std::min(part.size() + 1, rest.size()));
            at = &at->children[std::string(part)];
        }
        at->text = value;
    }
    return root;
}

// Children named by numbers, in the order of the numbers; others ("key", "value") are no elements.
std::vector<Node*> numbered(Node& node) {
    std::vector<std::pair<std::uint64_t, Node*>> found;
    for (auto& [name, child] : node.children) {
        std::uint64_t index = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
        if (error == std::errc() && end == name.data() + name.size())
            found.emplace_back(index, &child);
    }
    std::ranges::sort(found, {}, [](const auto& item) { return item.first; });
    std::vector<Node*> out;
    for (const auto& [index, child] : found) out.push_back(child);
    return out;
}

Value value_of(const Type& type, Node& node);

Value entries_value(const Type& type, Node& node, std::string_view key_name,
                    std::string_view value_name) {
    Value out = Value::map();
    for (Node* item : numbered(node)) {
        Node* key = item->child(key_name);
        Node* value = item->child(value_name);
        if (key && key->text && value) out[*key->text] = value_of(*type.element, *value);
    }
    return out;
}

Value structure_value(const Structure& structure, Node& node) {
    Value out = Value::map();
    for (const Member& m : structure.members) {
        Node* child = node.child(m.flat_name.empty() ? m.name : m.flat_name);
        if (!child) continue;
        if (m.flat_key.empty()) {
            out[m.name] = value_of(*m.type, *child);
            continue;
        }
        Node* entries = m.flat_name.empty() ? child->child("entry") : child;
        if (entries) out[m.name] = entries_value(*m.type, *entries, m.flat_key, m.flat_value);
    }
    return out;
}

Value list_value(const Type& type, Node& node) {
    Value out = Value::list();
    Node* holder = node.child("member");
    for (Node* item : numbered(holder ? *holder : node))
        out.push_back(value_of(*type.element, *item));
    return out;
}

Value map_value(const Type& type, Node& node) {
    Node* holder = node.child("entry");
    return entries_value(type, holder ? *holder : node, "key", "value");
}

// Without a shape every part of a name is a member.
Value document_value(Node& node) {
    if (node.children.empty()) return node.text ? Value(std::move(*node.text)) : Value();
    Value out = Value::map();
    for (auto& [name, child] : node.children) out[name] = document_value(child);
    return out;
}

Value value_of(const Type& type, Node& node) {
    switch (type.kind) {
        case Kind::structure:
            return structure_value(*type.structure(), node);
        case Kind::list:
            return list_value(type, node);
        case Kind::map:
            return map_value(type, node);
        case Kind::document:
            return document_value(node);
        default:
            break;
    }
    // Scalars stay text: decode() reads numbers, booleans and timestamps out of it.
    return node.text ? Value(std::move(*node.text)) : Value();
}

}  // namespace

// The Query services say ValidationError where the JSON ones say ValidationException.
std::string_view query_code(const Service& service, std::string_view code) {
    for (const auto& [today, then] : service.query_codes) {
        if (today == code) return then;
    }
    return code == "ValidationException"      ? "ValidationError"
           : code == "SerializationException" ? "MalformedInput"
                                              : code;
}

Parameters query_parameters(const http::Request& request) {
    Parameters parameters = http::parse_query(request.query());
    if (request.headers.get("content-type").starts_with("application/x-www-form-urlencoded")) {
        std::ranges::move(http::parse_query(request.body), std::back_inserter(parameters));
    }
    return parameters;
}

Result<Value> read_query(const Structure& input, const Parameters& parameters) {
    MILL_TRY(Node root, tree_of(parameters));
    return structure_value(input, root);
}

http::Response write_query(const Service& service, const Operation& operation, const Output& output,
                           std::string_view request_id) {
    const std::string name(operation.name);
    http::Response response;
    response.headers.set("Content-Type", "text/xml");
    std::string& out = response.body;
    out = "<" + name + "Response xmlns=\"" + std::string(service.xml_namespace) + "\">";
    // An output without members is there all the same; an operation without output has none.
    if (output.structure != &structure_of<Empty>()) {
        out += "<" + name + "Result>";
        encode(*output.structure, output.object.get(), *xml_writer(out));
        out += "</" + name + "Result>";
    }
    out += "<ResponseMetadata>";
    append_xml_element("RequestId", request_id, out);
    out += "</ResponseMetadata></" + name + "Response>";
    return response;
}

http::Response write_query_error(const Service& service, const Error& error,
                                 std::string_view request_id) {
    http::Response response{.status = error.status};
    response.headers.set("Content-Type", "text/xml");
    std::string& out = response.body;
    out = "<ErrorResponse xmlns=\"" + std::string(service.xml_namespace) + "\"><Error>";
    append_xml_element("Type", error.status >= 500 ? "Receiver" : "Sender", out);
    append_xml_element("Code", query_code(service, error.code), out);
    append_xml_element("Message", error.message, out);
    out += "</Error>";
    append_xml_element("RequestId", request_id, out);
    out += "</ErrorResponse>";
    return response;
}

}  // namespace mill::wire
