// SPDX-License-Identifier: Apache-2.0
// GetParameters: several parameters; those that are not there are named.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct GetParametersInput {
    std::optional<std::vector<std::string>> names;
    std::optional<bool> in_clear;

    static constexpr auto shape() {
        return wire::structure("GetParametersRequest", names_member<&GetParametersInput::names>(),
                               wire::member<&GetParametersInput::in_clear>("WithDecryption"));
    }
};

struct GetParametersOutput {
    std::vector<ParameterDescription> parameters;
    std::vector<std::string> invalid;

    static constexpr auto shape() {
        using O = GetParametersOutput;
        return wire::structure("GetParametersResult", wire::member<&O::parameters>("Parameters"),
                               wire::member<&O::invalid>("InvalidParameters"));
    }
};

Task<Result<GetParametersOutput>> get_parameters(Ssm& ssm, Caller caller,
                                                 GetParametersInput input) {
    GetParametersOutput output;
    for (const std::string& name : *input.names) {
        const auto found = ssm.find(caller, name);
        if (found) {
            output.parameters.push_back(describe(*found, input.in_clear.value_or(false)));
        } else if (found.error().status == 0) {
            co_return std::unexpected(found.error());
        } else {
            output.invalid.push_back(name);
        }
    }
    co_return output;
}

}  // namespace

extern const wire::Operation get_parameters_operation;
const wire::Operation get_parameters_operation = wire::operation<&get_parameters>("GetParameters");

}  // namespace mill::ssm
