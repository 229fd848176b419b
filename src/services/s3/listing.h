// SPDX-License-Identifier: Apache-2.0
// What ListObjects and ListObjectsV2 share: keys in order, those that share a part up to the
// delimiter rolled up into one common prefix.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html
#pragma once

#include "services/s3/declarations.h"

namespace mill::s3 {

inline constexpr std::string_view encoding_types[] = {"url"};
inline constexpr std::int64_t keys_max = 1000;
// Greater than every key that begins with the text before it: the byte does not occur in UTF-8.
inline constexpr char above_all = '\xFF';

struct Content {
    std::string key;
    WallTime last_modified;
    std::string etag;
    std::int64_t size = 0;
    std::string storage_class = "STANDARD";
    std::optional<Owner> owner;
    std::vector<std::string> checksum_algorithms;
    std::optional<std::string> checksum_type;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "Object", member<&Content::key>("Key"), member<&Content::last_modified>("LastModified"),
            member<&Content::etag>("ETag"), member<&Content::size>("Size"),
            member<&Content::storage_class>("StorageClass"), member<&Content::owner>("Owner"),
            member<&Content::checksum_algorithms>("ChecksumAlgorithm"),
            member<&Content::checksum_type>("ChecksumType"));
    }
};

struct CommonPrefix {
    std::string prefix;
    static constexpr auto shape() {
        return wire::structure("CommonPrefix", wire::member<&CommonPrefix::prefix>("Prefix"));
    }
};

std::vector<std::string> checksum_names(const Object& object);

// Nothing is archived, so no object has a restore status to show.
constexpr wire::Member optional_attributes_member() {
    return refused_header("OptionalObjectAttributes", "x-amz-optional-object-attributes",
                          "RestoreStatus is the only one.")
        .unless("RestoreStatus");
}

struct Listing {
    std::string bucket, prefix, delimiter;
    std::string after;  // the keys behind this one
    std::optional<std::int64_t> max_keys;
    bool in_url = false;         // keys are answered percent-encoded
    std::optional<Owner> owner;  // to be shown
};

struct Page {
    std::vector<Content> contents;
    std::vector<CommonPrefix> common_prefixes;
    std::int64_t max_keys = 0;
    std::string resume_after;  // empty at the end
    std::int64_t count() const {
        return static_cast<std::int64_t>(contents.size() + common_prefixes.size());
    }
};

// InvalidArgument.
Result<std::int64_t> checked_max_keys(const std::optional<std::int64_t>& asked);
// "a/b/" of "a/b/c", where the prefix is "a/"; empty if the key stands for itself.
std::optional<std::string> common_prefix(const std::string& key, const std::string& prefix,
                                         const std::string& delimiter);
std::string shown_key(const std::string& key, bool in_url);
Result<Page> page_of(S3& s3, const Listing& listing);

}  // namespace mill::s3
