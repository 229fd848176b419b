// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/tags.h"

#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"
#include "services/lambda/mappings/mappings.h"
#include "wire/notation.h"

namespace mill::lambda {
namespace {

constexpr std::size_t tags_max = 50;
constexpr std::size_t key_characters_max = 128;
constexpr std::size_t value_characters_max = 256;
constexpr std::string_view mapping_middle = ":event-source-mapping:";

// Empty if the ARN is no mapping's.
std::string mapping_in(const std::string& arn) {
    const std::size_t at = arn.find(mapping_middle);
    return at == std::string::npos ? "" : arn.substr(at + mapping_middle.size());
}

}  // namespace

Result<void> check_tags(const Tags& tags) {
    if (tags.size() > tags_max) return invalid("Number of tags exceeds resource tag limit.");
    for (const auto& [key, value] : tags) {
        if (key.empty() || wire::utf8_count(key) > key_characters_max ||
            wire::utf8_count(value) > value_characters_max || key.starts_with("aws:"))
            return invalid(
                "Tag keys have 1 to 128 characters and do not begin with aws:, values "
                "have at most 256: " +
                key);
    }
    return {};
}

Result<Tags> tags_of(Lambda& lambda, const Caller& caller, const std::string& arn) {
    if (const std::string uuid = mapping_in(arn); !uuid.empty())
        return lambda.mappings().tags(caller, uuid);
    MILL_TRY(const FunctionReference reference, parse_function_name(caller, arn, ""));
    if (!reference.qualifier.empty())
        return invalid(
            "Tags on function aliases and versions are not supported. Please specify a function "
            "ARN.");
    MILL_TRY(const FunctionPtr function, lambda.functions().find(reference));
    return function->tags;
}

Task<Result<void>> set_tags(Lambda& lambda, Caller caller, std::string arn, Tags tags) {
    if (std::string uuid = mapping_in(arn); !uuid.empty())
        co_return co_await lambda.mappings().set_tags(std::move(caller), std::move(uuid),
                                                      std::move(tags));
    MILL_CO_TRY(const FunctionReference reference, parse_function_name(caller, arn, ""));
    MILL_CO_CHECK(co_await lambda.functions().update_tags(reference.id, std::move(tags)));
    co_return Result<void>();
}

}  // namespace mill::lambda
