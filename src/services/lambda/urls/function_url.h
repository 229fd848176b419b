// SPDX-License-Identifier: Apache-2.0
// A function's URL as it is kept in the Table
// ("lambda/url/<account>/<region>/<function>/<alias or $LATEST>"), and where it is. Members may be
// added, never renamed.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/lambda/functions/function_name.h"
#include "storage/stream_log.h"
#include "wire/http.h"
#include "wire/shape.h"

namespace mill::lambda {

struct UrlCors {
    std::optional<bool> allow_credentials;
    std::optional<std::vector<std::string>> allow_headers, allow_methods, allow_origins,
        expose_headers;
    std::optional<std::int64_t> max_age;

    static constexpr auto shape() {
        using C = UrlCors;
        using wire::member;
        return wire::structure(
            "Cors", member<&C::allow_credentials>("AllowCredentials"),
            member<&C::allow_headers>("AllowHeaders").length(0, 100).item_length(0, 1024),
            member<&C::allow_methods>("AllowMethods").length(0, 6).item_length(0, 6),
            member<&C::allow_origins>("AllowOrigins").length(0, 100).item_length(1, 253),
            member<&C::expose_headers>("ExposeHeaders").length(0, 100).item_length(0, 1024),
            member<&C::max_age>("MaxAge").range(0, 86400));
    }
};

struct FunctionUrl {
    std::string id;  // 32 characters, a label of its host's name
    std::string account, region, function;
    std::string qualifier;  // an alias; empty for $LATEST
    std::string auth_type;
    std::optional<UrlCors> cors;
    std::string created, modified;  // ISO 8601

    static constexpr auto shape() {
        using U = FunctionUrl;
        using wire::member;
        return wire::structure(
            "FunctionUrl", member<&U::id>("UrlId"), member<&U::account>("Account"),
            member<&U::region>("Region"), member<&U::function>("FunctionName"),
            member<&U::qualifier>("Qualifier"), member<&U::auth_type>("AuthType"),
            member<&U::cors>("Cors"), member<&U::created>("CreationTime"),
            member<&U::modified>("LastModifiedTime"));
    }
    FunctionReference reference() const { return {{account, region, function}, qualifier}; }
};
using FunctionUrlPtr = std::shared_ptr<const FunctionUrl>;

std::string url_row(const FunctionReference& function);
// The rows of all URLs of a function, which go with it.
Result<std::vector<std::string>> url_rows(storage::Table& table, const FunctionId& id);

// "http://<id>.lambda-url.<region>.localhost:4566/": names below localhost are this machine's.
std::string url_text(const FunctionUrl& url, std::string_view port);

// Which URL a request is for, and its path there. By the host's name, which may end otherwise than
// in localhost; or by a path, for clients whose system does not know the names below localhost:
// "/_millrace/url/<id>/...". Empty if it is for none.
struct UrlPlace {
    std::string id;
    std::string region;  // empty if the request does not say
    std::string path;    // raw
};
std::optional<UrlPlace> url_place(const wire::http::Request& request);

}  // namespace mill::lambda
