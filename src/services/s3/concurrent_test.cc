// SPDX-License-Identifier: Apache-2.0
// What clients, and the sweep of the lifecycle rules, do while others are at work.
#include "services/s3/durable_fixture.h"
#include "services/s3/expiry.h"
#include "services/s3/settings/setting.h"
#include "services/s3/uploads.h"

namespace mill::s3 {
namespace {

class ConcurrentTest : public DurableS3Test {
  protected:
    ConcurrentTest() { bucket(); }
    std::string upload(const std::string& key) {
        const std::string id =
            between(call("POST", "/deploys/" + key + "?uploads").body, "UploadId");
        EXPECT_EQ(call("PUT", "/deploys/" + key + "?partNumber=1&uploadId=" + id, "x").status, 200);
        return id;
    }
    Response complete(const std::string& key, const std::string& id) {
        return call("POST", "/deploys/" + key + "?uploadId=" + id,
                    std::string("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>") +
                        etag_of_x + "</ETag></Part></CompleteMultipartUpload>");
    }
    void rule(const std::string& actions) {
        const Response put =
            call("PUT", "/deploys?lifecycle",
                 "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/>" + actions +
                     "</Rule></LifecycleConfiguration>");
        EXPECT_EQ(put.status, 200) << put.body;
    }
    void versioning(const std::string& status) {
        EXPECT_EQ(call("PUT", "/deploys?versioning",
                       "<VersioningConfiguration><Status>" + status +
                           "</Status></VersioningConfiguration>")
                      .status,
                  200);
    }
    void begin_sweep() {
        world.run_for(std::chrono::hours(72));
        begin(expire(*s3, "deploys", **find_setting<Lifecycle>(*s3, "deploys")), swept);
        EXPECT_FALSE(swept) << "it waits for its first commit";
    }
    void finish_sweep() {
        EXPECT_FALSE(swept) << "the client came too late";
        EXPECT_TRUE(world.run_until([&] { return swept.has_value(); }));
        EXPECT_TRUE(*swept) << swept->error().message;
    }

    static constexpr const char* etag_of_x = "9dd4e461268c8034f5c8564e155c67a6";
    std::optional<Result<void>> swept;
};

TEST_F(ConcurrentTest, TheSweepLeavesAnUploadThatIsCompletedMeanwhile) {
    rule(
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
        "</AbortIncompleteMultipartUpload>");
    for (int i = 0; i < 20; ++i) upload("a" + std::to_string(i));
    const std::string id = upload("k");
    begin_sweep();
    EXPECT_EQ(complete("k", id).status, 200);
    finish_sweep();
    EXPECT_EQ(call("GET", "/deploys/k").body, "x");
    EXPECT_EQ(blob_count(), 1u) << "of the others, which were aborted, nothing stays";
}

TEST_F(ConcurrentTest, AnUploadEndsOnce) {
    const std::string id = upload("k");
    const Upload found = *find_upload(*s3, "deploys", "k", id);
    EXPECT_EQ(complete("k", id).status, 200);
    EXPECT_EQ(world.await(abort_upload(*s3, "deploys", found)).error().code, "NoSuchUpload");
    EXPECT_EQ(call("GET", "/deploys/k").body, "x");
}

// The version of the id "null" is another one then.
TEST_F(ConcurrentTest, TheSweepLeavesVersionsThatBecameCurrentMeanwhile) {
    rule(
        "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
        "</NoncurrentVersionExpiration><Expiration><ExpiredObjectDeleteMarker>true"
        "</ExpiredObjectDeleteMarker></Expiration>");
    for (const char* key : {"old", "restored"}) put(key, "first");
    versioning("Suspended");
    EXPECT_EQ(call("DELETE", "/deploys/removed").status, 204);
    versioning("Enabled");
    for (const char* key : {"old", "restored"}) put(key, "second");
    for (int version = 0; version < 40; ++version) put("a");
    const std::string second = call("HEAD", "/deploys/restored").headers.get("x-amz-version-id");
    begin_sweep();
    versioning("Suspended");
    put("old", "third");
    put("removed", "again");
    EXPECT_EQ(call("DELETE", "/deploys/restored?versionId=" + second).status, 204);
    finish_sweep();
    EXPECT_EQ(call("GET", "/deploys/old").body, "third");
    EXPECT_EQ(call("GET", "/deploys/removed").body, "again");
    EXPECT_EQ(call("GET", "/deploys/restored").body, "first");
    EXPECT_EQ(call("GET", "/deploys/a?versionId=null").status, 404);
}

TEST_F(ConcurrentTest, WhatIsAnsweredAgainIsDurable) {
    std::optional<Result<void>> made;
    begin(s3->create_bucket({"other", caller.account, caller.region, s3->now()}), made);
    EXPECT_EQ(call("PUT", "/other").status, 200);
    lose_power();
    EXPECT_EQ(call("HEAD", "/other").status, 200);

    put("k");
    std::optional<Result<std::optional<Object>>> removed;
    begin(s3->erase("deploys", "k", std::nullopt, {}), removed);
    EXPECT_EQ(call("DELETE", "/deploys/k").status, 204);
    lose_power();
    EXPECT_EQ(call("GET", "/deploys/k").status, 404);

    const std::string id = upload("k");
    const Upload found = *find_upload(*s3, "deploys", "k", id);
    Completed completed = *complete_upload(*s3, "deploys", found, {{1, etag_of_x, {}}});
    std::optional<Result<Object>> put;
    begin(s3->put("deploys", "k", completed.object, {}, "", completed.also), put);
    EXPECT_EQ(complete("k", id).status, 200);
    lose_power();
    EXPECT_EQ(call("GET", "/deploys/k").body, "x");
}

}  // namespace
}  // namespace mill::s3
