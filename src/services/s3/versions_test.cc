// SPDX-License-Identifier: Apache-2.0
// Versions of objects, delete markers, copies, tags, deletions of many.
#include "services/s3/copy_source.h"
#include "services/s3/s3_fixture.h"

namespace mill::s3 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class VersionsTest : public S3Test {
  protected:
    VersionsTest() { bucket(); }
    void versioning(const std::string& status) {
        EXPECT_EQ(call("PUT", "/deploys?versioning",
                       "<VersioningConfiguration><Status>" + status +
                           "</Status></VersioningConfiguration>")
                      .status,
                  200);
    }
    std::string put_version(const std::string& key, const std::string& body) {
        return call("PUT", "/deploys/" + key, body).headers.get("x-amz-version-id");
    }
    Response get(const std::string& key, const std::string& version = {}) {
        return call("GET", "/deploys/" + key + (version.empty() ? "" : "?versionId=" + version));
    }
    // "k=new k=old! ..." of ListObjectVersions: the latest marked, delete markers without a body.
    std::string listed(const std::string& query = {}) {
        Response answer = call("GET", "/deploys?versions&" + query);
        answered = answer.body;
        std::string out;
        for (const char* element : {"Version", "DeleteMarker", "CommonPrefixes"}) {
            std::string text = answer.body;
            const std::string open = std::string("<") + element + ">";
            for (std::size_t at = text.find(open); at != std::string::npos;
                 at = text.find(open, at + 1)) {
                const std::string one = text.substr(at, text.find("</" + open.substr(1), at) - at);
                out += (out.empty() ? "" : " ") + std::string(1, element[0]) + ":" +
                       (element[0] == 'C' ? between(one, "Prefix")
                                          : between(one, "Key") +
                                                (between(one, "IsLatest") == "true" ? "!" : ""));
            }
        }
        return out;
    }
    std::string answered;
};

TEST_F(VersionsTest, EveryPutMakesAVersion) {
    put("k", "before");
    EXPECT_FALSE(get("k").headers.contains("x-amz-version-id"));
    versioning("Enabled");
    const std::string one = put_version("k", "one"), two = put_version("k", "two");
    EXPECT_EQ(one.size(), 32u);
    EXPECT_NE(one, two);
    EXPECT_EQ(get("k").body, "two");
    EXPECT_EQ(get("k").headers.get("x-amz-version-id"), two);
    EXPECT_EQ(get("k", one).body, "one");
    EXPECT_EQ(get("k", "null").body, "before");
    EXPECT_EQ(get("k", "null").headers.get("x-amz-version-id"), "null");
    EXPECT_EQ(listed(), "V:k! V:k V:k");
    EXPECT_EQ(code_of(get("k", "0")), "InvalidArgument");
    EXPECT_EQ(code_of(get("k", std::string(32, '0'))), "NoSuchVersion");
    EXPECT_EQ(blob_count(), 3u);
}

TEST_F(VersionsTest, ADeletionIsAMarkerThatCanBeTakenAway) {
    versioning("Enabled");
    const std::string one = put_version("k", "one");
    const Response deleted = call("DELETE", "/deploys/k");
    EXPECT_EQ(deleted.headers.get("x-amz-delete-marker"), "true");
    const std::string marker = deleted.headers.get("x-amz-version-id");
    EXPECT_EQ(code_of(get("k")), "NoSuchKey");
    EXPECT_EQ(code_of(get("k", marker)), "MethodNotAllowed");
    EXPECT_EQ(get("k", one).body, "one");
    EXPECT_EQ(listed(), "V:k D:k!");
    EXPECT_THAT(list(""), Not(HasSubstr("<Key>")));
    EXPECT_EQ(code_of(call("DELETE", "/deploys")), "BucketNotEmpty");
    s3 = *S3::open(world.machine(), engine, "data/s3");
    const Response restored = call("DELETE", "/deploys/k?versionId=" + marker);
    EXPECT_EQ(restored.headers.get("x-amz-delete-marker"), "true");
    EXPECT_EQ(get("k").body, "one");
    EXPECT_EQ(listed(), "V:k!");
}

TEST_F(VersionsTest, TheNextOlderVersionFollowsOneThatIsDeletedForGood) {
    versioning("Enabled");
    const std::string one = put_version("k", "one"), two = put_version("k", "two");
    call("DELETE", "/deploys/k");
    const std::string four = put_version("k", "four");
    EXPECT_EQ(call("DELETE", "/deploys/k?versionId=" + four).status, 204);
    EXPECT_EQ(code_of(get("k")), "NoSuchKey") << "the delete marker is the latest again";
    EXPECT_EQ(listed(), "V:k V:k D:k!");
    EXPECT_EQ(call("DELETE", "/deploys/k?versionId=" + two).status, 204);
    EXPECT_EQ(code_of(get("k")), "NoSuchKey");
    EXPECT_EQ(call("DELETE", "/deploys/k?versionId=" + two).status, 204) << "gone already";
    EXPECT_EQ(call("DELETE", "/deploys/k?versionId=" + one).status, 204);
    EXPECT_EQ(blob_count(), 0u);
    const std::string five = put_version("k", "five"), six = put_version("k", "six");
    EXPECT_EQ(call("DELETE", "/deploys/k?versionId=" + six).status, 204);
    EXPECT_EQ(get("k").body, "five");
    EXPECT_EQ(get("k").headers.get("x-amz-version-id"), five);
}

TEST_F(VersionsTest, ASuspendedBucketHasOneNullVersion) {
    versioning("Enabled");
    const std::string one = put_version("k", "one");
    versioning("Suspended");
    EXPECT_EQ(put_version("k", "null one"), "null");
    EXPECT_EQ(put_version("k", "null two"), "null");
    EXPECT_EQ(listed(), "V:k! V:k");
    versioning("Enabled");
    const std::string three = put_version("k", "three");
    EXPECT_EQ(get("k", "null").body, "null two");
    versioning("Suspended");
    const Response deleted = call("DELETE", "/deploys/k");
    EXPECT_EQ(deleted.headers.get("x-amz-version-id"), "null");
    EXPECT_EQ(listed(), "V:k V:k D:k!") << "the marker took the place of the null version";
    EXPECT_EQ(get("k", one).body, "one");
    EXPECT_EQ(get("k", three).body, "three");
    EXPECT_EQ(blob_count(), 2u);
}

TEST_F(VersionsTest, ListsVersionsInPages) {
    versioning("Enabled");
    for (const char* key : {"a", "a", "b/1", "b/2", "c", "c"}) put_version(key, key);
    call("DELETE", "/deploys/b/1");
    EXPECT_EQ(listed("delimiter=/"), "V:a! V:a V:c! V:c C:b/");
    EXPECT_EQ(listed("prefix=b/"), "V:b/1 V:b/2! D:b/1!");
    std::string seen, next;
    for (int pages = 0; pages < 20; ++pages) {
        seen += " " + listed("max-keys=1" + next);
        const std::string key = between(answered, "NextKeyMarker");
        if (key.empty()) break;
        next =
            "&key-marker=" + key + "&version-id-marker=" + between(answered, "NextVersionIdMarker");
    }
    EXPECT_EQ(seen, " V:a! V:a D:b/1! V:b/1 V:b/2! V:c! V:c");
    EXPECT_EQ(listed("key-marker=b/1"), "V:b/2! V:c! V:c");
    seen.clear();
    next.clear();
    for (int pages = 0; pages < 20; ++pages) {
        seen += " " + listed("delimiter=/&max-keys=2" + next);
        const std::string key = between(answered, "NextKeyMarker");
        if (key.empty()) break;
        const std::string version = between(answered, "NextVersionIdMarker");
        next = "&key-marker=" + key + (version.empty() ? "" : "&version-id-marker=" + version);
    }
    EXPECT_EQ(seen, " V:a! V:a V:c! C:b/ V:c");
    EXPECT_EQ(code_of(call("GET", "/deploys?versions&version-id-marker=x")), "InvalidArgument");
}

TEST_F(VersionsTest, TagsBelongToAVersion) {
    versioning("Enabled");
    const std::string one = call("PUT", "/deploys/k", "x", {{"x-amz-tagging", "a=1&b=%20"}})
                                .headers.get("x-amz-version-id");
    EXPECT_EQ(get("k").headers.get("x-amz-tagging-count"), "2");
    const std::string two = put_version("k", "y");
    const std::string document =
        "<Tagging><TagSet><Tag><Key>c</Key><Value>3</Value></Tag></TagSet></Tagging>";
    EXPECT_EQ(call("PUT", "/deploys/k?tagging&versionId=" + one, document)
                  .headers.get("x-amz-version-id"),
              one);
    EXPECT_THAT(call("GET", "/deploys/k?tagging&versionId=" + one).body,
                HasSubstr("<TagSet><Tag><Key>c</Key><Value>3</Value></Tag></TagSet>"));
    EXPECT_THAT(call("GET", "/deploys/k?tagging").body, HasSubstr("<TagSet></TagSet>"));
    EXPECT_EQ(call("PUT", "/deploys/k?tagging", document).status, 200);
    EXPECT_EQ(call("DELETE", "/deploys/k?tagging").status, 204);
    EXPECT_FALSE(get("k").headers.contains("x-amz-tagging-count"));
    std::string many = "<Tagging><TagSet>";
    for (int i = 0; i < 11; ++i) many += "<Tag><Key>" + std::to_string(i) + "</Key><Value/></Tag>";
    EXPECT_EQ(code_of(call("PUT", "/deploys/k?tagging", many + "</TagSet></Tagging>")),
              "BadRequest");
}

TEST_F(VersionsTest, CopiesBytesAndDescription) {
    EXPECT_EQ(call("PUT", "/deploys/a", "hello",
                   {{"content-type", "text/plain"},
                    {"x-amz-meta-m", "1"},
                    {"x-amz-tagging", "t=1"},
                    {"x-amz-checksum-crc32", "NhCmhg=="}})
                  .status,
              200);
    const auto copy = [&](const std::string& to, const std::string& from, HeaderList headers) {
        headers.push_back({"x-amz-copy-source", from});
        return call("PUT", "/deploys/" + to, {}, headers);
    };
    const Response copied = copy("b", "/deploys/a", {});
    EXPECT_EQ(between(copied.body, "ETag"), "&quot;5d41402abc4b2a76b9719d911017c592&quot;");
    EXPECT_EQ(between(copied.body, "ChecksumCRC32"), "NhCmhg==");
    EXPECT_EQ(get("b").body, "hello");
    EXPECT_EQ(get("b").headers.get("content-type"), "text/plain");
    EXPECT_EQ(get("b").headers.get("x-amz-meta-m"), "1");
    EXPECT_EQ(get("b").headers.get("x-amz-tagging-count"), "1");
    const Response other = copy("c", "deploys/a",
                                {{"x-amz-metadata-directive", "REPLACE"},
                                 {"x-amz-meta-n", "2"},
                                 {"x-amz-checksum-algorithm", "SHA1"}});
    EXPECT_EQ(between(other.body, "ChecksumSHA1"), "qvTGHdzF6KLavt4PO0gs2a6pQ00=");
    EXPECT_FALSE(get("c").headers.contains("x-amz-meta-m"));
    EXPECT_EQ(get("c").headers.get("x-amz-meta-n"), "2");
    EXPECT_EQ(code_of(copy("a", "deploys/a", {})), "InvalidRequest");
    EXPECT_EQ(copy("a", "deploys/a", {{"x-amz-metadata-directive", "REPLACE"}}).status, 200);
    EXPECT_EQ(code_of(copy("d", "deploys/a", {{"x-amz-copy-source-if-match", "x"}})),
              "PreconditionFailed");
    EXPECT_EQ(code_of(copy("d", "deploys/none", {})), "NoSuchKey");
    EXPECT_EQ(code_of(copy("d", "nothing", {})), "InvalidArgument");
    EXPECT_EQ(code_of(copy("d", "nowhere/a", {})), "NoSuchBucket");
    EXPECT_EQ(blob_count(), 3u);
}

TEST_F(VersionsTest, AnOldVersionIsMadeTheNewestByACopy) {
    versioning("Enabled");
    const std::string one = put_version("k", "one");
    put_version("k", "two");
    const Response copied =
        call("PUT", "/deploys/k", {}, {{"x-amz-copy-source", "deploys/k?versionId=" + one}});
    EXPECT_EQ(copied.headers.get("x-amz-copy-source-version-id"), one);
    EXPECT_EQ(get("k").body, "one");
    EXPECT_EQ(listed(), "V:k! V:k V:k");
}

TEST_F(VersionsTest, DeletesManyAndTellsWhatFailed) {
    for (const char* key : {"a", "b", "c"}) put(key);
    const Response answer =
        call("POST", "/deploys?delete",
             "<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object><Object><Key>b"
             "</Key><VersionId>bad</VersionId></Object></Delete>");
    EXPECT_THAT(answer.body, HasSubstr("<Deleted><Key>a</Key></Deleted>"));
    EXPECT_THAT(answer.body, HasSubstr("<Deleted><Key>none</Key></Deleted>"));
    EXPECT_THAT(answer.body, HasSubstr("<Error><Key>b</Key><VersionId>bad</VersionId><Code>"
                                       "InvalidArgument</Code>"));
    versioning("Enabled");
    const Response marked =
        call("POST", "/deploys?delete", "<Delete><Object><Key>b</Key></Object></Delete>");
    EXPECT_EQ(between(marked.body, "DeleteMarker"), "true");
    const Response quiet =
        call("POST", "/deploys?delete",
             "<Delete><Quiet>true</Quiet><Object><Key>c</Key></Object></Delete>");
    EXPECT_THAT(quiet.body, Not(HasSubstr("<Deleted>")));
    EXPECT_EQ(code_of(call("POST", "/deploys?delete", "<Delete/>")), "MalformedXML");
    EXPECT_EQ(listed(), "V:b V:c D:b! D:c!");
}

TEST_F(VersionsTest, ListsObjectsAsTheFirstVersionDid) {
    for (const char* key : {"a", "b/1", "b/2", "c"}) put(key);
    const auto first = [&](const std::string& query) {
        return call("GET", "/deploys?" + query).body;
    };
    EXPECT_THAT(first(""), HasSubstr("<Key>b/2</Key>"));
    const std::string page = first("delimiter=/&max-keys=2");
    EXPECT_EQ(between(page, "NextMarker"), "b/");
    EXPECT_THAT(page, HasSubstr("<IsTruncated>true</IsTruncated>"));
    const std::string next = first("delimiter=/&max-keys=2&marker=b/");
    EXPECT_THAT(next, HasSubstr("<Key>c</Key>"));
    EXPECT_THAT(next, Not(HasSubstr("<CommonPrefixes>")));
    EXPECT_EQ(between(first("max-keys=1"), "NextMarker"), "");
    EXPECT_THAT(first("marker=b/1"), HasSubstr("<Key>b/2</Key>"));
}

TEST(CopySource, IsReadAsClientsWriteIt) {
    EXPECT_EQ(*parse_copy_source("/b/a%20b/c"), (CopySource{"b", "a b/c", std::nullopt}));
    EXPECT_EQ(*parse_copy_source("b/k?versionId=x"), (CopySource{"b", "k", "x"}));
    EXPECT_EQ(*parse_copy_source("b%2Fk"), (CopySource{"b", "k", std::nullopt}));
    for (const char* bad : {"", "b", "/b", "b/", "/"}) EXPECT_FALSE(parse_copy_source(bad)) << bad;
}

}  // namespace
}  // namespace mill::s3
