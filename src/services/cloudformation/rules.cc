// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "services/cloudformation/more_functions.h"
#include "services/cloudformation/template.h"

namespace mill::cloudformation {
namespace {

using wire::Value;

Failure format_error(std::string_view text) {
    return fail("ValidationError", fmt::format("Template format error: {}", text), 400);
}

// Evaluates what stands in the rules of one template.
class RuleEvaluator {
  public:
    RuleEvaluator(const Value& document, const References& parameters)
        : document_(document), parameters_(parameters) {}

    Result<bool> holds(const Value& value) const {
        if (const bool* literal = value.boolean()) return *literal;
        if (const std::string* text = value.string(); text && (*text == "true" || *text == "false"))
            return *text == "true";
        const std::optional<Call> call = call_of(value);
        if (!call) return not_boolean();
        if (call->function == "Fn::And" || call->function == "Fn::Or") return combined(*call);
        const std::size_t count = call->function == "Fn::Not" ? 1 : 2;
        const Value::List* items = call->argument->items();
        const bool fits = items && items->size() == count;
        if (call->function == "Fn::Not") {
            if (!fits) return misuse(call->function, "a list of 1 rule function");
            MILL_TRY(const bool operand, holds(items->front()));
            return !operand;
        }
        const auto* comparison =
            std::ranges::find(comparisons, call->function, &Comparison::function);
        if (comparison == comparisons.end()) return not_boolean();
        if (!fits) return misuse(call->function, comparison->takes);
        MILL_TRY(const Value first, value_of((*items)[0]));
        MILL_TRY(const Value second, value_of((*items)[1]));
        if (call->function != "Fn::Equals" && (!first.items() || call_of(first)))
            return misuse(call->function, comparison->takes);
        return comparison->run(first, second);
    }

  private:
    struct Comparison {
        std::string_view function;
        std::string_view takes;
        bool (*run)(const Value&, const Value&);
    };

    static bool same(const Value& a, const Value& b) {
        const auto left = scalar_text(a), right = scalar_text(b);
        return left && right ? *left == *right : a == b;
    }
    static bool contains(const Value& list, const Value& one) {
        if (!list.items()) return same(list, one);
        return std::ranges::any_of(*list.items(),
                                   [&](const Value& item) { return same(item, one); });
    }
    static bool each_equals(const Value& list, const Value& one) {
        return std::ranges::all_of(*list.items(),
                                   [&](const Value& item) { return same(item, one); });
    }
    static bool each_in(const Value& list, const Value& all) {
        return std::ranges::all_of(*list.items(),
                                   [&](const Value& item) { return contains(all, item); });
    }
    static constexpr std::array<Comparison, 4> comparisons = {
        {{"Fn::Equals", "a list of 2 values", same},
         {"Fn::Contains", "a list of strings and a string", contains},
         {"Fn::EachMemberEquals", "a list of strings and a string", each_equals},
         {"Fn::EachMemberIn", "two lists of strings", each_in}}};

    static Failure misuse(std::string_view function, std::string_view takes) {
        return fail(
            "ValidationError",
            fmt::format("Template error: every {} object in Rules requires {}.", function, takes),
            400);
    }
    static Failure not_boolean() {
        return format_error(
            "Rule conditions and assertions must be one of: Fn::And, Fn::Contains, "
            "Fn::EachMemberEquals, Fn::EachMemberIn, Fn::Equals, Fn::Not, Fn::Or");
    }

    // Every operand is looked at, so that mistakes show whatever the others say.
    Result<bool> combined(const Call& call) const {
        const Value::List* items = call.argument->items();
        if (!items || items->size() < 2 || items->size() > 10)
            return misuse(call.function, "a list of 2 to 10 rule functions");
        const bool is_and = call.function == "Fn::And";
        bool result = is_and;
        for (const Value& item : *items) {
            MILL_TRY(const bool value, holds(item));
            result = is_and ? result && value : result || value;
        }
        return result;
    }

    Result<Value> value_of(const Value& value) const {
        if (const Value::List* items = value.items())
            return each_item(*items, [this](const Value& item) { return value_of(item); });
        const std::optional<Call> call = call_of(value);
        if (!call) return value;
        if (call->function == "Ref") return parameter(*call->argument);
        if (call->function == "Fn::RefAll") return all_of_type(*call->argument);
        if (call->function == "Fn::ValueOf" || call->function == "Fn::ValueOfAll")
            return attribute(*call);
        return format_error(fmt::format(
            "Rules may use Ref, Fn::RefAll, Fn::ValueOf and Fn::ValueOfAll for values, not {}",
            call->function));
    }

    // Rules know parameters and pseudo parameters only.
    Result<Value> parameter(const Value& argument) const {
        const std::string* name = argument.string();
        if (!name) return format_error("Every Ref object must have a single String value.");
        const bool is_known =
            name->starts_with("AWS::") || section_of(document_, "Parameters").find(*name);
        if (is_known) return parameters_.ref(*name);
        return format_error(fmt::format(
            "Unresolved dependencies [{}]. Cannot reference resources in the Rules block of the "
            "template",
            *name));
    }

    // All that the account has of an AWS-specific parameter type.
    Result<Value> all_of_type(const Value& argument) const {
        const std::string* type = argument.string();
        if (!type) return misuse("Fn::RefAll", "the name of a parameter type");
        if (*type != "AWS::EC2::AvailabilityZone::Name") return nothing_of("Fn::RefAll", *type);
        MILL_TRY(const Value region, parameters_.ref("AWS::Region"));
        return Value(availability_zones(scalar_text(region).value_or("")));
    }

    // [parameter or type, attribute]. Only what EC2 and Route 53 keep has attributes.
    Result<Value> attribute(const Call& call) const {
        const Value::List* items = call.argument->items();
        if (!items || items->size() != 2 || !(*items)[0].string() || !(*items)[1].string())
            return misuse(call.function, "a name and an attribute");
        const std::string& name = *(*items)[0].string();
        if (call.function == "Fn::ValueOfAll") return nothing_of(call.function, name);
        const Value* declared = section_of(document_, "Parameters").find(name);
        if (!declared)
            return format_error(fmt::format(
                "Unresolved dependencies [{}] in the Rules block of the template", name));
        return nothing_of(call.function, text_of(*declared, "Type"));
    }

    static Failure nothing_of(std::string_view function, std::string_view type) {
        return fail("ValidationError",
                    fmt::format("Template error: {} cannot look up {}: Millrace has no such "
                                "resources. Take the rule out of the template.",
                                function, type),
                    400);
    }

    const Value& document_;
    const References& parameters_;
};

}  // namespace

Result<void> check_rule_forms(const Value& document) {
    const Value& rules = section_of(document, "Rules");
    if (rules.is_null()) return {};
    if (!rules.members()) return format_error("Rules must be an object.");
    for (const auto& [name, rule] : *rules.members()) {
        const Value::List& assertions = list_of(rule, "Assertions");
        if (assertions.empty())
            return format_error(fmt::format("Rule {} must contain a list of Assertions.", name));
        for (const Value& assertion : assertions) {
            if (!assertion.find("Assert"))
                return format_error(fmt::format(
                    "Every Assertions member of rule {} must contain an Assert.", name));
        }
        for (const auto& [member, value] : *rule.members()) {
            if (member != "RuleCondition" && member != "Assertions")
                return format_error(fmt::format("Invalid member {} of rule {}", member, name));
        }
    }
    return {};
}

Result<void> check_rules(const Value& document, const References& parameters) {
    MILL_CHECK(check_rule_forms(document));
    const Value::Map* rules = section_of(document, "Rules").members();
    if (!rules) return {};
    const RuleEvaluator evaluator(document, parameters);
    std::vector<std::string> broken;
    for (const auto& [name, rule] : *rules) {
        if (const Value* condition = rule.find("RuleCondition")) {
            MILL_TRY(const bool applies, evaluator.holds(*condition));
            if (!applies) continue;
        }
        for (const Value& assertion : list_of(rule, "Assertions")) {
            MILL_TRY(const bool is_true, evaluator.holds(*assertion.find("Assert")));
            if (is_true) continue;
            broken.push_back(fmt::format(
                "Rule {} failed: {}", name,
                text_of(assertion, "AssertDescription", write_json(*assertion.find("Assert")))));
        }
    }
    if (broken.empty()) return {};
    return fail("ValidationError",
                fmt::format("Template validation error: {}", fmt::join(broken, "; ")), 400);
}

}  // namespace mill::cloudformation
