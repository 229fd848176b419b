// SPDX-License-Identifier: Apache-2.0
// LabelParameterVersion: marks a version; a label that another version has moves.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct LabelParameterVersionInput {
    Text name;
    std::optional<std::int64_t> version;
    std::optional<std::vector<std::string>> labels;

    static constexpr auto shape() {
        using I = LabelParameterVersionInput;
        return wire::structure("LabelParameterVersionRequest", name_member<&I::name>(),
                               wire::member<&I::version>("ParameterVersion"),
                               labels_member<&I::labels>());
    }
};

struct LabelParameterVersionOutput {
    std::vector<std::string> invalid;
    std::int64_t version = 0;

    static constexpr auto shape() {
        using O = LabelParameterVersionOutput;
        return wire::structure("LabelParameterVersionResult",
                               wire::member<&O::invalid>("InvalidLabels"),
                               wire::member<&O::version>("ParameterVersion"));
    }
};

Task<Result<LabelParameterVersionOutput>> label_parameter_version(
    Ssm& ssm, Caller caller, LabelParameterVersionInput input) {
    std::string name = *input.name;
    if (input.version) name += fmt::format(":{}", *input.version);
    MILL_CO_TRY(Found found, ssm.find(caller, name));
    LabelParameterVersionOutput output{.version = found.version.number};
    auto& labels = found.parameter.labels;
    for (const std::string& label : *input.labels) {
        if (is_label(label)) {
            labels[label] = output.version;
        } else {
            output.invalid.push_back(label);
        }
    }
    const auto marked = std::ranges::count_if(
        labels, [&](const auto& label) { return label.second == output.version; });
    if (static_cast<std::size_t>(marked) > labels_max) {
        co_return fail("ParameterVersionLabelLimitExceeded",
                       fmt::format("A parameter version can have a maximum of {} labels. Move one "
                                   "or more labels to another version and try again.",
                                   labels_max),
                       400);
    }
    MILL_CO_CHECK(co_await ssm.store(std::move(found.parameter)));
    co_return output;
}

}  // namespace

extern const wire::Operation label_parameter_version_operation;
const wire::Operation label_parameter_version_operation =
    wire::operation<&label_parameter_version>("LabelParameterVersion");

}  // namespace mill::ssm
