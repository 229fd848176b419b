// SPDX-License-Identifier: Apache-2.0
#include "services/s3/s3_fixture.h"

namespace mill::s3 {
namespace {

using wire::http::Response;

constexpr const char* sse = "x-amz-server-side-encryption";
constexpr const char* kms_key = "x-amz-server-side-encryption-aws-kms-key-id";
constexpr const char* kms_context = "x-amz-server-side-encryption-context";
constexpr const char* bucket_key = "x-amz-server-side-encryption-bucket-key-enabled";
std::string said(const Response& answer) {
    std::string text;
    for (const char* name : {sse, kms_key, bucket_key, kms_context}) {
        if (const auto value = answer.headers.get(name); !value.empty()) text += value + " ";
    }
    return text;
}
constexpr const char* own_key = "arn:aws:kms:us-east-1:000000000000:alias/aws/s3";

TEST_F(S3Test, AnObjectSaysWhatItIsEncryptedWith) {
    bucket();
    const auto put_with = [&](HeaderList headers) {
        const std::string told = said(call("PUT", "/deploys/k", "x", std::move(headers)));
        EXPECT_EQ(said(call("GET", "/deploys/k")), said(call("HEAD", "/deploys/k")));
        return told;
    };
    const std::string key = "arn:aws:kms:us-east-1:000000000000:key/1-2 ";
    EXPECT_EQ(put_with({}), "AES256 ");
    EXPECT_EQ(put_with({{sse, "aws:kms"}}), std::string("aws:kms ") + own_key + " ");
    EXPECT_EQ(put_with({{sse, "aws:kms"}, {kms_key, "1-2"}, {bucket_key, "true"}}),
              "aws:kms " + key + "true ");
    EXPECT_EQ(said(call("HEAD", "/deploys/k")), "aws:kms " + key + "true ");
    EXPECT_EQ(put_with({{sse, "aws:kms:dsse"}, {kms_key, "1-2"}, {kms_context, "eyJhIjoiYiJ9"}}),
              "aws:kms:dsse " + key + "eyJhIjoiYiJ9 ");
    EXPECT_EQ(said(call("HEAD", "/deploys/k")), "aws:kms:dsse " + key) << "no context";
    EXPECT_EQ(put_with({{sse, "AES256"}}), "AES256 ");
}

TEST_F(S3Test, EncryptionThatIsAskedForWronglyIsRefused) {
    bucket();
    const auto code = [&](HeaderList headers) {
        return code_of(call("PUT", "/deploys/k", "x", std::move(headers)));
    };
    EXPECT_EQ(code({{sse, "aws:fsx"}}), "InvalidEncryptionAlgorithmError");
    EXPECT_EQ(code({{kms_key, "1-2"}}), "InvalidArgument") << "of which kind";
    EXPECT_EQ(code({{sse, "AES256"}, {kms_key, "1-2"}}), "InvalidArgument");
    EXPECT_EQ(code({{sse, "aws:kms"}, {kms_context, "{}"}}), "InvalidArgument") << "no base64";
    EXPECT_EQ(code({{sse, "aws:kms"}, {kms_context, "eyJhIjoxfQ=="}}), "InvalidArgument") << "1";
    EXPECT_EQ(call("GET", "/deploys/k").status, 404);
}

TEST_F(S3Test, TheBucketsEncryptionIsThatOfWhatAsksForNone) {
    bucket();
    put("old");
    const char* by_kms =
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        "<SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
        "<BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>";
    ASSERT_EQ(call("PUT", "/deploys?encryption", by_kms).status, 200);
    const std::string by_default = std::string("aws:kms ") + own_key + " true ";
    EXPECT_EQ(said(call("PUT", "/deploys/k", "x")), by_default);
    EXPECT_EQ(said(call("HEAD", "/deploys/old")), "AES256 ");
    EXPECT_EQ(said(call("PUT", "/deploys/plain", "x", {{sse, "AES256"}})), "AES256 ");
    const auto copy = [&](const char* to, HeaderList headers) {
        headers.emplace_back("x-amz-copy-source", "/deploys/plain");
        return call("PUT", to, {}, std::move(headers));
    };
    EXPECT_EQ(said(copy("/deploys/copy", {})), by_default) << "not as its source";
    EXPECT_EQ(code_of(copy("/deploys/plain", {})), "InvalidRequest");
    EXPECT_EQ(said(copy("/deploys/plain", {{sse, "aws:kms"}})), by_default);
    EXPECT_EQ(said(call("HEAD", "/deploys/plain")), by_default);

    const Response begun = call("POST", "/deploys/parts?uploads");
    EXPECT_EQ(said(begun), by_default);
    const std::string upload = "uploadId=" + between(begun.body, "UploadId");
    const Response part = call("PUT", "/deploys/parts?partNumber=1&" + upload, "x");
    EXPECT_EQ(said(part), by_default);
    const Response done =
        call("POST", "/deploys/parts?" + upload,
             "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                 part.headers.get("etag") + "</ETag></Part></CompleteMultipartUpload>");
    EXPECT_EQ(said(done), by_default) << done.body;
    EXPECT_EQ(said(call("HEAD", "/deploys/parts")), by_default);
}

}  // namespace
}  // namespace mill::s3
