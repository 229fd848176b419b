// SPDX-License-Identifier: Apache-2.0
// DeleteParameter: the parameter and its versions.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct DeleteParameterInput {
    Text name;

    static constexpr auto shape() {
        return wire::structure("DeleteParameterRequest",
                               name_member<&DeleteParameterInput::name>());
    }
};

struct DeleteParameterOutput {
    static constexpr auto shape() { return wire::structure("DeleteParameterResult"); }
};

Task<Result<DeleteParameterOutput>> delete_parameter(Ssm& ssm, Caller caller,
                                                     DeleteParameterInput input) {
    MILL_CO_TRY(Parameter parameter, ssm.need(caller, *input.name));
    MILL_CO_CHECK(co_await ssm.remove_parameters({std::move(parameter)}));
    co_return DeleteParameterOutput{};
}

}  // namespace

extern const wire::Operation delete_parameter_operation;
const wire::Operation delete_parameter_operation =
    wire::operation<&delete_parameter>("DeleteParameter");

}  // namespace mill::ssm
