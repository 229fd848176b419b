// SPDX-License-Identifier: Apache-2.0
#include "model/event_filter.h"

#include <gtest/gtest.h>

namespace mill::model {
namespace {

const FilterContext context{.event_source_arn = "arn:aws:kinesis:us-east-1:0:stream/orders",
                            .shard_id = "shardId-000000000000",
                            .region = "us-east-1",
                            .role_arn = "arn:role"};

bool passes(std::vector<std::string> patterns, std::string_view data) {
    auto filter = EventFilter::compile(patterns);
    EXPECT_TRUE(filter) << patterns[0] << ": " << filter.error().message;
    return filter && filter->passes(context, {.partition_key = "key-1",
                                              .sequence_number = "4959",
                                              .arrival = from_epoch_ms(1545084650987),
                                              .data = data});
}

struct Row {
    const char* pattern;
    const char* data;
    bool passes;
};

void check(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
        EXPECT_EQ(passes({row.pattern}, row.data), row.passes) << row.pattern << "  " << row.data;
    }
}

TEST(EventFilter, LiteralsMatchExactly) {
    check({
        {R"({"data":{"city":["Seattle"]}})", R"({"city":"Seattle"})", true},
        {R"({"data":{"city":["Seattle"]}})", R"({"city":"seattle"})", false},
        {R"({"data":{"city":["Seattle"]}})", R"({"city":"Seattle2"})", false},
        {R"({"data":{"city":["Lima","Seattle"]}})", R"({"city":"Seattle"})", true},
        {R"({"data":{"city":["Seattle"]}})", R"({"town":"Seattle"})", false},
        {R"({"data":{"city":["Seattle"],"n":[1]}})", R"({"city":"Seattle","n":2})", false},
        {R"({"data":{"city":["Seattle"],"n":[1]}})", R"({"city":"Seattle","n":1,"x":0})", true},
        {R"({"data":{"n":[300]}})", R"({"n":300})", true},
        {R"({"data":{"n":[300]}})", R"({"n":3.0e2})", true},
        {R"({"data":{"n":[300]}})", R"({"n":"300"})", false},
        {R"({"data":{"n":["300"]}})", R"({"n":300})", false},
        {R"({"data":{"n":[-7]}})", R"({"n":-7})", true},
        {R"({"data":{"ok":[true]}})", R"({"ok":true})", true},
        {R"({"data":{"ok":[true]}})", R"({"ok":false})", false},
        {R"({"data":{"ok":[true]}})", R"({"ok":"true"})", false},
        {R"({"data":{"x":[null]}})", R"({"x":null})", true},
        {R"({"data":{"x":[null]}})", R"({"x":""})", false},
        {R"({"data":{"x":[null]}})", R"({})", false},
        {R"({"data":{"x":[""]}})", R"({"x":""})", true},
        {R"({"data":{"x":[""]}})", R"({"x":null})", false},
        {R"({"data":{"x":[""]}})", R"({"x":" "})", false},
    });
}

TEST(EventFilter, TextOperators) {
    check({
        {R"({"data":{"x":[{"prefix":"ab"}]}})", R"({"x":"abc"})", true},
        {R"({"data":{"x":[{"prefix":"ab"}]}})", R"({"x":"cab"})", false},
        {R"({"data":{"x":[{"prefix":"ab"}]}})", R"({"x":5})", false},
        {R"({"data":{"x":[{"suffix":".png"}]}})", R"({"x":"a.png"})", true},
        {R"({"data":{"x":[{"suffix":".png"}]}})", R"({"x":"a.png2"})", false},
        {R"({"data":{"x":[{"equals-ignore-case":"aBc"}]}})", R"({"x":"AbC"})", true},
        {R"({"data":{"x":[{"equals-ignore-case":"aBc"}]}})", R"({"x":"abcd"})", false},
    });
}

TEST(EventFilter, AnythingBut) {
    check({
        {R"({"data":{"x":[{"anything-but":"a"}]}})", R"({"x":"b"})", true},
        {R"({"data":{"x":[{"anything-but":"a"}]}})", R"({"x":"a"})", false},
        {R"({"data":{"x":[{"anything-but":["a","b"]}]}})", R"({"x":"b"})", false},
        {R"({"data":{"x":[{"anything-but":["a","b"]}]}})", R"({"x":"c"})", true},
        {R"({"data":{"x":[{"anything-but":[1,2]}]}})", R"({"x":2})", false},
        {R"({"data":{"x":[{"anything-but":[1,2]}]}})", R"({"x":3})", true},
        {R"({"data":{"x":[{"anything-but":"a"}]}})", R"({"y":"b"})", false},
        {R"({"data":{"x":[{"anything-but":{"prefix":"a"}}]}})", R"({"x":"ab"})", false},
        {R"({"data":{"x":[{"anything-but":{"prefix":"a"}}]}})", R"({"x":"ba"})", true},
        {R"({"data":{"x":[{"anything-but":{"suffix":"a"}}]}})", R"({"x":"ba"})", false},
        {R"({"data":{"x":[{"anything-but":{"suffix":["a","c"]}}]}})", R"({"x":"bc"})", false},
        {R"({"data":{"x":[{"anything-but":{"equals-ignore-case":"a"}}]}})", R"({"x":"A"})", false},
    });
}

TEST(EventFilter, Numeric) {
    check({
        {R"({"data":{"n":[{"numeric":["=",5]}]}})", R"({"n":5.0})", true},
        {R"({"data":{"n":[{"numeric":["!=",5]}]}})", R"({"n":5})", false},
        {R"({"data":{"n":[{"numeric":["!=",5]}]}})", R"({"n":6})", true},
        {R"({"data":{"n":[{"numeric":[">",0,"<=",5]}]}})", R"({"n":0})", false},
        {R"({"data":{"n":[{"numeric":[">",0,"<=",5]}]}})", R"({"n":0.5})", true},
        {R"({"data":{"n":[{"numeric":[">",0,"<=",5]}]}})", R"({"n":5})", true},
        {R"({"data":{"n":[{"numeric":[">",0,"<=",5]}]}})", R"({"n":5.01})", false},
        {R"({"data":{"n":[{"numeric":["<",-1]}]}})", R"({"n":-2})", true},
        {R"({"data":{"n":[{"numeric":[">=",3]}]}})", R"({"n":3})", true},
        {R"({"data":{"n":[{"numeric":[">=",3]}]}})", R"({"n":"4"})", false},
    });
}

TEST(EventFilter, ExistsIsForLeaves) {
    check({
        {R"({"data":{"x":[{"exists":true}]}})", R"({"x":0})", true},
        {R"({"data":{"x":[{"exists":true}]}})", R"({"x":null})", true},
        {R"({"data":{"x":[{"exists":true}]}})", R"({"x":{"y":1}})", false},
        {R"({"data":{"x":[{"exists":true}]}})", R"({"y":0})", false},
        {R"({"data":{"x":[{"exists":false}]}})", R"({"y":0})", true},
        {R"({"data":{"x":[{"exists":false}]}})", R"({"x":0})", false},
        {R"({"data":{"x":{"y":[{"exists":false}]}}})", R"({})", true},
        {R"({"data":{"x":[{"exists":true}]}})", R"({"x":[]})", false},
    });
}

TEST(EventFilter, NestedObjectsAndLists) {
    check({
        {R"({"data":{"a":{"b":{"c":[1]}}}})", R"({"a":{"b":{"c":1}}})", true},
        {R"({"data":{"a":{"b":{"c":[1]}}}})", R"({"a":{"b":1}})", false},
        {R"({"data":{"x":["b"]}})", R"({"x":["a","b"]})", true},
        {R"({"data":{"x":["b"]}})", R"({"x":[["b"]]})", true},
        {R"({"data":{"x":["c"]}})", R"({"x":["a","b"]})", false},
        {R"({"data":{"x":[{"anything-but":"a"}]}})", R"({"x":["a","b"]})", true},
        {R"({"data":{"i":{"b":[1],"c":[2]}}})", R"({"i":[{"b":1,"c":2}]})", true},
        {R"({"data":{"i":{"b":[1],"c":[2]}}})", R"({"i":[{"b":1,"c":9},{"b":9,"c":2}]})", false},
        {R"({"data":{"x":[1]}})", R"({"x":1,"x":2})", false},
        {R"({"data":{"x":[1],"x":[2]}})", R"({"x":2})", true},
    });
}

TEST(EventFilter, OrOverFields) {
    constexpr const char* nested = R"({"data":{"$or":[{"a":[1]},{"b":[2]}],"c":[3]}})";
    constexpr const char* root = R"({"$or":[{"partitionKey":["other"]},{"data":{"a":[1]}}]})";
    check({
        {nested, R"({"a":1,"c":3})", true},
        {nested, R"({"b":2,"c":3})", true},
        {nested, R"({"a":2,"b":1,"c":3})", false},
        {nested, R"({"a":1})", false},
        {root, R"({"a":1})", true},
        {root, R"({"a":2})", false},
    });
}

TEST(EventFilter, FiltersAreAlternatives) {
    const std::vector<std::string> two = {R"({"data":{"a":[1]}})", R"({"data":{"b":[1]}})"};
    EXPECT_TRUE(passes(two, R"({"b":1})"));
    EXPECT_FALSE(passes(two, R"({"c":1})"));
}

TEST(EventFilter, MetadataIsSeenWhateverTheData) {
    check({
        {R"({"partitionKey":["key-1"]})", "no json", true},
        {R"({"partitionKey":[{"prefix":"key-"}]})", "", true},
        {R"({"partitionKey":["key-2"]})", "{}", false},
        {R"({"sequenceNumber":["4959"]})", "{}", true},
        {R"({"approximateArrivalTimestamp":[{"numeric":[">",1545084650]}]})", "", true},
        {R"({"approximateArrivalTimestamp":[{"numeric":[">",1545084651]}]})", "", false},
        {R"({"kinesisSchemaVersion":["1.0"],"eventName":["aws:kinesis:record"]})", "", true},
        {R"({"eventID":["shardId-000000000000:4959"],"awsRegion":["us-east-1"]})", "", true},
        {R"({"eventSourceARN":[{"suffix":"stream/orders"}]})", "", true},
        {R"({"eventSource":["aws:kinesis"],"eventVersion":["1.0"]})", "", true},
        {R"({"invokeIdentityArn":["arn:role"]})", "", true},
        {R"({"colour":["red"]})", "{}", false},
        {R"({"colour":[{"exists":false}]})", "{}", true},
        {R"({"partitionKey":["key-1"],"data":{"a":[1]}})", R"({"a":1})", true},
        {R"({"partitionKey":["key-2"],"data":{"a":[1]}})", R"({"a":1})", false},
    });
}

TEST(EventFilter, DataThatIsNoJsonIsDroppedByAPatternThatLooksIntoIt) {
    check({
        {R"({"data":{"a":[{"exists":false}]}})", "plain", false},
        {R"({"data":{"a":[{"exists":false}]}})", "", false},
        {R"({"data":{"a":[{"exists":false}]}})", "\x1f\x8b\x08", false},
        {R"({"data":{"a":[{"exists":false}]}})", "5", true},
        {R"({"$or":[{"partitionKey":["key-1"]},{"data":{"a":[1]}}]})", "plain", false},
    });
}

TEST(EventFilter, NumbersOfAnyLengthAreJson) {
    constexpr const char* long_number = R"({"a":1,"id":340282366920938463463374607431768211455})";
    check({
        {R"({"data":{"a":[1]}})", long_number, true},
        {R"({"data":{"a":[2]}})", long_number, false},
        {R"({"data":{"id":[{"numeric":[">",0]}]}})", long_number, true},
    });
}

// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html, its table
TEST(EventFilter, MessagesAreFilteredByTheirBodyAndWhatIsAroundIt) {
    constexpr std::string_view around =
        R"({"messageId":"m1","attributes":{"MessageGroupId":"g","SentTimestamp":"15"},)"
        R"("messageAttributes":{"kind":{"stringValue":"new","dataType":"String"}},)"
        R"("eventSource":"aws:sqs"})";
    const auto passes = [&](const std::string& pattern, std::string_view body) {
        auto filter = EventFilter::compile(std::vector{pattern}, EventFilter::Source::queue);
        EXPECT_TRUE(filter) << pattern;
        return filter && filter->passes({.around = around, .body = body});
    };
    const Row rows[] = {
        {R"({"body":{"n":[{"numeric":[">",1]}]}})", R"({"n":2})", true},
        {R"({"body":{"n":[{"numeric":[">",1]}]}})", R"({"n":1})", false},
        {R"({"body":{"n":[{"exists":false}]}})", R"({"m":1})", true},
        {R"({"body":{"n":[{"exists":false}]}})", "no JSON", false},
        {R"({"body":["hello"]})", "hello", true},
        {R"({"body":[{"prefix":"he"}]})", "hello", true},
        {R"({"body":[{"anything-but":"x"}]})", R"({"n":1})", false},
        {R"({"body":["hello"]})", R"(["hello"])", false},
        {R"({"body":["12"]})", "12", true},
        {R"({"attributes":{"MessageGroupId":["g"]}})", "anything", true},
        {R"({"attributes":{"MessageGroupId":["h"]}})", R"({"n":1})", false},
        {R"({"messageAttributes":{"kind":{"stringValue":["new"]}}})", "", true},
        {R"({"messageAttributes":{"kind":{"stringValue":["old"]}}})", "", false},
        {R"({"messageId":["m1"],"body":{"n":[1]}})", R"({"n":1})", true},
        {R"({"messageId":["m2"],"body":{"n":[1]}})", R"({"n":1})", false},
        {R"({"$or":[{"body":{"n":[1]}},{"messageId":["m1"]}]})", R"({"n":2})", true},
    };
    for (const Row& row : rows)
        EXPECT_EQ(passes(row.pattern, row.data), row.passes) << row.pattern << "  " << row.data;
}

TEST(EventFilter, NoPatternsLetEverythingPass) {
    auto filter = EventFilter::compile({});
    ASSERT_TRUE(filter);
    EXPECT_TRUE(filter->passes_all());
    EXPECT_TRUE(filter->passes(context, {.data = "x"}));
}

TEST(EventFilter, WhatIsNoPatternIsRefused) {
    for (const char* bad : {"",
                            "null",
                            "5",
                            "\"text\"",
                            "[]",
                            "{}",
                            "{",
                            R"({"data":{}})",
                            R"({"data":"plain"})",
                            R"({"data":["plain"]})",
                            R"({"data":[{"prefix":"a"}]})",
                            R"({"partitionKey":"1"})",
                            R"({"partitionKey":[]})",
                            R"({"partitionKey":[["1"]]})",
                            R"({"data":{"a":1}})",
                            R"({"data":{"a":[{}]}})",
                            R"({"data":{"a":[{"prefix":1}]}})",
                            R"({"data":{"a":[{"prefix":"a","suffix":"b"}]}})",
                            R"({"data":{"a":[{"like":"a"}]}})",
                            R"({"data":{"a":[{"wildcard":"a*"}]}})",
                            R"({"data":{"a":[{"cidr":"10.0.0.0/8"}]}})",
                            R"({"data":{"a":[{"exists":"true"}]}})",
                            R"({"data":{"a":[{"numeric":[]}]}})",
                            R"({"data":{"a":[{"numeric":["~",1]}]}})",
                            R"({"data":{"a":[{"numeric":[">"]}]}})",
                            R"({"data":{"a":[{"numeric":[">","1"]}]}})",
                            R"({"data":{"a":[{"numeric":[">",6e9]}]}})",
                            R"({"data":{"a":[{"numeric":["<",5,">",0]}]}})",
                            R"({"data":{"a":[{"numeric":[">",5,"<",0]}]}})",
                            R"({"data":{"a":[{"numeric":[">",0,"<",5,"=",3]}]}})",
                            R"({"data":{"a":[{"anything-but":[]}]}})",
                            R"({"data":{"a":[{"anything-but":{}}]}})",
                            R"({"data":{"a":[{"anything-but":{"numeric":["=",1]}}]}})",
                            R"({"$or":[]})",
                            R"({"$or":[1]})",
                            R"({"$or":[{}]})"}) {
        const std::vector<std::string> patterns = {bad};
        EXPECT_FALSE(EventFilter::compile(patterns)) << bad;
    }
}

}  // namespace
}  // namespace mill::model
