// SPDX-License-Identifier: Apache-2.0
// Settings of buckets: put, got and deleted by the API, and by CloudFormation.
#include "services/s3/s3_fixture.h"

namespace mill::s3 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
    const char* query;
    const char* document;
    const char* part;  // of what comes back
    const char* absent;
};

TEST_F(S3Test, KeepsSettingsUntilTheyAreDeleted) {
    bucket();
    const Case cases[] = {
        {"cors",
         "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*"
         "</AllowedOrigin></CORSRule></CORSConfiguration>",
         "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>",
         "NoSuchCORSConfiguration"},
        {"tagging",
         "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value/></Tag>"
         "</TagSet></Tagging>",
         "<TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value/></Tag></TagSet>",
         "NoSuchTagSet"},
        {"lifecycle",
         "<LifecycleConfiguration><Rule><ID>r</ID><Filter/><Status>Enabled</Status><Expiration>"
         "<Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
         "<Expiration><Days>1</Days></Expiration><ID>r</ID><Filter></Filter>",
         "NoSuchLifecycleConfiguration"},
        {"publicAccessBlock",
         "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls>"
         "</PublicAccessBlockConfiguration>",
         "<BlockPublicAcls>false</BlockPublicAcls>", "NoSuchPublicAccessBlockConfiguration"},
        {"ownershipControls",
         "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
         "</OwnershipControls>",
         "ObjectWriter", "OwnershipControlsNotFoundError"},
        {"policy",
         R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}})",
         R"("Effect":"Deny")", "NoSuchBucketPolicy"}};
    for (const Case& one : cases) {
        const std::string target = std::string("/deploys?") + one.query;
        const auto put = call("PUT", target, one.document);
        EXPECT_EQ(put.status, 200) << one.query << put.body;
        s3 = *S3::open(world.machine(), engine, "data/s3");
        EXPECT_THAT(call("GET", target).body, HasSubstr(one.part)) << one.query;
        EXPECT_EQ(call("DELETE", target).status, 204) << one.query;
        EXPECT_EQ(code_of(call("GET", target)), one.absent);
    }
}

TEST_F(S3Test, AnswersWhatANewBucketHas) {
    bucket();
    const auto get = [&](const char* query) {
        return call("GET", std::string("/deploys?") + query);
    };
    EXPECT_THAT(get("encryption").body, HasSubstr("<SSEAlgorithm>AES256</SSEAlgorithm>"));
    EXPECT_THAT(get("publicAccessBlock").body,
                HasSubstr("<BlockPublicPolicy>true</BlockPublicPolicy>"));
    EXPECT_THAT(get("ownershipControls").body, HasSubstr("BucketOwnerEnforced"));
    EXPECT_THAT(get("requestPayment").body, HasSubstr("<Payer>BucketOwner</Payer>"));
    for (const char* empty : {"versioning", "logging", "notification", "accelerate"}) {
        EXPECT_EQ(get(empty).status, 200) << empty;
        EXPECT_THAT(get(empty).body, HasSubstr("></")) << empty;
    }
    EXPECT_THAT(get("acl").body, HasSubstr("<Permission>FULL_CONTROL</Permission>"));
    EXPECT_EQ(code_of(get("website")), "NoSuchWebsiteConfiguration");
    EXPECT_EQ(code_of(get("replication")), "ReplicationConfigurationNotFoundError");
    EXPECT_EQ(code_of(get("object-lock")), "ObjectLockConfigurationNotFoundError");
    EXPECT_EQ(code_of(get("policyStatus")), "NoSuchBucketPolicy");
}

TEST_F(S3Test, SettingsGoWithTheirBucket) {
    bucket();
    EXPECT_EQ(call("PUT", "/deploys?versioning",
                   "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
                  .status,
              200);
    EXPECT_EQ(call("DELETE", "/deploys").status, 204);
    EXPECT_EQ(code_of(call("GET", "/deploys?versioning")), "NoSuchBucket");
    bucket();
    EXPECT_THAT(call("GET", "/deploys?versioning").body, Not(HasSubstr("Status")));
}

TEST_F(S3Test, RefusesSettingsThatAwsRefuses) {
    bucket();
    const auto code = [&](const char* query, const std::string& document) {
        return code_of(call("PUT", std::string("/deploys?") + query, document));
    };
    EXPECT_EQ(code("versioning", "<VersioningConfiguration/>"),
              "IllegalVersioningConfigurationException");
    EXPECT_EQ(code("versioning", "<VersioningConfiguration"), "MalformedXML");
    EXPECT_EQ(code("tagging",
                   "<Tagging><TagSet><Tag><Key>a</Key><Value/></Tag><Tag><Key>a</Key>"
                   "<Value/></Tag></TagSet></Tagging>"),
              "InvalidTag");
    EXPECT_EQ(code("cors",
                   "<CORSConfiguration><CORSRule><AllowedMethod>PATCH</AllowedMethod>"
                   "<AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>"),
              "InvalidRequest");
    EXPECT_EQ(code("lifecycle",
                   "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status>"
                   "</Rule></LifecycleConfiguration>"),
              "InvalidRequest");
    EXPECT_EQ(code("logging",
                   "<BucketLoggingStatus><LoggingEnabled><TargetBucket>none"
                   "</TargetBucket><TargetPrefix/></LoggingEnabled>"
                   "</BucketLoggingStatus>"),
              "InvalidTargetBucketForLogging");
    EXPECT_EQ(code("policy", "<Policy/>"), "MalformedPolicy");
    EXPECT_EQ(code("requestPayment",
                   "<RequestPaymentConfiguration><Payer>Requester</Payer>"
                   "</RequestPaymentConfiguration>"),
              "NotImplemented");
    const std::string good =
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    EXPECT_EQ(code_of(call("PUT", "/deploys?versioning", good,
                           {{"content-md5", "XUFAKrxLKna5cZ2REBfFkg=="}})),
              "BadDigest");
}

TEST_F(S3Test, BlocksPublicPoliciesUntilTold) {
    bucket();
    const std::string open =
        R"({"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject",)"
        R"("Resource":"arn:aws:s3:::deploys/*"}]})";
    EXPECT_EQ(code_of(call("PUT", "/deploys?policy", open)), "AccessDenied");
    EXPECT_EQ(call("DELETE", "/deploys?publicAccessBlock").status, 204);
    EXPECT_EQ(call("PUT", "/deploys?policy", open).status, 200);
    EXPECT_THAT(call("GET", "/deploys?policyStatus").body, HasSubstr("<IsPublic>true</IsPublic>"));
}

class BucketResourceTest : public S3Test {
  protected:
    ports::ResourceRequest request(const char* properties, std::string type = "AWS::S3::Bucket") {
        return {.caller = caller,
                .type = std::move(type),
                .logical_id = "Source",
                .stack_name = "Stack",
                .generated_name = "Stack-Source-abcdefghijkl",
                .properties = *wire::parse_json(properties)};
    }
    std::string get(const std::string& query) {
        return call("GET", "/stack-source-abcdefghijkl?" + query).body;
    }
};

// What SAM CLI's managed stack and CDK's bootstrap ask for.
constexpr const char* of_deployers = R"({
    "VersioningConfiguration": {"Status": "Enabled"},
    "Tags": [{"Key": "ManagedStackSource", "Value": "AwsSamCli"}],
    "AccessControl": "Private",
    "BucketEncryption": {"ServerSideEncryptionConfiguration": [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}]},
    "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "BlockPublicPolicy": "true"},
    "LifecycleConfiguration": {"Rules": [
        {"Id": "old", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
        {"Id": "new", "Status": "Enabled", "Prefix": "a/", "ExpirationInDays": "7",
         "TagFilters": [{"Key": "k", "Value": "v"}]},
        {"Id": "abort", "Status": "Enabled",
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]},
    "CorsConfiguration": {"CorsRules": [
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 5}]},
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}})";

TEST_F(BucketResourceTest, MakesABucketWithItsSettings) {
    const auto made = world.await(s3->create(request(of_deployers)));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "stack-source-abcdefghijkl");
    EXPECT_EQ(wire::text_of(made->attributes, "Arn"), "arn:aws:s3:::stack-source-abcdefghijkl");
    EXPECT_THAT(get("versioning"), HasSubstr("<Status>Enabled</Status>"));
    EXPECT_THAT(get("tagging"), HasSubstr("<Value>AwsSamCli</Value>"));
    EXPECT_THAT(get("encryption"), HasSubstr("<SSEAlgorithm>aws:kms</SSEAlgorithm>"));
    EXPECT_THAT(get("publicAccessBlock"), HasSubstr("<BlockPublicPolicy>true</BlockPublicPolicy>"));
    EXPECT_THAT(get("lifecycle"),
                HasSubstr("<Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>"
                          "</And></Filter>"));
    EXPECT_THAT(get("lifecycle"), HasSubstr("<NoncurrentDays>30</NoncurrentDays>"));
    EXPECT_THAT(get("cors"), HasSubstr("<MaxAgeSeconds>5</MaxAgeSeconds>"));
}

TEST_F(BucketResourceTest, RenamesWhatTransitionsSay) {
    const auto made = world.await(s3->create(request(R"({"LifecycleConfiguration": {"Rules": [
        {"Status": "Enabled", "Transitions": [
            {"StorageClass": "GLACIER", "TransitionInDays": 30},
            {"TransitionDate": "2030-01-01T00:00:00Z", "StorageClass": "DEEP_ARCHIVE"}],
         "NoncurrentVersionTransitions": [
            {"TransitionInDays": 5, "StorageClass": "GLACIER"}]}]}})")));
    ASSERT_TRUE(made) << made.error().message;
    const std::string rules = get("lifecycle");
    EXPECT_THAT(rules, HasSubstr("<Transition><Days>30</Days><StorageClass>GLACIER"));
    EXPECT_THAT(rules, HasSubstr("<Transition><Date>2030-01-01T00:00:00.000Z</Date><StorageClass>"
                                 "DEEP_ARCHIVE"));
    EXPECT_THAT(rules, HasSubstr("<NoncurrentDays>5</NoncurrentDays><StorageClass>GLACIER"));
}

TEST_F(BucketResourceTest, ChangesSettingsInPlaceAndNamesNot) {
    const auto made = world.await(s3->create(request(of_deployers)));
    ASSERT_TRUE(made);
    const wire::Value before = request(of_deployers).properties;
    const auto same = world.await(s3->update(request(R"({"Tags": [{"Key": "k", "Value": "v"}]})"),
                                             made->physical_id, before));
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_THAT(get("tagging"), Not(HasSubstr("AwsSamCli")));
    EXPECT_THAT(get("versioning"), HasSubstr("<Status>Suspended</Status>"));
    EXPECT_THAT(get("encryption"), HasSubstr("AES256"));
    const auto renamed =
        world.await(s3->update(request(R"({"BucketName": "other"})"), made->physical_id, before));
    EXPECT_EQ(renamed.error().code, "resource.replace");
}

TEST_F(BucketResourceTest, RefusesWhatItDoesNotKnowAndLeavesNothing) {
    const auto unknown = world.await(s3->create(request(R"({"WebsiteConfiguration": {"a": 1}})")));
    EXPECT_THAT(unknown.error().message, HasSubstr("WebsiteConfiguration"));
    const auto wrong =
        world.await(s3->create(request(R"({"VersioningConfiguration": {"Status": "On"}})")));
    EXPECT_FALSE(wrong);
    EXPECT_EQ(call("HEAD", "/stack-source-abcdefghijkl").status, 404);
}

TEST_F(BucketResourceTest, PutsAPolicyAndTakesItAway) {
    bucket();
    const char* properties =
        R"({"Bucket": "deploys", "PolicyDocument": {"Statement": [{"Effect": "Allow",
            "Principal": {"Service": "serverlessrepo.amazonaws.com"}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::deploys/*"}]}})";
    const auto made = world.await(s3->create(request(properties, "AWS::S3::BucketPolicy")));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "deploys");
    EXPECT_THAT(call("GET", "/deploys?policy").body, HasSubstr("serverlessrepo"));
    EXPECT_TRUE(
        world.await(s3->remove(request(properties, "AWS::S3::BucketPolicy"), made->physical_id)));
    EXPECT_EQ(code_of(call("GET", "/deploys?policy")), "NoSuchBucketPolicy");
    EXPECT_TRUE(world.await(s3->remove(request("{}"), "deploys")));
    EXPECT_TRUE(world.await(s3->remove(request("{}"), "deploys"))) << "gone already";
    EXPECT_EQ(call("HEAD", "/deploys").status, 404);
}

}  // namespace
}  // namespace mill::s3
