// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mill::cloudformation {

struct ObjectPlace {
    std::string bucket;
    std::string key;
    bool operator==(const ObjectPlace&) const = default;
};

// A TemplateURL: http(s)://host/bucket/key, http(s)://bucket.s3[.region].amazonaws.com/key or
// s3://bucket/key.
Result<ObjectPlace> parse_template_url(std::string_view url);

}  // namespace mill::cloudformation
