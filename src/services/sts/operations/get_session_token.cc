// SPDX-License-Identifier: Apache-2.0
// GetSessionToken: temporary credentials that stand for the caller.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
#include "services/sts/sts.h"

namespace mill::sts {
namespace {

constexpr std::int64_t seconds_default = 43'200;

struct GetSessionTokenInput {
    std::optional<std::int64_t> seconds;

    static constexpr auto shape() {
        return wire::structure(
            "GetSessionTokenRequest",
            wire::member<&GetSessionTokenInput::seconds>("DurationSeconds").range(900, 129'600),
            refused_serial_number(), refused_token_code());
    }
};

struct GetSessionTokenOutput {
    Credentials credentials;

    static constexpr auto shape() {
        return wire::structure("GetSessionTokenResponse",
                               wire::member<&GetSessionTokenOutput::credentials>("Credentials"));
    }
};

Task<Result<GetSessionTokenOutput>> get_session_token(Sts& sts, Caller caller,
                                                      GetSessionTokenInput input) {
    MILL_CO_TRY(auto who, sts.identity_of(caller));
    MILL_CO_TRY(auto credentials, co_await sts.begin_session(
                                      std::move(who), input.seconds.value_or(seconds_default)));
    co_return GetSessionTokenOutput{std::move(credentials)};
}

}  // namespace

extern const wire::Operation get_session_token_operation;
const wire::Operation get_session_token_operation =
    wire::operation<&get_session_token>("GetSessionToken");

}  // namespace mill::sts
