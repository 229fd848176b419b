// SPDX-License-Identifier: Apache-2.0
// What of public access a bucket blocks: all, since April 2023. It refuses public policies;
// requests of other accounts are refused in any case.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

struct PublicAccessBlock {
    std::optional<bool> block_public_acls;
    std::optional<bool> ignore_public_acls;
    std::optional<bool> block_public_policy;
    std::optional<bool> restrict_public_buckets;
    static constexpr std::string_view query = "publicAccessBlock";
    static constexpr bool is_payload = true;
    static PublicAccessBlock initial() { return PublicAccessBlock{true, true, true, true}; }
    static Failure absent() {
        return fail("NoSuchPublicAccessBlockConfiguration",
                    "The public access block configuration was not found", 404);
    }
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "PublicAccessBlockConfiguration",
            member<&PublicAccessBlock::block_public_acls>("BlockPublicAcls"),
            member<&PublicAccessBlock::ignore_public_acls>("IgnorePublicAcls"),
            member<&PublicAccessBlock::block_public_policy>("BlockPublicPolicy"),
            member<&PublicAccessBlock::restrict_public_buckets>("RestrictPublicBuckets"));
    }
};

}  // namespace mill::s3
