// SPDX-License-Identifier: Apache-2.0
// ListParts. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
#include "services/s3/upload_request.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> upload_id, expected_owner;
    std::optional<std::int64_t> max_parts, marker;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListPartsRequest", bucket_member<&Input::bucket>(), key_member<&Input::key>(),
            upload_id_member<&Input::upload_id>(),
            member<&Input::max_parts>("MaxParts").query("max-parts"),
            member<&Input::marker>("PartNumberMarker").query("part-number-marker"),
            expected_owner_member<&Input::expected_owner>(), request_payer_member(),
            refused_header("SSECustomerAlgorithm",
                           "x-amz-server-side-encryption-customer-algorithm", encryption_hint),
            refused_header("SSECustomerKey", "x-amz-server-side-encryption-customer-key",
                           encryption_hint),
            refused_header("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5",
                           encryption_hint));
    }
};

struct ShownPart {
    std::int64_t part_number = 0;
    WallTime last_modified;
    std::string etag;
    std::int64_t size = 0;
    std::optional<std::string> crc32, crc32c, crc64nvme, sha1, sha256;
    static constexpr auto shape() {
        using wire::member;
        return with_checksums<ShownPart>("Part", member<&ShownPart::part_number>("PartNumber"),
                                         member<&ShownPart::last_modified>("LastModified"),
                                         member<&ShownPart::etag>("ETag"),
                                         member<&ShownPart::size>("Size"));
    }
};

struct Output {
    std::string bucket, key, upload_id;
    std::int64_t marker = 0, max_parts = 0;
    std::optional<std::int64_t> next_marker;
    bool is_truncated = false;
    std::vector<ShownPart> parts;
    Owner initiator, owner;
    std::string storage_class = "STANDARD";
    std::optional<std::string> checksum_algorithm, checksum_type;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListPartsResult", member<&Output::bucket>("Bucket"), member<&Output::key>("Key"),
            member<&Output::upload_id>("UploadId"), member<&Output::marker>("PartNumberMarker"),
            member<&Output::next_marker>("NextPartNumberMarker"),
            member<&Output::max_parts>("MaxParts"), member<&Output::is_truncated>("IsTruncated"),
            member<&Output::parts>("Part"), member<&Output::initiator>("Initiator"),
            member<&Output::owner>("Owner"), member<&Output::storage_class>("StorageClass"),
            member<&Output::checksum_algorithm>("ChecksumAlgorithm"),
            member<&Output::checksum_type>("ChecksumType"));
    }
};

Task<Result<Output>> list_parts(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(const Upload upload, find_upload(s3, input.bucket, input.key, *input.upload_id));
    const std::int64_t marker = input.marker.value_or(0);
    MILL_CO_TRY(const PartPage page, page_of_parts(s3, upload.id, marker, input.max_parts));
    Output output{.bucket = input.bucket,
                  .key = input.key,
                  .upload_id = upload.id,
                  .marker = marker,
                  .max_parts = page.parts_max,
                  .is_truncated = page.is_truncated,
                  .initiator = owner_of(caller.account),
                  .owner = owner_of(caller.account),
                  .checksum_type = upload.checksum_type};
    if (upload.algorithm) output.checksum_algorithm = checksum_name(*upload.algorithm);
    for (const Part& part : page.parts) {
        ShownPart shown{part.number, part.last_modified, part.etag, part.size};
        tell_checksums(part.checksums, shown);
        output.parts.push_back(std::move(shown));
    }
    if (!output.parts.empty()) output.next_marker = output.parts.back().part_number;
    co_return output;
}

}  // namespace

extern const wire::Operation list_parts_operation;
const wire::Operation list_parts_operation =
    wire::operation<&list_parts>("ListParts", {.method = "GET", .path = "/{Bucket}/{Key+}"});

}  // namespace mill::s3
