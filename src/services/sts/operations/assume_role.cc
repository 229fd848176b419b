// SPDX-License-Identifier: Apache-2.0
// AssumeRole: temporary credentials that stand for a role. Whether its trust policy names the
// caller is not asked, and session policies take nothing away: nobody is kept out of a local
// server. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
#include <fmt/format.h>

#include "model/arn.h"
#include "services/sts/sts.h"

namespace mill::sts {
namespace {

constexpr std::string_view arn_pattern =
    R"([\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+)";
constexpr std::string_view name_pattern = R"([\w+=,.@-]*)";
constexpr std::int64_t seconds_default = 3'600;

struct PolicyArn {
    std::optional<std::string> arn;
    static constexpr auto shape() {
        return wire::structure(
            "PolicyDescriptorType",
            wire::member<&PolicyArn::arn>("arn").length(20, 2048).pattern(arn_pattern));
    }
};
struct Tag {
    std::optional<std::string> key, value;
    static constexpr auto shape() {
        return wire::structure("Tag",
                               wire::member<&Tag::key>("Key").required().length(1, 128).pattern(
                                   R"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)"),
                               wire::member<&Tag::value>("Value").required().length(0, 256).pattern(
                                   R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"));
    }
};

struct AssumeRoleInput {
    std::optional<std::string> role_arn, session_name, policy, external_id, source_identity;
    std::optional<std::vector<PolicyArn>> policy_arns;
    std::optional<std::int64_t> seconds;
    std::optional<std::vector<Tag>> tags;
    std::optional<std::vector<std::string>> transitive_tags;

    static constexpr auto shape() {
        using I = AssumeRoleInput;
        using wire::member;
        return wire::structure(
            "AssumeRoleRequest",
            member<&I::role_arn>("RoleArn").required().length(20, 2048).pattern(arn_pattern),
            member<&I::session_name>("RoleSessionName")
                .required()
                .length(2, 64)
                .pattern(name_pattern),
            member<&I::policy_arns>("PolicyArns"),
            member<&I::policy>("Policy")
                .length(1, wire::unbounded_above)
                .pattern(R"([\u0009\u000A\u000D\u0020-\u00FF]+)"),
            member<&I::seconds>("DurationSeconds").range(900, 43'200),
            member<&I::tags>("Tags").length(0, 50),
            member<&I::transitive_tags>("TransitiveTagKeys").length(0, 50).item_length(1, 128),
            member<&I::external_id>("ExternalId").length(2, 1224).pattern(R"([\w+=,.@:\/-]*)"),
            refused_serial_number(), refused_token_code(),
            member<&I::source_identity>("SourceIdentity").length(2, 64).pattern(name_pattern),
            wire::refused("ProvidedContexts", "Leave it out: no context is looked at."));
    }
};

struct AssumedRoleUser {
    std::string id, arn;
    static constexpr auto shape() {
        return wire::structure("AssumedRoleUser",
                               wire::member<&AssumedRoleUser::id>("AssumedRoleId"),
                               wire::member<&AssumedRoleUser::arn>("Arn"));
    }
};
struct AssumeRoleOutput {
    Credentials credentials;
    AssumedRoleUser user;
    std::optional<std::int64_t> packed_policy_size;
    std::optional<std::string> source_identity;

    static constexpr auto shape() {
        using O = AssumeRoleOutput;
        return wire::structure("AssumeRoleResponse", wire::member<&O::credentials>("Credentials"),
                               wire::member<&O::user>("AssumedRoleUser"),
                               wire::member<&O::packed_policy_size>("PackedPolicySize"),
                               wire::member<&O::source_identity>("SourceIdentity"));
    }
};

Task<Result<AssumeRoleOutput>> assume_role(Sts& sts, Caller caller, AssumeRoleInput input) {
    const auto arn = model::parse_arn(*input.role_arn);
    if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/"))
        co_return fail("ValidationError", fmt::format("{} is invalid", *input.role_arn), 400);
    if (input.policy && !wire::parse_json(*input.policy))
        co_return fail("MalformedPolicyDocument", "This policy contains invalid Json", 400);
    MILL_CO_TRY(const auto who, sts.identity_of(caller));
    MILL_CO_TRY(const auto role, sts.identities().role(*input.role_arn));
    if (!role) {  // as AWS says it, who does not tell whether the role is there
        co_return fail(
            "AccessDenied",
            fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                        who.arn, *input.role_arn),
            403);
    }
    const std::int64_t seconds = input.seconds.value_or(seconds_default);
    if (seconds > role->max_session_seconds) {
        co_return fail("ValidationError",
                       "The requested DurationSeconds exceeds the MaxSessionDuration set for this "
                       "role.",
                       400);
    }
    const AssumedRoleUser user{
        fmt::format("{}:{}", role->id, *input.session_name),
        model::Arn{"aws", "sts", "", arn->account,
                   fmt::format("assumed-role/{}/{}", role->name, *input.session_name)}
            .text()};
    MILL_CO_TRY(auto credentials,
                co_await sts.begin_session(
                    {.account = arn->account, .arn = user.arn, .id = user.id}, seconds));
    AssumeRoleOutput output{.credentials = std::move(credentials),
                            .user = user,
                            .source_identity = std::move(input.source_identity)};
    if (input.policy || input.policy_arns || input.tags) output.packed_policy_size = 1;
    co_return output;
}

}  // namespace

extern const wire::Operation assume_role_operation;
const wire::Operation assume_role_operation = wire::operation<&assume_role>("AssumeRole");

}  // namespace mill::sts
