// SPDX-License-Identifier: Apache-2.0
// Lifecycle rules, carried out.
#include "services/s3/expiry.h"

#include "services/s3/s3_fixture.h"

namespace mill::s3 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ExpiryTest : public S3Test {
  protected:
    ExpiryTest() {
        bucket();
        world.run_for(std::chrono::hours(1));  // not at midnight
    }
    void rule(const std::string& parts) {
        const Response put = call("PUT", "/deploys?lifecycle",
                                  "<LifecycleConfiguration><Rule><Status>Enabled</Status>" + parts +
                                      "</Rule></LifecycleConfiguration>");
        EXPECT_EQ(put.status, 200) << put.body;
    }
    void keep_versions() {
        EXPECT_EQ(call("PUT", "/deploys?versioning",
                       "<VersioningConfiguration><Status>Enabled</Status>"
                       "</VersioningConfiguration>")
                      .status,
                  200);
    }
    void sweep() {
        EXPECT_TRUE(world.await(expire(*s3, "deploys", **find_setting<Lifecycle>(*s3, "deploys"))));
    }
    void days(int count) { world.run_for(std::chrono::hours(24 * count)); }
    std::string versions() { return call("GET", "/deploys?versions").body; }
};

TEST_F(ExpiryTest, ObjectsGoAfterTheirDays) {
    rule("<Filter><Prefix>tmp/</Prefix></Filter><Expiration><Days>1</Days></Expiration>");
    put("tmp/a");
    put("b");
    days(1);
    sweep();
    EXPECT_EQ(call("GET", "/deploys/tmp/a").status, 200) << "until midnight";
    days(1);
    sweep();
    EXPECT_EQ(call("GET", "/deploys/tmp/a").status, 404);
    EXPECT_EQ(call("GET", "/deploys/b").status, 200);
    EXPECT_EQ(blob_count(), 1u);
}

TEST_F(ExpiryTest, TagsAndSizesFilter) {
    rule(
        "<Filter><And><Prefix/><Tag><Key>k</Key><Value>v</Value></Tag><ObjectSizeGreaterThan>1"
        "</ObjectSizeGreaterThan></And></Filter><Expiration><Days>1</Days></Expiration>");
    const HeaderList tagged = {{"x-amz-tagging", "k=v"}};
    call("PUT", "/deploys/gone", "xx", tagged);
    call("PUT", "/deploys/small", "x", tagged);
    call("PUT", "/deploys/untagged", "xx");
    days(3);
    sweep();
    EXPECT_THAT(list(""), Not(HasSubstr("<Key>gone</Key>")));
    EXPECT_THAT(list(""), HasSubstr("<KeyCount>2</KeyCount>"));
}

TEST_F(ExpiryTest, OldVersionsGoAndThenTheirDeleteMarkers) {
    keep_versions();
    rule(
        "<Filter/><Expiration><Days>10</Days></Expiration><NoncurrentVersionExpiration>"
        "<NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions>"
        "</NoncurrentVersionExpiration>");
    for (const char* body : {"one", "two", "three"}) put("k", body);
    days(3);
    sweep();
    EXPECT_EQ(blob_count(), 2u) << "the newest of the old ones is kept";
    EXPECT_EQ(call("GET", "/deploys/k").body, "three");
    days(8);
    sweep();
    EXPECT_EQ(call("GET", "/deploys/k").status, 404);
    EXPECT_THAT(versions(), HasSubstr("<DeleteMarker>"));
    rule(
        "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
        "</NoncurrentVersionExpiration><Expiration><ExpiredObjectDeleteMarker>true"
        "</ExpiredObjectDeleteMarker></Expiration>");
    days(3);
    sweep();
    sweep();
    EXPECT_THAT(versions(), Not(HasSubstr("<Key>")));
    EXPECT_EQ(blob_count(), 0u);
}

TEST_F(ExpiryTest, TwoRulesForAKeyMakeOneDeleteMarker) {
    keep_versions();
    const std::string one =
        "<Rule><Status>Enabled</Status><Filter/><Expiration><Days>1</Days>"
        "</Expiration></Rule>";
    call("PUT", "/deploys?lifecycle",
         "<LifecycleConfiguration>" + one + one + "</LifecycleConfiguration>");
    put("k");
    days(3);
    sweep();
    sweep();
    const std::string listed = versions();
    EXPECT_EQ(listed.find("<DeleteMarker>"), listed.rfind("<DeleteMarker>"));
    EXPECT_THAT(listed, HasSubstr("<DeleteMarker>"));
}

TEST_F(ExpiryTest, UploadsThatNobodyEndsAreAborted) {
    rule(
        "<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
        "</AbortIncompleteMultipartUpload>");
    const std::string id = between(call("POST", "/deploys/k?uploads").body, "UploadId");
    EXPECT_EQ(call("PUT", "/deploys/k?partNumber=1&uploadId=" + id, "x").status, 200);
    sweep();
    EXPECT_EQ(blob_count(), 1u);
    days(3);
    sweep();
    EXPECT_EQ(blob_count(), 0u);
}

TEST_F(ExpiryTest, DisabledRulesDoNothing) {
    call("PUT", "/deploys?lifecycle",
         "<LifecycleConfiguration><Rule><Status>Disabled</Status><Filter/><Expiration><Days>1"
         "</Days></Expiration></Rule></LifecycleConfiguration>");
    put("k");
    days(5);
    sweep();
    EXPECT_EQ(call("GET", "/deploys/k").status, 200);
}

}  // namespace
}  // namespace mill::s3
