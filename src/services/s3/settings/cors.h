// SPDX-License-Identifier: Apache-2.0
// Rules for pages of other origins: kept and answered. Which origins are let in is the server's own
// (gateway/admission.h). https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

struct CorsRule {
    std::optional<std::string> id;
    std::vector<std::string> allowed_headers;
    std::vector<std::string> allowed_methods;
    std::vector<std::string> allowed_origins;
    std::vector<std::string> expose_headers;
    std::optional<std::int64_t> max_age_seconds;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("CORSRule", member<&CorsRule::id>("ID"),
                               member<&CorsRule::allowed_headers>("AllowedHeader"),
                               member<&CorsRule::allowed_methods>("AllowedMethod").required(),
                               member<&CorsRule::allowed_origins>("AllowedOrigin").required(),
                               member<&CorsRule::expose_headers>("ExposeHeader"),
                               member<&CorsRule::max_age_seconds>("MaxAgeSeconds"));
    }
};

struct Cors {
    std::vector<CorsRule> cors_rules;
    static constexpr std::string_view query = "cors";
    static Failure absent() {
        return fail("NoSuchCORSConfiguration", "The CORS configuration does not exist", 404);
    }
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("CORSConfiguration",
                               member<&Cors::cors_rules>("CORSRule").required());
    }
};

}  // namespace mill::s3
