// SPDX-License-Identifier: Apache-2.0
// GetCallerIdentity: whom the access key of the request stands for.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
#include "services/sts/sts.h"

namespace mill::sts {
namespace {

struct GetCallerIdentityOutput {
    std::string user_id, account, arn;

    static constexpr auto shape() {
        using O = GetCallerIdentityOutput;
        return wire::structure("GetCallerIdentityResponse", wire::member<&O::user_id>("UserId"),
                               wire::member<&O::account>("Account"), wire::member<&O::arn>("Arn"));
    }
};

Task<Result<GetCallerIdentityOutput>> get_caller_identity(Sts& sts, Caller caller, wire::NoInput) {
    MILL_CO_TRY(const ports::Identity who, sts.identity_of(caller));
    co_return GetCallerIdentityOutput{who.id, who.account, who.arn};
}

}  // namespace

extern const wire::Operation get_caller_identity_operation;
const wire::Operation get_caller_identity_operation =
    wire::operation<&get_caller_identity>("GetCallerIdentity");

}  // namespace mill::sts
