// SPDX-License-Identifier: Apache-2.0
// Intrinsic functions of templates: Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split,
// Fn::FindInMap, Fn::If, Fn::Equals, Fn::And, Fn::Or, Fn::Not, Fn::Base64, Fn::ImportValue, and
// those of more_functions.h. Pure: what names mean comes from References.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/value.h"

namespace mill::cloudformation {

// What Ref and Fn::GetAtt give: parameters, pseudo parameters and resources.
class References {
  public:
    virtual ~References() = default;
    virtual Result<wire::Value> ref(const std::string& name) const = 0;
    virtual Result<wire::Value> get_att(const std::string& resource,
                                        const std::string& attribute) const = 0;
    // Of an export of another stack: "No export named X found".
    virtual Result<wire::Value> import_value(const std::string& name) const = 0;
    // Of the parameter store, by "name" or "name:version".
    virtual Result<std::string> parameter(const std::string& name) const = 0;
};

// Stands in a change set for what only the making of a resource tells; equal to nothing that is
// stored.
inline constexpr std::string_view known_after_apply = "{{changeSet:KNOWN_AFTER_APPLY}}";

using ConditionValues = std::map<std::string, bool>;

// What the functions of one resource or output may give in all, in bytes and about: Fn::Join and
// Fn::Sub make much of little.
inline constexpr std::size_t evaluated_bytes_max = 16 * 1024 * 1024;

struct Context {
    const References& references;
    const wire::Value& mappings;  // the template's section, or null
    const ConditionValues& conditions;
    mutable std::size_t bytes_left = evaluated_bytes_max;  // counted down by evaluate()
};

// The value with every function carried out; empty for AWS::NoValue.
Result<std::optional<wire::Value>> evaluate(const wire::Value& value, const Context& context);
// As evaluate(), for the properties of a resource: AWS::NoValue and null become an empty map.
Result<wire::Value> resolve_properties(const wire::Value* properties, const Context& context);
// Of templates and of properties, which become part of what is stored: wire reads what nests up to
// 128 deep.
inline constexpr std::size_t depth_max = 120;
std::size_t depth_of(const wire::Value& value);  // 0 of a scalar
// The memory that a value takes, about.
std::size_t weight(const wire::Value& value);
// The text of a scalar as Fn::Sub and Fn::Join write it; empty for lists and maps.
std::optional<std::string> scalar_text(const wire::Value& value);

// All conditions of a template's Conditions section.
Result<ConditionValues> evaluate_conditions(const wire::Value* conditions,
                                            const References& references,
                                            const wire::Value& mappings);

// A use of another name: {"orders", ""} of Ref, {"orders", "Arn"} of Fn::GetAtt; Fn::Sub gives
// both.
struct Reference {
    std::string name;
    std::string attribute;
    bool operator==(const Reference&) const = default;
};
// Appends the references below `value`. With `conditions`, only the branch that Fn::If takes.
Result<void> collect_references(const wire::Value& value, const ConditionValues* conditions,
                                std::vector<Reference>& out);
// Appends the names that Fn::ImportValue below `value` gives, along the branches that Fn::If takes.
// They may not depend on resources.
Result<void> collect_imports(const wire::Value& value, const Context& context,
                             std::vector<std::string>& out);
// Appends the names of conditions that Fn::If and {"Condition": name} below `value` use.
void collect_fn_if(const wire::Value& value, std::vector<std::string>& out);

// The function that a map calls ("Ref", "Fn::Sub") and its argument; nothing for other values.
struct Call {
    std::string_view function;
    const wire::Value* argument = nullptr;
};
std::optional<Call> call_of(const wire::Value& value);
// {"Fn::GetAtt": [a, b]} and {"Fn::GetAtt": "a.b"}, with a literal attribute.
Result<Reference> get_att_target(const wire::Value& argument);

}  // namespace mill::cloudformation
