// SPDX-License-Identifier: Apache-2.0
// CompleteMultipartUpload: one commit makes the object and ends the upload. Asked again, it answers
// the same as long as the object is there.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
#include "services/s3/settings/setting.h"
#include "services/s3/upload_request.h"

namespace mill::s3 {
namespace {

struct CompletedPart {
    std::optional<std::int64_t> part_number;
    std::optional<std::string> etag, crc32, crc32c, crc64nvme, sha1, sha256;
    static constexpr auto shape() {
        using wire::member;
        return with_checksums<CompletedPart>("CompletedPart",
                                             member<&CompletedPart::part_number>("PartNumber"),
                                             member<&CompletedPart::etag>("ETag"));
    }
};

struct CompletedUpload {
    std::vector<CompletedPart> parts;
    static constexpr auto shape() {
        return wire::structure("CompletedMultipartUpload",
                               wire::member<&CompletedUpload::parts>("Part"));
    }
};

struct Input {
    std::string bucket, key;
    std::optional<std::string> upload_id, expected_owner, if_match, if_none_match, checksum_type;
    std::optional<std::int64_t> object_size;
    std::optional<CompletedUpload> what;
    Texts checksums;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "CompleteMultipartUploadRequest", bucket_member<&Input::bucket>(),
            key_member<&Input::key>(), upload_id_member<&Input::upload_id>(),
            member<&Input::what>("MultipartUpload").payload(),
            member<&Input::checksums>("Checksums").header("x-amz-checksum-"),
            member<&Input::checksum_type>("ChecksumType")
                .one_of(checksum_types)
                .header("x-amz-checksum-type"),
            member<&Input::object_size>("MpuObjectSize").header("x-amz-mp-object-size"),
            member<&Input::if_match>("IfMatch").header("If-Match"),
            member<&Input::if_none_match>("IfNoneMatch").header("If-None-Match"),
            expected_owner_member<&Input::expected_owner>(), request_payer_member(),
            refused_header("SSECustomerAlgorithm",
                           "x-amz-server-side-encryption-customer-algorithm", encryption_hint),
            refused_header("SSECustomerKey", "x-amz-server-side-encryption-customer-key",
                           encryption_hint),
            refused_header("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5",
                           encryption_hint));
    }
};

struct Output {
    std::string location, bucket, key, etag;
    std::optional<std::string> version_id, checksum_type, crc32, crc32c, crc64nvme, sha1, sha256;
    std::optional<std::string> encryption, kms_key;
    std::optional<bool> bucket_key;
    static constexpr auto shape() {
        using wire::member;
        return with_checksums<Output>(
            "CompleteMultipartUploadResult", member<&Output::location>("Location"),
            member<&Output::bucket>("Bucket"), member<&Output::key>("Key"),
            member<&Output::etag>("ETag"), member<&Output::checksum_type>("ChecksumType"),
            told_version_member<&Output::version_id>(), encryption_member<&Output::encryption>(),
            kms_key_member<&Output::kms_key>(), bucket_key_member<&Output::bucket_key>());
    }
};

Result<std::vector<ListedPart>> listed_parts(const Input& input) {
    if (!input.what || input.what->parts.empty()) return malformed_xml();
    std::vector<ListedPart> listed;
    for (const CompletedPart& part : input.what->parts) {
        if (!part.part_number || !part.etag) return malformed_xml();
        ListedPart one{.number = *part.part_number, .etag = *part.etag};
        const auto say = [&](const char* key, const std::optional<std::string>& value) {
            if (value) one.checksums.emplace(key, *value);
        };
        say("crc32", part.crc32);
        say("crc32c", part.crc32c);
        say("crc64nvme", part.crc64nvme);
        say("sha1", part.sha1);
        say("sha256", part.sha256);
        listed.push_back(std::move(one));
    }
    return listed;
}

// What the client says of the whole.
Result<void> verify(const Input& input, const Object& object) {
    if (input.checksum_type && object.checksum_type &&
        *input.checksum_type != *object.checksum_type)
        return fail("InvalidRequest",
                    "The upload was created with the " + *object.checksum_type +
                        " checksum type. The complete request must use the same.",
                    400);
    if (input.object_size.value_or(object.size) != object.size)
        return fail("InvalidRequest",
                    "The provided 'x-amz-mp-object-size' header does not match what was computed.",
                    400);
    for (const auto& [algorithm, claimed] : input.checksums) {
        if (algorithm == "type" || algorithm == "algorithm") continue;
        const auto has = object.checksums.find(algorithm);
        if (has == object.checksums.end() || has->second != claimed)
            return fail("BadDigest",
                        "The " + checksum_name(algorithm) +
                            " you specified did not match the calculated checksum.",
                        400);
    }
    return {};
}

Task<Result<Object>> complete(S3& s3, Input input, Upload upload) {
    MILL_CO_TRY(const auto listed, listed_parts(input));
    MILL_CO_TRY(Completed completed, complete_upload(s3, input.bucket, upload, listed));
    MILL_CO_CHECK(verify(input, completed.object));
    co_return co_await s3.put(input.bucket, input.key, std::move(completed.object),
                              {input.if_match, input.if_none_match},
                              "ObjectCreated:CompleteMultipartUpload", std::move(completed.also));
}

Task<Result<Output>> complete_multipart_upload(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    auto upload = find_upload(s3, input.bucket, input.key, *input.upload_id);
    MILL_CO_TRY(const auto present, s3.objects().current(input.bucket, input.key));
    const bool is_done = !upload && present && present->upload == input.upload_id;
    if (!upload && !is_done) co_return std::unexpected(upload.error());
    Output output{.location = caller.endpoint() + "/" + input.bucket + "/" + input.key,
                  .bucket = input.bucket,
                  .key = input.key};
    Object object;
    if (is_done) {
        MILL_CO_CHECK(co_await s3.wait_for_commits());
        object = *present;
    } else {
        MILL_CO_TRY(object, co_await complete(s3, std::move(input), *std::move(upload)));
    }
    output.etag = object.etag;
    tell_checksums(object.checksums, output);
    tell_encryption(object.encryption, output);
    if (!object.checksums.empty()) output.checksum_type = object.checksum_type;
    MILL_CO_TRY(output.version_id, told_version(s3, output.bucket, object));
    co_return output;
}

}  // namespace

extern const wire::Operation complete_multipart_upload_operation;
const wire::Operation complete_multipart_upload_operation =
    wire::operation<&complete_multipart_upload>("CompleteMultipartUpload",
                                                {.method = "POST", .path = "/{Bucket}/{Key+}"});

}  // namespace mill::s3
