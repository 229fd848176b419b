// SPDX-License-Identifier: Apache-2.0
// AWS's quotas that depend on the region.
#pragma once

#include <string_view>

#include "model/limits.h"

namespace mill::kinesis {

inline const limits::kinesis::aws::RegionQuota& region_quota(std::string_view region) {
    const bool is_large = region == "us-east-1" || region == "us-west-2" || region == "eu-west-1";
    return is_large ? limits::kinesis::aws::large_region : limits::kinesis::aws::other_region;
}

}  // namespace mill::kinesis
