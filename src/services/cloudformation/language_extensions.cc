// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/language_extensions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/cloudformation/template.h"

namespace mill::cloudformation {
namespace {

using wire::Value;

// What loops in loops come to may be huge, however small the template is.
constexpr std::size_t expanded_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t nested_loops_max = 5;

Failure failed(std::string_view text) {
    return fail("ValidationError",
                fmt::format("Transform {} failed with: {}", language_extensions_name, text), 400);
}

std::string replaced(std::string text, std::string_view mark, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != text.npos; at += by.size())
        text.replace(at, mark.size(), by);
    return text;
}

// A loop's variable with its value: ${Name}, &{Name} (letters and digits only), {"Ref": "Name"}.
struct Variable {
    std::string name;
    std::string value;

    std::string in(std::string text) const {
        std::string plain = value;
        std::erase_if(plain, [](char c) {
            return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
        });
        text = replaced(std::move(text), fmt::format("${{{}}}", name), value);
        return replaced(std::move(text), fmt::format("&{{{}}}", name), plain);
    }
    Value in(const Value& from) const {
        if (const std::string* text = from.string()) return in(*text);
        if (const Value::List* items = from.items()) {
            Value::List out;
            for (const Value& item : *items) out.push_back(in(item));
            return out;
        }
        const Value::Map* members = from.members();
        if (!members) return from;
        const auto call = call_of(from);
        if (call && call->function == "Ref" && call->argument->string() &&
            *call->argument->string() == name)
            return value;
        Value::Map out;
        for (const auto& [key, member] : *members) out.emplace_back(in(key), in(member));
        return out;
    }
};

class Expansion {
  public:
    Expansion(const Value& mappings, const References& parameters)
        : context_{parameters, mappings, no_conditions_} {}

    Result<Value> expanded(const Value& value) {
        if (const auto call = call_of(value);
            call && (call->function == "Ref" || call->function == "Fn::GetAtt"))
            return with_plain_names(*call);
        if (const Value::List* items = value.items())
            return each_item(*items, [this](const Value& item) { return expanded(item); });
        const Value::Map* members = value.members();
        if (!members) return value;
        Value::Map out;
        for (const auto& [name, member] : *members) {
            if (name.starts_with(for_each_prefix)) {
                MILL_CHECK(run_loop(name, member, *members, out));
                continue;
            }
            MILL_TRY(Value one, expanded(member));
            out.emplace_back(name, std::move(one));
        }
        return Value(std::move(out));
    }

    // A policy may be a function.
    Result<void> settle_policies(Value& resource) const {
        for (const std::string_view name : {"DeletionPolicy", "UpdateReplacePolicy"}) {
            Value* policy = resource.find(name);
            if (!policy || !call_of(*policy)) continue;
            MILL_TRY(std::optional<Value> value, evaluate(*policy, context_));
            if (!value || !value->string())
                return failed(fmt::format("{} must come to a string", name));
            *policy = *std::move(value);
        }
        return {};
    }

  private:
    // The argument with the functions in it carried out.
    Result<Value> with_plain_names(const Call& call) const {
        const Value& argument = *call.argument;
        const auto plain = [&](const Value& value) -> Result<Value> {
            if (!call_of(value)) return value;
            auto made = evaluate(value, context_);
            if (!made) return failed(made.error().message);
            if (!*made) return failed(fmt::format("{} of nothing", call.function));
            return **std::move(made);
        };
        MILL_TRY(Value made,
                 argument.items() ? each_item(*argument.items(), plain) : plain(argument));
        return Value(Value::Map{{std::string(call.function), std::move(made)}});
    }

    // [variable, collection, members]: the members once for each value, appended to `out`. The loop
    // stands among the members `beside`.
    Result<void> run_loop(const std::string& name, const Value& loop, const Value::Map& beside,
                          Value::Map& out) {
        const Value::List* parts = loop.items();
        if (!parts || parts->size() != 3 || !(*parts)[0].string() || !(*parts)[2].members())
            return failed(fmt::format(
                "{} layout is incorrect: it takes an identifier, a collection and an output map",
                name));
        if (depth_ == nested_loops_max)
            return failed(
                fmt::format("Fn::ForEach may be nested {} deep at most", nested_loops_max));
        MILL_TRY(const std::vector<std::string> values, collection(name, (*parts)[1]));
        ++depth_;
        std::set<std::string> taken;
        for (const auto& member : beside) taken.insert(member.first);
        for (const auto& member : out) taken.insert(member.first);
        for (const std::string& value : values) {
            const Variable variable{*(*parts)[0].string(), value};
            const Value body = variable.in((*parts)[2]);
            bytes_ += weight(body);
            if (bytes_ > expanded_bytes_max) return failed("The expanded template is too large.");
            MILL_TRY(Value made, expanded(body));
            for (auto& [key, member] : *made.members()) {
                if (!taken.insert(key).second)
                    return failed(fmt::format("{} makes {} more than once", name, key));
                out.emplace_back(std::move(key), std::move(member));
            }
        }
        --depth_;
        return {};
    }

    Result<std::vector<std::string>> collection(const std::string& name, const Value& value) const {
        const auto made = evaluate(value, context_);
        if (!made) return failed(made.error().message);
        const Value::List* items = *made ? (*made)->items() : nullptr;
        std::vector<std::string> out;
        for (std::size_t i = 0; items && i < items->size(); ++i) {
            auto text = scalar_text((*items)[i]);
            if (!text) items = nullptr;
            if (text && std::ranges::find(out, *text) == out.end()) out.push_back(*std::move(text));
        }
        if (items) return out;
        return failed(fmt::format("The collection of {} must be a list of strings", name));
    }

    const ConditionValues no_conditions_;
    const Context context_;
    std::size_t depth_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace

Result<Value> language_extensions(Value document, const References& parameters) {
    const Value mappings = section_of(document, "Mappings");
    Expansion expansion(mappings, parameters);
    for (const std::string_view section : {"Conditions", "Resources", "Outputs"}) {
        Value* found = document.find(section);
        if (!found) continue;
        MILL_TRY(*found, expansion.expanded(*found));
    }
    if (Value* resources = document.find("Resources"); resources && resources->members()) {
        for (auto& [id, resource] : *resources->members())
            MILL_CHECK(expansion.settle_policies(resource));
    }
    return document;
}

}  // namespace mill::cloudformation
