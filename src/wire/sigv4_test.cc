// SPDX-License-Identifier: Apache-2.0
// The vectors are AWS's "aws-sig-v4-test-suite".
#include "wire/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::wire {
namespace {

using testing::HasSubstr;

const Credentials example{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const WallTime example_time = from_epoch_ms(1440938160000);  // 2015-08-30T12:36:00Z

http::Request request(std::string method, std::string target) {
    http::Request r{.method = std::move(method), .target = std::move(target)};
    r.headers = {{"host", "example.amazonaws.com"}};
    return r;
}

std::string signature(http::Request r, const Credentials& credentials = example) {
    sign(r, credentials, "us-east-1", "service", example_time);
    const std::string authorization = r.headers.get("authorization");
    return authorization.substr(authorization.find("Signature=") + 10);
}

TEST(Sign, GetVanilla) {
    auto r = request("GET", "/");
    sign(r, example, "us-east-1", "service", example_time);
    EXPECT_EQ(r.headers.get("x-amz-date"), "20150830T123600Z");
    EXPECT_EQ(r.headers.get("authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, "
              "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(Sign, PublishedVectors) {
    struct Vector {
        const char *method, *target, *signature;
    };
    const Vector vectors[] = {
        {"POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"GET", "/?Param2=value2&Param1=value1",
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"GET", "/?Param1=value1",
         "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
        {"GET", "/\xE1\x88\xB4",
         "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
        {"GET", "/example/..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"GET", "/./", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"GET", "//", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
         "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
        {"GET", "/example space/",
         "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    };
    for (const Vector& v : vectors)
        EXPECT_EQ(signature(request(v.method, v.target)), v.signature) << v.target;
}

TEST(Sign, SignsHeadersAndBody) {
    auto form = request("POST", "/");
    form.headers.add("content-type", "application/x-www-form-urlencoded");
    form.body = "Param1=value1";
    EXPECT_EQ(signature(form), "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");

    auto blanks = request("GET", "/");
    blanks.headers.add("my-header1", "  a   b   c  ");
    blanks.headers.add("user-agent", "x");
    EXPECT_EQ(signature(blanks),
              "6ff6bc3cebca8811504dc903f3a072c310d9f48f8ee5c0b08115052209439e1b");

    auto repeated = request("GET", "/");
    for (const char* value : {"value2", "value2", "value1"})
        repeated.headers.add("my-header1", value);
    EXPECT_EQ(signature(repeated),
              "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
}

// As botocore 1.43 signs.
TEST(Sign, SessionTokensAreSigned) {
    EXPECT_EQ(signature(request("POST", "/"), {example.access_key, example.secret_key, "TOKEN=="}),
              "8b789b9ef057ae525310053e3036916dc82a92ae2e43cddfcd45bf0f78db2f48");
}

TEST(Sign, EncodesThePathTwice) {
    EXPECT_EQ(signature(request("GET", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Af/x%20y")),
              "3c4da9e250f987252779178703bdd258bf645292d6e761e327b9532d31d3f579");
}

TEST(Sign, S3TakesThePathAsItIs) {
    auto r = request("PUT", "/bucket/a%20b//./c%3Ad");
    r.body = "hello";
    sign(r, example, "us-east-1", "s3", example_time);
    EXPECT_EQ(r.headers.get("x-amz-content-sha256"),
              "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    EXPECT_THAT(
        r.headers.get("authorization"),
        HasSubstr("SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                  "Signature=879c01e13f0c2c0aa1fb6604410debdabe68692d8848541caf0e8ac5e153f4d1"));
}

TEST(Sign, QueriesAreComparedAfterEncodingAlike) {
    EXPECT_EQ(signature(request("GET", "/?b&a=%7e*+")),
              signature(request("GET", "/?a=~%2A%2B&b=")));
    EXPECT_NE(signature(request("GET", "/?a=+")), signature(request("GET", "/?a=%20")));
}

TEST(Sign, SigningAgainReplacesTheFirstSignature) {
    auto r = request("GET", "/");
    sign(r, example, "us-east-1", "service", example_time);
    const std::string first = r.headers.get("authorization");
    sign(r, example, "us-east-1", "service", example_time);
    EXPECT_EQ(r.headers.get("authorization"), first);
    EXPECT_EQ(r.headers.size(), 3U);
}

TEST(CredentialScope, IsReadFromHeaderOrQuery) {
    auto r = request("GET", "/");
    sign(r, example, "eu-west-1", "kinesis", example_time);
    const auto scope = credential_scope(r);
    ASSERT_TRUE(scope);
    EXPECT_EQ(scope->access_key, "AKIDEXAMPLE");
    EXPECT_EQ(scope->date, "20150830");
    EXPECT_EQ(scope->region, "eu-west-1");
    EXPECT_EQ(scope->service, "kinesis");

    const auto presigned =
        credential_scope(request("GET",
                                 "/b?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb%"
                                 "2F20150830%2Fus-east-1%2Fs3%2Faws4_request"));
    ASSERT_TRUE(presigned);
    EXPECT_EQ(presigned->access_key, "a/b");
    EXPECT_EQ(presigned->service, "s3");
}

TEST(CredentialScope, IsEmptyForWhatIsNotSigned) {
    EXPECT_FALSE(credential_scope(request("GET", "/")));
    EXPECT_FALSE(credential_scope(request("GET", "/?X-Amz-Credential=a/b/c")));
    for (const char* value : {"", "Basic Zm9v", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=",
                              "AWS4-HMAC-SHA256 Credential=/20150830/us-east-1/s3/aws4_request",
                              "AWS4-HMAC-SHA256 Credential=a/20150830/us-east-1/s3/aws5_request"}) {
        auto r = request("GET", "/");
        r.headers.add("authorization", value);
        EXPECT_FALSE(credential_scope(r)) << value;
    }
}

struct Verify : testing::Test {
    Verify() {
        asked.body = "body";
        sign(asked, example, "eu-west-1", "service", example_time);
    }
    std::string code(std::chrono::seconds later = {}) const {
        const auto verified = verify(asked, example, "service", example_time + later);
        return verified ? "" : verified.error().code;
    }
    http::Request asked = request("POST", "/a?to=%2Fx&from=b+c");
};

TEST_F(Verify, WhatSignMakes) {
    EXPECT_EQ(code(), "");
    EXPECT_EQ(code(std::chrono::minutes(5)), "");
    asked.headers.add("user-agent", "added on the way");
    EXPECT_EQ(code(), "");
}

TEST_F(Verify, NothingSignedMayChange) {
    const http::Request good = asked;
    asked.method = "PUT";
    EXPECT_EQ(code(), "InvalidSignatureException");
    asked = good;
    asked.target = "/a?to=%2Fy&from=b+c";
    EXPECT_EQ(code(), "InvalidSignatureException");
    asked = good;
    asked.body = "Body";
    EXPECT_EQ(code(), "InvalidSignatureException");
    asked = good;
    asked.headers.set("host", "elsewhere");
    EXPECT_EQ(code(), "InvalidSignatureException");
    asked = good;
    asked.headers.set("x-amz-date", "20150830T123601Z");
    EXPECT_EQ(code(), "InvalidSignatureException");
}

TEST_F(Verify, WantsTheKeyTheServiceAndTheTime) {
    EXPECT_EQ(code(std::chrono::minutes(5) + std::chrono::seconds(1)), "InvalidSignatureException");
    EXPECT_EQ(code(-std::chrono::minutes(6)), "InvalidSignatureException");
    EXPECT_FALSE(verify(asked, example, "other", example_time));
    EXPECT_EQ(
        verify(asked, {"AKIDOTHER", example.secret_key, ""}, "service", example_time).error().code,
        "UnrecognizedClientException");
    EXPECT_EQ(
        verify(asked, {example.access_key, "guessed", ""}, "service", example_time).error().code,
        "InvalidSignatureException");
    EXPECT_EQ(verify(request("GET", "/"), example, "service", example_time).error().code,
              "MissingAuthenticationTokenException");
}

TEST_F(Verify, RefusesWhatIsNotWhole) {
    const std::string good = asked.headers.get("authorization");
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string changed = good;
        changed.replace(changed.find(from), from.size(), to);
        asked.headers.set("authorization", changed);
        return code();
    };
    EXPECT_EQ(with("SignedHeaders=host;x-amz-date", "SignedHeaders=x-amz-date"),
              "InvalidSignatureException");
    EXPECT_EQ(with("Signature=", "Signature=00"), "InvalidSignatureException");
    EXPECT_EQ(with("Signature=", "Mark="), "InvalidSignatureException");
    EXPECT_EQ(with("20150830/", "20150831/"), "IncompleteSignatureException");
    EXPECT_EQ(with("AWS4-HMAC-SHA256", "AWS4-NONE"), "MissingAuthenticationTokenException");
    EXPECT_EQ(with("AWS4-HMAC-SHA256 ", ""), "MissingAuthenticationTokenException");
}

}  // namespace
}  // namespace mill::wire
