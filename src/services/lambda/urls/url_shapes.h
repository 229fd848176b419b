// SPDX-License-Identifier: Apache-2.0
// What the operations on function URLs say and answer.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html
#pragma once

#include "services/lambda/urls/function_url.h"

namespace mill::lambda {

inline constexpr std::string_view url_path = "/2021-10-31/functions/{FunctionName}/url";
inline constexpr std::string_view url_auth_values[] = {"NONE", "AWS_IAM"};

constexpr wire::Member invoke_mode_member() {
    return wire::refused("InvokeMode", "Answers are sent whole: leave it out, or say BUFFERED.")
        .unless("BUFFERED");
}

struct UrlSettings {
    std::optional<std::string> auth_type;
    std::optional<UrlCors> cors;
};

struct UrlReferenceInput {
    std::optional<std::string> function_name, qualifier;
    static constexpr auto shape() {
        using I = UrlReferenceInput;
        return wire::structure("FunctionUrlConfigRequest",
                               wire::member<&I::function_name>("FunctionName").required().uri(),
                               wire::member<&I::qualifier>("Qualifier").query("Qualifier"));
    }
};

struct CreateUrlInput {
    std::optional<std::string> function_name, qualifier, auth_type;
    std::optional<UrlCors> cors;
    static constexpr auto shape() {
        using I = CreateUrlInput;
        return wire::structure(
            "CreateFunctionUrlConfigRequest",
            wire::member<&I::function_name>("FunctionName").required().uri(),
            wire::member<&I::qualifier>("Qualifier").query("Qualifier"),
            wire::member<&I::auth_type>("AuthType").required().one_of(url_auth_values),
            wire::member<&I::cors>("Cors"), invoke_mode_member());
    }
};

struct UpdateUrlInput {
    std::optional<std::string> function_name, qualifier, auth_type;
    std::optional<UrlCors> cors;
    static constexpr auto shape() {
        using I = UpdateUrlInput;
        return wire::structure("UpdateFunctionUrlConfigRequest",
                               wire::member<&I::function_name>("FunctionName").required().uri(),
                               wire::member<&I::qualifier>("Qualifier").query("Qualifier"),
                               wire::member<&I::auth_type>("AuthType").one_of(url_auth_values),
                               wire::member<&I::cors>("Cors"), invoke_mode_member());
    }
};

struct UrlConfig {
    std::string url, function_arn, auth_type;
    std::optional<UrlCors> cors;
    std::string created;
    std::optional<std::string> modified;  // CreateFunctionUrlConfig does not say it
    std::string invoke_mode = "BUFFERED";

    static constexpr auto shape() {
        using C = UrlConfig;
        using wire::member;
        return wire::structure(
            "FunctionUrlConfig", member<&C::url>("FunctionUrl"),
            member<&C::function_arn>("FunctionArn"), member<&C::auth_type>("AuthType"),
            member<&C::cors>("Cors"), member<&C::created>("CreationTime"),
            member<&C::modified>("LastModifiedTime"), member<&C::invoke_mode>("InvokeMode"));
    }
};

// The function or alias that a request means: no version, nor "$LATEST". ValidationException.
Result<FunctionReference> url_function(const Caller& caller, const std::optional<std::string>& name,
                                       const std::optional<std::string>& qualifier);

}  // namespace mill::lambda
