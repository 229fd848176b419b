// SPDX-License-Identifier: Apache-2.0
// CreateMultipartUpload.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
#include "services/s3/copy_source.h"
#include "services/s3/uploads.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> content_type, content_encoding, content_disposition,
        content_language, cache_control, acl, encryption, kms_key, kms_context;
    std::optional<std::string> expected_owner, tagging, checksum_algorithm, checksum_type;
    std::optional<WallTime> expires;
    std::optional<bool> bucket_key;
    Texts metadata;
    static constexpr auto shape() {
        using wire::member;
        return object_request<Input>("CreateMultipartUploadRequest",
                                     bucket_member<&Input::bucket>(), key_member<&Input::key>(),
                                     member<&Input::checksum_algorithm>("ChecksumAlgorithm")
                                         .header("x-amz-checksum-algorithm"),
                                     member<&Input::checksum_type>("ChecksumType")
                                         .one_of(checksum_types)
                                         .header("x-amz-checksum-type"));
    }
};

struct Output {
    std::string bucket, key, upload_id;
    std::optional<std::string> checksum_algorithm, checksum_type, encryption, kms_key, kms_context;
    std::optional<bool> bucket_key;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "InitiateMultipartUploadResult", member<&Output::bucket>("Bucket"),
            member<&Output::key>("Key"), member<&Output::upload_id>("UploadId"),
            member<&Output::checksum_algorithm>("ChecksumAlgorithm")
                .header("x-amz-checksum-algorithm"),
            member<&Output::checksum_type>("ChecksumType").header("x-amz-checksum-type"),
            encryption_member<&Output::encryption>(), kms_key_member<&Output::kms_key>(),
            kms_context_member<&Output::kms_context>(), bucket_key_member<&Output::bucket_key>());
    }
};

// CRC64NVME is of the whole object always, SHA never.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
Result<void> choose_checksum(const Input& input, Upload& upload) {
    MILL_TRY(std::string algorithm, checked_algorithm(input.checksum_algorithm));
    if (algorithm.empty()) return {};
    const bool always_full = algorithm == "crc64nvme";
    std::string type = input.checksum_type.value_or(always_full ? "FULL_OBJECT" : "COMPOSITE");
    if (type == "FULL_OBJECT" ? !is_crc(algorithm) : always_full) {
        return fail("InvalidRequest",
                    "The " + type + " checksum type cannot be used with the " +
                        checksum_key(algorithm) + " checksum algorithm.",
                    400);
    }
    upload.algorithm = std::move(algorithm);
    upload.checksum_type = std::move(type);
    return {};
}

Task<Result<Output>> create_multipart_upload(S3& s3, Caller caller, Input input) {
    MILL_CO_TRY(const Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    Upload upload{.id = new_upload_id(s3), .key = input.key, .initiated = s3.now()};
    MILL_CO_CHECK(choose_checksum(input, upload));
    MILL_CO_TRY(upload.described, described_object(s3, bucket, input));
    Output output{.bucket = input.bucket, .key = input.key, .upload_id = upload.id};
    if (upload.algorithm) output.checksum_algorithm = checksum_name(*upload.algorithm);
    output.checksum_type = upload.checksum_type;
    tell_encryption(upload.described.encryption, output);
    MILL_CO_CHECK(co_await begin_upload(s3, input.bucket, std::move(upload)));
    co_return output;
}

}  // namespace

extern const wire::Operation create_multipart_upload_operation;
const wire::Operation create_multipart_upload_operation = wire::operation<&create_multipart_upload>(
    "CreateMultipartUpload",
    {.method = "POST", .path = "/{Bucket}/{Key+}", .required_query = "uploads"});

}  // namespace mill::s3
