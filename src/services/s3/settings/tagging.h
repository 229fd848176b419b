// SPDX-License-Identifier: Apache-2.0
// Tags of buckets and of objects.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

struct Tag {
    std::optional<std::string> key;
    std::optional<std::string> value;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Tag",
                               member<&Tag::key>("Key").required().length(1, wire::unbounded_above),
                               member<&Tag::value>("Value").required());
    }
};

struct TagSet {
    std::vector<Tag> tags;
    static constexpr auto shape() {
        return wire::structure("TagSet", wire::member<&TagSet::tags>("Tag"));
    }
};

struct Tagging {
    std::optional<TagSet> tag_set;
    static constexpr std::string_view query = "tagging";
    static Failure absent() { return fail("NoSuchTagSet", "The TagSet does not exist", 404); }
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Tagging", member<&Tagging::tag_set>("TagSet").required());
    }
};

// InvalidTag. Key and value are there.
Result<void> check_tags(const std::vector<Tag>& tags);

}  // namespace mill::s3
