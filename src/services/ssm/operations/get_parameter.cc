// SPDX-License-Identifier: Apache-2.0
// GetParameter: a parameter, or a version of it by number or label.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct GetParameterInput {
    Text name;
    std::optional<bool> in_clear;

    static constexpr auto shape() {
        return wire::structure("GetParameterRequest", name_member<&GetParameterInput::name>(),
                               wire::member<&GetParameterInput::in_clear>("WithDecryption"));
    }
};

struct GetParameterOutput {
    ParameterDescription parameter;

    static constexpr auto shape() {
        return wire::structure("GetParameterResult",
                               wire::member<&GetParameterOutput::parameter>("Parameter"));
    }
};

Task<Result<GetParameterOutput>> get_parameter(Ssm& ssm, Caller caller, GetParameterInput input) {
    MILL_CO_TRY(const Found found, ssm.find(caller, *input.name));
    co_return GetParameterOutput{describe(found, input.in_clear.value_or(false))};
}

}  // namespace

extern const wire::Operation get_parameter_operation;
const wire::Operation get_parameter_operation = wire::operation<&get_parameter>("GetParameter");

}  // namespace mill::ssm
