// SPDX-License-Identifier: Apache-2.0
// What the declarations of several operations share.
#pragma once

#include "services/s3/s3.h"

namespace mill::s3 {

inline constexpr std::string_view acl_hint =
    "Leave it out: only the account that owns a bucket may use it.";
inline constexpr std::string_view encryption_hint = "Leave it out: objects are stored unencrypted.";

struct Owner {
    std::string display_name, id;
    static constexpr auto shape() {
        return wire::structure("Owner", wire::member<&Owner::display_name>("DisplayName"),
                               wire::member<&Owner::id>("ID"));
    }
};

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_bucket_name(std::string_view name);

inline Owner owner_of(const std::string& account) { return {"root", hex(sha256(account))}; }

template <auto Pointer>
constexpr wire::Member bucket_member() {
    return wire::member<Pointer>("Bucket").required().uri();
}
template <auto Pointer>
constexpr wire::Member key_member() {
    return wire::member<Pointer>("Key").required().length(1, wire::unbounded_above).uri();
}
template <auto Pointer>
constexpr wire::Member expected_owner_member() {
    return wire::member<Pointer>("ExpectedBucketOwner").header("x-amz-expected-bucket-owner");
}
// Nobody is charged: who says so has no effect.
constexpr wire::Member request_payer_member() {
    return wire::refused("RequestPayer", "Only \"requester\" is a payer.")
        .header("x-amz-request-payer")
        .unless("requester");
}
template <auto Pointer>
constexpr wire::Member version_id_member() {
    return wire::member<Pointer>("VersionId").query("versionId");
}
template <auto Pointer>
constexpr wire::Member told_version_member() {
    return wire::member<Pointer>("VersionId").header("x-amz-version-id");
}
constexpr wire::Member refused_header(std::string_view name, std::string_view header,
                                      std::string_view instead) {
    return wire::refused(name, instead).header(header);
}

}  // namespace mill::s3
