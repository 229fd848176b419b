// SPDX-License-Identifier: Apache-2.0
// GetUser: what a user is; without a name, who asks.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
#include "services/iam/principals.h"

namespace mill::iam {
namespace {

struct GetUserInput {
    Text name;
    static constexpr auto shape() {
        return wire::structure("GetUserRequest", name_member<&GetUserInput::name>("UserName"));
    }
};

struct RootDescription {
    std::string path = "/", arn, id;
    Text name;
    std::optional<WallTime> created;
    std::optional<BoundaryDescription> boundary;
    std::optional<TagList> tags;
    static constexpr auto shape() {
        using U = RootDescription;
        using wire::member;
        return wire::structure(
            "User", member<&U::path>("Path"), member<&U::name>("UserName"),
            member<&U::id>("UserId"), member<&U::arn>("Arn"), member<&U::created>("CreateDate"),
            member<&U::boundary>("PermissionsBoundary"), member<&U::tags>("Tags"));
    }
};
struct GetUserOutput {
    RootDescription user;
    static constexpr auto shape() {
        return wire::structure("GetUserResponse", wire::member<&GetUserOutput::user>("User"));
    }
};

Task<Result<GetUserOutput>> get_user(Iam& iam, Caller caller, GetUserInput input) {
    MILL_CO_TRY(const ports::Identity who, iam.identity_of(caller));
    const Text name = input.name ? input.name : who.user;
    // The root has no name and was never made.
    if (!name) co_return GetUserOutput{{.arn = who.arn, .id = who.id, .created = WallTime()}};
    MILL_CO_TRY(const User user, iam.need<User>(caller.account, *name));
    UserDescription told = describe(user, true);
    co_return GetUserOutput{{.path = std::move(told.path),
                             .arn = std::move(told.arn),
                             .id = std::move(told.id),
                             .name = std::move(told.name),
                             .created = told.created,
                             .boundary = std::move(told.boundary),
                             .tags = std::move(told.tags)}};
}

}  // namespace

extern const wire::Operation get_user_operation;
const wire::Operation get_user_operation = wire::operation<&get_user>("GetUser");

}  // namespace mill::iam
