// SPDX-License-Identifier: Apache-2.0
// Transfer acceleration: kept and answered.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

inline constexpr std::string_view accelerate_status_values[] = {"Enabled", "Suspended"};

struct Accelerate {
    std::optional<std::string> status;
    static constexpr std::string_view query = "accelerate";
    static Accelerate initial() { return Accelerate{}; }
    static constexpr auto shape() {
        return wire::structure(
            "AccelerateConfiguration",
            wire::member<&Accelerate::status>("Status").one_of(accelerate_status_values));
    }
};

}  // namespace mill::s3
