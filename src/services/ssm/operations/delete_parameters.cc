// SPDX-License-Identifier: Apache-2.0
// DeleteParameters: several parameters; those that are not there are named.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html
#include <set>

#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

struct DeleteParametersInput {
    std::optional<std::vector<std::string>> names;

    static constexpr auto shape() {
        return wire::structure("DeleteParametersRequest",
                               names_member<&DeleteParametersInput::names>());
    }
};

struct DeleteParametersOutput {
    std::vector<std::string> deleted, invalid;

    static constexpr auto shape() {
        using O = DeleteParametersOutput;
        return wire::structure("DeleteParametersResult",
                               wire::member<&O::deleted>("DeletedParameters"),
                               wire::member<&O::invalid>("InvalidParameters"));
    }
};

Task<Result<DeleteParametersOutput>> delete_parameters(Ssm& ssm, Caller caller,
                                                       DeleteParametersInput input) {
    DeleteParametersOutput output;
    std::vector<Parameter> parameters;
    std::set<std::string> going;
    for (const std::string& name : *input.names) {
        auto parameter = ssm.need(caller, name);
        if (!parameter && parameter.error().status == 0)
            co_return std::unexpected(parameter.error());
        const bool is_there = parameter && going.insert(parameter->name).second;
        (is_there ? output.deleted : output.invalid).push_back(name);
        if (is_there) parameters.push_back(*std::move(parameter));
    }
    if (!parameters.empty()) MILL_CO_CHECK(co_await ssm.remove_parameters(std::move(parameters)));
    co_return output;
}

}  // namespace

extern const wire::Operation delete_parameters_operation;
const wire::Operation delete_parameters_operation =
    wire::operation<&delete_parameters>("DeleteParameters");

}  // namespace mill::ssm
