// SPDX-License-Identifier: Apache-2.0
// Multipart uploads.
#include "services/s3/body.h"
#include "services/s3/s3_fixture.h"

namespace mill::s3 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Bytes big(5 * 1024 * 1024, 'b');

class UploadsTest : public S3Test {
  protected:
    UploadsTest() { bucket(); }
    std::string begin(const std::string& key = "k", const HeaderList& headers = {}) {
        return between(call("POST", "/deploys/" + key + "?uploads", {}, headers).body, "UploadId");
    }
    std::string place(const std::string& id, int number, const std::string& key = "k") {
        return "/deploys/" + key + "?partNumber=" + std::to_string(number) + "&uploadId=" + id;
    }
    std::string part(const std::string& id, int number, Bytes body) {
        return call("PUT", place(id, number), std::move(body)).headers.get("etag");
    }
    Response complete(const std::string& id, const std::vector<std::pair<int, std::string>>& parts,
                      const HeaderList& headers = {}) {
        std::string document = "<CompleteMultipartUpload>";
        for (const auto& [number, etag] : parts)
            document += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
                        etag + "</ETag></Part>";
        return call("POST", "/deploys/k?uploadId=" + id, document + "</CompleteMultipartUpload>",
                    headers);
    }
};

TEST_F(UploadsTest, PartsBecomeAnObject) {
    const std::string id = begin("k", {{"content-type", "text/plain"}, {"x-amz-meta-m", "1"}});
    part(id, 1, "replaced");
    const std::string left_out = part(id, 2, "left out");
    const std::string one = part(id, 1, big), three = part(id, 3, "end");
    EXPECT_EQ(call("GET", "/deploys/k").status, 404);
    s3 = *S3::open(world.machine(), engine, "data/s3");
    EXPECT_EQ(blob_count(), 3u) << "the next start forgets no part";
    const Response done = complete(id, {{1, one}, {3, three}});
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_THAT(between(done.body, "ETag"), HasSubstr("-2&quot;"));
    EXPECT_EQ(blob_count(), 2u);
    const Response got = call("GET", "/deploys/k");
    EXPECT_EQ(got.body, big + "end");
    EXPECT_EQ(got.headers.get("content-type"), "text/plain");
    EXPECT_EQ(got.headers.get("x-amz-meta-m"), "1");
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"range", "bytes=5242879-5242881"}}).body, "ben");
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"range", "bytes=-3"}}).body, "end");
    const Response second = call("GET", "/deploys/k?partNumber=2");
    EXPECT_EQ(second.status, 206);
    EXPECT_EQ(second.body, "end");
    EXPECT_EQ(second.headers.get("x-amz-mp-parts-count"), "2");
    EXPECT_EQ(*world.await(s3->get_object("deploys", "k")), big + "end");
    EXPECT_EQ(complete(id, {{1, one}, {3, three}}).body, done.body) << "asked again";
    EXPECT_EQ(code_of(call("PUT", place(id, 1), "x")), "NoSuchUpload");
    EXPECT_EQ(call("DELETE", "/deploys/k").status, 204);
    EXPECT_EQ(blob_count(), 0u);
    EXPECT_TRUE(engine.table->scan("s3/part/")->empty());
    EXPECT_EQ(code_of(complete(id, {{1, one}})), "NoSuchUpload");
}

TEST_F(UploadsTest, RefusesPartsThatDoNotFit) {
    const std::string id = begin();
    const std::string one = part(id, 1, "small"), two = part(id, 2, "x");
    EXPECT_EQ(code_of(complete(id, {{1, one}, {2, two}})), "EntityTooSmall");
    EXPECT_EQ(code_of(complete(id, {{2, two}, {1, one}})), "InvalidPartOrder");
    EXPECT_EQ(code_of(complete(id, {{1, two}})), "InvalidPart");
    EXPECT_EQ(code_of(complete(id, {{7, one}})), "InvalidPart");
    EXPECT_EQ(code_of(complete(id, {})), "MalformedXML");
    EXPECT_EQ(code_of(complete("none", {{1, one}})), "NoSuchUpload");
    EXPECT_EQ(code_of(call("PUT", place(id, 0), "x")), "InvalidArgument");
    EXPECT_EQ(code_of(call("PUT", place(id, 10001), "x")), "InvalidArgument");
    EXPECT_EQ(code_of(complete(id, {{1, one}}, {{"x-amz-mp-object-size", "4"}})), "InvalidRequest");
    put("k", "other");
    EXPECT_EQ(code_of(complete(id, {{1, one}}, {{"if-none-match", "*"}})), "PreconditionFailed");
    EXPECT_EQ(complete(id, {{1, one}}).status, 200);
    EXPECT_EQ(call("GET", "/deploys/k").body, "small");
}

TEST_F(UploadsTest, AnAbortedUploadLeavesNothing) {
    const std::string id = begin();
    part(id, 1, "x");
    EXPECT_EQ(call("DELETE", "/deploys/k?uploadId=" + id).status, 204);
    EXPECT_EQ(blob_count(), 0u);
    EXPECT_EQ(code_of(call("DELETE", "/deploys/k?uploadId=" + id)), "NoSuchUpload");
    part(begin(), 1, "y");
    EXPECT_EQ(call("DELETE", "/deploys").status, 204) << "an upload is no object";
    EXPECT_EQ(blob_count(), 0u);
    EXPECT_TRUE(engine.table->scan("s3/")->empty());
}

TEST_F(UploadsTest, CopiesRangesAsParts) {
    put("source", "0123456789");
    const std::string id = begin();
    const auto copy = [&](const std::string& range) {
        return call("PUT", place(id, 1), {},
                    {{"x-amz-copy-source", "deploys/source"}, {"x-amz-copy-source-range", range}});
    };
    for (const char* range : {"bytes=5-10", "bytes=-9", "bytes=5-"})
        EXPECT_EQ(code_of(copy(range)), "InvalidArgument") << range;
    const Response copied = copy("bytes=2-4");
    EXPECT_EQ(copied.status, 200) << copied.body;
    EXPECT_EQ(complete(id, {{1, between(copied.body, "ETag")}}).status, 200);
    EXPECT_EQ(call("GET", "/deploys/k").body, "234");
    put("source", "changed");
    EXPECT_EQ(call("GET", "/deploys/k").body, "234");
    EXPECT_EQ(call("PUT", "/deploys/copy", {}, {{"x-amz-copy-source", "deploys/k"}}).status, 200);
    EXPECT_EQ(call("GET", "/deploys/copy").body, "234");
}

TEST_F(UploadsTest, RangesFindTheirParts) {
    put("k/neighbour", "x");
    const std::string id = begin();
    Bytes whole;
    std::vector<std::pair<int, std::string>> listed;
    for (int number : {3, 4, 700, 9999, 10000}) {
        const Bytes bytes =
            number == 10000 ? Bytes("end") : std::string(big.size(), 'a') + std::to_string(number);
        whole += bytes;
        listed.emplace_back(number, part(id, number, bytes));
    }
    part(id, 5, "left out");
    EXPECT_EQ(complete(id, listed).status, 200);
    const auto read_all = [&] {
        for (const std::size_t from : {std::size_t{0}, big.size(), big.size() + 1,
                                       3 * big.size() - 7, whole.size() - 4, whole.size() - 1}) {
            for (const std::size_t count : {std::size_t{1}, std::size_t{9}, 2 * big.size()}) {
                const std::size_t end = std::min(from + count, whole.size());
                const std::string range =
                    "bytes=" + std::to_string(from) + "-" + std::to_string(end - 1);
                EXPECT_TRUE(call("GET", "/deploys/k", {}, {{"Range", range}}).body ==
                            whole.substr(from, end - from))
                    << range;
            }
        }
        EXPECT_TRUE(call("GET", "/deploys/k").body == whole);
        EXPECT_EQ(call("GET", "/deploys/k?partNumber=5").body, "end");
        EXPECT_EQ(call("GET", "/deploys/k?partNumber=4").body.size(), big.size() + 4);
        for (const std::string none : {"0", "6"}) {
            EXPECT_EQ(code_of(call("GET", "/deploys/k?partNumber=" + none)), "InvalidPartNumber");
        }
    };
    read_all();
    // As it was stored before parts had a place.
    storage::Table::Commit commit;
    for (Part old : *s3->objects().parts(id)) {
        old.begin = old.index = 0;
        commit.puts.push_back({Objects::part_row(id, old.number), wire::to_json(old)});
    }
    EXPECT_TRUE(world.await(s3->table().commit(std::move(commit))));
    read_all();
}

TEST_F(UploadsTest, NoCopyIsMadeOfDamage) {
    put("one", "0123456789");
    const std::string id = begin();
    const std::string first = part(id, 1, big), last = part(id, 2, "end");
    EXPECT_EQ(complete(id, {{1, first}, {2, last}}).status, 200);
    const auto parts = s3->objects().parts(id);
    const Object one = *s3->objects().find("deploys", "one", std::nullopt);
    const Object several = *s3->objects().find("deploys", "k", std::nullopt);
    for (const auto& [blob, object] :
         {std::pair(one.blob, one), std::pair(parts->front().blob, several)}) {
        const auto file = world.machine().files.open("data/s3/" + blob, machine::Open::write);
        ASSERT_TRUE((*file)->write_at(3, "?"));
        const auto copied =
            world.await(copy_bytes(*s3, object, 0, static_cast<std::uint64_t>(object.size), {}));
        ASSERT_FALSE(copied);
        EXPECT_EQ(copied.error().code, "storage.corrupt");
        EXPECT_THAT(copied.error().message, HasSubstr("data/s3/" + blob));
    }
    EXPECT_EQ(call("PUT", "/deploys/copy", {}, {{"x-amz-copy-source", "deploys/k"}}).status, 500);
    EXPECT_EQ(call("GET", "/deploys/copy").status, 404);
    EXPECT_EQ(blob_count(), 3u) << "nothing stays of the copies";
}

TEST_F(UploadsTest, AnObjectWhosePartsAreLostIsNotTakenForAShorterOne) {
    const std::string id = begin();
    const std::string first = part(id, 1, big), last = part(id, 2, "end");
    EXPECT_EQ(complete(id, {{1, first}, {2, last}}).status, 200);
    for (const int number : {2, 1}) {
        EXPECT_TRUE(world.await(s3->table().commit({.erases = {Objects::part_row(id, number)}})));
        EXPECT_EQ(call("GET", "/deploys/k").status, 500) << number;
        EXPECT_EQ(call("PUT", "/deploys/copy", {}, {{"x-amz-copy-source", "deploys/k"}}).status,
                  500)
            << number;
    }
    EXPECT_EQ(call("GET", "/deploys/copy").status, 404);
}

TEST_F(UploadsTest, SumsUpChecksums) {
    const std::string whole = begin("k", {{"x-amz-checksum-algorithm", "CRC64NVME"}});
    const std::string a = part(whole, 1, big), b = part(whole, 2, "end");
    EXPECT_EQ(between(complete(whole, {{1, a}, {2, b}}).body, "ChecksumCRC64NVME"),
              checksum("crc64nvme", big + "end"));
    for (const char* name : {"CRC32", "CRC32C"}) {
        const std::string id = begin(
            "k", {{"x-amz-checksum-algorithm", name}, {"x-amz-checksum-type", "FULL_OBJECT"}});
        const std::string c = part(id, 1, big), d = part(id, 2, "end");
        EXPECT_EQ(between(complete(id, {{1, c}, {2, d}}).body, std::string("Checksum") + name),
                  checksum(checksum_key(name), big + "end"));
    }
    const std::string parts = begin("k", {{"x-amz-checksum-algorithm", "SHA256"}});
    const Response one = call("PUT", place(parts, 1), "x");
    EXPECT_EQ(one.headers.get("x-amz-checksum-sha256"), checksum("sha256", "x"));
    EXPECT_EQ(between(complete(parts, {{1, one.headers.get("etag")}}).body, "ChecksumSHA256"),
              checksum("sha256", sha256("x")) + "-1");
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"x-amz-checksum-mode", "ENABLED"}})
                  .headers.get("x-amz-checksum-type"),
              "COMPOSITE");
    EXPECT_EQ(code_of(call("POST", "/deploys/k?uploads", {},
                           {{"x-amz-checksum-algorithm", "SHA256"},
                            {"x-amz-checksum-type", "FULL_OBJECT"}})),
              "InvalidRequest");
}

TEST_F(UploadsTest, ListsUploadsAndParts) {
    const std::string first = begin("a"), second = begin("a");
    begin("b/1");
    begin("b/2");
    const auto uploads = [&](const std::string& query) {
        return call("GET", "/deploys?uploads&" + query).body;
    };
    EXPECT_THAT(uploads("delimiter=/"), HasSubstr("<CommonPrefixes><Prefix>b/</Prefix>"));
    EXPECT_THAT(uploads("prefix=b/2"), Not(HasSubstr("b/1")));
    const std::string page = uploads("max-uploads=1");
    EXPECT_EQ(between(page, "NextKeyMarker"), "a");
    const std::string next =
        uploads("key-marker=a&upload-id-marker=" + between(page, "NextUploadIdMarker"));
    EXPECT_THAT(next, HasSubstr("<Key>a</Key>"));
    EXPECT_THAT(next, Not(HasSubstr(between(page, "NextUploadIdMarker") + "</UploadId>")));
    EXPECT_THAT(uploads("key-marker=a"), Not(HasSubstr("<Key>a</Key>")));
    for (int number : {3, 1, 2}) call("PUT", place(first, number, "a"), std::to_string(number));
    const auto parts = [&](const std::string& query) {
        return call("GET", "/deploys/a?uploadId=" + first + query).body;
    };
    const std::string two = parts("&max-parts=2");
    EXPECT_EQ(between(two, "NextPartNumberMarker"), "2");
    EXPECT_EQ(between(two, "IsTruncated"), "true");
    EXPECT_THAT(parts("&part-number-marker=2"), HasSubstr("<PartNumber>3</PartNumber>"));
    EXPECT_THAT(parts("&part-number-marker=2"), Not(HasSubstr("<PartNumber>2</PartNumber>")));
}

}  // namespace
}  // namespace mill::s3
