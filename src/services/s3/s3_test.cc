// SPDX-License-Identifier: Apache-2.0
// Buckets and objects.
#include "services/s3/body.h"
#include "services/s3/read_object.h"
#include "services/s3/s3_fixture.h"

namespace mill::s3 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using wire::http::Response;

TEST_F(S3Test, BytesGoWithTheirObject) {
    bucket();
    put("first", "one");
    put("second", "one");
    put("third", "two");
    EXPECT_EQ(blob_count(), 3u);
    EXPECT_EQ(call("DELETE", "/deploys/first").status, 204);
    put("third", "three");
    EXPECT_EQ(code_of(call("PUT", "/deploys/third", "four", {{"if-none-match", "*"}})),
              "PreconditionFailed");
    EXPECT_EQ(code_of(call("PUT", "/deploys/new", "five", {{"if-match", "x"}})), "NoSuchKey");
    EXPECT_EQ(blob_count(), 2u);
    EXPECT_EQ(call("GET", "/deploys/second").body, "one");
}

// As after a crash between the bytes and the row.
TEST_F(S3Test, BytesWithoutAnObjectGoAtTheNextStart) {
    bucket();
    put("k", "one");
    EXPECT_TRUE(receive_whole("orphan"));
    EXPECT_EQ(blob_count(), 2u);
    s3 = *S3::open(world.machine(), engine, "data/s3");
    EXPECT_EQ(blob_count(), 1u);
    EXPECT_EQ(call("GET", "/deploys/k").body, "one");
}

// A client that goes in the middle.
class CutBody final : public wire::http::IncomingBody {
  public:
    Task<Result<Piece>> next() override {
        if (std::exchange(is_begun_, true)) co_return fail("net.closed", "it has gone");
        co_return Piece{"half", false};
    }

  private:
    bool is_begun_ = false;
};

TEST_F(S3Test, ABodyThatEndsEarlyLeavesNothing) {
    CutBody body;
    const auto received = world.await(receive(*s3, body, {}));
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, "IncompleteBody");
    EXPECT_EQ(received.error().status, 400);
    EXPECT_EQ(blob_count(), 0u);
}

TEST_F(S3Test, BodiesBeyondTheLimitAreRefusedByWhatIsSaidOfThem) {
    bucket();
    EXPECT_EQ(code_of(call("PUT", "/deploys/k", "x", {{"content-length", "5368709121"}})),
              "EntityTooLarge");
    EXPECT_EQ(
        code_of(call("PUT", "/deploys/k", "x",
                     {{"content-length", "99"}, {"x-amz-decoded-content-length", "5368709121"}})),
        "EntityTooLarge");
    EXPECT_EQ(call("GET", "/deploys/k").status, 404);
}

// The last piece of a large object is held back until all is known to be right.
TEST_F(S3Test, ALargeAnswerWithDamageIsNotWhole) {
    bucket();
    const Bytes large(3 * 1024 * 1024 + 5, 'x');
    put("k", large);
    EXPECT_TRUE(call("GET", "/deploys/k").body == large);
    const Object object = *s3->objects().find("deploys", "k", std::nullopt);
    const auto file = world.machine().files.open("data/s3/" + object.blob, machine::Open::write);
    ASSERT_TRUE((*file)->write_at(3, "?"));
    const Response damaged = call("GET", "/deploys/k");
    EXPECT_EQ(damaged.status, 200);
    EXPECT_LT(damaged.body.size(), *damaged.content_length);
}

TEST_F(S3Test, BytesThatAreReadOutliveTheirObject) {
    bucket();
    put("k", "one");
    const Object object = *s3->objects().find("deploys", "k", std::nullopt);
    {
        const S3::Reading reading(*s3, {object.blob});
        EXPECT_EQ(call("DELETE", "/deploys/k").status, 204);
        EXPECT_EQ(*world.await(s3->read(object, 0, 3)), "one");
    }
    EXPECT_EQ(blob_count(), 0u);
}

TEST_F(S3Test, NoBytesGoDuringABackup) {
    bucket();
    put("k", "one");
    {
        const S3::Keeping keeping(*s3);
        EXPECT_EQ(call("DELETE", "/deploys/k").status, 204);
        EXPECT_EQ(blob_count(), 1u);
    }
    EXPECT_EQ(blob_count(), 0u);
}

TEST_F(S3Test, MakesFindsListsAndDeletesBuckets) {
    EXPECT_EQ(call("HEAD", "/deploys").status, 404);
    const Response made = call("PUT", "/deploys");
    EXPECT_EQ(made.status, 200);
    EXPECT_EQ(made.headers.get("location"), "/deploys");
    EXPECT_EQ(call("HEAD", "/deploys").headers.get("x-amz-bucket-region"), "us-east-1");
    EXPECT_THAT(call("GET", "/").body,
                HasSubstr("<Buckets><Bucket><Name>deploys</Name><CreationDate>"));
    EXPECT_EQ(call("PUT", "/deploys").status, 200) << "us-east-1 lets the owner create again";
    put("k");
    EXPECT_EQ(code_of(call("DELETE", "/deploys")), "BucketNotEmpty");
    EXPECT_EQ(call("DELETE", "/deploys/k").status, 204);
    EXPECT_EQ(call("DELETE", "/deploys").status, 204);
    EXPECT_EQ(code_of(call("DELETE", "/deploys")), "NoSuchBucket");
}

TEST_F(S3Test, RefusesBadBucketNamesAndForeignBuckets) {
    for (const char* name : {"ab", "Upper", "-a-", "a..b", "a_b"}) {
        EXPECT_EQ(code_of(call("PUT", std::string("/") + name)), "InvalidBucketName") << name;
    }
    bucket();
    caller.account = "111111111111";
    EXPECT_EQ(code_of(call("PUT", "/deploys")), "BucketAlreadyExists");
    EXPECT_EQ(code_of(call("PUT", "/deploys/k", "x")), "AccessDenied");
    EXPECT_EQ(call("HEAD", "/deploys").status, 403);
    EXPECT_THAT(call("GET", "/").body, Not(HasSubstr("deploys")));
}

TEST_F(S3Test, HonoursTheLocationConstraint) {
    const std::string body =
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    EXPECT_EQ(code_of(call("PUT", "/deploys", body)), "IllegalLocationConstraintException");
    caller.region = "eu-west-1";
    EXPECT_EQ(code_of(call("PUT", "/deploys")), "IllegalLocationConstraintException");
    EXPECT_EQ(call("PUT", "/deploys", body).status, 200);
    EXPECT_THAT(call("GET", "/deploys?location").body,
                HasSubstr(">eu-west-1</LocationConstraint>"));
    EXPECT_EQ(code_of(call("PUT", "/deploys", body)), "BucketAlreadyOwnedByYou");
}

TEST_F(S3Test, KeepsAnObjectWithItsHeaders) {
    bucket();
    const Response stored = call("PUT", "/deploys/a%20b/c", "hello",
                                 {{"content-type", "text/plain"},
                                  {"x-amz-meta-owner", "me"},
                                  {"cache-control", "no-store"}});
    EXPECT_EQ(stored.headers.get("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    const Response got = call("GET", "/deploys/a%20b/c");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "hello");
    EXPECT_EQ(got.headers.get("content-type"), "text/plain");
    EXPECT_EQ(got.headers.get("x-amz-meta-owner"), "me");
    EXPECT_EQ(got.headers.get("cache-control"), "no-store");
    EXPECT_EQ(got.headers.get("etag"), stored.headers.get("etag"));
    EXPECT_THAT(got.headers.get("last-modified"), HasSubstr("GMT"));
    const Response head = call("HEAD", "/deploys/a%20b/c");
    EXPECT_EQ(head.content_length, 5u);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(*world.await(s3->get_object("deploys", "a b/c")), "hello");
}

TEST_F(S3Test, ReplacesAndForgets) {
    bucket();
    put("k", "one");
    put("k", "two");
    EXPECT_EQ(call("GET", "/deploys/k").body, "two");
    EXPECT_EQ(call("DELETE", "/deploys/k").status, 204);
    EXPECT_EQ(call("DELETE", "/deploys/k").status, 204);
    EXPECT_EQ(code_of(call("GET", "/deploys/k")), "NoSuchKey");
    EXPECT_EQ(call("HEAD", "/deploys/k").status, 404);
    EXPECT_EQ(code_of(call("GET", "/nowhere/k")), "NoSuchBucket");
    EXPECT_EQ(world.await(s3->get_object("deploys", "k")).error().code, "NoSuchKey");
    EXPECT_EQ(world.await(s3->get_object("nowhere", "k")).error().code, "NoSuchBucket");
}

TEST_F(S3Test, KeepsEmptyObjects) {
    bucket();
    put("empty", "");
    const Response got = call("GET", "/deploys/empty");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "");
    EXPECT_EQ(got.headers.get("etag"), "\"d41d8cd98f00b204e9800998ecf8427e\"");
}

TEST_F(S3Test, ReadsRanges) {
    bucket();
    put("k", "0123456789");
    const Response part = call("GET", "/deploys/k", {}, {{"range", "bytes=2-4"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "234");
    EXPECT_EQ(part.headers.get("content-range"), "bytes 2-4/10");
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"range", "bytes=8-"}}).body, "89");
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"range", "bytes=-3"}}).body, "789");
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"range", "bytes=5-99"}}).body, "56789");
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"range", "lines=1-2"}}).status, 200);
    const Response outside = call("GET", "/deploys/k", {}, {{"range", "bytes=10-"}});
    EXPECT_EQ(outside.status, 416);
    EXPECT_EQ(code_of(outside), "InvalidRange");
}

TEST_F(S3Test, HonoursConditions) {
    bucket();
    put("k", "hello");
    const std::string etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"if-none-match", etag}}).status, 304);
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"if-match", "\"other\""}}).status, 412);
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"if-match", etag}}).status, 200);
    EXPECT_EQ(code_of(call("PUT", "/deploys/k", "new", {{"if-none-match", "*"}})),
              "PreconditionFailed");
    EXPECT_EQ(call("GET", "/deploys/k").body, "hello");
    EXPECT_EQ(call("PUT", "/deploys/k2", "new", {{"if-none-match", "*"}}).status, 200);
}

TEST_F(S3Test, HonoursConditionsOnTheTime) {
    bucket();
    put("k");
    const std::string changed = call("HEAD", "/deploys/k").headers.get("last-modified");
    const std::string long_ago = "Sun, 06 Nov 1994 08:49:37 GMT";
    const auto status = [&](HeaderList headers) {
        return call("GET", "/deploys/k", {}, std::move(headers)).status;
    };
    EXPECT_EQ(status({{"If-Modified-Since", changed}}), 304);
    EXPECT_EQ(status({{"If-Modified-Since", long_ago}}), 200);
    EXPECT_EQ(status({{"If-Unmodified-Since", changed}}), 200);
    EXPECT_EQ(status({{"If-Unmodified-Since", long_ago}}), 412);
    // The tag decides where there is one.
    EXPECT_EQ(status({{"If-Unmodified-Since", long_ago}, {"If-Match", "*"}}), 200);
    EXPECT_EQ(status({{"If-Modified-Since", changed}, {"If-None-Match", "other"}}), 200);
}

TEST_F(S3Test, ShowsHeadersAsTheReaderWantsThem) {
    bucket();
    const std::string expires = "Sun, 06 Nov 2044 08:49:37 GMT";
    EXPECT_EQ(call("PUT", "/deploys/k", "x", {{"Expires", expires}}).status, 200);
    EXPECT_EQ(call("GET", "/deploys/k").headers.get("expires"), expires);
    const Response shown = call("GET",
                                "/deploys/k?response-content-type=text%2Fcsv&"
                                "response-cache-control=no-cache&"
                                "response-expires=Mon%2C%2007%20Nov%202044%2008%3A49%3A37%20GMT");
    EXPECT_EQ(shown.headers.get("content-type"), "text/csv");
    EXPECT_EQ(shown.headers.get("cache-control"), "no-cache");
    EXPECT_EQ(shown.headers.get("expires"), "Mon, 07 Nov 2044 08:49:37 GMT");
}

TEST_F(S3Test, RefusesABucketOfAnotherOwnerThanExpected) {
    bucket();
    put("k");
    const HeaderList right = {{"x-amz-expected-bucket-owner", caller.account}};
    const HeaderList wrong = {{"x-amz-expected-bucket-owner", "111111111111"}};
    const std::pair<const char*, const char*> requests[] = {
        {"HEAD", "/deploys"},     {"GET", "/deploys?location"}, {"GET", "/deploys?list-type=2"},
        {"PUT", "/deploys/k"},    {"GET", "/deploys/k"},        {"HEAD", "/deploys/k"},
        {"DELETE", "/deploys/k"}, {"DELETE", "/deploys"}};
    for (const auto& [method, target] : requests) {
        EXPECT_EQ(call(method, target, {}, wrong).status, 403) << method << " " << target;
    }
    for (const auto& [method, target] : requests) {
        EXPECT_LT(call(method, target, {}, right).status, 300) << method << " " << target;
    }
}

TEST_F(S3Test, RefusesWhatItDoesNotCarryOut) {
    bucket();
    const auto code = [&](const char* name, const char* value) {
        const Response answer = call("PUT", "/deploys/k", "x", {{name, value}});
        return std::to_string(answer.status) + code_of(answer);
    };
    EXPECT_EQ(code("x-amz-server-side-encryption-customer-algorithm", "AES256"),
              "501NotImplemented");
    EXPECT_EQ(code("x-amz-acl", "private"), "200");
    EXPECT_EQ(code("x-amz-acl", "bucket-owner-full-control"), "200");
    EXPECT_EQ(code("x-amz-acl", "public-read"), "501NotImplemented");
    EXPECT_EQ(code("x-amz-storage-class", "GLACIER"), "501NotImplemented");
    EXPECT_EQ(code("x-amz-tagging", "a=b&a=c"), "400InvalidTag");
    EXPECT_EQ(code("x-amz-checksum-xxhash64", "AAAA"), "501NotImplemented");
    EXPECT_EQ(code("x-amz-sdk-checksum-algorithm", "CRC32"), "200");
    EXPECT_EQ(call("DELETE", "/deploys/k?versionId=1").status, 400);
    EXPECT_EQ(call("GET", "/deploys/k").status, 200) << "nothing was deleted";
    EXPECT_EQ(call("GET", "/deploys/k?versionId=null").status, 200);
    EXPECT_EQ(call("GET", "/deploys/k?partNumber=2").status, 416);
}

TEST_F(S3Test, ListsBucketsInPages) {
    for (const char* name : {"aa1", "aa2", "aa3", "bbb"}) bucket(name);
    const auto buckets = [&](const std::string& query) { return call("GET", "/" + query).body; };
    const std::string first = buckets("?prefix=aa&max-buckets=2");
    EXPECT_THAT(first, HasSubstr("<Name>aa2</Name>"));
    EXPECT_THAT(first, Not(HasSubstr("<Name>aa3</Name>")));
    EXPECT_EQ(between(first, "Prefix"), "aa");
    const std::string token = between(first, "ContinuationToken");
    const std::string second =
        buckets("?prefix=aa&continuation-token=" + wire::http::percent_encode(token, false));
    EXPECT_THAT(second, HasSubstr("<Name>aa3</Name>"));
    EXPECT_THAT(second, Not(HasSubstr("<Name>bbb</Name>")));
    EXPECT_EQ(between(second, "ContinuationToken"), "");
    EXPECT_THAT(buckets("?bucket-region=eu-west-1"), Not(HasSubstr("<Name>")));
}

TEST_F(S3Test, ListsOwnersAndChecksums) {
    bucket();
    EXPECT_EQ(call("PUT", "/deploys/k", "x", {{"x-amz-checksum-crc32", "jNBBmw=="}}).status, 400);
    EXPECT_EQ(call("PUT", "/deploys/k", "x", {{"x-amz-checksum-crc32", "jNwWgw=="}})
                  .headers.get("x-amz-checksum-type"),
              "FULL_OBJECT");
    EXPECT_EQ(between(list(""), "ChecksumAlgorithm"), "CRC32");
    EXPECT_EQ(between(list(""), "ChecksumType"), "FULL_OBJECT");
    EXPECT_EQ(between(list(""), "ID"), "");
    EXPECT_NE(between(list("fetch-owner=true"), "ID"), "");
}

TEST_F(S3Test, VerifiesWhatTheClientSaysOfTheBytes) {
    bucket();
    const auto put_with = [&](std::string name, std::string value) {
        return call("PUT", "/deploys/k", "hello", {{std::move(name), std::move(value)}});
    };
    EXPECT_EQ(put_with("content-md5", "XUFAKrxLKna5cZ2REBfFkg==").status, 200);
    EXPECT_EQ(code_of(put_with("content-md5", "XUFAKrxLKna5cZ2REBfFkA==")), "BadDigest");
    EXPECT_EQ(code_of(put_with("content-md5", "nonsense")), "InvalidDigest");
    const Response summed = put_with("x-amz-checksum-crc32", "NhCmhg==");
    EXPECT_EQ(summed.status, 200);
    EXPECT_EQ(summed.headers.get("x-amz-checksum-crc32"), "NhCmhg==");
    EXPECT_EQ(call("GET", "/deploys/k", {}, {{"x-amz-checksum-mode", "ENABLED"}})
                  .headers.get("x-amz-checksum-crc32"),
              "NhCmhg==");
    const Response wrong = put_with("x-amz-checksum-crc32", "AAAAAA==");
    EXPECT_EQ(code_of(wrong), "BadDigest");
    EXPECT_THAT(wrong.body,
                HasSubstr("The CRC32 you specified did not match the calculated checksum."));
    EXPECT_EQ(code_of(put_with("x-amz-content-sha256", std::string(64, '0'))),
              "XAmzContentSHA256Mismatch");
    EXPECT_EQ(put_with("x-amz-content-sha256", "UNSIGNED-PAYLOAD").status, 200);
}

TEST_F(S3Test, TakesChunkedUploadsApart) {
    bucket();
    const HeaderList streaming = {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                                  {"content-encoding", "aws-chunked"},
                                  {"x-amz-trailer", "x-amz-checksum-crc32"},
                                  {"x-amz-decoded-content-length", "5"}};
    const std::string body = "3\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    EXPECT_EQ(call("PUT", "/deploys/k", body, streaming).status, 200);
    const Response got = call("GET", "/deploys/k");
    EXPECT_EQ(got.body, "hello");
    EXPECT_FALSE(got.headers.find("content-encoding"));
    EXPECT_EQ(code_of(call("PUT", "/deploys/k",
                           "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", streaming)),
              "BadDigest");
    for (const char* broken : {"", "5\r\nhel", "zz\r\nhello\r\n0\r\n\r\n", "4\r\nhell\r\n0\r\n\r\n",
                               "ffffffffffffffff\r\nx\r\n"}) {
        EXPECT_EQ(code_of(call("PUT", "/deploys/k", broken, streaming)), "IncompleteBody")
            << broken;
    }
    std::string trailers;
    for (int i = 0; i < 20; ++i) trailers += "x-" + std::to_string(i) + ":1\r\n";
    EXPECT_EQ(
        code_of(call("PUT", "/deploys/k", "5\r\nhello\r\n0\r\n" + trailers + "\r\n", streaming)),
        "MalformedTrailerError")
        << "they would be held in memory, however many";
    EXPECT_EQ(
        code_of(call("PUT", "/deploys/k",
                     "5\r\nhello\r\n0\r\nx:" + std::string(5000, 'y') + "\r\n\r\n", streaming)),
        "IncompleteBody");
    const std::string signature(64, 'a');
    EXPECT_EQ(call("PUT", "/deploys/k",
                   "5;chunk-signature=" + signature +
                       "\r\nworld\r\n0;chunk-signature=" + signature + "\r\n\r\n",
                   {{"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}})
                  .status,
              200);
    EXPECT_EQ(call("GET", "/deploys/k").body, "world");
}

TEST_F(S3Test, RefusesWhatItWouldGetWrong) {
    bucket();
    const Response copy = call("PUT", "/deploys/k", {}, {{"x-amz-copy-source", "/deploys/other"}});
    EXPECT_EQ(code_of(copy), "NoSuchKey");
    EXPECT_EQ(code_of(call("PUT", "/deploys/k%00", "x")), "InvalidArgument");
    EXPECT_EQ(code_of(call("PUT", "/deploys/" + std::string(1025, 'k'), "x")), "KeyTooLongError");
}

TEST_F(S3Test, ListsInPages) {
    bucket();
    for (const char* key : {"b", "a", "d", "c"}) put(key);
    const std::string first = list("max-keys=3");
    EXPECT_LT(first.find("<Key>a</Key>"), first.find("<Key>b</Key>"));
    EXPECT_THAT(first, HasSubstr("<Key>c</Key>"));
    EXPECT_THAT(first, Not(HasSubstr("<Key>d</Key>")));
    EXPECT_THAT(first, HasSubstr("<KeyCount>3</KeyCount>"));
    EXPECT_THAT(first, HasSubstr("<IsTruncated>true</IsTruncated>"));
    const std::string token = between(first, "NextContinuationToken");
    const std::string second =
        list("max-keys=3&continuation-token=" + wire::http::percent_encode(token));
    EXPECT_THAT(second, HasSubstr("<Key>d</Key>"));
    EXPECT_THAT(second, HasSubstr("<KeyCount>1</KeyCount>"));
    EXPECT_THAT(second, HasSubstr("<IsTruncated>false</IsTruncated>"));
    EXPECT_THAT(list("start-after=c"), HasSubstr("<KeyCount>1</KeyCount>"));
    EXPECT_THAT(list("max-keys=0"), HasSubstr("<KeyCount>0</KeyCount>"));
    EXPECT_THAT(list("max-keys=4"), HasSubstr("<IsTruncated>false</IsTruncated>"));
    EXPECT_THAT(list("max-keys=x"), HasSubstr("InvalidArgument"));
}

TEST_F(S3Test, RollsKeysUpToTheDelimiter) {
    bucket();
    for (const char* key : {"a/1", "a/2", "b", "c/x/1", "c/y"}) put(key);
    const std::string top = list("delimiter=%2F&prefix=");
    EXPECT_THAT(top, HasSubstr("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"));
    EXPECT_THAT(top, HasSubstr("<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>"));
    EXPECT_THAT(top, HasSubstr("<KeyCount>3</KeyCount>"));
    const std::string below = list("delimiter=%2F&prefix=c%2F&encoding-type=url");
    EXPECT_THAT(below, HasSubstr("<Prefix>c/x/</Prefix>"));
    EXPECT_THAT(below, HasSubstr("<Key>c/y</Key>"));
    const std::string page = list("delimiter=%2F&max-keys=1");
    EXPECT_THAT(page, HasSubstr("<Prefix>a/</Prefix>"));
    const std::string next =
        list("delimiter=%2F&max-keys=1&continuation-token=" +
             wire::http::percent_encode(between(page, "NextContinuationToken")));
    EXPECT_THAT(next, HasSubstr("<Key>b</Key>"));
    EXPECT_THAT(next, HasSubstr("<KeyCount>1</KeyCount>"));
    for (const char* key : {"c/z/1", "c/z/2", "c/z/3"}) put(key);
    const std::string two = list("delimiter=%2F&prefix=c%2F&max-keys=3");
    EXPECT_THAT(two, HasSubstr("<Prefix>c/z/</Prefix>"));
    EXPECT_THAT(two, HasSubstr("<IsTruncated>false</IsTruncated>"))
        << "keys below a prefix that is shown are nothing more to show";
}

TEST_F(S3Test, DoesNotMixBucketsWithSimilarNames) {
    bucket();
    bucket("deploys-2");
    EXPECT_EQ(call("PUT", "/deploys-2/k", "x").status, 200);
    EXPECT_THAT(list(""), HasSubstr("<KeyCount>0</KeyCount>"));
}

TEST(Checksums, GiveThePublishedCheckValues) {
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
    EXPECT_EQ(crc64_nvme("123456789"), 0xAE8B14860A799888ULL);
    EXPECT_EQ(checksum("crc32c", "123456789"), "4waSgw==");
    EXPECT_EQ(checksum("sha1", "abc"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    EXPECT_EQ(checksum("sha256", "abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    EXPECT_FALSE(Checksum::is_known("md5"));
}

}  // namespace
}  // namespace mill::s3
