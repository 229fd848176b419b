// SPDX-License-Identifier: Apache-2.0
#include "wire/shape.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "wire/encoded.h"
#include "wire/pattern.h"

namespace mill::wire {
namespace {

using testing::StartsWith;

struct Entry {
    std::optional<std::string> partition_key;
    std::optional<Blob> data;
    static constexpr auto shape() {
        return structure("PutRecordsRequestEntry",
                         member<&Entry::partition_key>("PartitionKey").required().length(1, 256),
                         member<&Entry::data>("Data").required().length(0, 4));
    }
};

struct Everything {
    static constexpr std::string_view types[] = {"LATEST", "TRIM_HORIZON"};
    std::optional<std::string> stream_name, type, secret;
    std::optional<std::vector<Entry>> records;
    std::optional<std::int64_t> limit;
    std::optional<double> ratio;
    std::optional<bool> enabled;
    std::optional<WallTime> timestamp;
    std::optional<std::map<std::string, std::string>> tags;
    std::optional<std::map<std::string, Entry>> entries;
    std::optional<std::vector<std::string>> names;
    std::optional<Value> document;
    std::optional<Entry> entry;
    static constexpr auto shape() {
        using E = Everything;
        return structure(
            "EverythingInput",
            member<&E::stream_name>("StreamName").pattern("[a-zA-Z0-9_.-]+").length(1, 8),
            member<&E::type>("ShardIteratorType").one_of(types),
            member<&E::secret>("Secret").secret().length(1, 3),
            member<&E::records>("Records").length(1, 20),
            member<&E::limit>("Limit").range(1, 10000), member<&E::ratio>("Ratio").range(0, 1),
            member<&E::enabled>("Enabled"), member<&E::timestamp>("Timestamp"),
            member<&E::tags>("Tags").length(0, 2), member<&E::entries>("Entries"),
            member<&E::names>("TagKeys").item_length(1, 3), member<&E::document>("Document"),
            member<&E::entry>("Entry"));
    }
};

Result<Everything> decoded(std::string_view json, Notation notation = Notation::typed) {
    return decode_as<Everything>(*parse_json(json), notation);
}

std::string type_error(std::string_view json) {
    const auto result = decoded(json);
    if (result) return "accepted";
    EXPECT_EQ(result.error().code, "SerializationException");
    EXPECT_EQ(result.error().status, 400);
    return result.error().message;
}

std::string violations(std::string_view json) {
    const auto object = decoded(json);
    if (!object) return object.error().message;
    const auto verdict = check(structure_of<Everything>(), &*object);
    if (verdict) return "";
    EXPECT_EQ(verdict.error().code, "ValidationException");
    EXPECT_EQ(verdict.error().status, 400);
    return verdict.error().message;
}

TEST(Decode, FillsEveryKindAndIgnoresWhatItDoesNotKnow) {
    const auto e = decoded(
        R"({"StreamName":"s","Records":[{"PartitionKey":"k","Data":"Zm9v"}],"Limit":7,"Ratio":1,
        "Enabled":false,"Timestamp":1545084650.987,"Tags":{"a":"b"},"TagKeys":["x"],"Document":{"any":[1]},"Unknown":{},
        "ShardIteratorType":null,"Entry":{"PartitionKey":"p"}})");
    ASSERT_TRUE(e) << e.error().message;
    EXPECT_EQ(e->stream_name, "s");
    EXPECT_EQ(e->type, std::nullopt);
    EXPECT_EQ(e->records->at(0).data->bytes, "foo");
    EXPECT_EQ(e->limit, 7);
    EXPECT_EQ(e->ratio, 1.0);
    EXPECT_EQ(e->enabled, false);
    EXPECT_EQ(epoch_ms(*e->timestamp), 1545084650987);
    EXPECT_EQ(e->tags->at("a"), "b");
    EXPECT_EQ(e->names->size(), 1U);
    EXPECT_EQ(write_json(*e->document), R"({"any":[1]})");
    EXPECT_EQ(e->entry->partition_key, "p");
}

TEST(Decode, ReadsNumbersBooleansAndTimesFromTextWhereThereIsOnlyText) {
    const auto e = decoded(
        R"({"Limit":"42","Enabled":"true","Ratio":"0.5","Timestamp":"2018-12-17T22:10:50.987Z"})",
        Notation::text);
    ASSERT_TRUE(e) << e.error().message;
    EXPECT_EQ(e->limit, 42);
    EXPECT_EQ(e->enabled, true);
    EXPECT_EQ(e->ratio, 0.5);
    EXPECT_EQ(epoch_ms(*e->timestamp), 1545084650987);
    EXPECT_EQ(epoch_ms(*decoded(R"({"Timestamp":"1545084650.987"})", Notation::text)->timestamp),
              1545084650987);
    EXPECT_EQ(decoded(R"({"Limit":"x"})", Notation::text).error().message,
              "class java.lang.String can not be converted to an Integer");
    EXPECT_EQ(decoded(R"({"Timestamp":"x"})", Notation::text).error().message,
              "class java.lang.String can not be converted to milliseconds since epoch");
    EXPECT_EQ(epoch_ms(*decoded(R"({"Timestamp":1.545084650987E9})")->timestamp), 1545084650987);
    EXPECT_EQ(epoch_ms(*decoded(R"({"Timestamp":1545084650})")->timestamp), 1545084650000);
}

TEST(Decode, TakesATextForATruthValueInJsonToo) {
    for (const char* text : {"true", "TRUE", "Yes", "y", "t", "1"})
        EXPECT_EQ(decoded(fmt::format(R"({{"Enabled":"{}"}})", text))->enabled, true) << text;
    for (const char* text : {"false", "No", "n", "f", "0"})
        EXPECT_EQ(decoded(fmt::format(R"({{"Enabled":"{}"}})", text))->enabled, false) << text;
}

TEST(Decode, ReadsTheNumbersThatJsonDoesNotHaveAsTexts) {
    EXPECT_TRUE(std::isnan(*decoded(R"({"Ratio":"NaN"})")->ratio));
    EXPECT_EQ(decoded(R"({"Ratio":"-Infinity"})")->ratio, -std::numeric_limits<double>::infinity());
    EXPECT_EQ(type_error(R"({"Ratio":"0.5"})"),
              "class java.lang.String can not be converted to an Double");
}

TEST(Decode, ReadsTheDatesOfHeaders) {
    const auto time = [](std::string_view text) {
        return decoded(R"({"Timestamp":")" + std::string(text) + R"("})", Notation::text);
    };
    EXPECT_EQ(time("Sun, 06 Nov 1994 08:49:37 GMT")->timestamp, from_epoch_ms(784111777000));
    EXPECT_FALSE(time("Sun, 06 Nox 1994 08:49:37 GMT"));
    EXPECT_FALSE(time("Sun, 31 Feb 1994 08:49:37 GMT"));
}

TEST(Decode, NumbersOutOfTheOrdinaryStayInRange) {
    EXPECT_EQ(decoded(R"({"Limit":3.0})")->limit, 3);
    EXPECT_EQ(decoded(R"({"Limit":3.9})")->limit, 3);
    EXPECT_EQ(decoded(R"({"Limit":1e300})")->limit, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(decoded(R"({"Limit":-1e300})")->limit, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(epoch_ms(*decoded(R"({"Timestamp":1e300})")->timestamp), 253402300799999);
    EXPECT_EQ(epoch_ms(*decoded(R"({"Timestamp":-9223372036854775808})")->timestamp),
              -62167219200000);
}

TEST(Decode, TakesBytesWithoutBase64FromABlob) {
    Value from = Value::map();
    from["Data"] = Blob{"not base64!"};
    EXPECT_EQ(decode_as<Entry>(std::move(from))->data->bytes, "not base64!");
}

TEST(Decode, ComplainsInTheWordsOfAws) {
    EXPECT_EQ(type_error(R"({"Limit":"5"})"),
              "class java.lang.String can not be converted to an Integer");
    EXPECT_EQ(type_error(R"({"Limit":true})"),
              "class java.lang.Boolean can not be converted to an Integer");
    EXPECT_EQ(type_error(R"({"StreamName":5})"),
              "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted "
              "to an String");
    EXPECT_EQ(type_error(R"({"StreamName":[]})"), "Start of list found where not expected");
    EXPECT_EQ(type_error(R"({"StreamName":{}})"),
              "Start of structure or map found where not expected.");
    EXPECT_EQ(type_error(R"({"Enabled":1})"),
              "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted "
              "to an Boolean");
    EXPECT_EQ(type_error(R"({"Enabled":"maybe"})"), "'MAYBE' can not be converted to an Boolean");
    EXPECT_EQ(type_error(R"({"Timestamp":"2018-12-17T22:10:50Z"})"),
              "class java.lang.String can not be converted to milliseconds since epoch");
    EXPECT_EQ(type_error(R"({"Timestamp":true})"),
              "class java.lang.Boolean can not be converted to milliseconds since epoch");
    EXPECT_EQ(type_error(R"({"Records":"x"})"), "Expected list or null");
    EXPECT_EQ(type_error(R"({"Records":{}})"),
              "Start of structure or map found where not expected.");
    EXPECT_EQ(type_error(R"({"Records":["x"]})"), "Expected null");
    EXPECT_EQ(type_error(R"({"Tags":[]})"), "Start of list found where not expected");
    EXPECT_EQ(type_error(R"({"Tags":1})"), "Expected map or null");
    EXPECT_EQ(type_error(R"({"Tags":{"a":1}})"),
              "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted "
              "to an String");
    EXPECT_EQ(type_error("[]"), "Start of list found where not expected");
    EXPECT_EQ(type_error("null"), "");
    EXPECT_EQ(type_error("3"), "");
}

TEST(Decode, NamesWhatIsWrongWithABlob) {
    EXPECT_EQ(type_error(R"({"Entry":{"Data":5}})"),
              "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted "
              "to a Blob");
    EXPECT_EQ(type_error(R"({"Entry":{"Data":"abcde"}})"),
              "'abcde' can not be converted to a Blob: Base64 encoded length is expected a "
              "multiple of 4 bytes but found: 5");
    EXPECT_EQ(type_error(R"({"Entry":{"Data":"=+/="}})"),
              "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='");
    EXPECT_EQ(type_error(R"({"Entry":{"Data":"+-\"="}})"),
              "'+-\"=' can not be converted to a Blob: Invalid Base64 character: '-'");
    EXPECT_EQ(
        type_error(R"({"Entry":{"Data":"Zh=="}})"),
        "'Zh==' can not be converted to a Blob: Invalid last non-pad Base64 character dectected");
}

struct Inner {
    std::optional<std::string> name;
    static constexpr auto shape() {
        return structure("Inner", member<&Inner::name>("Name"), refused("Lock", "Do without."));
    }
};
struct Refusing {
    std::optional<std::string> name;
    std::optional<std::vector<Inner>> list;
    static constexpr auto shape() {
        return structure("Refusing", member<&Refusing::name>("Name"),
                         refused("KMSKeyArn", "Leave it out."),
                         refused("Factor", "Use 1.").unless("1"), member<&Refusing::list>("List"));
    }
};

std::string refusal(std::string_view json) {
    const auto result = decode_as<Refusing>(*parse_json(json));
    if (result) return "accepted";
    EXPECT_EQ(result.error().code, unsupported_member);
    return result.error().message;
}

TEST(Decode, RefusesWhatIsDeclaredButNotCarriedOut) {
    EXPECT_EQ(refusal(R"({"Name":"a","KMSKeyArn":"arn:aws:kms:::key/1"})"),
              "Millrace does not support KMSKeyArn yet. Leave it out.");
    EXPECT_EQ(refusal(R"({"KMSKeyArn":{"Keys":[{"Id":1}]}})"),
              "Millrace does not support KMSKeyArn yet. Leave it out.");
    EXPECT_EQ(refusal(R"({"KMSKeyArn":true})"),
              "Millrace does not support KMSKeyArn yet. Leave it out.");
    EXPECT_EQ(refusal(R"({"Factor":2})"), "Millrace does not support Factor yet. Use 1.");
    EXPECT_EQ(refusal(R"({"List":[{},{"Name":"a","Lock":"x"}]})"),
              "Millrace does not support Lock yet. Do without.");
}

struct RefusedByAws {
    static constexpr auto shape() {
        return structure("RefusedByAws", refused("Queues", "No {} here.").as_aws_does("Invalid"));
    }
};

TEST(Decode, RefusesInTheWordsOfAwsWhatAwsRefuses) {
    const auto result = decode_as<RefusedByAws>(*parse_json(R"({"Queues":["q"]})"));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "Invalid");
    EXPECT_EQ(result.error().message, "No Queues here.");
}

TEST(Decode, AcceptsARefusedMemberThatSaysNothing) {
    for (const char* nothing : {"null", "false", R"("")", R"("false")", "[]", "{}",
                                R"({"Ids":[],"Ipv6":false,"Deep":{"Er":[""]}})"}) {
        EXPECT_EQ(refusal(std::string(R"({"Name":"a","KMSKeyArn":)") + nothing + "}"), "accepted")
            << nothing;
    }
    EXPECT_EQ(refusal(R"({"Factor":1})"), "accepted");
    EXPECT_EQ(refusal(R"({"Factor":"1"})"), "accepted");  // Query, headers
}

TEST(Encode, NeverWritesARefusedMember) {
    EXPECT_EQ(to_json(Refusing{.name = "a"}), R"({"Name":"a"})");
    EXPECT_TRUE(check(structure_of<Refusing>(), std::make_unique<Refusing>().get()));
}

TEST(Check, AcceptsWhatIsWithinItsBounds) {
    EXPECT_EQ(violations("{}"), "");
    EXPECT_EQ(
        violations(
            R"({"StreamName":"abcdefgh","Limit":1,"Ratio":1,"ShardIteratorType":"LATEST","TagKeys":["abc"],
        "Records":[{"PartitionKey":"k","Data":""}],"Tags":{"a":"b","c":"d"},"Secret":"abc"})"),
        "");
}

TEST(Check, TellsOneViolation) {
    EXPECT_EQ(violations(R"({"Limit":10001})"),
              "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: "
              "Member must have value less than or equal to 10000");
    EXPECT_EQ(violations(R"({"Limit":100000000000})"),
              "1 validation error detected: Value '2147483647' at 'limit' failed to satisfy "
              "constraint: Member must have value less than or equal to 10000");
    EXPECT_EQ(violations(R"({"Limit":0})"),
              "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
              "Member must have value greater than or equal to 1");
    EXPECT_EQ(violations(R"({"Ratio":1.5})"),
              "1 validation error detected: Value '1.5' at 'ratio' failed to satisfy constraint: "
              "Member must have value less than or equal to 1");
    EXPECT_EQ(violations(R"({"ShardIteratorType":"X"})"),
              "1 validation error detected: Value 'X' at 'shardIteratorType' failed to satisfy "
              "constraint: "
              "Member must satisfy enum value set: [LATEST, TRIM_HORIZON]");
    EXPECT_EQ(violations(R"({"Tags":{"a":"1","b":"2","c":"3"}})"),
              "1 validation error detected: Value '{a=1, b=2, c=3}' at 'tags' failed to satisfy "
              "constraint: "
              "Member must have length less than or equal to 2");
    EXPECT_EQ(
        violations(R"({"TagKeys":["a","abcd"]})"),
        "1 validation error detected: Value '[a, abcd]' at 'tagKeys' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must have length less than or equal to 3, "
        "Member must have length greater than or equal to 1]");
    EXPECT_EQ(violations(R"({"Secret":"abcd"})"),
              "1 validation error detected: Value '***' at 'secret' failed to satisfy constraint: "
              "Member must have length less than or equal to 3");
    EXPECT_EQ(violations(R"({"Records":[]})"),
              "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: "
              "Member must have length greater than or equal to 1");
}

TEST(Check, TellsPatternBeforeLength) {
    EXPECT_EQ(
        violations(R"({"StreamName":""})"),
        "2 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; "
        "Value '' at 'streamName' failed to satisfy constraint: Member must have length greater "
        "than or equal to 1");
}

TEST(Check, NamesThePathToWhatIsInside) {
    EXPECT_EQ(violations(R"({"Records":[{"PartitionKey":"k","Data":""},{"Data":"Zm9vYmE="}]})"),
              "2 validation errors detected: Value null at 'records.2.member.partitionKey' failed "
              "to satisfy constraint: "
              "Member must not be null; Value 'java.nio.HeapByteBuffer[pos=0 lim=5 cap=5]' at "
              "'records.2.member.data' "
              "failed to satisfy constraint: Member must have length less than or equal to 4");
    EXPECT_EQ(violations(R"({"Entry":{"PartitionKey":"k"}})"),
              "1 validation error detected: Value null at 'entry.data' failed to satisfy "
              "constraint: Member must not be null");
    EXPECT_THAT(
        violations(R"({"Entries":{"one":{"Data":""}}})"),
        StartsWith(
            "1 validation error detected: Value null at 'entries.one.member.partitionKey' failed"));
    EXPECT_THAT(
        violations(R"({"Records":[null]})"),
        StartsWith(
            "2 validation errors detected: Value null at 'records.1.member.partitionKey' failed"));
}

TEST(Check, StopsAtTen) {
    std::string json = R"({"Records":[)";
    for (int i = 0; i < 19; ++i) json += "{},";
    const std::string message = violations(json + "{}]}");
    EXPECT_THAT(message, StartsWith("10 validation errors detected: "));
    EXPECT_EQ(std::count(message.begin(), message.end(), ';'), 9);
}

TEST(Check, CountsCharactersNotBytes) {
    EXPECT_EQ(violations(R"({"Secret":"\u00e9\u20ac\ud83d\ude00"})"), "");
    EXPECT_NE(violations(R"({"Secret":"\u00e9\u20ac\ud83d\ude00x"})"), "");
}

TEST(Pattern, MatchesTheWholeText) {
    EXPECT_TRUE(matches_pattern("0|([1-9]\\d{0,128})", "123"));
    EXPECT_FALSE(matches_pattern("0|([1-9]\\d{0,128})", "0123"));
    EXPECT_TRUE(matches_pattern("arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+",
                                "arn:aws:kinesis:us-east-1:000000000000:stream/s"));
    EXPECT_TRUE(matches_pattern("[a-zA-Z0-9-_]+", "a-b_9"));
    EXPECT_TRUE(matches_pattern("[\\u0009\\u0020-\\u00FF]*", "a\t\xC3\xA9"));
    EXPECT_FALSE(matches_pattern("[\\u0020-\\u00FF]*", "\xE2\x82\xAC"));
    EXPECT_TRUE(matches_pattern("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*",
                                "Gr\xC3\xBC\xC3\x9F"
                                "e 1"));
    EXPECT_FALSE(matches_pattern("a+", "a\n"));
}

TEST(Pattern, TakesThoseCharactersOfAClassThatItNames) {
    for (int i = 0; i < 256; ++i) {
        const auto c = static_cast<char>(i);
        const bool is_named = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
        EXPECT_EQ(matches_pattern("[a-zA-Z0-9_.-]+", std::string("a") + c), is_named) << i;
        EXPECT_EQ(matches_pattern("[-._0-9A-Za-z]+", std::string(1, c)), is_named) << i;
    }
    EXPECT_FALSE(matches_pattern("[a-z]+", ""));
    EXPECT_FALSE(matches_pattern("[^a-z]+", "a"));
    EXPECT_TRUE(matches_pattern("[^a-z]+", "A"));
    EXPECT_TRUE(matches_pattern("[\\d]+", "7"));
    EXPECT_FALSE(matches_pattern("[z-a]+", "m"));
}

TEST(Pattern, StaysFastAndShallowOnLongAndNastyTexts) {
    const std::string text(5'000'000, 'a');
    EXPECT_TRUE(matches_pattern("[a-zA-Z0-9_.-]+", text));
    EXPECT_FALSE(matches_pattern("(a+)+b", text));
}

TEST(Pattern, WhatRe2CannotSayMatchesNothing) {
    EXPECT_FALSE(pattern_supported("a(?<!b)"));
    EXPECT_FALSE(matches_pattern("a(?<!b)", "a"));
    EXPECT_TRUE(pattern_supported("a+"));
}

TEST(Encode, LeavesOutWhatIsAbsentAndWhatIsNotInTheBody) {
    struct Out {
        std::int64_t status = 200;
        std::optional<std::string> etag, name;
        std::string always;
        static constexpr auto shape() {
            return structure("Out", member<&Out::status>("StatusCode").status(),
                             member<&Out::etag>("ETag").header("ETag"), member<&Out::name>("Name"),
                             member<&Out::always>("Always"));
        }
    } out{.etag = "x"};
    std::string json;
    encode(structure_of<Out>(), &out, *json_writer(json));
    EXPECT_EQ(json, R"({"Always":""})");
    EXPECT_EQ(to_json(out), R"({"StatusCode":200,"ETag":"x","Always":""})");
}

TEST(Encode, WritesWhatWasEncodedBeforeLikeTheObjectItself) {
    struct Out {
        std::vector<Encoded<Entry>> entries;
        std::string last;
        static constexpr auto shape() {
            return structure("Out", member<&Out::entries>("Entries"), member<&Out::last>("Last"));
        }
    } out{.entries = {encoded(Entry{.partition_key = "a\""}), encoded(Entry{})}, .last = "x"};
    EXPECT_EQ(to_json(out), R"({"Entries":[{"PartitionKey":"a\""},{}],"Last":"x"})");
    std::string xml;
    encode(structure_of<Out>(), &out, *xml_writer(xml));
    EXPECT_EQ(xml,
              "<Entries><member><PartitionKey>a&quot;</PartitionKey></member><member/>"
              "</Entries><Last>x</Last>");
}

struct Stored {
    std::string name;
    std::vector<std::string> list{"default"};
    std::map<std::string, Entry> entries;
    std::optional<WallTime> at;
    std::int64_t number = 0;
    double real = 0;
    bool flag = true;
    Blob blob;
    std::optional<Value> document;
    std::vector<Stored> nested;
    static constexpr auto shape() {
        using S = Stored;
        return structure("Stored", member<&S::name>("Name"), member<&S::list>("List"),
                         member<&S::entries>("Entries"), member<&S::at>("At"),
                         member<&S::number>("Number"), member<&S::real>("Real"),
                         member<&S::flag>("Flag"), member<&S::blob>("Blob"),
                         member<&S::document>("Document"), member<&S::nested>("Nested"));
    }
};

TEST(Json, RestoresAStoredObjectExactly) {
    Stored stored{.name = "\x01\"\xC3\xA9",
                  .list = {"a", ""},
                  .entries = {{"k", {.partition_key = "p"}}},
                  .number = std::numeric_limits<std::int64_t>::max(),
                  .real = 0.1,
                  .flag = false,
                  .blob = {std::string("\0\xff", 2)},
                  .document = *parse_json(R"({"a":[null,1.0]})")};
    for (std::int64_t ms :
         {0LL, 1LL, -1LL, 999LL, -1001LL, 1545084650987LL, 253402300799999LL, -62167219199999LL}) {
        stored.at = from_epoch_ms(ms);
        stored.nested = {Stored{.at = from_epoch_ms(ms / 3)}};
        const std::string text = to_json(stored);
        const auto back = from_json<Stored>(text);
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_EQ(to_json(*back), text);
        EXPECT_EQ(back->at, stored.at) << ms;
        EXPECT_EQ(back->list, stored.list);
        EXPECT_EQ(back->number, stored.number);
        EXPECT_EQ(back->blob, stored.blob);
        EXPECT_EQ(back->document, stored.document);
    }
    EXPECT_EQ(from_json<Stored>("{}")->list, std::vector<std::string>{"default"});
    EXPECT_EQ(from_json<Stored>("{").error().code, "json");
}

}  // namespace
}  // namespace mill::wire
