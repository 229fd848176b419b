// SPDX-License-Identifier: Apache-2.0
// Multipart uploads: the rows of those under way, and how one becomes an object. Its parts' rows
// and blobs stay where they are (objects.h); only those that were not asked for go.
//
//     s3/upload/<bucket>/<key>\0<id>
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
#pragma once

#include "services/s3/s3.h"

namespace mill::s3 {

inline constexpr std::string_view checksum_types[] = {"COMPOSITE", "FULL_OBJECT"};

struct Upload {
    std::string id, key;
    WallTime initiated;
    Object described;                      // what the object will be
    std::optional<std::string> algorithm;  // "crc32", if its parts are to have one
    std::optional<std::string> checksum_type;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Upload", member<&Upload::id>("Id"), member<&Upload::key>("Key"),
                               member<&Upload::initiated>("Initiated"),
                               member<&Upload::described>("Described"),
                               member<&Upload::algorithm>("Algorithm"),
                               member<&Upload::checksum_type>("ChecksumType"));
    }
};

// What CompleteMultipartUpload says of a part.
struct ListedPart {
    std::int64_t number = 0;
    std::string etag;
    Texts checksums;
};

Failure no_such_upload();
std::string upload_rows(const std::string& bucket);
std::string upload_row(const std::string& bucket, const std::string& key, const std::string& id);
std::string new_upload_id(S3& s3);

Task<Result<void>> begin_upload(S3& s3, std::string bucket, Upload upload);
// NoSuchUpload.
Result<Upload> find_upload(S3& s3, const std::string& bucket, const std::string& key,
                           const std::string& id);
// In place of an earlier one of that number. NoSuchUpload if it ended meanwhile.
Task<Result<void>> put_part(S3& s3, std::string bucket, Upload upload, Part part);
// NoSuchUpload if it ended meanwhile.
Task<Result<void>> abort_upload(S3& s3, std::string bucket, Upload upload);
// The object that its parts make, and the commit that ends the upload. InvalidPart,
// InvalidPartOrder, EntityTooSmall, BadDigest.
struct Completed {
    Object object;
    Objects::Change also;
};
Result<Completed> complete_upload(S3& s3, const std::string& bucket, const Upload& upload,
                                  const std::vector<ListedPart>& listed);
// What ListParts and GetObjectAttributes show: the parts behind that of number `after`.
struct PartPage {
    std::int64_t parts_max = 0;
    bool is_truncated = false;
    std::vector<Part> parts;
};
// InvalidArgument.
Result<PartPage> page_of_parts(S3& s3, const std::string& upload, std::int64_t after,
                               std::optional<std::int64_t> parts_max);
// All uploads of a bucket, in order of keys and then of time, behind a row.
Result<std::vector<Upload>> list_uploads(S3& s3, const std::string& bucket,
                                         const std::string& prefix, const std::string& after_row,
                                         std::size_t limit);

}  // namespace mill::s3
