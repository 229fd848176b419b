// SPDX-License-Identifier: Apache-2.0
#include "services/sns/filter_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <functional>

namespace mill::sns {
namespace {

using wire::Value;

// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
constexpr std::size_t policy_bytes_max = 262'144;
constexpr std::size_t keys_max = 5;
constexpr std::int64_t combinations_max = 150;

Failure invalid(std::string_view what) {
    return fail("InvalidParameter", fmt::format("Invalid parameter: FilterPolicy: {}", what), 400);
}

std::optional<double> number_of(const Value& value) {
    if (const auto* whole = value.integer()) return static_cast<double>(*whole);
    if (const auto* real = value.real()) return *real;
    return std::nullopt;
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return text;
}

struct Cidr {
    std::uint32_t address = 0, mask = 0;
};
std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
    std::uint32_t address = 0;
    for (int part = 0; part < 4; ++part) {
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || number > 255) return std::nullopt;
        address = address << 8 | number;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (part < 3 && !text.starts_with('.')) return std::nullopt;
        if (part < 3) text.remove_prefix(1);
    }
    if (!text.empty()) return std::nullopt;
    return address;
}
std::optional<Cidr> parse_cidr(const std::string& text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_ipv4(std::string_view(text).substr(0, slash));
    unsigned bits = 32;
    if (slash != std::string::npos) {
        const auto [end, error] =
            std::from_chars(text.data() + slash + 1, text.data() + text.size(), bits);
        if (error != std::errc() || end != text.data() + text.size() || bits > 32)
            return std::nullopt;
    }
    if (!address) return std::nullopt;
    const std::uint32_t mask = bits == 0 ? 0 : ~0U << (32 - bits);
    return Cidr{*address & mask, mask};
}

// What a value may be: one condition.
using Condition = std::function<bool(const Value&)>;

Condition equals(Value wanted) {
    if (const auto number = number_of(wanted)) {
        return [number = *number](const Value& value) { return number_of(value) == number; };
    }
    return [wanted = std::move(wanted)](const Value& value) { return value == wanted; };
}

Condition on_text(std::function<bool(const std::string&)> holds) {
    return [holds = std::move(holds)](const Value& value) {
        return value.string() && holds(*value.string());
    };
}

Result<Condition> numeric(const Value& bounds) {
    const Value::List* list = bounds.items();
    if (!list || list->empty() || list->size() % 2 != 0 || list->size() > 4)
        return invalid("numeric wants an operator and a number, or two of each");
    std::vector<std::function<bool(double)>> all;
    for (std::size_t i = 0; i < list->size(); i += 2) {
        const std::string* op = (*list)[i].string();
        const auto number = number_of((*list)[i + 1]);
        if (!op || !number) return invalid("numeric wants an operator and a number");
        const double n = *number;
        if (*op == "=") {
            all.emplace_back([n](double v) { return v == n; });
        } else if (*op == "<") {
            all.emplace_back([n](double v) { return v < n; });
        } else if (*op == "<=") {
            all.emplace_back([n](double v) { return v <= n; });
        } else if (*op == ">") {
            all.emplace_back([n](double v) { return v > n; });
        } else if (*op == ">=") {
            all.emplace_back([n](double v) { return v >= n; });
        } else {
            return invalid("Unrecognized numeric range operator: " + *op);
        }
    }
    return Condition([all = std::move(all)](const Value& value) {
        const auto number = number_of(value);
        return number &&
               std::ranges::all_of(all, [&](const auto& holds) { return holds(*number); });
    });
}

Result<Condition> condition_of(const Value& rule);

// {"anything-but": "a" | ["a", 1] | {"prefix": "a"}}
Result<Condition> anything_but(const Value& what) {
    std::vector<Condition> none;
    if (what.items()) {
        for (const Value& one : *what.items()) {
            if (one.members() || one.items()) return invalid("anything-but lists plain values");
            none.push_back(equals(one));
        }
    } else {
        MILL_TRY(auto one, condition_of(what));
        none.push_back(std::move(one));
    }
    return Condition([none = std::move(none)](const Value& value) {
        return std::ranges::none_of(none, [&](const auto& holds) { return holds(value); });
    });
}

Result<Condition> condition_of(const Value& rule) {
    if (rule.items()) return invalid("Match value must be String, number, true, false, or null");
    if (!rule.members()) return equals(rule);
    if (rule.members()->size() != 1) return invalid("Only one key allowed in match expression");
    const auto& [name, what] = rule.members()->front();
    if (name == "numeric") return numeric(what);
    if (name == "anything-but") return anything_but(what);
    const std::string* text = what.string();
    if (name == "prefix" && text)
        return on_text([t = *text](const std::string& value) { return value.starts_with(t); });
    if (name == "suffix" && text)
        return on_text([t = *text](const std::string& value) { return value.ends_with(t); });
    if (name == "equals-ignore-case" && text)
        return on_text([t = lower(*text)](const std::string& value) { return lower(value) == t; });
    if (name == "cidr" && text) {
        const auto cidr = parse_cidr(*text);
        if (!cidr) return invalid("Malformed CIDR, one '/' required: " + *text);
        return on_text([cidr = *cidr](const std::string& value) {
            const auto address = parse_ipv4(value);
            return address && (*address & cidr.mask) == cidr.address;
        });
    }
    return invalid("Unrecognized match type " + name);
}

}  // namespace

// One of the conditions must hold for a value that is there, or the value's absence is wanted.
struct FilterPolicy::Rule {
    std::vector<Condition> conditions;
    bool wants_presence = false;
    bool wants_absence = false;

    bool accepts(const std::vector<const Value*>& values) const {
        if (values.empty()) return wants_absence;
        if (wants_presence) return true;
        return std::ranges::any_of(values, [&](const Value* value) {
            return std::ranges::any_of(conditions,
                                       [&](const Condition& holds) { return holds(*value); });
        });
    }
};

// All fields must be accepted, and one of each list of alternatives.
struct FilterPolicy::Node {
    std::map<std::string, Rule> rules;
    std::map<std::string, Node> nested;
    std::vector<std::vector<Node>> alternatives;  // of each "$or"

    // The values that stand under a name, of one or several objects; an array's elements each.
    static void collect(const Value& value, std::vector<const Value*>& into) {
        if (!value.items()) return into.push_back(&value);
        for (const Value& element : *value.items()) collect(element, into);
    }
    static std::vector<const Value*> below(const std::vector<const Value*>& objects,
                                           const std::string& name) {
        std::vector<const Value*> found;
        for (const Value* object : objects) {
            if (const Value* value = object->find(name)) collect(*value, found);
        }
        return found;
    }
    bool accepts(const std::vector<const Value*>& objects) const {
        for (const auto& [name, rule] : rules) {
            if (!rule.accepts(below(objects, name))) return false;
        }
        for (const auto& [name, node] : nested) {
            if (!node.accepts(below(objects, name))) return false;
        }
        return std::ranges::all_of(alternatives, [&](const std::vector<Node>& nodes) {
            return std::ranges::any_of(nodes,
                                       [&](const Node& node) { return node.accepts(objects); });
        });
    }
};

namespace {

Result<FilterPolicy::Rule> rule_of(const Value& list, std::int64_t& combinations) {
    FilterPolicy::Rule rule;
    if (list.items()->empty()) return invalid("Empty arrays are not allowed");
    combinations *= static_cast<std::int64_t>(list.items()->size());
    if (combinations > combinations_max)  // at once: many lists would overflow it
        return invalid(fmt::format("Filter policy is too complex: more than {} combinations",
                                   combinations_max));
    for (const Value& one : *list.items()) {
        const Value* exists = one.find("exists");
        if (exists && exists->boolean() && one.members()->size() == 1) {
            (*exists->boolean() ? rule.wants_presence : rule.wants_absence) = true;
            continue;
        }
        MILL_TRY(auto condition, condition_of(one));
        rule.conditions.push_back(std::move(condition));
    }
    return rule;
}

Result<FilterPolicy::Node> node_of(const Value& policy, bool of_body, std::int64_t& combinations) {
    FilterPolicy::Node node;
    for (const auto& [name, what] : *policy.members()) {
        if (name == "$or" && what.items() && what.items()->size() > 1) {
            std::vector<FilterPolicy::Node> alternatives;
            for (const Value& one : *what.items()) {
                if (!one.members()) return invalid("$or lists objects");
                MILL_TRY(auto alternative, node_of(one, of_body, combinations));
                alternatives.push_back(std::move(alternative));
            }
            node.alternatives.push_back(std::move(alternatives));
        } else if (what.items()) {
            MILL_TRY(auto rule, rule_of(what, combinations));
            node.rules.emplace(name, std::move(rule));
        } else if (what.members() && of_body) {
            MILL_TRY(auto nested, node_of(what, of_body, combinations));
            node.nested.emplace(name, std::move(nested));
        } else if (what.members()) {
            return invalid(
                "Filter policy scope MessageAttributes does not support nested filter "
                "policy");
        } else {
            return invalid(fmt::format("\"{}\" must be an object or an array", name));
        }
    }
    return node;
}

// Attributes as the document that a policy looks at; String.Array attributes are their elements.
Value document_of(const MessageAttributes& attributes) {
    Value document = Value::map();
    for (const auto& [name, attribute] : attributes) {
        Value& value = document[name];
        if (attribute.is_binary) {
            value = Value::map();  // there, and equal to nothing
        } else if (attribute.data_type == "String.Array" ||
                   attribute.data_type.starts_with("Number")) {
            auto parsed = wire::parse_json(attribute.value);
            value = parsed ? *std::move(parsed) : Value(attribute.value);
        } else {
            value = attribute.value;
        }
    }
    return document;
}

}  // namespace

Result<FilterPolicy> FilterPolicy::compile(const std::string& json, bool of_body) {
    if (json.size() > policy_bytes_max) return invalid("Filter policy is too large");
    const auto policy = wire::parse_json(json);
    if (!policy || !policy->members()) return invalid("failed to parse JSON.");
    if (policy->members()->size() > keys_max)
        return invalid(fmt::format("Filter policy can not have more than {} keys", keys_max));
    std::int64_t combinations = 1;
    MILL_TRY(auto node, node_of(*policy, of_body, combinations));
    FilterPolicy compiled;
    compiled.root_ = std::make_shared<const Node>(std::move(node));
    return compiled;
}

bool FilterPolicy::accepts(const Value* document) const {
    return document && root_->accepts({document});
}

const Value* FilterDocuments::attributes() {
    if (!attributes_) attributes_ = document_of(message_.attributes);
    return &*attributes_;
}

const Value* FilterDocuments::body(const std::string& protocol) {
    const std::string& text = message_.body_for(protocol);
    const auto [place, is_new] = bodies_.try_emplace(&text);
    if (is_new) {
        auto parsed = wire::parse_json(text);
        if (parsed && parsed->members()) place->second = *std::move(parsed);
    }
    return place->second ? &*place->second : nullptr;
}

}  // namespace mill::sns
