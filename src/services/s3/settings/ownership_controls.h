// SPDX-License-Identifier: Apache-2.0
// Who owns what others put into a bucket. There are no access control lists, so nobody does.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

inline constexpr std::string_view object_ownership_values[] = {
    "BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"};

struct OwnershipControlsRule {
    std::optional<std::string> object_ownership;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("OwnershipControlsRule",
                               member<&OwnershipControlsRule::object_ownership>("ObjectOwnership")
                                   .required()
                                   .one_of(object_ownership_values));
    }
};

struct OwnershipControls {
    std::vector<OwnershipControlsRule> rules;
    static constexpr std::string_view query = "ownershipControls";
    static constexpr bool is_payload = true;
    static OwnershipControls initial() { return OwnershipControls{{{"BucketOwnerEnforced"}}}; }
    static Failure absent() {
        return fail("OwnershipControlsNotFoundError",
                    "The bucket ownership controls were not found", 404);
    }
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("OwnershipControls",
                               member<&OwnershipControls::rules>("Rule").required());
    }
};

}  // namespace mill::s3
