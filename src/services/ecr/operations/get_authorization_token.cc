// SPDX-License-Identifier: Apache-2.0
// GetAuthorizationToken: a token for docker login, as deploy tools ask for one. No registry takes
// it. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct GetAuthorizationTokenInput {
    std::optional<std::vector<std::string>> registries;

    static constexpr auto shape() {
        return wire::structure(
            "GetAuthorizationTokenRequest",
            wire::member<&GetAuthorizationTokenInput::registries>("registryIds").length(1, 10));
    }
};

struct Authorization {
    std::string token, endpoint;
    WallTime expires;

    static constexpr auto shape() {
        using A = Authorization;
        return wire::structure("AuthorizationData", wire::member<&A::token>("authorizationToken"),
                               wire::member<&A::expires>("expiresAt"),
                               wire::member<&A::endpoint>("proxyEndpoint"));
    }
};

struct GetAuthorizationTokenOutput {
    std::vector<Authorization> data;

    static constexpr auto shape() {
        return wire::structure(
            "GetAuthorizationTokenResponse",
            wire::member<&GetAuthorizationTokenOutput::data>("authorizationData"));
    }
};

Task<Result<GetAuthorizationTokenOutput>> get_authorization_token(
    Ecr& ecr, Caller caller, GetAuthorizationTokenInput input) {
    constexpr auto lifetime = std::chrono::hours(12);
    constexpr std::size_t digits = 64;
    const auto registries = input.registries.value_or(std::vector<std::string>{caller.account});
    GetAuthorizationTokenOutput output;
    for (const std::string& registry : registries) {
        output.data.push_back(
            {.token = base64_encode("AWS:" + machine::random_hex(ecr.machine().entropy, digits)),
             .endpoint =
                 fmt::format("https://{}.dkr.ecr.{}.amazonaws.com", registry, caller.region),
             .expires = ecr.machine().clock.wall() + lifetime});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation get_authorization_token_operation;
const wire::Operation get_authorization_token_operation =
    wire::operation<&get_authorization_token>("GetAuthorizationToken");

}  // namespace mill::ecr
