// SPDX-License-Identifier: Apache-2.0
// Templates: their sections, parameters and the checks that CloudFormation makes before anything is
// made. Pure. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/intrinsics.h"
#include "wire/shape.h"
#include "wire/value.h"

namespace mill::cloudformation {

namespace limits {
inline constexpr std::size_t resources_max = 500;
inline constexpr std::size_t parameters_max = 200;
inline constexpr std::size_t outputs_max = 200;
inline constexpr std::size_t template_body_bytes_max = 51'200;
inline constexpr std::size_t template_object_bytes_max = 1'048'576;
inline constexpr std::size_t parameter_bytes_max = 4'096;
inline constexpr std::size_t logical_id_length_max = 255;
}  // namespace limits

// A template from its text, JSON or YAML, with its sections in order. Names of resources are not
// looked at yet.
Result<wire::Value> read_template(std::string_view text);
// What read_template() looks at: the sections, and the members of resources.
Result<void> check_outline(const wire::Value& document);
// What must hold once transforms have been carried out: types, references, conditions, outputs, no
// cycles. `has_extensions`: AWS::LanguageExtensions was among them.
Result<void> check_template(const wire::Value& document, bool has_extensions = false);
// The list of what `make` gives for each item, or its first error.
template <class Make>
Result<wire::Value> each_item(const wire::Value::List& items, const Make& make) {
    wire::Value::List out;
    for (const wire::Value& item : items) {
        MILL_TRY(wire::Value one, make(item));
        out.push_back(std::move(one));
    }
    return wire::Value(std::move(out));
}
// An absent section is a null Value.
const wire::Value& section_of(const wire::Value& document, std::string_view name);
// The names of Transform: one or many.
std::vector<std::string> transforms_of(const wire::Value& document);

struct GivenParameter {
    std::string key;
    std::optional<std::string> value;
    bool use_previous = false;
};

struct Parameter {
    std::string key;
    std::string value;
    std::string type;
    bool no_echo = false;
    std::optional<std::string> resolved = {};  // of an SSM parameter, whose name is the value

    // "AWS::SSM::Parameter::Value<String>"
    bool is_stored() const { return type.starts_with("AWS::SSM::Parameter::Value<"); }
    static constexpr auto shape() {
        return wire::structure("Parameter", wire::member<&Parameter::key>("Key"),
                               wire::member<&Parameter::value>("Value"),
                               wire::member<&Parameter::type>("Type"),
                               wire::member<&Parameter::no_echo>("NoEcho"),
                               wire::member<&Parameter::resolved>("ResolvedValue"));
    }
    bool operator==(const Parameter&) const = default;
};

// The values that hold for the template's parameters, in its order: given, previous, default.
// Checked against its rules.
Result<std::vector<Parameter>> bind_parameters(const wire::Value& document,
                                               const std::vector<GivenParameter>& given,
                                               const std::vector<Parameter>& previous);
// What Ref gives: a string, or a list for list types.
wire::Value parameter_value(const Parameter& parameter);

// What the Parameters section declares of one.
struct DeclaredParameter {
    std::string key;
    std::string type;
    std::optional<std::string> default_value;
    std::optional<std::string> description;
    std::vector<std::string> allowed_values;
    bool no_echo = false;
};
std::vector<DeclaredParameter> declared_parameters(const wire::Value& document);

struct RequiredCapabilities {
    std::vector<std::string> capabilities;  // CAPABILITY_IAM or CAPABILITY_NAMED_IAM
    std::vector<std::string> types;         // of the resources that require them
};
RequiredCapabilities required_capabilities(const wire::Value& document);
// "The following resource(s) require capabilities: [AWS::IAM::Role]", or nothing.
std::optional<std::string> capabilities_reason(const RequiredCapabilities& required);

}  // namespace mill::cloudformation
