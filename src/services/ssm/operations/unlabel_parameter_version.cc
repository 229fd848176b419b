// SPDX-License-Identifier: Apache-2.0
// UnlabelParameterVersion: takes labels from a version.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UnlabelParameterVersion.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct UnlabelParameterVersionInput {
    Text name;
    std::optional<std::int64_t> version;
    std::optional<std::vector<std::string>> labels;

    static constexpr auto shape() {
        using I = UnlabelParameterVersionInput;
        return wire::structure("UnlabelParameterVersionRequest", name_member<&I::name>(),
                               wire::member<&I::version>("ParameterVersion").required(),
                               labels_member<&I::labels>());
    }
};

struct UnlabelParameterVersionOutput {
    std::vector<std::string> removed, invalid;

    static constexpr auto shape() {
        using O = UnlabelParameterVersionOutput;
        return wire::structure("UnlabelParameterVersionResult",
                               wire::member<&O::removed>("RemovedLabels"),
                               wire::member<&O::invalid>("InvalidLabels"));
    }
};

Task<Result<UnlabelParameterVersionOutput>> unlabel_parameter_version(
    Ssm& ssm, Caller caller, UnlabelParameterVersionInput input) {
    MILL_CO_TRY(Found found, ssm.find(caller, fmt::format("{}:{}", *input.name, *input.version)));
    UnlabelParameterVersionOutput output;
    auto& labels = found.parameter.labels;
    for (const std::string& label : *input.labels) {
        const auto at = labels.find(label);
        const bool has = at != labels.end() && at->second == *input.version;
        if (has) labels.erase(at);
        (has ? output.removed : output.invalid).push_back(label);
    }
    MILL_CO_CHECK(co_await ssm.store(std::move(found.parameter)));
    co_return output;
}

}  // namespace

extern const wire::Operation unlabel_parameter_version_operation;
const wire::Operation unlabel_parameter_version_operation =
    wire::operation<&unlabel_parameter_version>("UnlabelParameterVersion");

}  // namespace mill::ssm
