// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/intrinsics.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/bytes.h"
#include "services/cloudformation/dynamic_references.h"
#include "services/cloudformation/function_check.h"
#include "services/cloudformation/more_functions.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

Failure template_error(std::string_view text) {
    return fail("ValidationError", fmt::format("Template error: {}", text), 400);
}

Failure too_large() {
    return template_error(fmt::format(
        "the intrinsic functions of a resource may give at most {} bytes", evaluated_bytes_max));
}

// Appends unless the text becomes larger than what is left.
Result<void> append(std::string& out, std::string_view text, const Context& context) {
    if (text.size() > context.bytes_left - std::min(context.bytes_left, out.size()))
        return too_large();
    out += text;
    return {};
}

// One piece of a Fn::Sub text: literal, or the name inside ${}.
struct SubPiece {
    bool is_name = false;
    std::string text;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// "${!x}" is the literal "${x}".
std::vector<SubPiece> sub_pieces(std::string_view text) {
    std::vector<SubPiece> pieces;
    std::string literal;
    while (!text.empty()) {
        const std::size_t start = text.find("${");
        const std::size_t end = start == text.npos ? text.npos : text.find('}', start);
        if (end == text.npos) break;
        literal += text.substr(0, start);
        const std::string_view name = text.substr(start + 2, end - start - 2);
        if (name.starts_with('!')) {
            literal += fmt::format("${{{}}}", name.substr(1));
        } else {
            pieces.push_back({false, std::exchange(literal, {})});
            pieces.push_back({true, std::string(trimmed(name))});
        }
        text.remove_prefix(end + 1);
    }
    literal += text;
    pieces.push_back({false, std::move(literal)});
    return pieces;
}

Reference sub_reference(const std::string& name) {
    const std::size_t dot = name.find('.');
    if (dot == name.npos) return {name, ""};
    return {name.substr(0, dot), name.substr(dot + 1)};
}

// The text and the variables of Fn::Sub's two forms.
struct SubArgument {
    const std::string* text = nullptr;
    const Value::Map* variables = nullptr;
};

Result<SubArgument> sub_argument(const Value& argument) {
    if (const std::string* text = argument.string()) return SubArgument{text, nullptr};
    const Value::List* items = argument.items();
    if (!items || items->size() != 2 || !(*items)[0].string() || !(*items)[1].members()) {
        return template_error(
            "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a "
            "string as first argument, and an optional second argument to specify a mapping of "
            "values to replace in the string");
    }
    return SubArgument{(*items)[0].string(), (*items)[1].members()};
}

Evaluated evaluate_map(const Value::Map& members, const Context& context) {
    Value::Map out;
    for (const auto& [name, member] : members) {
        MILL_TRY(std::optional<Value> value, evaluate(member, context));
        if (value) out.emplace_back(name, *std::move(value));
    }
    return Value(std::move(out));
}

Result<Value::List> evaluate_items(const Value::List& items, const Context& context) {
    Value::List out;
    for (const Value& item : items) {
        MILL_TRY(std::optional<Value> value, evaluate(item, context));
        if (value) out.push_back(*std::move(value));
    }
    return out;
}

// A list, written out or given by a function.
Result<std::optional<Value::List>> list_argument(const Value& argument, const Context& context) {
    MILL_TRY(std::optional<Value> value, evaluate(argument, context));
    if (!value || !value->items()) return std::nullopt;
    return *value->items();
}

Evaluated do_ref(const Value& argument, const Context& context) {
    const std::string* name = argument.string();
    if (!name)
        return fail("ValidationError",
                    "Template format error: Every Ref object must have a single String value.",
                    400);
    if (*name == "AWS::NoValue") return std::nullopt;
    MILL_TRY(Value value, context.references.ref(*name));
    return value;
}

Evaluated do_get_att(const Value& argument, const Context& context) {
    if (const Value::List* items = argument.items(); items && items->size() == 2) {
        MILL_TRY(std::optional<Value> attribute, evaluate((*items)[1], context));
        const std::string* resource = (*items)[0].string();
        if (resource && attribute && attribute->string()) {
            MILL_TRY(Value value, context.references.get_att(*resource, *attribute->string()));
            return value;
        }
    }
    MILL_TRY(Reference target, get_att_target(argument));
    MILL_TRY(Value value, context.references.get_att(target.name, target.attribute));
    return value;
}

using SubValues = std::map<std::string, std::optional<Value>, std::less<>>;

// The variables of Fn::Sub, each evaluated once however often it is used.
Result<SubValues> sub_values(const SubArgument& sub, const Context& context) {
    SubValues values;
    if (!sub.variables) return values;
    for (const auto& [name, variable] : *sub.variables) {
        MILL_TRY(values[name], evaluate(variable, context));
    }
    return values;
}

Result<std::string> sub_value(const std::string& name, const SubValues& values,
                              const Context& context) {
    std::optional<Value> value;
    if (const auto found = values.find(name); found != values.end()) {
        if (!found->second) return std::string();
        value = found->second;
    } else {
        const Reference reference = sub_reference(name);
        if (reference.attribute.empty()) {
            MILL_TRY(value, context.references.ref(reference.name));
        } else {
            MILL_TRY(value, context.references.get_att(reference.name, reference.attribute));
        }
    }
    if (auto text = scalar_text(*value)) return *std::move(text);
    return template_error("Fn::Sub expression does not resolve to a string");
}

Evaluated do_sub(const Value& argument, const Context& context) {
    MILL_TRY(SubArgument sub, sub_argument(argument));
    MILL_TRY(const SubValues values, sub_values(sub, context));
    std::string out;
    for (const SubPiece& piece : sub_pieces(*sub.text)) {
        if (!piece.is_name) {
            MILL_CHECK(append(out, piece.text, context));
            continue;
        }
        MILL_TRY(const std::string text, sub_value(piece.text, values, context));
        MILL_CHECK(append(out, text, context));
    }
    return Value(std::move(out));
}

Evaluated do_join(const Value& argument, const Context& context) {
    const Value::List* items = argument.items();
    if (!items || items->size() != 2 || !(*items)[0].string()) return template_error(join_misuse);
    MILL_TRY(std::optional<Value::List> parts, list_argument((*items)[1], context));
    if (!parts) return template_error(join_misuse);
    std::string out;
    bool first = true;
    for (const Value& part : *parts) {
        const std::optional<std::string> text = scalar_text(part);
        if (!text) return template_error(join_misuse);
        if (!std::exchange(first, false)) MILL_CHECK(append(out, *(*items)[0].string(), context));
        MILL_CHECK(append(out, *text, context));
    }
    return Value(std::move(out));
}

Evaluated do_select(const Value& argument, const Context& context) {
    const Value::List* items = argument.items();
    if (!items || items->size() != 2) return template_error(select_misuse);
    MILL_TRY(std::optional<Value> index_value, evaluate((*items)[0], context));
    MILL_TRY(std::optional<Value::List> list, list_argument((*items)[1], context));
    const std::string text = index_value ? scalar_text(*index_value).value_or("") : "";
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (!list || text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return template_error(select_misuse);
    }
    // What is not known yet cannot be taken apart.
    if (list->size() == 1 && scalar_text(list->front()) == known_after_apply) return list->front();
    if (index >= list->size()) {
        return template_error(
            fmt::format("Fn::Select cannot select nonexistent value at index {}", index));
    }
    return (*list)[index];
}

Evaluated do_split(const Value& argument, const Context& context) {
    const Value::List* items = argument.items();
    if (!items || items->size() != 2 || !(*items)[0].string() || (*items)[0].string()->empty()) {
        return template_error(split_misuse);
    }
    MILL_TRY(std::optional<Value> source, evaluate((*items)[1], context));
    if (!source || !source->string()) return template_error(split_misuse);
    if (source->string()->contains(known_after_apply)) return Value(Value::List{known_after_apply});
    const std::string& delimiter = *(*items)[0].string();
    std::string_view rest = *source->string();
    Value::List out;
    for (std::size_t at; (at = rest.find(delimiter)) != rest.npos;) {
        if (out.size() * sizeof(Value) > context.bytes_left) return too_large();
        out.emplace_back(rest.substr(0, at));
        rest.remove_prefix(at + delimiter.size());
    }
    out.emplace_back(rest);
    return Value(std::move(out));
}

Evaluated do_find_in_map(const Value& argument, const Context& context) {
    const Value::List* items = argument.items();
    if (!items || items->size() < 3) {
        return template_error(find_in_map_misuse);
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < 3; ++i) {
        MILL_TRY(const std::optional<Value> key, evaluate((*items)[i], context));
        names.push_back(key ? scalar_text(*key).value_or("") : "");
    }
    const Value* found = &context.mappings;
    for (const std::string& name : names) found = found ? found->find(name) : nullptr;
    if (found) return *found;
    if (items->size() > 3) {
        if (const Value* fallback = (*items)[3].find("DefaultValue"))
            return evaluate(*fallback, context);
    }
    return template_error(fmt::format("Unable to get mapping for {}", fmt::join(names, "::")));
}

Evaluated do_if(const Value& argument, const Context& context) {
    const Value::List* items = argument.items();
    if (!items || items->size() != 3 || !(*items)[0].string()) {
        return template_error(if_misuse);
    }
    const std::string& name = *(*items)[0].string();
    const auto condition = context.conditions.find(name);
    if (condition == context.conditions.end()) {
        return template_error(fmt::format("unresolved condition dependency {} in Fn::If", name));
    }
    return evaluate((*items)[condition->second ? 1 : 2], context);
}

Evaluated do_base64(const Value& argument, const Context& context) {
    MILL_TRY(std::optional<Value> value, evaluate(argument, context));
    const std::optional<std::string> text = value ? scalar_text(*value) : std::nullopt;
    if (!text) return template_error(base64_misuse);
    if (text->contains(known_after_apply)) return Value(known_after_apply);
    return Value(base64_encode(*text));
}

Result<std::string> import_name(const Value& argument, const Context& context) {
    MILL_TRY(std::optional<Value> value, evaluate(argument, context));
    if (std::optional<std::string> name = value ? scalar_text(*value) : std::nullopt) return *name;
    return template_error(
        "the attribute in Fn::ImportValue must be a string or a function that gives one");
}

Evaluated do_import_value(const Value& argument, const Context& context) {
    MILL_TRY(const std::string name, import_name(argument, context));
    MILL_TRY(Value value, context.references.import_value(name));
    return value;
}

// Of a text.
Evaluated resolved_text(const Value& text, const Context& context) {
    if (!text.string()->contains(dynamic_mark)) return text;
    MILL_TRY(std::string resolved, with_dynamic_values(*text.string(), context.references));
    return Value(std::move(resolved));
}

Evaluated call(const Call& function, const Context& context) {
    struct Entry {
        std::string_view name;
        Evaluated (*run)(const Value&, const Context&);
    };
    static constexpr Entry table[] = {
        {"Ref", do_ref},
        {"Fn::GetAtt", do_get_att},
        {"Fn::Sub", do_sub},
        {"Fn::Join", do_join},
        {"Fn::Select", do_select},
        {"Fn::Split", do_split},
        {"Fn::FindInMap", do_find_in_map},
        {"Fn::If", do_if},
        {"Fn::Base64", do_base64},
        {"Fn::ImportValue", do_import_value},
        {"Fn::GetAZs", do_get_azs},
        {"Fn::Cidr", do_cidr},
        {"Fn::Length", do_length},
        {"Fn::ToJsonString", do_to_json_string},
    };
    for (const Entry& entry : table) {
        if (entry.name != function.function) continue;
        Evaluated result = entry.run(*function.argument, context);
        if (!result || !*result) return result;
        const std::size_t bytes = weight(**result);
        if (bytes > context.bytes_left) return too_large();
        context.bytes_left -= bytes;
        return result;
    }
    return template_error(
        fmt::format("Millrace does not support the function {}", function.function));
}

Result<void> collect_sub(const Value& argument, const ConditionValues* conditions,
                         std::vector<Reference>& out) {
    MILL_TRY(SubArgument sub, sub_argument(argument));
    std::set<std::string_view> variables;
    if (sub.variables) {
        for (const auto& [name, value] : *sub.variables) variables.insert(name);
    }
    for (const SubPiece& piece : sub_pieces(*sub.text)) {
        if (piece.is_name && !variables.contains(piece.text))
            out.push_back(sub_reference(piece.text));
    }
    if (sub.variables) {
        for (const auto& [name, value] : *sub.variables) {
            MILL_CHECK(collect_references(value, conditions, out));
        }
    }
    return {};
}

}  // namespace

std::optional<Call> call_of(const Value& value) {
    const Value::Map* members = value.members();
    if (!members || members->size() != 1) return std::nullopt;
    const auto& [name, argument] = members->front();
    if (name != "Ref" && !name.starts_with("Fn::")) return std::nullopt;
    return Call{name, &argument};
}

Result<Reference> get_att_target(const Value& argument) {
    Reference target;
    if (const std::string* text = argument.string()) {
        target = sub_reference(*text);
    } else if (const Value::List* items = argument.items(); items && items->size() >= 2) {
        if (const std::string* name = (*items)[0].string()) target.name = *name;
        for (std::size_t i = 1; i < items->size(); ++i) {
            const std::string* part = (*items)[i].string();
            if (!part) {  // an attribute given by a function; its own references are collected
                          // apart
                target.attribute = call_of((*items)[i]) ? "*" : "";
                break;
            }
            target.attribute += (i > 1 ? "." : "") + *part;
        }
    }
    if (target.name.empty() || target.attribute.empty()) {
        return template_error(
            "every Fn::GetAtt object requires two non-empty parameters, the resource name and the "
            "resource attribute");
    }
    return target;
}

std::size_t depth_of(const Value& value) {
    std::size_t deepest = 0;
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members) deepest = std::max(deepest, depth_of(member));
    } else if (const Value::List* items = value.items()) {
        for (const Value& item : *items) deepest = std::max(deepest, depth_of(item));
    } else {
        return 0;
    }
    return deepest + 1;
}

std::size_t weight(const Value& value) {
    std::size_t bytes = sizeof(Value);
    if (const std::string* text = value.string()) return bytes + text->size();
    if (const Value::List* items = value.items()) {
        for (const Value& item : *items) bytes += weight(item);
    }
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members) bytes += name.size() + weight(member);
    }
    return bytes;
}

std::optional<std::string> scalar_text(const Value& value) {
    if (const std::string* text = value.string()) return *text;
    if (const bool* flag = value.boolean()) return *flag ? "true" : "false";
    if (const std::int64_t* number = value.integer()) return fmt::format("{}", *number);
    if (const double* number = value.real()) return fmt::format("{}", *number);
    return std::nullopt;
}

Evaluated evaluate(const Value& value, const Context& context) {
    if (const std::optional<Call> function = call_of(value)) {
        Evaluated result = call(*function, context);
        const bool is_text = result && *result && (*result)->string();
        return is_text ? resolved_text(**result, context) : result;
    }
    if (const Value::Map* members = value.members()) return evaluate_map(*members, context);
    if (const Value::List* items = value.items()) {
        MILL_TRY(Value::List out, evaluate_items(*items, context));
        return Value(std::move(out));
    }
    return value.string() ? resolved_text(value, context) : Evaluated(value);
}

Result<Value> resolve_properties(const Value* properties, const Context& context) {
    if (!properties) return Value::map();
    MILL_TRY(std::optional<Value> value, evaluate(*properties, context));
    if (!value || value->is_null()) return Value::map();
    if (depth_of(*value) > depth_max)
        return template_error("a resource's properties nest too deeply.");
    return *std::move(value);
}

Result<void> collect_references(const Value& value, const ConditionValues* conditions,
                                std::vector<Reference>& out) {
    if (const std::optional<Call> function = call_of(value)) {
        if (function->function == "Ref") {
            if (const std::string* name = function->argument->string()) out.push_back({*name, ""});
            return {};
        }
        if (function->function == "Fn::Sub") {
            return collect_sub(*function->argument, conditions, out);
        }
        if (function->function == "Fn::GetAtt") {
            MILL_TRY(Reference target, get_att_target(*function->argument));
            out.push_back(std::move(target));
        }
        const Value::List* items = function->argument->items();
        if (function->function == "Fn::If" && conditions && items && items->size() == 3) {
            const std::string* name = (*items)[0].string();
            const auto condition = name ? conditions->find(*name) : conditions->end();
            if (condition != conditions->end()) {
                return collect_references((*items)[condition->second ? 1 : 2], conditions, out);
            }
        }
        return collect_references(*function->argument, conditions, out);
    }
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members) {
            MILL_CHECK(collect_references(member, conditions, out));
        }
    } else if (const Value::List* items = value.items()) {
        for (const Value& item : *items) MILL_CHECK(collect_references(item, conditions, out));
    }
    return {};
}

Result<void> collect_imports(const Value& value, const Context& context,
                             std::vector<std::string>& out) {
    const std::optional<Call> function = call_of(value);
    if (function && function->function == "Fn::ImportValue") {
        MILL_TRY(std::string name, import_name(*function->argument, context));
        if (std::ranges::find(out, name) == out.end()) out.push_back(std::move(name));
        return {};
    }
    if (function && function->function == "Fn::If") {
        const Value::List* items = function->argument->items();
        if (items && items->size() == 3 && (*items)[0].string()) {
            const auto condition = context.conditions.find(*(*items)[0].string());
            const bool holds = condition != context.conditions.end() && condition->second;
            return collect_imports((*items)[holds ? 1 : 2], context, out);
        }
    }
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members)
            MILL_CHECK(collect_imports(member, context, out));
    } else if (const Value::List* items = value.items()) {
        for (const Value& item : *items) MILL_CHECK(collect_imports(item, context, out));
    }
    return {};
}

void collect_fn_if(const Value& value, std::vector<std::string>& out) {
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members) {
            const Value::List* items = member.items();
            if (name == "Fn::If" && items && !items->empty() && items->front().string()) {
                out.push_back(*items->front().string());
            }
            collect_fn_if(member, out);
        }
    } else if (const Value::List* items = value.items()) {
        for (const Value& item : *items) collect_fn_if(item, out);
    }
}

}  // namespace mill::cloudformation
