// SPDX-License-Identifier: Apache-2.0
#include "wire/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::wire::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

const std::string plain_post =
    "POST /a%2Fb?x=1 HTTP/1.1\r\nHost: localhost:4566\r\nX-Amz-Target: K.Put\r\nContent-Length: "
    "5\r\n\r\nhello";
const std::string chunked_put =
    "PUT /bucket/key HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n";
const std::string get_close = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

std::vector<Request> parse_in_two(const std::string& text, std::size_t cut) {
    RequestParser parser;
    EXPECT_TRUE(parser.feed(BytesView(text).substr(0, cut)));
    EXPECT_TRUE(parser.feed(BytesView(text).substr(cut)));
    std::vector<Request> out;
    while (auto request = parser.take()) out.push_back(*std::move(request));
    return out;
}

void expect_the_three(const std::vector<Request>& requests) {
    ASSERT_EQ(requests.size(), 3u);
    EXPECT_EQ(requests[0].method, "POST");
    EXPECT_EQ(requests[0].target, "/a%2Fb?x=1");
    EXPECT_EQ(requests[0].path(), "/a%2Fb");
    EXPECT_EQ(requests[0].query(), "x=1");
    EXPECT_EQ(requests[0].headers.get("x-amz-target"), "K.Put");
    EXPECT_EQ(requests[0].body, "hello");
    EXPECT_TRUE(requests[0].keep_alive);
    EXPECT_EQ(requests[1].body, "hello world");
    EXPECT_FALSE(requests[1].headers.contains("x-trailer")) << "trailers must not pass for headers";
    EXPECT_EQ(requests[2].method, "GET");
    EXPECT_FALSE(requests[2].keep_alive);
}

TEST(RequestParser, TakesPipelinedRequestsCutAnywhere) {
    const std::string all = plain_post + chunked_put + get_close;
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        SCOPED_TRACE(cut);
        expect_the_three(parse_in_two(all, cut));
    }
}

TEST(RequestParser, TakesOneByteAtATime) {
    const std::string all = plain_post + chunked_put + get_close;
    RequestParser parser;
    std::vector<Request> requests;
    for (const char c : all) {
        ASSERT_TRUE(parser.feed(BytesView(&c, 1)));
        if (auto request = parser.take()) requests.push_back(*std::move(request));
    }
    expect_the_three(requests);
}

struct Malformed {
    std::string name, text, code;
};
class RequestParserRefuses : public ::testing::TestWithParam<Malformed> {};

TEST_P(RequestParserRefuses, WithItsCode) {
    RequestParser parser(Limits{.header_bytes_max = 1024, .body_bytes_max = 16});
    auto fed = parser.feed(GetParam().text);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, GetParam().code);
    EXPECT_FALSE(parser.take());
}

TEST_P(RequestParserRefuses, WithItsCodeWhenFedByteByByte) {
    RequestParser parser(Limits{.header_bytes_max = 1024, .body_bytes_max = 16});
    std::string code;
    for (const char c : GetParam().text) {
        if (auto fed = parser.feed(BytesView(&c, 1)); !fed) {
            code = fed.error().code;
            break;
        }
    }
    EXPECT_EQ(code, GetParam().code);
    EXPECT_FALSE(parser.take());
}

const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
INSTANTIATE_TEST_SUITE_P(
    Everything, RequestParserRefuses,
    ::testing::Values(
        Malformed{"NoRequestLine", "hello\r\n\r\n", "http.malformed"},
        Malformed{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http.malformed"},
        Malformed{"BadVersion", "GET / HTTP/3.1\r\n\r\n", "http.malformed"},
        Malformed{"BlankInName", "GET / HTTP/1.1\r\nA B: c\r\n\r\n", "http.malformed"},
        Malformed{"BadLength", head + "Content-Length: 5x\r\n\r\nhello", "http.malformed"},
        Malformed{"BlankBeforeColon", head + "A : b\r\n\r\n", "http.malformed"},
        Malformed{"FoldedLine", head + "A: b\r\n c\r\n\r\n", "http.malformed"},
        Malformed{"LineFeedAlone", head + "A: b\n\r\n\r\n", "http.malformed"},
        Malformed{"LineFeedsAlone", "GET / HTTP/1.1\nHost: h\n\n", "http.malformed"},
        Malformed{"ReturnAlone", head + "A: b\rc\r\n\r\n", "http.malformed"},
        Malformed{"ControlFarInValue", head + "A: 0123456789abcdef\x01xyz\r\n\r\n",
                  "http.malformed"},
        Malformed{"DeleteInValue", head + "A: 01234567\x7f\r\n\r\n", "http.malformed"},
        Malformed{"NulInValue", head + std::string("A: b\0c\r\n\r\n", 10), "http.malformed"},
        Malformed{"NoName", head + ": b\r\n\r\n", "http.malformed"},
        Malformed{"NoColon", head + "A\r\n\r\n", "http.malformed"},
        Malformed{"TwoHosts", head + "Host: i\r\n\r\n", "http.malformed"},
        Malformed{"BlankInTarget", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "http.malformed"},
        Malformed{"Tls", "\x16\x03\x01", "http.malformed"},
        Malformed{"NegativeLength", head + "Content-Length: -1\r\n\r\n", "http.malformed"},
        Malformed{"ListedLengths", head + "Content-Length: 5, 5\r\n\r\n", "http.malformed"},
        Malformed{"HugeLength", head + "Content-Length: 99999999999999999999\r\n\r\n",
                  "http.malformed"},
        Malformed{"EqualLengths", head + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                  "http.malformed"},
        Malformed{"ChunkedTwice",
                  head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                  "http.malformed"},
        Malformed{"CodingsListed", head + "Transfer-Encoding: gzip, chunked\r\n\r\n",
                  "http.malformed"},
        Malformed{"ChunkedByOldClient",
                  "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  "http.malformed"},
        Malformed{"ChunkWithoutSize", head + "Transfer-Encoding: chunked\r\n\r\n\r\n",
                  "http.malformed"},
        Malformed{"ChunkTooLong", head + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
                  "http.malformed"},
        Malformed{"HugeChunk", head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n",
                  "http.body_too_large"},
        Malformed{"TwoLengths", head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                  "http.malformed"},
        Malformed{"LengthAndChunked",
                  head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                  "http.malformed"},
        Malformed{"UnknownCoding", head + "Transfer-Encoding: gzip\r\n\r\n", "http.malformed"},
        Malformed{"BadChunk", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
                  "http.malformed"},
        Malformed{"BodyTooLarge", head + "Content-Length: 17\r\n\r\n", "http.body_too_large"},
        Malformed{"ChunksTooLarge",
                  head + "Transfer-Encoding: chunked\r\n\r\nff\r\n" + std::string(255, 'x') +
                      "\r\n0\r\n\r\n",
                  "http.body_too_large"},
        Malformed{"HeadersTooLarge", head + "A: " + std::string(2000, 'a') + "\r\n\r\n",
                  "http.headers_too_large"},
        Malformed{"TargetTooLong", "GET /" + std::string(2000, 'a') + " HTTP/1.1\r\n\r\n",
                  "http.headers_too_large"}),
    [](const auto& info) { return info.param.name; });

TEST(RequestParser, KeepsWhatCameBeforeAnError) {
    RequestParser parser;
    EXPECT_FALSE(parser.feed(plain_post + "junk\r\n\r\n"));
    EXPECT_EQ(parser.take()->body, "hello");
    EXPECT_FALSE(parser.take());
    EXPECT_FALSE(parser.feed(plain_post)) << "nothing after an error is believed";
    EXPECT_FALSE(parser.take());
}

TEST(RequestParser, KeepsConnectionsOfOldClientsOnlyWhenAsked) {
    RequestParser parser;
    ASSERT_TRUE(parser.feed("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_FALSE(parser.take()->keep_alive);
    ASSERT_TRUE(parser.feed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    EXPECT_TRUE(parser.take()->keep_alive);
    ASSERT_TRUE(parser.feed("\r\nGET / HTTP/1.1\r\nHost: h\r\nConnection: a, Close\r\n\r\n"));
    EXPECT_FALSE(parser.take()->keep_alive);
}

// As a socket does, a few bytes at a time.
std::optional<Request> read_through_room(RequestParser& parser, BytesView text, std::size_t step) {
    while (!text.empty()) {
        const std::span<char> room = parser.room();
        const std::size_t count = std::min({room.size(), text.size(), step});
        std::ranges::copy(text.substr(0, count), room.begin());
        text.remove_prefix(count);
        EXPECT_TRUE(parser.received(count));
    }
    return parser.take();
}

TEST(RequestParser, PutsBodiesWhereTheyStay) {
    const Bytes body = Bytes(3 * 1024 * 1024, 'x') + "end";
    const std::string text =
        head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    for (const std::size_t step : {100'000uz, text.size()}) {
        RequestParser parser;
        for (int twice = 0; twice < 2; ++twice) {
            const auto request = read_through_room(parser, text, step);
            ASSERT_TRUE(request);
            EXPECT_TRUE(request->body == body);
        }
    }
}

TEST(Headers, KeepOrderAndReplaceWhateverTheCase) {
    Headers headers{{"A", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}};
    EXPECT_EQ(headers.view("a"), "1");
    headers.set("a", headers.view("c"));
    EXPECT_EQ(headers.lines(), "b: 2\r\nc: 4\r\na: 4\r\n");
    headers.erase("B");
    EXPECT_FALSE(headers.contains("b"));
    EXPECT_EQ(headers.get("C"), "4");
    EXPECT_EQ(headers.size(), 2u);
}

TEST(RequestParser, AsksForTheBodyOnceWhenTheClientExpectsIt) {
    RequestParser parser;
    ASSERT_TRUE(parser.feed(head + "Content-Length: 2\r\nExpect: 100-Continue\r\n"));
    EXPECT_FALSE(parser.take_expect_continue());
    ASSERT_TRUE(parser.feed("\r\n"));
    EXPECT_TRUE(parser.take_expect_continue());
    EXPECT_FALSE(parser.take_expect_continue());
    ASSERT_TRUE(parser.feed("ab"));
    EXPECT_FALSE(parser.take_expect_continue());
    EXPECT_EQ(parser.take()->body, "ab");
}

TEST(RequestParser, AsksForNothingWhenTheBodyCameAlong) {
    RequestParser parser;
    ASSERT_TRUE(parser.feed(head + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\nab"));
    EXPECT_FALSE(parser.take_expect_continue());
    EXPECT_TRUE(parser.take());
}

TEST(RequestParser, BelievesNoClaimedLengthWhenSettingMemoryAside) {
    RequestParser parser(Limits{.body_bytes_max = 1ull << 60});
    EXPECT_TRUE(parser.feed(head + "Content-Length: 1152921504606846975\r\n\r\nx"));
    EXPECT_FALSE(parser.take());
}

TEST(RequestParser, HandsLargeBodiesOverInPiecesCutAnywhere) {
    const std::string length_put = "PUT /k HTTP/1.1\r\nContent-Length: 11\r\n\r\nhello world";
    for (const std::string& put : {chunked_put, length_put}) {
        const std::string all = plain_post + put + get_close;
        for (std::size_t cut = 0; cut <= all.size(); ++cut) {
            SCOPED_TRACE(cut);
            RequestParser parser({.unasked_bytes_max = 8});
            EXPECT_TRUE(parser.feed(BytesView(all).substr(0, cut)));
            std::vector<Request> requests;
            Bytes body;
            const auto take = [&] {
                while (auto request = parser.take()) requests.push_back(*std::move(request));
                if (parser.undecided()) {
                    requests.push_back(parser.take_streamed());
                    EXPECT_TRUE(parser.is_streaming());
                    EXPECT_TRUE(parser.received(0));
                }
                if (auto piece = parser.take_piece()) {
                    EXPECT_TRUE(piece->is_last);
                    body += piece->bytes;
                }
                while (auto request = parser.take()) requests.push_back(*std::move(request));
            };
            take();
            EXPECT_TRUE(parser.feed(BytesView(all).substr(cut)));
            take();
            EXPECT_EQ(body, "hello world");
            EXPECT_FALSE(parser.is_streaming());
            ASSERT_EQ(requests.size(), 3u);
            EXPECT_EQ(requests[0].body, "hello");
            EXPECT_EQ(requests[1].method, "PUT");
            EXPECT_EQ(requests[1].body, "");
            EXPECT_FALSE(requests[2].keep_alive);
        }
    }
}

TEST(RequestParser, KeepsWhatComesOfALargeBodyBeforeItIsDecided) {
    const std::string length_head = "PUT /k HTTP/1.1\r\nContent-Length: 11\r\n\r\n";
    const std::string chunked_head = "PUT /k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const bool is_chunked : {false, true}) {
        for (const bool streamed : {false, true}) {
            RequestParser parser({.unasked_bytes_max = 8});
            EXPECT_TRUE(parser.feed(plain_post + (is_chunked ? chunked_head : length_head)));
            EXPECT_TRUE(parser.feed(is_chunked ? "5\r\nhello\r\n" : "hello"));
            EXPECT_EQ(parser.take()->body, "hello");
            ASSERT_TRUE(parser.undecided());
            if (streamed) {
                EXPECT_EQ(parser.take_streamed().body, "");
                EXPECT_TRUE(parser.received(0));
            } else {
                EXPECT_TRUE(parser.take_whole());
            }
            EXPECT_TRUE(parser.feed(is_chunked ? "6\r\n world\r\n0\r\n\r\n" : " world"));
            EXPECT_EQ(streamed ? parser.take_piece()->bytes : parser.take()->body, "hello world");
        }
    }
}

TEST(RequestParser, TakesABodyWholeWhenSaidSo) {
    RequestParser parser({.body_bytes_max = 11, .unasked_bytes_max = 8});
    EXPECT_TRUE(parser.feed(chunked_put + get_close));
    ASSERT_TRUE(parser.undecided());
    EXPECT_EQ(parser.undecided()->target, "/bucket/key");
    EXPECT_FALSE(parser.take());
    EXPECT_TRUE(parser.take_whole());
    EXPECT_EQ(parser.take()->body, "hello world");
    EXPECT_EQ(parser.take()->method, "GET");
    EXPECT_TRUE(parser.feed("PUT /k HTTP/1.1\r\nContent-Length: 12\r\n\r\n"));
    ASSERT_TRUE(parser.undecided());
    const auto taken = parser.take_whole();
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, "http.body_too_large");
}

TEST(ResponseParser, TakesAnAnswerCutAnywhere) {
    const std::string text =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nX-A: "
        "b\r\n\r\nabc";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        ResponseParser parser;
        ASSERT_TRUE(parser.feed(BytesView(text).substr(0, cut)));
        ASSERT_TRUE(parser.feed(BytesView(text).substr(cut)));
        auto response = parser.take();
        ASSERT_TRUE(response) << cut;
        EXPECT_EQ(response->status, 404);
        EXPECT_EQ(response->headers.get("x-a"), "b");
        EXPECT_EQ(response->body, "abc");
    }
}

TEST(ResponseParser, EndsABodyWithoutLengthWithTheConnection) {
    ResponseParser parser;
    ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\n\r\nabc"));
    EXPECT_FALSE(parser.take());
    parser.finish();
    EXPECT_EQ(parser.take()->body, "abc");
}

TEST(ResponseParser, DoesNotTakeAnAnswerThatWasCutShort) {
    ResponseParser parser;
    ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
    parser.finish();
    EXPECT_FALSE(parser.take());
}

TEST(ResponseParser, WaitsForNoBodyAfterHead) {
    ResponseParser parser(true);
    ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"));
    auto response = parser.take();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->content_length, 9u);
    EXPECT_EQ(response->body, "");
}

TEST(Serialize, RoundTripsARequest) {
    Request request{.method = "POST", .target = "/x?y=z", .body = "data"};
    request.headers.set("Host", "h");
    request.headers.set("host", "i");
    RequestParser parser;
    ASSERT_TRUE(parser.feed(serialize(request)));
    auto back = parser.take();
    ASSERT_TRUE(back);
    EXPECT_EQ(back->target, "/x?y=z");
    EXPECT_EQ(back->body, "data");
    EXPECT_EQ(back->headers.get("host"), "i") << "set replaces, whatever the case";
}

TEST(Serialize, WritesLengthConnectionAndReason) {
    Response response{.status = 400, .body = "bad"};
    EXPECT_EQ(serialize(response, false),
              "HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad");
    EXPECT_THAT(serialize(Response{.status = 204}, true), Not(HasSubstr("Content-Length")));
    EXPECT_THAT(serialize(Response{.content_length = 7}, true), HasSubstr("Content-Length: 7"));
}

TEST(Serialize, LetsNoValueStartAHeaderOfItsOwn) {
    Response response;
    response.headers.set("X-A", "a\r\nX-Evil: 1");
    EXPECT_THAT(serialize(response, true), Not(HasSubstr("\r\nX-Evil")));
}

TEST(Percent, DecodesWhatIsEncodedAndLeavesTheRest) {
    EXPECT_EQ(percent_decode("a%3Ab%2fc"), "a:b/c");
    EXPECT_EQ(percent_decode("%zz%4"), "%zz%4");
    EXPECT_EQ(percent_decode("a+b"), "a+b");
    EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
    EXPECT_EQ(percent_encode("a b/\xC3\xA9~"), "a%20b%2F%C3%A9~");
    EXPECT_EQ(percent_encode("a/b", true), "a/b");
}

TEST(ParseQuery, KeepsOrderEmptyValuesAndBareNames) {
    EXPECT_THAT(parse_query("list-type=2&prefix=&location&&a=b=c&d=%26"),
                ElementsAre(Pair("list-type", "2"), Pair("prefix", ""), Pair("location", ""),
                            Pair("a", "b=c"), Pair("d", "&")));
}

}  // namespace
}  // namespace mill::wire::http
