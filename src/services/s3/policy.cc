// SPDX-License-Identifier: Apache-2.0
#include "services/s3/policy.h"

#include <algorithm>

#include "services/s3/settings/public_access_block.h"

namespace mill::s3 {
namespace {

constexpr std::size_t policy_bytes_max = 20 * 1024;

Failure malformed(const char* message) { return fail("MalformedPolicy", message, 400); }

bool is_everybody(const wire::Value& principal) {
    if (const auto* text = principal.string()) return *text == "*";
    if (const auto* list = principal.items()) return std::ranges::any_of(*list, is_everybody);
    const wire::Value* aws = principal.find("AWS");
    return aws && is_everybody(*aws);
}

bool is_public_statement(const wire::Value& statement) {
    const wire::Value* principal = statement.find("Principal");
    return wire::text_of(statement, "Effect") == "Allow" && !statement.find("Condition") &&
           principal && is_everybody(*principal);
}

// A policy holds one statement or a list of them.
Result<void> check_statements(const wire::Value& policy) {
    const wire::Value* statements = policy.find("Statement");
    if (!statements) return malformed("Missing required field Statement");
    const wire::Value::List one = {*statements};
    for (const wire::Value& statement : statements->items() ? *statements->items() : one) {
        const std::string effect = wire::text_of(statement, "Effect");
        if (effect != "Allow" && effect != "Deny")
            return malformed("Invalid effect: it is Allow or Deny");
        if (!statement.find("Principal") && !statement.find("NotPrincipal"))
            return malformed("Missing required field Principal");
        if (!statement.find("Action") && !statement.find("NotAction"))
            return malformed("Missing required field Action");
        if (!statement.find("Resource") && !statement.find("NotResource"))
            return malformed("Missing required field Resource");
    }
    return {};
}

}  // namespace

bool is_public_policy(const wire::Value& policy) {
    const wire::Value* statements = policy.find("Statement");
    if (!statements) return false;
    if (!statements->items()) return is_public_statement(*statements);
    return std::ranges::any_of(*statements->items(), is_public_statement);
}

Task<Result<void>> store_policy(S3& s3, Bucket bucket, std::string policy) {
    if (policy.size() > policy_bytes_max)
        co_return fail("InvalidArgument", "Policies may hold 20480 bytes.", 400);
    const auto parsed = wire::parse_json(policy);
    if (!parsed || !parsed->members())
        co_return malformed("Policies must be valid JSON and the first byte must be '{'");
    MILL_CO_CHECK(check_statements(*parsed));
    MILL_CO_TRY(const auto block, find_setting<PublicAccessBlock>(s3, bucket.name));
    if (block && block->block_public_policy.value_or(false) && is_public_policy(*parsed)) {
        co_return fail("AccessDenied",
                       "Access Denied: public policies are prevented by the BlockPublicPolicy "
                       "setting in S3 Block Public Access.",
                       403);
    }
    co_return co_await s3.put_setting(std::move(bucket.name), std::string(policy_setting),
                                      std::move(policy));
}

Result<std::string> find_policy(S3& s3, const std::string& bucket) {
    MILL_TRY(auto policy, s3.setting(bucket, policy_setting));
    if (policy) return *std::move(policy);
    return fail("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
}

}  // namespace mill::s3
