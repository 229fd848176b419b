// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/lambda/lambda_fixture.h"
#include "services/lambda/urls/function_urls.h"
#include "services/lambda/urls/url_event.h"
#include "services/lambda/urls/url_requests.h"

namespace mill::lambda {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using wire::http::Request;
using wire::http::Response;

const std::string id(32, 'a');

wire::Value json(std::string_view text) {
    auto value = wire::parse_json(text);
    EXPECT_TRUE(value) << text;
    return value ? *value : wire::Value();
}

Request request_to(const std::string& method, const std::string& target,
                   std::vector<std::pair<std::string, std::string>> headers = {}, Bytes body = {}) {
    Request request{.method = method, .target = target, .body = std::move(body)};
    request.headers.set("host", id + ".lambda-url.us-east-1.localhost:4566");
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    return request;
}

wire::Value event_of(const Request& request, const std::string& account = "") {
    return json(render_url_event(request, {.url_id = id,
                                           .path = std::string(request.path()),
                                           .source_ip = "127.0.0.9",
                                           .request_id = "r",
                                           .trace_id = "Root=1-2;Parent=3",
                                           .account = account,
                                           .access_key = "AKIA",
                                           .now = from_epoch_ms(1583348638390)}));
}

TEST(UrlPlace, IsReadFromTheHostOrFromThePath) {
    const auto by_host = url_place(request_to("GET", "/a%20b?c"));
    ASSERT_TRUE(by_host);
    EXPECT_EQ(by_host->id, id);
    EXPECT_EQ(by_host->region, "us-east-1");
    EXPECT_EQ(by_host->path, "/a%20b");
    Request other{.method = "GET", .target = "/_millrace/url/" + id + "/x/y?z"};
    other.headers.set("host", "127.0.0.1:4566");
    EXPECT_EQ(url_place(other)->path, "/x/y");
    other.target = "/_millrace/url/" + id;
    EXPECT_EQ(url_place(other)->path, "/");
    other.target = "/bucket/_millrace/url/" + id;
    EXPECT_FALSE(url_place(other));
    other.headers.set("host", "bucket.lambda-url.us-east-1.localhost");
    EXPECT_FALSE(url_place(other));
}

TEST(UrlEvent, SaysWhatTheRequestSaid) {
    const wire::Value event = event_of(request_to("POST", "/my/path?a=1&a=2&b=%20x",
                                                  {{"cookie", "one=1; two=2"},
                                                   {"x-many", "a"},
                                                   {"x-many", "b"},
                                                   {"connection", "close"},
                                                   {"user-agent", "agent"},
                                                   {"content-type", "text/plain"},
                                                   {"x-forwarded-for", "made up"}},
                                                  "Hello"));
    EXPECT_EQ(wire::text_of(event, "version"), "2.0");
    EXPECT_EQ(wire::text_of(event, "rawPath"), "/my/path");
    EXPECT_EQ(wire::text_of(event, "rawQueryString"), "a=1&a=2&b=%20x");
    EXPECT_EQ(wire::write_json(*event.find("queryStringParameters")), R"({"a":"1,2","b":" x"})");
    EXPECT_EQ(wire::write_json(*event.find("cookies")), R"(["one=1","two=2"])");
    const wire::Value& headers = *event.find("headers");
    EXPECT_EQ(wire::text_of(headers, "x-many"), "a,b");
    EXPECT_EQ(wire::text_of(headers, "x-forwarded-for"), "127.0.0.9");
    EXPECT_EQ(wire::text_of(headers, "x-forwarded-port"), "4566");
    EXPECT_EQ(wire::text_of(headers, "x-amzn-trace-id"), "Root=1-2");
    EXPECT_FALSE(headers.find("connection"));
    EXPECT_FALSE(headers.find("cookie"));
    EXPECT_EQ(wire::text_of(event, "body"), "Hello");
    EXPECT_FALSE(*event.find("isBase64Encoded")->boolean());
    const wire::Value& context = *event.find("requestContext");
    EXPECT_EQ(wire::text_of(context, "accountId"), "anonymous");
    EXPECT_EQ(wire::text_of(context, "time"), "04/Mar/2020:19:03:58 +0000");
    EXPECT_EQ(*context.find("timeEpoch")->integer(), 1583348638390);
    EXPECT_EQ(wire::write_json(*context.find("http")),
              R"({"method":"POST","path":"/my/path","protocol":"HTTP/1.1","sourceIp":"127.0.0.9",)"
              R"("userAgent":"agent"})");
    EXPECT_FALSE(context.find("authorizer"));
}

TEST(UrlEvent, LeavesOutWhatThereIsNot) {
    const wire::Value event = event_of(request_to("GET", "/"));
    for (const std::string name : {"body", "cookies", "queryStringParameters"})
        EXPECT_FALSE(event.find(name)) << name;
    EXPECT_EQ(wire::text_of(event, "rawQueryString"), "");
    EXPECT_FALSE(*event.find("isBase64Encoded")->boolean());
}

TEST(UrlEvent, CarriesBytesInBase64) {
    const auto body = [](const std::string& type, const Bytes& bytes) {
        const wire::Value event =
            event_of(request_to("POST", "/", {{"content-type", type}}, bytes));
        return (*event.find("isBase64Encoded")->boolean() ? "64 " : "") +
               wire::text_of(event, "body");
    };
    EXPECT_EQ(body("application/json; charset=utf-8", "{\"a\":\"é\"}"), "{\"a\":\"é\"}");
    EXPECT_EQ(body("application/x-www-form-urlencoded", "a=1"), "64 YT0x");
    EXPECT_EQ(body("", "a=1"), "64 YT0x");
    EXPECT_EQ(body("text/plain", "\xff"), "64 /w==");
}

TEST(UrlEvent, NamesWhoSigned) {
    const wire::Value event = event_of(request_to("GET", "/"), "111122223333");
    const wire::Value& context = *event.find("requestContext");
    EXPECT_EQ(wire::text_of(context, "accountId"), "111122223333");
    const wire::Value& iam = *context.find("authorizer")->find("iam");
    EXPECT_EQ(wire::text_of(iam, "accessKey"), "AKIA");
    EXPECT_EQ(wire::text_of(iam, "userArn"), "arn:aws:iam::111122223333:root");
}

TEST(UrlResponse, IsWhatTheFunctionSaid) {
    const Response response = url_response(
        R"({"statusCode":201,"headers":{"content-type":"text/html","X-Count":3,"Date":"now"},)"
        R"("cookies":["a=1; Path=/","b=2"],"body":"<p>"})");
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, "<p>");
    EXPECT_EQ(response.headers.get("content-type"), "text/html");
    EXPECT_EQ(response.headers.get("x-count"), "3");
    EXPECT_EQ(response.headers.get("x-amzn-remapped-date"), "now");
    EXPECT_THAT(std::string(response.headers.lines()), HasSubstr("Set-Cookie: a=1; Path=/\r\n"));
    EXPECT_THAT(std::string(response.headers.lines()), HasSubstr("Set-Cookie: b=2\r\n"));
    EXPECT_EQ(url_response(R"({"statusCode":200,"isBase64Encoded":true,"body":"/w=="})").body,
              "\xff");
    EXPECT_EQ(url_response(R"({"statusCode":204})").body, "");
}

TEST(UrlResponse, IsJsonOfAnythingElse) {
    for (const std::string text :
         {R"({"hello": "world"})", "[1,2]", "3", "null", "true", R"({"body":"no status"})"}) {
        const Response response = url_response(text);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, text);
        EXPECT_EQ(response.headers.get("content-type"), "application/json");
    }
    EXPECT_EQ(url_response(R"("hello")").body, "hello");
}

TEST(UrlResponse, IsBadGatewayForWhatIsNoResponse) {
    for (const std::string text :
         {R"({"statusCode":"many"})", R"({"statusCode":99})", R"({"statusCode":101})",
          R"({"statusCode":200,"headers":["a"]})", R"({"statusCode":200,"headers":{"a b":"c"}})",
          R"({"statusCode":200,"headers":{"a":"b\r\nc: d"}})",
          R"({"statusCode":200,"headers":{"a":{}}})", R"({"statusCode":200,"cookies":["a\n"]})",
          R"({"statusCode":200,"isBase64Encoded":true,"body":"*"})"}) {
        const Response response = url_response(text);
        EXPECT_EQ(response.status, 502) << text;
        EXPECT_EQ(response.body, "Internal Server Error");
    }
}

class FunctionUrlTest : public ::testing::Test {
  protected:
    std::string make(const std::string& settings = R"({"AuthType":"NONE"})") {
        world_.create("f", echo);
        const Response made = world_.call("POST", path_, settings);
        EXPECT_EQ(made.status, 201) << made.body;
        return wire::text_of(json(made.body), "FunctionUrl").substr(7, 32);
    }
    static Task<Response> answer(Lambda* lambda, Request request, UrlClient client) {
        co_return co_await answer_function_url(*lambda, std::move(request), std::move(client));
    }
    Response ask(const std::string& url, const std::string& method,
                 std::vector<std::pair<std::string, std::string>> headers = {},
                 UrlClient client = {}) {
        Request request = request_to(method, "/p", std::move(headers));
        request.headers.set("host", url + ".lambda-url.us-east-1.localhost");
        return world_.sim.await(answer(world_.lambda.get(), std::move(request), std::move(client)));
    }
    World world_;
    const std::string path_ = "/2021-10-31/functions/f/url";
};

TEST_F(FunctionUrlTest, IsKeptShownChangedAndRemoved) {
    const std::string url = make();
    EXPECT_EQ(world_.call("POST", path_, R"({"AuthType":"NONE"})").status, 409);
    world_.restart();
    const wire::Value kept = json(world_.call("GET", path_).body);
    EXPECT_EQ(wire::text_of(kept, "FunctionUrl"),
              "http://" + url + ".lambda-url.us-east-1.localhost/");
    EXPECT_EQ(wire::text_of(kept, "FunctionArn"),
              "arn:aws:lambda:us-east-1:000000000000:function:f");
    EXPECT_EQ(wire::text_of(kept, "InvokeMode"), "BUFFERED");
    const Response changed =
        world_.call("PUT", path_, R"({"AuthType":"AWS_IAM","Cors":{"AllowOrigins":["*"]}})");
    EXPECT_THAT(changed.body, HasSubstr(R"("AuthType":"AWS_IAM","Cors":{"AllowOrigins":["*"]})"));
    EXPECT_THAT(world_.call("GET", path_ + "s").body, HasSubstr(url));
    EXPECT_EQ(world_.call("DELETE", path_).status, 204);
    EXPECT_EQ(world_.call("GET", path_).status, 404);
    EXPECT_EQ(ask(url, "GET").status, 403);
}

TEST_F(FunctionUrlTest, GoesWithItsFunction) {
    const std::string url = make();
    world_.call("DELETE", "/2015-03-31/functions/f");
    EXPECT_EQ(ask(url, "GET").status, 403);
    world_.create("f", echo);
    EXPECT_EQ(world_.call("GET", path_).status, 404);
    world_.restart();
    EXPECT_EQ(world_.call("GET", path_).status, 404);
}

TEST_F(FunctionUrlTest, GoesWithItsAlias) {
    const std::string plain = make();
    const std::string functions = "/2015-03-31/functions/f";
    world_.call("POST", functions + "/versions", "{}");
    const auto make_alias = [&] {
        return world_
            .call("POST", functions + "/aliases", R"({"Name":"live","FunctionVersion":"1"})")
            .status;
    };
    ASSERT_EQ(make_alias(), 201);
    const Response made = world_.call("POST", path_ + "?Qualifier=live", R"({"AuthType":"NONE"})");
    const std::string url = wire::text_of(json(made.body), "FunctionUrl").substr(7, 32);
    EXPECT_EQ(ask(url, "GET").status, 200);
    world_.call("DELETE", functions + "/aliases/live");
    EXPECT_EQ(ask(url, "GET").status, 403);
    ASSERT_EQ(make_alias(), 201);
    EXPECT_EQ(world_.call("GET", path_ + "?Qualifier=live").status, 404);
    world_.restart();
    EXPECT_EQ(world_.call("GET", path_ + "?Qualifier=live").status, 404);
    EXPECT_EQ(ask(plain, "GET").status, 200) << "the function's own stays";
}

TEST_F(FunctionUrlTest, OfNoFunctionIsNotTakenUp) {
    const FunctionUrl url{.id = id,
                          .account = "000000000000",
                          .region = "us-east-1",
                          .function = "f",
                          .auth_type = "NONE"};
    storage::Table& table = *world_.engine().table;
    ASSERT_TRUE(
        world_.sim.await(table.commit({.puts = {{url_row(url.reference()), wire::to_json(url)}}})));
    world_.restart();
    EXPECT_EQ(ask(id, "GET").status, 403);
    EXPECT_NE(make(), id);
}

TEST_F(FunctionUrlTest, IsListedByPages) {
    make();
    const std::string functions = "/2015-03-31/functions/f";
    world_.call("POST", functions + "/versions", "{}");
    world_.call("POST", functions + "/aliases", R"({"Name":"live","FunctionVersion":"1"})");
    world_.call("POST", path_ + "?Qualifier=live", R"({"AuthType":"NONE"})");
    const wire::Value first = json(world_.call("GET", path_ + "s?MaxItems=1").body);
    EXPECT_EQ(wire::text_of(first, "NextMarker"), "$LATEST");
    const wire::Value second =
        json(world_.call("GET", path_ + "s?MaxItems=1&Marker=%24LATEST").body);
    ASSERT_EQ(wire::list_of(second, "FunctionUrlConfigs").size(), 1U);
    EXPECT_THAT(wire::text_of(wire::list_of(second, "FunctionUrlConfigs").front(), "FunctionArn"),
                HasSubstr(":function:f:live"));
    EXPECT_FALSE(second.find("NextMarker"));
}

TEST_F(FunctionUrlTest, TellsThatItsFunctionIsThrottled) {
    const std::string url = make();
    world_.call("PUT", "/2017-10-31/functions/f/concurrency",
                R"({"ReservedConcurrentExecutions":0})");
    const Response answer = ask(url, "GET");
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "TooManyRequestsException");
}

TEST_F(FunctionUrlTest, IsRefusedForWhatIsNoFunction) {
    EXPECT_EQ(world_.call("POST", path_, R"({"AuthType":"NONE"})").status, 404);
    world_.create("f", echo);
    EXPECT_EQ(world_.call("POST", path_ + "?Qualifier=1", R"({"AuthType":"NONE"})").status, 400);
    EXPECT_THAT(
        world_.call("POST", path_, R"({"AuthType":"NONE","InvokeMode":"RESPONSE_STREAM"})").body,
        HasSubstr("InvokeMode"));
    EXPECT_EQ(
        world_.call("POST", path_, R"({"AuthType":"NONE","Cors":{"ExposeHeaders":["a\r\nb: c"]}})")
            .status,
        400);
    EXPECT_EQ(world_.call("POST", path_, R"({"AuthType":"NONE","InvokeMode":"BUFFERED"})").status,
              201);
}

TEST_F(FunctionUrlTest, AnswersWhatTheFunctionAnswers) {
    const std::string url = make();
    const Response answer = ask(url, "GET", {{"x-test", "yes"}}, {.address = "127.0.0.7"});
    EXPECT_EQ(answer.status, 200);
    const wire::Value event = json(answer.body);
    EXPECT_EQ(wire::text_of(event, "rawPath"), "/p");
    EXPECT_EQ(wire::text_of(*event.find("requestContext"), "requestId"),
              answer.headers.get("x-amzn-requestid"));
    EXPECT_EQ(ask(std::string(32, 'z'), "GET").status, 403);
}

TEST_F(FunctionUrlTest, TakesWhoeverSignedWhereIamIsAsked) {
    const std::string url = make(R"({"AuthType":"AWS_IAM"})");
    const Response refused = ask(url, "GET");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body, R"({"Message":"Forbidden"})");
    const Response answer =
        ask(url, "GET", {},
            {.caller = Caller{.account = "111122223333", .access_key = "111122223333"}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr(R"("userArn":"arn:aws:iam::111122223333:root")"));
}

TEST_F(FunctionUrlTest, IsClosedToForeignPagesUnlessItsCorsNamesThem) {
    const std::string url = make(
        R"({"AuthType":"NONE","Cors":{"AllowOrigins":["https://a.example"],"AllowMethods":["GET"],)"
        R"("AllowHeaders":["x-a","x-b"],"ExposeHeaders":["x-c"],"MaxAge":60,)"
        R"("AllowCredentials":true}})");
    const UrlClient page{.is_foreign = true};
    EXPECT_EQ(ask(url, "GET", {{"origin", "https://b.example"}}, page).status, 403);
    const Response answer = ask(url, "GET", {{"origin", "https://a.example"}}, page);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.get("access-control-allow-origin"), "https://a.example");
    EXPECT_EQ(answer.headers.get("access-control-expose-headers"), "x-c");
    EXPECT_EQ(answer.headers.get("vary"), "Origin");
    const Response preflight =
        ask(url, "OPTIONS",
            {{"origin", "https://a.example"}, {"access-control-request-method", "GET"}}, page);
    EXPECT_EQ(preflight.status, 200);
    EXPECT_EQ(preflight.body, "");
    EXPECT_EQ(preflight.headers.get("access-control-allow-headers"), "x-a,x-b");
    EXPECT_EQ(preflight.headers.get("access-control-allow-credentials"), "true");
    EXPECT_EQ(preflight.headers.get("access-control-max-age"), "60");
    // The server's own pages may come, but read nothing.
    const Response local = ask(url, "GET", {{"origin", "http://localhost:3000"}});
    EXPECT_EQ(local.status, 200);
    EXPECT_FALSE(local.headers.contains("access-control-allow-origin"));
}

Task<machine::ExitStatus> failing(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return machine::ExitStatus{};
        co_await runtime.fail_invocation(R"({"errorMessage":"no"})", "Error");
    }
}

TEST_F(FunctionUrlTest, IsBadGatewayWhenTheFunctionFails) {
    world_.create("g", failing);
    const Response made =
        world_.call("POST", "/2021-10-31/functions/g/url", R"({"AuthType":"NONE"})");
    const Response answer = ask(wire::text_of(json(made.body), "FunctionUrl").substr(7, 32), "GET");
    EXPECT_EQ(answer.status, 502);
    EXPECT_EQ(answer.body, "Internal Server Error");
}

}  // namespace
}  // namespace mill::lambda
