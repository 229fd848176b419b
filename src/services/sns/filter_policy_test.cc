// SPDX-License-Identifier: Apache-2.0
#include "services/sns/filter_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::sns {
namespace {

using testing::HasSubstr;

bool of_attributes(const std::string& policy, const MessageAttributes& attributes) {
    const auto compiled = FilterPolicy::compile(policy, false);
    EXPECT_TRUE(compiled) << policy << ": " << compiled.error().message;
    const Message message{.attributes = attributes};
    return compiled && compiled->accepts(FilterDocuments(message).attributes());
}
bool of_body(const std::string& policy, const std::string& body) {
    const auto compiled = FilterPolicy::compile(policy, true);
    EXPECT_TRUE(compiled) << policy << ": " << compiled.error().message;
    const Message message{.body = body};
    return compiled && compiled->accepts(FilterDocuments(message).body("sqs"));
}
MessageAttributes text(const std::string& value) { return {{"a", {"String", false, value}}}; }
MessageAttributes number(const std::string& value) { return {{"a", {"Number", false, value}}}; }

TEST(FilterPolicy, ComparesValues) {
    EXPECT_TRUE(of_attributes(R"({"a":["x","y"]})", text("y")));
    EXPECT_FALSE(of_attributes(R"({"a":["x","y"]})", text("z")));
    EXPECT_FALSE(of_attributes(R"({"a":["x"]})", {}));
    EXPECT_FALSE(of_attributes(R"({"a":["x"],"b":["y"]})", text("x"))) << "all keys";
    EXPECT_TRUE(of_attributes(R"({"a":[300]})", number("3e2")));
    EXPECT_TRUE(of_attributes("{}", {}));
}

TEST(FilterPolicy, KnowsOperators) {
    EXPECT_TRUE(of_attributes(R"({"a":[{"prefix":"or"}]})", text("order")));
    EXPECT_TRUE(of_attributes(R"({"a":[{"suffix":"er"}]})", text("order")));
    EXPECT_TRUE(of_attributes(R"({"a":[{"equals-ignore-case":"ORDER"}]})", text("Order")));
    EXPECT_TRUE(of_attributes(R"({"a":[{"anything-but":["x","y"]}]})", text("z")));
    EXPECT_FALSE(of_attributes(R"({"a":[{"anything-but":"x"}]})", text("x")));
    EXPECT_FALSE(of_attributes(R"({"a":[{"anything-but":{"prefix":"o"}}]})", text("order")));
    EXPECT_FALSE(of_attributes(R"({"a":[{"anything-but":"x"}]})", {}));
    EXPECT_TRUE(of_attributes(R"({"a":[{"numeric":[">",0,"<=",5]}]})", number("5")));
    EXPECT_FALSE(of_attributes(R"({"a":[{"numeric":[">",0,"<=",5]}]})", number("0")));
    EXPECT_FALSE(of_attributes(R"({"a":[{"numeric":["=",5]}]})", text("5"))) << "a text";
    EXPECT_TRUE(of_attributes(R"({"a":[{"exists":true}]})", text("x")));
    EXPECT_TRUE(of_attributes(R"({"a":[{"exists":false}]})", {}));
    EXPECT_FALSE(of_attributes(R"({"a":[{"exists":false}]})", text("x")));
    EXPECT_TRUE(of_attributes(R"({"a":[{"cidr":"10.0.0.0/24"}]})", text("10.0.0.255")));
    EXPECT_FALSE(of_attributes(R"({"a":[{"cidr":"10.0.0.0/24"}]})", text("10.0.1.0")));
    EXPECT_TRUE(of_attributes(R"({"$or":[{"a":["x"]},{"b":["y"]}]})", text("x")));
    EXPECT_FALSE(of_attributes(R"({"$or":[{"a":["z"]},{"b":["y"]}]})", text("x")));
}

TEST(FilterPolicy, LooksIntoArrays) {
    const MessageAttributes array = {{"a", {"String.Array", false, R"(["x",5,true])"}}};
    EXPECT_TRUE(of_attributes(R"({"a":["x"]})", array));
    EXPECT_TRUE(of_attributes(R"({"a":[5]})", array));
    EXPECT_FALSE(of_attributes(R"({"a":["y"]})", array));
}

TEST(FilterPolicy, LooksIntoBodies) {
    EXPECT_TRUE(of_body(R"({"order":{"state":["new"]}})", R"({"order":{"state":"new"}})"));
    EXPECT_FALSE(of_body(R"({"order":{"state":["new"]}})", R"({"order":{"state":"old"}})"));
    EXPECT_TRUE(of_body(R"({"items":{"id":[2]}})", R"({"items":[{"id":1},{"id":2}]})"));
    EXPECT_TRUE(of_body(R"({"gone":[null]})", R"({"gone":null})"));
    EXPECT_FALSE(of_body(R"({"a":["x"]})", "no JSON"));
}

TEST(FilterPolicy, RefusesWhatItCannotMean) {
    const auto refused = [](const std::string& policy, bool of_body = false) {
        const auto compiled = FilterPolicy::compile(policy, of_body);
        return compiled ? "accepted" : compiled.error().message;
    };
    EXPECT_THAT(refused("x"), HasSubstr("failed to parse JSON"));
    EXPECT_THAT(refused(R"({"a":"x"})"), HasSubstr("must be an object or an array"));
    EXPECT_THAT(refused(R"({"a":[]})"), HasSubstr("Empty arrays"));
    EXPECT_THAT(refused(R"({"a":[{"like":"x"}]})"), HasSubstr("Unrecognized match type like"));
    EXPECT_THAT(refused(R"({"a":[{"numeric":["~",1]}]})"), HasSubstr("range operator"));
    EXPECT_THAT(refused(R"({"a":{"b":["x"]}})"), HasSubstr("does not support nested"));
    EXPECT_THAT(refused(R"({"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]})"),
                HasSubstr("more than 5 keys"));
    std::string lists;
    for (int i = 0; i < 64; ++i)
        lists += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + R"(":[1,2])";
    EXPECT_THAT(refused(R"({"a":{)" + lists + "}}", true), HasSubstr("more than 150 combinations"));
}

}  // namespace
}  // namespace mill::sns
