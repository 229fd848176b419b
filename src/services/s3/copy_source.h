// SPDX-License-Identifier: Apache-2.0
// Where CopyObject and UploadPartCopy take their bytes from.
#pragma once

#include "services/s3/body.h"
#include "services/s3/object_request.h"
#include "services/s3/read_object.h"

namespace mill::s3 {

struct CopySource {
    std::string bucket, key;
    std::optional<std::string> version_id;
    bool operator==(const CopySource&) const = default;
};
// "/bucket/key?versionId=…", percent-encoded, with or without the slash. InvalidArgument.
Result<CopySource> parse_copy_source(std::string_view header);
// The caller may read the bucket. NotModified is PreconditionFailed here.
Result<Object> find_copy_source(S3& s3, const CopySource& source, const ReadConditions& conditions);

template <auto Pointer>
constexpr wire::Member copy_source_member() {
    return wire::member<Pointer>("CopySource").required().header("x-amz-copy-source");
}
// "CRC32" as our key; empty for none. NotImplemented.
Result<std::string> checked_algorithm(const std::optional<std::string>& name);
// The checksums that a copy has: the one asked for, else those of the source.
std::set<std::string> sums_of_copy(const Object& source, const std::string& algorithm);

// Into an answer's members crc32, crc32c, crc64nvme, sha1, sha256.
template <class Answer>
void tell_checksums(const Texts& checksums, Answer& answer) {
    const auto tell = [&](const char* key, std::optional<std::string>& to) {
        const auto at = checksums.find(key);
        if (at != checksums.end()) to = at->second;
    };
    tell("crc32", answer.crc32);
    tell("crc32c", answer.crc32c);
    tell("crc64nvme", answer.crc64nvme);
    tell("sha1", answer.sha1);
    tell("sha256", answer.sha256);
}

}  // namespace mill::s3
