// SPDX-License-Identifier: Apache-2.0
#include "services/s3/object_request.h"

#include <fmt/format.h>

#include "services/s3/settings/tagging.h"
#include "wire/http.h"

namespace mill::s3 {

Result<Texts> parse_tagging(const std::string& header) {
    std::vector<Tag> tags;
    for (auto& [key, value] : wire::http::parse_query(header))
        tags.push_back({std::move(key), std::move(value)});
    return object_tags(std::move(tags));
}

Result<void> check_key(const std::string& key) {
    constexpr std::size_t key_bytes_max = 1024;
    if (key.size() > key_bytes_max) return fail("KeyTooLongError", "Your key is too long", 400);
    if (key.find('\0') != std::string::npos)
        return fail("InvalidArgument", "A key cannot hold the byte 0.", 400);
    return {};
}

Result<void> check_acl(const std::optional<std::string>& acl) {
    if (!acl || *acl == "private" || *acl == "bucket-owner-full-control") return {};
    return fail("NotImplemented",
                fmt::format("Millrace does not support the ACL {} yet. {}", *acl, acl_hint), 501);
}

void drop_chunked_encoding(std::optional<std::string>& encoding) {
    if (!encoding || !encoding->starts_with("aws-chunked")) return;
    const std::size_t rest =
        encoding->find_first_not_of(", ", std::string_view("aws-chunked").size());
    encoding = rest == std::string::npos ? std::nullopt : std::optional(encoding->substr(rest));
}

Result<std::optional<std::string>> told_version(S3& s3, const std::string& bucket,
                                                const Object& object) {
    if (object.version_id) return object.version_id;
    MILL_TRY(const Versions versions, s3.versions_of(bucket));
    if (versions == Versions::none) return std::optional<std::string>();
    return std::optional(version_text(object));
}

}  // namespace mill::s3
