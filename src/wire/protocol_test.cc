// SPDX-License-Identifier: Apache-2.0
#include "wire/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

struct Tag {
    std::string key, value;
    static constexpr auto shape() {
        return structure("Tag", member<&Tag::key>("Key"), member<&Tag::value>("Value"));
    }
};

struct Thing {
    std::optional<std::string> name;
    std::optional<std::int64_t> count;
    std::optional<bool> flag;
    std::optional<WallTime> when;
    std::optional<std::vector<std::string>> items;
    std::optional<std::vector<Tag>> tags;
    std::optional<std::map<std::string, std::string>> attributes;
    static constexpr auto shape() {
        return structure("Thing", member<&Thing::name>("Name"), member<&Thing::count>("Count"),
                         member<&Thing::flag>("Flag"), member<&Thing::when>("When"),
                         member<&Thing::items>("Items"), member<&Thing::tags>("Tags"),
                         member<&Thing::attributes>("Attributes"), refused("Lock", "Do without."));
    }
};

struct RestIn {
    std::optional<std::string> name, qualifier, kind, text;
    std::optional<std::int64_t> count, page;
    std::optional<std::vector<std::string>> keys;
    std::optional<std::map<std::string, std::string>> meta;
    static constexpr auto shape() {
        return structure(
            "RestIn", member<&RestIn::count>("Count"), member<&RestIn::page>("Page").query("Page"),
            member<&RestIn::name>("Name").uri(),
            member<&RestIn::qualifier>("Qualifier").query("Qualifier"),
            member<&RestIn::keys>("Keys").query("key"),
            member<&RestIn::kind>("Kind").header("X-Kind"),
            member<&RestIn::meta>("Meta").header("x-meta-"), member<&RestIn::text>("Text"));
    }
};

struct RestOut {
    std::optional<std::int64_t> status;
    std::optional<std::string> version, text;
    std::optional<WallTime> when;
    static constexpr auto shape() {
        return structure("RestOut", member<&RestOut::status>("StatusCode").status(),
                         member<&RestOut::version>("Version").header("X-Version"),
                         member<&RestOut::when>("When").header("Last-Modified"),
                         member<&RestOut::text>("Text"));
    }
};

struct Raw {
    std::optional<Blob> body;
    static constexpr auto shape() { return structure("Raw", member<&Raw::body>("Body").payload()); }
};

struct Configuration {
    std::optional<std::string> constraint;
    std::optional<std::vector<Tag>> tags;
    static constexpr auto shape() {
        return structure("Configuration", member<&Configuration::constraint>("Constraint"),
                         member<&Configuration::tags>("Tag"), refused("Lock", "Do without."));
    }
};
struct XmlIn {
    std::optional<Configuration> configuration;
    static constexpr auto shape() {
        return structure("XmlIn", member<&XmlIn::configuration>("Configuration").payload());
    }
};

// An operation that is only decoded and encoded here, never invoked.
template <class In, class Out>
Operation described(std::string_view name, HttpBinding http = {}) {
    return Operation{name, http, &structure_of<In>(), &structure_of<Out>(), nullptr};
}

template <class T>
Output output_of(T object) {
    return Output{&structure_of<T>(), std::make_shared<const T>(std::move(object))};
}

Service service_of(Protocol protocol, std::span<const Operation* const> operations = {}) {
    return {.signing_name = "test",
            .target_prefix = "Test_1",
            .protocol = protocol,
            .json_version = "1.1",
            .api_version = "2010-01-01",
            .xml_namespace = "http://test/",
            .operations = operations};
}

template <class In>
Result<In> read_as(Protocol protocol, http::Request request, Parameters labels = {}) {
    const Operation operation = described<In, Empty>("Do");
    JsonReader reader;
    MILL_TRY(Input input, read_input(service_of(protocol), Route{&operation, std::move(labels)},
                                     request, reader));
    In object;
    MILL_CHECK(input.decode(structure_of<In>(), &object));
    return object;
}

http::Request form(std::string body) {
    http::Request request{.method = "POST", .target = "/", .body = std::move(body)};
    request.headers.set("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    return request;
}

TEST(MatchPath, TakesLabelsDecoded) {
    EXPECT_THAT(*match_path("/2015-03-31/functions/{FunctionName}/code",
                            "/2015-03-31/functions/arn%3Aaws%3Alambda/code"),
                ElementsAre(Pair("FunctionName", "arn:aws:lambda")));
    EXPECT_THAT(*match_path("/{Bucket}/{Key+}", "/b/a//b%20c/"),
                ElementsAre(Pair("Bucket", "b"), Pair("Key", "a//b c/")));
    EXPECT_THAT(
        *match_path("/2015-03-31/event-source-mappings/", "/2015-03-31/event-source-mappings"),
        ElementsAre());
    EXPECT_THAT(*match_path("/2015-03-31/functions", "/2015-03-31/functions/"), ElementsAre());
    EXPECT_THAT(*match_path("/", "/"), ElementsAre());
    EXPECT_THAT(*match_path("/{Bucket}", "/b/"), ElementsAre(Pair("Bucket", "b")));
}

TEST(MatchPath, RefusesWhatDoesNotFit) {
    EXPECT_FALSE(match_path("/functions/{Name}", "/functions"));
    EXPECT_FALSE(match_path("/functions/{Name}", "/functions/a/code"));
    EXPECT_FALSE(match_path("/functions/{Name}/code", "/functions/a/configuration"));
    EXPECT_FALSE(match_path("/{Bucket}/{Key+}", "/b/"));
    EXPECT_FALSE(match_path("/{Bucket}/{Key+}", "/b"));
    EXPECT_FALSE(match_path("/", "/b"));
}

TEST(MatchRoute, PrefersTheMostSpecificAndDeclaredSubresources) {
    const auto get = described<Raw, Empty>("GetObject", {"GET", "/{Bucket}/{Key+}"});
    const auto list = described<Empty, Empty>("List", {"GET", "/{Bucket}", 200, "list-type=2"});
    const auto location =
        described<Empty, Empty>("Location", {"GET", "/{Bucket}", 200, "location"});
    const auto create = described<Empty, Empty>("Create", {"PUT", "/{Bucket}"});
    const Operation* operations[] = {&get, &list, &location, &create};
    const Service s3 = service_of(Protocol::rest_xml, operations);
    const auto name_of = [&](std::string method, std::string target) {
        const auto route =
            match_route(s3, {.method = std::move(method), .target = std::move(target)});
        return route ? std::string(route->operation->name) : "";
    };
    EXPECT_EQ(name_of("GET", "/b?list-type=2&prefix=a"), "List");
    EXPECT_EQ(name_of("GET", "/b?location"), "Location");
    EXPECT_EQ(name_of("GET", "/b/k"), "GetObject");
    EXPECT_EQ(name_of("PUT", "/b"), "Create");
    EXPECT_EQ(name_of("PUT", "/b?versioning"), "")
        << "would make a bucket instead of configuring one";
    EXPECT_EQ(name_of("GET", "/b/k?acl="), "");
    EXPECT_EQ(name_of("GET", "/b/k?uploadId=x"), "");
    EXPECT_EQ(name_of("GET", "/b/k?x-id=GetObject"), "GetObject");
    EXPECT_EQ(name_of("GET", "/b"), "");
}

TEST(AwsJson, ReadsAndAnswersWithItsContentType) {
    auto thing = read_as<Thing>(
        Protocol::aws_json, {.method = "POST", .body = R"({"Name":"n","Count":3,"Unknown":1})"});
    ASSERT_TRUE(thing);
    EXPECT_EQ(thing->name, "n");
    EXPECT_EQ(thing->count, 3);
    const auto operation = described<Empty, Thing>("Do");
    const auto answer = write_output(service_of(Protocol::aws_json), operation,
                                     output_of(Thing{.name = "a"}), "id");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"Name":"a"})");
    EXPECT_EQ(answer.headers.get("content-type"), "application/x-amz-json-1.1");
}

TEST(AwsJson, AnswersOperationsWithoutOutputWithAnEmptyBody) {
    const auto operation = described<Empty, Empty>("Do");
    EXPECT_EQ(
        write_output(service_of(Protocol::aws_json), operation, output_of(Empty{}), "id").body, "");
}

TEST(AwsJson, RefusesABodyThatIsNotJson) {
    for (const char* body : {"", "{", "{\"a\":}", "\xff", "null", "3"}) {
        auto thing = read_as<Thing>(Protocol::aws_json, {.method = "POST", .body = body});
        ASSERT_FALSE(thing) << body;
        EXPECT_EQ(thing.error(), (Error{"SerializationException", "", 400}));
    }
}

TEST(AwsJson, WritesErrors) {
    const Service service = service_of(Protocol::aws_json);
    auto answer =
        write_error(service, {"ResourceNotFoundException", "Stream \"a\" not found.", 400}, {});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body,
              R"({"__type":"ResourceNotFoundException","message":"Stream \"a\" not found."})");
    EXPECT_EQ(write_error(service, {"SerializationException", "", 400}, {}).body,
              R"({"__type":"SerializationException"})");
    EXPECT_EQ(write_error(service, {"SerializationException", "Expected null", 400}, {}).body,
              R"({"__type":"SerializationException","Message":"Expected null"})");
}

TEST(WriteError, TellsNothingOfInternalErrors) {
    const Error error{"io.no_space", "/secret/path is full"};
    for (Protocol protocol :
         {Protocol::aws_json, Protocol::query, Protocol::rest_json, Protocol::rest_xml}) {
        const auto answer = write_error(service_of(protocol), error, {"id", "/"});
        EXPECT_EQ(answer.status, 500);
        EXPECT_EQ(answer.body.find("secret"), std::string::npos);
        EXPECT_EQ(answer.body.find("no_space"), std::string::npos);
    }
    EXPECT_THAT(write_error(service_of(Protocol::aws_json), error, {}).body,
                HasSubstr("InternalFailure"));
    EXPECT_THAT(write_error(service_of(Protocol::query), error, {}).body,
                HasSubstr("<Type>Receiver</Type><Code>InternalFailure"));
    EXPECT_EQ(
        write_error(service_of(Protocol::rest_json), error, {}).headers.get("x-amzn-errortype"),
        "ServiceException");
    EXPECT_THAT(write_error(service_of(Protocol::rest_xml), error, {}).body,
                HasSubstr("<Code>InternalError</Code>"));
}

TEST(WriteError, TellsOfDamagedStorageAndWhatToDo) {
    const Error error{"storage.corrupt", "log/1.segment at byte 8: a damaged entry; restore it"};
    for (Protocol protocol :
         {Protocol::aws_json, Protocol::query, Protocol::rest_json, Protocol::rest_xml}) {
        const auto answer = write_error(service_of(protocol), error, {"id", "/"});
        EXPECT_EQ(answer.status, 500);
        EXPECT_THAT(answer.body, HasSubstr(error.message));
    }
}

TEST(WriteError, NamesARefusedMemberAsEachServiceDoes) {
    const Error error{std::string(unsupported_member), "Millrace does not support X yet.", 400};
    const auto said = [&](Protocol protocol) {
        const http::Response response = write_error({.protocol = protocol}, error, {"id", "/b"});
        EXPECT_THAT(response.body, HasSubstr("Millrace does not support X yet."));
        EXPECT_EQ(response.status, protocol == Protocol::rest_xml ? 501 : 400);
        return response.headers.get("x-amzn-errortype") + " " + response.body;
    };
    EXPECT_THAT(said(Protocol::aws_json), HasSubstr("ValidationException"));
    EXPECT_THAT(said(Protocol::query), HasSubstr("<Code>ValidationError</Code>"));
    EXPECT_THAT(said(Protocol::rest_json), HasSubstr("InvalidParameterValueException"));
    EXPECT_THAT(said(Protocol::rest_xml), HasSubstr("<Code>NotImplemented</Code>"));
}

TEST(Query, ReadsListsMapsAndStructures) {
    auto thing = read_as<Thing>(
        Protocol::query,
        form("Action=Do&Version=1&Name=a+b%2B&Count=7&Flag=true&When=2026-01-12T15%3A37%3A17Z"
             "&Items.member.2=y&Items.member.10=z&Items.member.1=x"
             "&Tags.member.1.Key=k&Tags.member.1.Value=v"
             "&Attributes.entry.1.key=a&Attributes.entry.1.value=1&Attributes.entry.2.key=b&"
             "Attributes.entry.2.value=2"));
    ASSERT_TRUE(thing) << thing.error().message;
    EXPECT_EQ(thing->name, "a b+");
    EXPECT_EQ(thing->count, 7);
    EXPECT_EQ(thing->flag, true);
    EXPECT_EQ(iso8601_s(*thing->when), "2026-01-12T15:37:17Z");
    EXPECT_THAT(*thing->items, ElementsAre("x", "y", "z"));
    ASSERT_EQ(thing->tags->size(), 1u);
    EXPECT_EQ(thing->tags->at(0).value, "v");
    EXPECT_THAT(*thing->attributes, ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST(Query, RefusesWhatItDoesNotSupportHoweverDeepItIsSaid) {
    const auto refuse = [](std::string_view parameters) {
        return !read_as<Thing>(Protocol::query, form("Action=Do&" + std::string(parameters)));
    };
    EXPECT_TRUE(refuse("Lock=yes"));
    EXPECT_TRUE(refuse("Lock.Keys.member.1.Name=a"));
    EXPECT_FALSE(refuse("Lock="));
    EXPECT_FALSE(refuse("Lock=false"));
    EXPECT_FALSE(refuse("Lock.Keys="));
}

TEST(Query, ReadsFlattenedListsEmptyListsAndTheRequestLine) {
    auto thing = read_as<Thing>(
        Protocol::query, {.method = "GET", .target = "/?Action=Do&Items.1=x&Items.2=y&Tags="});
    ASSERT_TRUE(thing);
    EXPECT_THAT(*thing->items, ElementsAre("x", "y"));
    EXPECT_TRUE(thing->tags && thing->tags->empty());
    EXPECT_FALSE(thing->attributes);
}

struct FlatThing {
    std::optional<std::vector<std::string>> names;
    std::optional<std::map<std::string, Tag>> tags;
    static constexpr auto shape() {
        return structure("FlatThing", member<&FlatThing::names>("Names").flat("Name"),
                         member<&FlatThing::tags>("Tags").flat("Tag", "Called", "Is"));
    }
};

TEST(Query, ReadsAndWritesMembersThatAreFlattened) {
    auto thing = read_as<FlatThing>(Protocol::query,
                                    form("Action=Do&Name.2=y&Name.1=x&Tag.1.Called=a&Tag.1.Is.Key=k"
                                         "&Tag.1.Is.Value=v&Names.1=other"));
    ASSERT_TRUE(thing) << thing.error().message;
    EXPECT_THAT(*thing->names, ElementsAre("x", "y"));
    EXPECT_EQ(thing->tags->at("a").value, "v");
    const auto answer = write_output(service_of(Protocol::query), described<Empty, FlatThing>("Do"),
                                     output_of(*thing), "id-1");
    EXPECT_THAT(answer.body,
                HasSubstr("<DoResult><Name>x</Name><Name>y</Name><Tag><Called>a</Called><Is><Key>k"
                          "</Key><Value>v</Value></Is></Tag></DoResult>"));
    EXPECT_EQ(to_json(*thing), R"({"Names":["x","y"],"Tags":{"a":{"Key":"k","Value":"v"}}})");
}

TEST(Query, TakesTheParameterThatThePathStandsFor) {
    Service service = service_of(Protocol::query);
    service.path_parameter = "Name";
    const auto name_of = [&](std::string target) {
        const auto operation = described<Thing, Empty>("Do");
        http::Request request{.method = "GET", .target = std::move(target)};
        JsonReader reader;
        Thing thing;
        EXPECT_TRUE(read_input(service, {&operation, {}}, request, reader)
                        ->decode(structure_of<Thing>(), &thing));
        return thing.name.value_or("none");
    };
    EXPECT_EQ(name_of("/1/orders?Action=Do"), "/1/orders");
    EXPECT_EQ(name_of("/1/orders?Action=Do&Name=given"), "given");
    EXPECT_EQ(name_of("/?Action=Do"), "none");
}

TEST(WriteError, TellsTheCodesOfAServiceThatSpokeQuery) {
    static constexpr std::pair<std::string_view, std::string_view> codes[] = {{"New", "Old.Code"}};
    Service service = service_of(Protocol::aws_json);
    const auto told = [&](const char* code, int status) {
        return write_error(service, {code, "text", status}, {}).headers.get("x-amzn-query-error");
    };
    EXPECT_EQ(told("New", 400), "");
    service.query_codes = codes;
    EXPECT_EQ(told("New", 400), "Old.Code;Sender");
    EXPECT_EQ(told("Other", 500), "Other;Receiver");
    EXPECT_THAT(write_error(service, {"New", "text", 400}, {}).body,
                HasSubstr(R"("__type":"New")"));
    service.protocol = Protocol::query;
    EXPECT_THAT(write_error(service, {"New", "text", 400}, {"id"}).body,
                HasSubstr("<Code>Old.Code</Code>"));
}

TEST(Query, RefusesNestingWithoutEnd) {
    std::string name;
    for (int i = 0; i < 100'000; ++i) name += "a.";
    auto thing = read_as<Thing>(Protocol::query, form(name + "=1"));
    ASSERT_FALSE(thing);
    EXPECT_EQ(thing.error().code, "MalformedInput");
}

TEST(Query, AnswersInXml) {
    const auto operation = described<Empty, Thing>("Do");
    const auto answer = write_output(
        service_of(Protocol::query), operation,
        output_of(Thing{.name = "a<b", .flag = true, .items = std::vector<std::string>{"x"}}),
        "id-1");
    EXPECT_EQ(answer.headers.get("content-type"), "text/xml");
    EXPECT_EQ(
        answer.body,
        "<DoResponse "
        "xmlns=\"http://test/\"><DoResult><Name>a&lt;b</Name><Flag>true</Flag><Items><member>x</"
        "member></Items>"
        "</DoResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>");
    const auto none = described<Empty, Empty>("Drop");
    EXPECT_EQ(write_output(service_of(Protocol::query), none, output_of(Empty{}), "i").body,
              "<DropResponse "
              "xmlns=\"http://test/\"><ResponseMetadata><RequestId>i</RequestId></"
              "ResponseMetadata></DropResponse>");
}

TEST(Query, WritesErrors) {
    const auto answer =
        write_error(service_of(Protocol::query),
                    {"ValidationException", "Stack with id a&b does not exist", 400}, {"id-1"});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(
        answer.body,
        "<ErrorResponse "
        "xmlns=\"http://test/\"><Error><Type>Sender</Type><Code>ValidationError</"
        "Code><Message>Stack with id "
        "a&amp;b does not exist</Message></Error><RequestId>id-1</RequestId></ErrorResponse>");
}

TEST(RestJson, ReadsLabelsQueryHeadersAndBody) {
    http::Request request{.method = "POST",
                          .target = "/x?Qualifier=%241&Page=7&key=a&key=b",
                          .body = R"({"Text":"t","Count":3,"Name":"forged"})"};
    request.headers.set("x-kind", "Event");
    request.headers.set("X-Meta-One", "1");
    auto in = read_as<RestIn>(Protocol::rest_json, request, {{"Name", "real"}});
    ASSERT_TRUE(in) << in.error().message;
    EXPECT_EQ(in->name, "real");
    EXPECT_EQ(in->qualifier, "$1");
    EXPECT_EQ(in->kind, "Event");
    EXPECT_EQ(in->text, "t");
    EXPECT_EQ(in->count, 3);
    EXPECT_EQ(in->page, 7);
    EXPECT_THAT(*in->keys, ElementsAre("a", "b"));
    EXPECT_THAT(*in->meta, ElementsAre(Pair("one", "1")));
}

TEST(RestJson, BodyCannotSetBoundMembers) {
    auto in =
        read_as<RestIn>(Protocol::rest_json,
                        {.method = "POST", .target = "/x", .body = R"({"Qualifier":"forged"})"});
    ASSERT_TRUE(in);
    EXPECT_FALSE(in->qualifier);
}

TEST(RestJson, TakesNoTextForANumberOfTheBody) {
    const auto in = read_as<RestIn>(Protocol::rest_json,
                                    {.method = "POST", .target = "/x", .body = R"({"Count":"3"})"});
    ASSERT_FALSE(in);
    EXPECT_EQ(in.error(),
              (Error{"SerializationException",
                     "class java.lang.String can not be converted to an Integer", 400}));
}

TEST(RestJson, TakesTheRawPayload) {
    EXPECT_EQ(
        read_as<Raw>(Protocol::rest_json, {.method = "POST", .body = "not json"})->body->bytes,
        "not json");
    EXPECT_FALSE(read_as<Raw>(Protocol::rest_json, {.method = "POST"})->body);
}

TEST(RestJson, AnswersStatusHeadersAndBody) {
    const auto operation = described<Empty, RestOut>("Do", {.status = 201});
    const Service lambda = service_of(Protocol::rest_json);
    auto answer = write_output(
        lambda, operation,
        output_of(RestOut{.version = "$LATEST", .text = "t", .when = WallTime{}}), "id");
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.headers.get("x-version"), "$LATEST");
    EXPECT_EQ(answer.headers.get("last-modified"), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(answer.body, R"({"Text":"t"})");
    EXPECT_EQ(write_output(lambda, operation, output_of(RestOut{.status = 202}), "id").status, 202);
    const auto raw = described<Empty, Raw>("Raw");
    EXPECT_EQ(write_output(lambda, raw, output_of(Raw{Blob{"null"}}), "id").body, "null");
}

TEST(RestJson, WritesErrorsAsLambdaSpellsThem) {
    const Service lambda = service_of(Protocol::rest_json);
    auto answer =
        write_error(lambda, {"ResourceNotFoundException", "Function not found: a", 404}, {});
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "ResourceNotFoundException");
    EXPECT_EQ(answer.body, R"({"Type":"User","Message":"Function not found: a"})");
    EXPECT_EQ(write_error(lambda, {"InvalidParameterValueException", "no", 400}, {}).body,
              R"({"Type":"User","message":"no"})");
    EXPECT_EQ(write_error(lambda, {"ValidationException", "no", 400}, {}).body,
              R"({"message":"no"})");
    answer =
        write_error(lambda, {"TooManyRequestsException:CallerRateLimitExceeded", "no", 429}, {});
    EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "TooManyRequestsException");
    EXPECT_EQ(answer.headers.get("retry-after"), "1");
    EXPECT_EQ(answer.body, R"({"Type":"User","message":"no","Reason":"CallerRateLimitExceeded"})");
}

TEST(RestXml, ReadsAStructureFromTheBody) {
    auto in = read_as<XmlIn>(
        Protocol::rest_xml,
        {.method = "PUT",
         .body = "<?xml version=\"1.0\"?><C xmlns=\"x\"><Constraint>eu-west-1</Constraint>"
                 "<Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key></Tag></C>"});
    ASSERT_TRUE(in) << in.error().message;
    EXPECT_EQ(in->configuration->constraint, "eu-west-1");
    EXPECT_EQ(in->configuration->tags->size(), 2u);
}

TEST(RestXml, RefusesWhatItDoesNotSupportHoweverDeepItIsSaid) {
    const auto refuse = [](std::string_view element) {
        return !read_as<XmlIn>(Protocol::rest_xml,
                               {.method = "PUT", .body = "<C>" + std::string(element) + "</C>"});
    };
    EXPECT_TRUE(refuse("<Lock>yes</Lock>"));
    EXPECT_TRUE(refuse("<Lock><Key><Name>a</Name></Key></Lock>"));
    EXPECT_FALSE(refuse("<Lock/>"));
    EXPECT_FALSE(refuse("<Lock><Key/></Lock>"));
}

TEST(RestXml, RefusesMalformedXmlAndExpandsNoEntities) {
    EXPECT_EQ(
        read_as<XmlIn>(Protocol::rest_xml, {.method = "PUT", .body = "<a><b></a>"}).error().code,
        "MalformedXML");
    auto in = read_as<XmlIn>(Protocol::rest_xml,
                             {.method = "PUT",
                              .body = "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
                                      "<a><Constraint>&e;</Constraint></a>"});
    ASSERT_TRUE(in);
    EXPECT_EQ(in->configuration->constraint, "&e;");
}

TEST(RestXml, AnswersFlattenedListsUnderTheShapesName) {
    const auto operation = described<Empty, Configuration>("Do");
    const auto answer =
        write_output(service_of(Protocol::rest_xml), operation,
                     output_of(Configuration{"", std::vector<Tag>{{"a", "&"}, {"b", "2"}}}), "id");
    EXPECT_EQ(answer.body,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Configuration "
              "xmlns=\"http://test/\"><Constraint/>"
              "<Tag><Key>a</Key><Value>&amp;</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag></"
              "Configuration>");
    EXPECT_EQ(answer.headers.get("content-type"), "application/xml");
}

TEST(RestXml, WritesErrors) {
    EXPECT_EQ(
        write_error(service_of(Protocol::rest_xml), {"NoSuchKey", "gone", 404}, {"ID", "/b/k"})
            .body,
        "<?xml version=\"1.0\" "
        "encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>gone</Message>"
        "<Resource>/b/k</Resource><RequestId>ID</RequestId></Error>");
}

}  // namespace
}  // namespace mill::wire
