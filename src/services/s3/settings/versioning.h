// SPDX-License-Identifier: Apache-2.0
// Whether a bucket keeps the versions of its objects.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

inline constexpr std::string_view versioning_status_values[] = {"Enabled", "Suspended"};

struct Versioning {
    std::optional<std::string> status;
    static constexpr std::string_view query = "versioning";
    static Versioning initial() { return Versioning{}; }
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        return wire::structure(
            "VersioningConfiguration",
            wire::member<&Versioning::status>("Status").one_of(versioning_status_values),
            wire::refused("MfaDelete", "There are no devices.").unless("Disabled"));
    }
};

}  // namespace mill::s3
