// SPDX-License-Identifier: Apache-2.0
// The front door on the simulated machine, with a small service for each protocol behind it.
#include "gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/machine/sim_machine.h"
#include "wire/http_client.h"

namespace mill::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using wire::http::Request;
using wire::http::Response;

struct Echo {
    std::optional<std::string> text;
    static constexpr auto shape() {
        return wire::structure("Echo", wire::member<&Echo::text>("Text").required().length(1, 8));
    }
};
struct NamedEcho {
    std::optional<std::string> name, text;
    static constexpr auto shape() {
        return wire::structure("NamedEcho", wire::member<&NamedEcho::name>("Name").uri(),
                               wire::member<&NamedEcho::text>("Text").header("X-Text"));
    }
};
struct Reply {
    std::string text, caller;
    static constexpr auto shape() {
        return wire::structure("Reply", wire::member<&Reply::text>("Text"),
                               wire::member<&Reply::caller>("Caller"));
    }
};

// Answers "slow" only once it is let go.
struct Fake {
    explicit Fake(Machine& machine) : gate(machine.executor) {}
    machine::Signal gate;
    bool open = false;
    int under_way = 0;
    std::vector<std::string> seen;
};

Reply reply(const Caller& caller, std::string text) {
    return {std::move(text), caller.account + "/" + caller.region};
}

Task<Result<Reply>> say(Fake& fake, Caller caller, Echo input) {
    fake.seen.push_back(*input.text);
    if (*input.text == "throw") throw std::runtime_error("secret");
    if (*input.text == "broken") co_return fail("io", "secret");
    if (*input.text == "missing")
        co_return fail("ResourceNotFoundException", "It is missing.", 400);
    if (*input.text == "slow") {
        ++fake.under_way;
        while (!fake.open) co_await fake.gate.wait();
    }
    co_return reply(caller, *input.text);
}
Task<Result<Reply>> say_named(Fake& fake, Caller caller, NamedEcho input) {
    fake.seen.push_back(*input.name);
    if (*input.name == "missing")
        co_return fail("ResourceNotFoundException", "It is missing.", 404);
    co_return reply(caller, *input.name + input.text.value_or(""));
}

class GatewayTest : public ::testing::Test {
  protected:
    GatewayTest() { start({}); }
    void start(Options options) {
        gateway.emplace(world.machine(), std::move(options), services());
        auto bound = gateway->listen({"127.0.0.1", 0});
        EXPECT_TRUE(bound) << bound.error().message;
        at = *bound;
    }
    std::vector<wire::Service> services() {
        const auto service = [&](std::string_view name, wire::Protocol protocol,
                                 std::span<const wire::Operation* const> operations) {
            return wire::Service{
                .signing_name = name,
                .target_prefix = protocol == wire::Protocol::aws_json ? "Fake_1" : "",
                .protocol = protocol,
                .json_version = "1.1",
                .api_version = "2010-01-01",
                .xml_namespace = "http://fake/",
                .operations = operations,
                .instance = &fake};
        };
        return {service("kinesis", wire::Protocol::aws_json, by_name),
                service("lambda", wire::Protocol::rest_json, by_path),
                service("cloudformation", wire::Protocol::query, by_name),
                service("s3", wire::Protocol::rest_xml, by_bucket)};
    }
    static Request signed_request(std::string method, std::string target, std::string service,
                                  Bytes body = {}) {
        Request request{
            .method = std::move(method), .target = std::move(target), .body = std::move(body)};
        request.headers.set("Host", "localhost:4566");
        request.headers.set("Authorization",
                            "AWS4-HMAC-SHA256 Credential=111122223333/20260112/eu-west-1/" +
                                service + "/aws4_request, SignedHeaders=host, Signature=00");
        return request;
    }
    static Request json(std::string text) {
        Request request = signed_request("POST", "/", "kinesis", "{\"Text\":\"" + text + "\"}");
        request.headers.set("X-Amz-Target", "Fake_1.Say");
        return request;
    }
    Response serve(Request request) { return world.await(gateway->serve(std::move(request))); }
    Response send(Request request) {
        auto response =
            world.await(wire::http::exchange(world.machine().network, at, std::move(request)));
        EXPECT_TRUE(response) << response.error().message;
        return response.value_or(Response{});
    }
    // All bytes at once; what comes back until the server closes or `wait` is over.
    std::string raw(std::string bytes, Duration wait = std::chrono::seconds(5)) {
        std::string out;
        struct Script {
            static Task<void> run(machine::Network& network, machine::Endpoint to, std::string in,
                                  std::string* got) {
                auto connection = co_await network.connect(to);
                EXPECT_TRUE(connection);
                co_await (*connection)->write(in);
                char buffer[4096];
                while (true) {
                    auto count = co_await (*connection)->read(buffer, sizeof buffer);
                    if (!count || *count == 0) co_return;
                    got->append(buffer, *count);
                }
            }
        };
        Scope scope;
        scope.spawn(Script::run(world.machine().network, at, std::move(bytes), &out));
        world.run_for(wait);
        return out;
    }

    sim::SimMachine world{7};
    Fake fake{world.machine()};
    wire::Operation say_operation = wire::operation<&say>("Say");
    wire::Operation path_operation =
        wire::operation<&say_named>("SayNamed", {"GET", "/2015-03-31/things/{Name}", 201});
    wire::Operation bucket_operation = wire::operation<&say_named>("GetThing", {"GET", "/{Name}"});
    std::array<const wire::Operation*, 1> by_name{&say_operation}, by_path{&path_operation},
        by_bucket{&bucket_operation};
    std::optional<Gateway> gateway;
    machine::Endpoint at;
};

TEST_F(GatewayTest, ServesAwsJson) {
    const Response response = send(json("hello"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"Text":"hello","Caller":"111122223333/eu-west-1"})");
    EXPECT_EQ(response.headers.get("content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(response.headers.get("x-amzn-requestid").size(), 36u);
    EXPECT_EQ(response.headers.get("x-amz-id-2").size(), 96u);
    EXPECT_THAT(response.headers.get("date"), HasSubstr("GMT"));
}

TEST_F(GatewayTest, ServesQuery) {
    Request request =
        signed_request("POST", "/", "cloudformation", "Action=Say&Version=2010-01-01&Text=hello");
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    const Response response = send(request);
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(
        response.body,
        HasSubstr(
            "<SayResult><Text>hello</Text><Caller>111122223333/eu-west-1</Caller></SayResult>"));
    EXPECT_THAT(response.body, HasSubstr("<RequestId>" + response.headers.get("x-amzn-requestid") +
                                         "</RequestId>"));
}

TEST_F(GatewayTest, ServesRestJson) {
    Request request = signed_request("GET", "/2015-03-31/things/a%3Ab", "lambda");
    request.headers.set("x-text", "!");
    const Response response = send(request);
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, R"({"Text":"a:b!","Caller":"111122223333/eu-west-1"})");
}

TEST_F(GatewayTest, ServesRestXmlByPathAndByVirtualHost) {
    const Response by_path_style = send(signed_request("GET", "/bucket", "s3"));
    EXPECT_THAT(by_path_style.body, HasSubstr("<Text>bucket</Text>"));
    EXPECT_EQ(by_path_style.headers.get("x-amz-request-id").size(), 16u);
    for (const char* host : {"other.s3.eu-west-1.amazonaws.com", "other.s3.amazonaws.com",
                             "other.localhost:4566", "other.s3.localhost"}) {
        Request request = signed_request("GET", "/", "s3");
        request.headers.set("Host", host);
        EXPECT_THAT(send(request).body, HasSubstr("<Text>other</Text>")) << host;
    }
}

TEST_F(GatewayTest, AnswersErrorsInEachProtocol) {
    Response response = send(json("missing"));
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.body,
              R"({"__type":"ResourceNotFoundException","message":"It is missing."})");
    response = send(signed_request("GET", "/2015-03-31/things/missing", "lambda"));
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.headers.get("x-amzn-errortype"), "ResourceNotFoundException");
    response = send(signed_request("GET", "/missing", "s3"));
    EXPECT_EQ(response.status, 404);
    EXPECT_THAT(response.body, HasSubstr("<Resource>/missing</Resource>"));
    response = send(
        signed_request("GET", "/?Action=Say&Version=2010-01-01&Text=missing", "cloudformation"));
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(
        response.body,
        HasSubstr("<Code>ResourceNotFoundException</Code><Message>It is missing.</Message>"));
}

TEST_F(GatewayTest, ChecksTheInputBeforeTheHandlerSeesIt) {
    EXPECT_THAT(send(json("far too long")).body, HasSubstr("ValidationException"));
    EXPECT_TRUE(fake.seen.empty());
}

TEST_F(GatewayTest, SurvivesHandlersThatThrowOrFailInside) {
    for (const char* text : {"throw", "broken"}) {
        const Response response = send(json(text));
        EXPECT_EQ(response.status, 500);
        EXPECT_THAT(response.body, HasSubstr("InternalFailure"));
        EXPECT_THAT(response.body, Not(HasSubstr("secret")));
    }
    EXPECT_EQ(send(json("hello")).status, 200);
}

TEST_F(GatewayTest, AnswersUnknownOperationsAsTheProtocolDoes) {
    Request unknown = json("x");
    unknown.headers.set("X-Amz-Target", "Fake_1.Shout");
    Response response = send(unknown);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr(R"("__type":"UnknownOperationException")"));
    EXPECT_THAT(response.body, HasSubstr("Supported operations of kinesis: Say."));
    unknown.headers.set("X-Amz-Target", "Other_1.Say");
    EXPECT_THAT(send(unknown).body, HasSubstr("The operation 'Other_1.Say' is not supported."));
    response = send(signed_request("GET", "/?Action=Shout&Version=2010-01-01", "cloudformation"));
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr("<Code>InvalidAction</Code><Message>Could not find "
                                         "operation Shout for version 2010-01-01"));
    response = send(signed_request("GET", "/2015-03-31/others", "lambda"));
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.headers.get("x-amzn-errortype"), "UnknownOperationException");
    response = send(signed_request("PUT", "/bucket?versioning", "s3"));
    EXPECT_EQ(response.status, 501);
    EXPECT_THAT(response.body, HasSubstr("<Code>NotImplemented</Code>"));
    EXPECT_THAT(response.body, HasSubstr("PUT on a bucket with ?versioning"));
}

TEST_F(GatewayTest, NamesTheServiceThatIsNotServed) {
    Request request = signed_request("POST", "/", "dynamodb", "{}");
    request.headers.set("X-Amz-Target", "DynamoDB_20120810.ListTables");
    const Response response = send(request);
    EXPECT_EQ(response.status, 501);
    EXPECT_THAT(
        response.body,
        HasSubstr("does not serve 'dynamodb'. It serves: kinesis, lambda, cloudformation, s3."));
    EXPECT_THAT(
        send(signed_request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "sts")).body,
        HasSubstr("<ErrorResponse"));
}

TEST_F(GatewayTest, SeesEachRequestsOwnSigner) {
    const auto signed_by = [](const std::string& key, const std::string& region) {
        Request request = json("x");
        request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=" + key + "/20260112/" +
                                                 region + "/kinesis/aws4_request, Signature=00");
        return request;
    };
    for (int i = 0; i < 2; ++i) {
        EXPECT_THAT(send(signed_by("111122223333", "eu-west-1")).body,
                    HasSubstr("111122223333/eu-west-1"));
        EXPECT_THAT(send(signed_by("111122223333", "eu-west-12")).body,
                    HasSubstr("111122223333/eu-west-12"));
        EXPECT_THAT(send(signed_by("444455556666", "eu-west-1")).body,
                    HasSubstr("444455556666/eu-west-1"));
        EXPECT_THAT(send(signed_by("AKIDEXAMPLE", "eu-west-1")).body,
                    HasSubstr("000000000000/eu-west-1"));
    }
    // Without an end of its own, a credential is not taken for the beginning of another.
    Request bare = json("x");
    bare.headers.set("Authorization",
                     "AWS4-HMAC-SHA256 Credential=111122223333/20260112/eu-west-1/kinesis/aws4_r");
    EXPECT_THAT(send(bare).body, HasSubstr("MissingAuthenticationTokenException"));
    EXPECT_THAT(send(signed_by("444455556666", "eu-west-1")).body,
                HasSubstr("444455556666/eu-west-1"));
}

TEST_F(GatewayTest, AsksUnsignedRequestsToSign) {
    const auto without_signature = [](Request request) {
        request.headers.erase("authorization");
        return request;
    };
    EXPECT_THAT(send(without_signature(json("x"))).body,
                HasSubstr("MissingAuthenticationTokenException"));
    const Response lambda =
        send(without_signature(signed_request("GET", "/2015-03-31/things/a", "lambda")));
    EXPECT_EQ(lambda.status, 403);
    EXPECT_EQ(lambda.body, R"({"message":"Missing Authentication Token"})");
    EXPECT_THAT(send(without_signature(signed_request("GET", "/bucket", "s3"))).body,
                HasSubstr("<Code>AccessDenied</Code>"));
    EXPECT_TRUE(fake.seen.empty());
}

TEST_F(GatewayTest, TellsABrowserWhatThisIs) {
    Request request{.method = "GET", .target = "/"};
    const Response response = send(request);
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr("Millrace"));
}

TEST_F(GatewayTest, RefusesUnknownHostsAndForeignOrigins) {
    Request request = json("x");
    request.headers.set("Host", "evil.example:4566");
    Response response = send(request);
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, HasSubstr("--allow-host evil.example"));
    request = json("x");
    request.headers.set("Origin", "https://evil.example");
    response = send(request);
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, HasSubstr("--allow-origin https://evil.example"));
    EXPECT_FALSE(response.headers.find("access-control-allow-origin"));
    request.headers.set("Origin", "null");
    EXPECT_EQ(send(request).status, 403);
    request.headers.set("Origin", "http://localhost.evil.example");
    EXPECT_EQ(send(request).status, 403);
    EXPECT_TRUE(fake.seen.empty());
}

TEST_F(GatewayTest, KnowsItsOwnHostsAndOrigins) {
    for (const char* host : {"localhost", "LOCALHOST:4566", "127.0.0.1:4566", "[::1]:4566",
                             "kinesis.localhost", "kinesis.us-east-1.amazonaws.com"}) {
        Request request = json("x");
        request.headers.set("Host", host);
        EXPECT_EQ(send(request).status, 200) << host;
    }
    for (const char* origin :
         {"http://localhost:3000", "https://127.0.0.1:8443", "http://[::1]:1"}) {
        Request request = json("x");
        request.headers.set("Origin", origin);
        const Response response = send(request);
        EXPECT_EQ(response.status, 200) << origin;
        EXPECT_EQ(response.headers.get("access-control-allow-origin"), "*");
    }
}

TEST_F(GatewayTest, TakesMoreHostsAndOriginsFromItsOptions) {
    start({.allowed_hosts = {"mill.example", "*.lan"}, .allowed_origins = {"https://app.example"}});
    for (const char* host : {"mill.example:80", "a.lan"}) {
        Request request = json("x");
        request.headers.set("Host", host);
        request.headers.set("Origin", "https://app.example");
        EXPECT_EQ(send(request).status, 200) << host;
    }
}

TEST_F(GatewayTest, AnswersPreflightsOfAllowedOrigins) {
    Request request{.method = "OPTIONS", .target = "/"};
    request.headers.set("Origin", "http://localhost:3000");
    request.headers.set("Access-Control-Request-Method", "POST");
    request.headers.set("Access-Control-Request-Headers", "authorization,x-amz-target");
    Response response = send(request);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("access-control-allow-headers"), "authorization,x-amz-target");
    EXPECT_EQ(response.headers.get("access-control-max-age"), "172800");
    request.headers.set("Origin", "http://evil.example");
    EXPECT_EQ(send(request).status, 403);
}

TEST_F(GatewayTest, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
    const std::string bytes = wire::http::serialize(json("one")) +
                              wire::http::serialize(json("two")) +
                              wire::http::serialize(json("three"));
    const std::string out = raw(bytes);
    const std::size_t one = out.find("\"one\""), two = out.find("\"two\""),
                      three = out.find("\"three\"");
    ASSERT_NE(three, std::string::npos) << out;
    EXPECT_LT(one, two);
    EXPECT_LT(two, three);
    EXPECT_THAT(out, HasSubstr("Connection: keep-alive"));
}

TEST_F(GatewayTest, AsksForTheBodyWhenTheClientWaits) {
    std::string bytes = wire::http::serialize(json("one"));
    bytes.insert(bytes.find("\r\n") + 2, "Expect: 100-continue\r\n");
    EXPECT_THAT(raw(bytes.substr(0, bytes.find("\r\n\r\n") + 4)),
                HasSubstr("HTTP/1.1 100 Continue\r\n\r\n"));
    EXPECT_THAT(raw(bytes), HasSubstr("\"one\""));
}

// botocore needs it: see connections.cc.
TEST_F(GatewayTest, TellsTheClientToGoOnOnceEvenWithAnEmptyBody) {
    const std::string head = "GET /2015-03-31/things/a HTTP/1.1\r\nExpect: 100-continue\r\n";
    for (const char* rest :
         {"Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
        const std::string out = raw(head + rest);
        EXPECT_THAT(out, ::testing::StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403"))
            << rest;
    }
}

TEST_F(GatewayTest, AnswersBrokenFramingOnceWhatCameBeforeIsAnswered) {
    EXPECT_THAT(raw("nonsense\r\n\r\n"), HasSubstr("HTTP/1.1 400 Bad Request"));
    EXPECT_THAT(raw("GET / HTTP/1.1\r\nA: " + std::string(70'000, 'a') + "\r\n\r\n"),
                HasSubstr("HTTP/1.1 431"));
    EXPECT_THAT(raw("PUT /b/k HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"),
                HasSubstr("HTTP/1.1 413"));
    const std::string out = raw(wire::http::serialize(json("one")) +
                                wire::http::serialize(json("two")) + "nonsense\r\n\r\n");
    EXPECT_LT(out.find("\"one\""), out.find("\"two\""));
    EXPECT_LT(out.find("\"two\""), out.find("400 Bad Request"));
    EXPECT_EQ(send(json("hello")).status, 200);
}

TEST_F(GatewayTest, ClosesIdleConnections) {
    start({.idle_max = std::chrono::seconds(2)});
    struct Hold {
        static Task<void> run(machine::Network& network, machine::Endpoint to, bool* closed) {
            auto connection = co_await network.connect(to);
            co_await (*connection)->write("GET / HT");  // a request that never becomes whole
            char c;
            auto count = co_await (*connection)->read(&c, 1);
            *closed = !count || *count == 0;
        }
    };
    bool closed = false;
    Scope scope;
    scope.spawn(Hold::run(world.machine().network, at, &closed));
    world.run_for(std::chrono::seconds(1));
    EXPECT_FALSE(closed);
    EXPECT_THAT(gateway->metrics_text(), HasSubstr("millrace_connections 1"));
    world.run_for(std::chrono::seconds(2));
    EXPECT_TRUE(closed);
    EXPECT_THAT(gateway->metrics_text(), HasSubstr("millrace_connections 0"));
}

TEST_F(GatewayTest, BoundsTheNumberOfConnections) {
    start({.connections_max = 1});
    wire::http::Client first(world.machine().network, at);
    auto response = world.await(first.send(json("one")));
    ASSERT_TRUE(response);
    EXPECT_FALSE(world.await(wire::http::exchange(world.machine().network, at, json("two"))));
    EXPECT_TRUE(world.await(first.send(json("three"))));
}

TEST_F(GatewayTest, AnswersHeadWithoutABody) {
    Request request = signed_request("HEAD", "/bucket?acl", "s3");
    const Response response = send(request);
    EXPECT_EQ(response.status, 501);
    EXPECT_EQ(response.body, "");
    EXPECT_GT(response.content_length.value_or(0), 0u);
}

TEST_F(GatewayTest, HandsLocalPathsOver) {
    struct Echo {
        static Task<Response> answer(Request request) {
            co_return Response{.body = "local " + request.target};
        }
    };
    gateway->set_local(&Echo::answer);
    EXPECT_EQ(send({.method = "GET", .target = "/_millrace/health"}).body,
              "local /_millrace/health");
}

TEST_F(GatewayTest, LetsASiteDecideWhoMayCome) {
    struct Site {
        static Task<Response> answer(Request request, Gateway::Visitor visitor) {
            std::string said = request.method + " " + visitor.address;
            if (visitor.is_foreign) said += " foreign";
            if (visitor.caller) said += " " + visitor.caller->account;
            co_return Response{.body = std::move(said)};
        }
    };
    gateway->set_site(
        {[](const Request& request) { return request.headers.view("host").starts_with("site."); },
         &Site::answer});
    Request request{.method = "OPTIONS", .target = "/"};
    request.headers.set("Host", "site.localhost");
    request.headers.set("Origin", "https://evil.example");
    request.headers.set("Access-Control-Request-Method", "GET");
    const Response answer = send(request);
    EXPECT_EQ(answer.body, "OPTIONS 127.0.0.1 foreign");
    EXPECT_FALSE(answer.headers.contains("access-control-allow-origin"));
    Request own = signed_request("HEAD", "/", "lambda");
    own.headers.set("Host", "site.localhost");
    EXPECT_EQ(serve(own).content_length, std::string("HEAD  111122223333").size());
    own.headers.set("Host", "site.example");
    EXPECT_EQ(serve(own).status, 403);
}

TEST_F(GatewayTest, AsksTheThrottleBeforeEachCall) {
    std::vector<std::string> asked;
    gateway->set_throttle([&asked](const wire::Service& service, const wire::Operation& operation,
                                   const Caller& caller, wire::Input& input) -> Result<void> {
        Echo echo;
        if (auto decoded = input.decode(wire::structure_of<Echo>(), &echo); !decoded)
            return decoded;
        asked.push_back(std::string(service.signing_name) + " " + std::string(operation.name) +
                        " " + caller.account + " " + *echo.text);
        if (asked.size() == 1) return {};
        return fail("LimitExceededException", "Rate exceeded.", 400);
    });
    EXPECT_EQ(send(json("one")).status, 200);  // its input is decoded a second time
    EXPECT_EQ(send(json("two")).body,
              R"({"__type":"LimitExceededException","message":"Rate exceeded."})");
    EXPECT_THAT(asked, testing::ElementsAre("kinesis Say 111122223333 one",
                                            "kinesis Say 111122223333 two"));
    EXPECT_THAT(fake.seen, testing::ElementsAre("one"));
}

TEST_F(GatewayTest, CountsRequests) {
    send(json("hello"));
    send(json("hello"));
    send(json("missing"));
    const std::string text = gateway->metrics_text();
    EXPECT_THAT(
        text,
        HasSubstr(
            "millrace_requests_total{service=\"kinesis\",operation=\"Say\",status=\"200\"} 2\n"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "millrace_requests_total{service=\"kinesis\",operation=\"Say\",status=\"400\"} 1\n"));
}

TEST_F(GatewayTest, RefusesASecondListenerAtOneAddress) {
    Gateway second(world.machine(), {}, services());
    auto bound = second.listen(at);
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().code, "net.in_use");
    EXPECT_THAT(bound.error().message, HasSubstr("--listen"));
}

class GatewayDrainTest : public GatewayTest {
  protected:
    struct Asker {
        static Task<void> run(machine::Network& network, machine::Endpoint to, Request request,
                              std::optional<Result<Response>>* out) {
            out->emplace(co_await wire::http::exchange(network, to, std::move(request)));
        }
        static Task<void> drain(Gateway& gateway, Instant deadline, bool* done) {
            co_await gateway.drain(deadline);
            *done = true;
        }
    };
    void begin() {
        scope.spawn(Asker::run(world.machine().network, at, json("slow"), &slow));
        world.run_for(std::chrono::seconds(1));
        ASSERT_EQ(fake.under_way, 1);
        scope.spawn(Asker::drain(*gateway, world.machine().clock.now() + std::chrono::seconds(5),
                                 &drained));
        world.run_for(std::chrono::seconds(1));
        EXPECT_FALSE(drained);
    }
    std::optional<Result<Response>> slow;
    bool drained = false;
    Scope scope;
};

TEST_F(GatewayDrainTest, LetsRequestsUnderWayFinishAndAcceptsNoMore) {
    begin();
    EXPECT_FALSE(world.await(wire::http::exchange(world.machine().network, at, json("late"))));
    fake.open = true;
    fake.gate.notify_all();
    world.run_for(std::chrono::seconds(1));
    EXPECT_TRUE(drained);
    ASSERT_TRUE(slow && *slow);
    EXPECT_EQ((*slow)->status, 200);
    EXPECT_EQ((*slow)->headers.get("connection"), "close");
}

TEST_F(GatewayDrainTest, DropsWhatIsLeftAtTheDeadline) {
    begin();
    world.run_for(std::chrono::seconds(5));
    EXPECT_TRUE(drained);
    ASSERT_TRUE(slow);
    EXPECT_FALSE(slow->has_value());
}

}  // namespace
}  // namespace mill::gateway
