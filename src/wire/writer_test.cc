// SPDX-License-Identifier: Apache-2.0
#include "wire/writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace mill::wire {
namespace {

template <class F>
std::string json(F write) {
    std::string out;
    write(*json_writer(out));
    return out;
}
template <class F>
std::string xml(F write) {
    std::string out;
    write(*xml_writer(out));
    return out;
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
    EXPECT_EQ(json([](Writer& w) {
                  w.begin_map();
                  w.key("a");
                  w.begin_list();
                  w.integer(1);
                  w.begin_map();
                  w.end_map();
                  w.begin_list();
                  w.end_list();
                  w.null();
                  w.end_list();
                  w.key("b\"");
                  w.begin_entries();
                  w.entry("k");
                  w.boolean(true);
                  w.end_entries();
                  w.key("c");
                  w.blob("foo");
                  w.end_map();
              }),
              R"({"a":[1,{},[],null],"b\"":{"k":true},"c":"Zm9v"})");
}

TEST(JsonWriter, WritesTimesToTheMillisecond) {
    const auto time = [](std::int64_t ms) {
        return json([ms](Writer& w) { w.timestamp(from_epoch_ms(ms)); });
    };
    EXPECT_EQ(time(1545084650987), "1545084650.987");
    EXPECT_EQ(time(1545084650980), "1545084650.98");
    EXPECT_EQ(time(1545084650007), "1545084650.007");
    EXPECT_EQ(time(1545084650000), "1545084650");
    EXPECT_EQ(time(0), "0");
    EXPECT_EQ(time(-1), "-0.001");
    EXPECT_EQ(time(std::numeric_limits<std::int64_t>::min()), "-9223372036854775.808");
}

TEST(JsonWriter, WritesNumbersExactly) {
    EXPECT_EQ(json([](Writer& w) { w.integer(std::numeric_limits<std::int64_t>::min()); }),
              "-9223372036854775808");
    EXPECT_EQ(json([](Writer& w) { w.real(0.1); }), "0.1");
    EXPECT_EQ(json([](Writer& w) { w.real(100); }), "100.0");
    EXPECT_EQ(json([](Writer& w) { w.real(std::numeric_limits<double>::infinity()); }),
              "\"Infinity\"");
}

TEST(JsonWriter, WritesWholeDocuments) {
    const std::string text = R"({"a":[1,2.5,"x",null,true,{"b":{}}],"c":[]})";
    EXPECT_EQ(json([&](Writer& w) { w.value(*parse_json(text)); }), text);
}

TEST(XmlWriter, NamesElementsByKeysAndMembers) {
    EXPECT_EQ(xml([](Writer& w) {
                  w.begin_map();
                  w.key("Stacks");
                  w.begin_list();
                  w.begin_map();
                  w.key("Name");
                  w.string("a");
                  w.key("When");
                  w.timestamp(from_epoch_ms(1545084650987));
                  w.end_map();
                  w.integer(5);
                  w.null();
                  w.end_list();
                  w.key("Empty");
                  w.begin_list();
                  w.end_list();
                  w.key("Gone");
                  w.null();
                  w.key("Flag");
                  w.boolean(false);
                  w.key("Data");
                  w.blob("foo");
                  w.key("None");
                  w.begin_map();
                  w.end_map();
                  w.end_map();
              }),
              "<Stacks><member><Name>a</Name><When>2018-12-17T22:10:50.987Z</When></"
              "member><member>5</member><member/>"
              "</Stacks><Empty/><Flag>false</Flag><Data>Zm9v</Data><None/>");
}

TEST(XmlWriter, WritesMapsAsEntries) {
    EXPECT_EQ(xml([](Writer& w) {
                  w.begin_map();
                  w.key("Attributes");
                  w.begin_entries();
                  w.entry("a<b");
                  w.string("1");
                  w.entry("c");
                  w.begin_list();
                  w.string("x");
                  w.end_list();
                  w.end_entries();
                  w.key("After");
                  w.real(1.5);
                  w.end_map();
              }),
              "<Attributes><entry><key>a&lt;b</key><value>1</value></entry>"
              "<entry><key>c</key><value><member>x</member></value></entry></"
              "Attributes><After>1.5</After>");
}

TEST(XmlWriter, EscapesWhatXmlCannotHold) {
    EXPECT_EQ(xml([](Writer& w) {
                  w.begin_map();
                  w.key("T");
                  w.string("<a>&\"'\r\n\x01\xFF\xC3\xA9\xEF\xBF\xBE");
                  w.key("1 bad/name");
                  w.string("");
                  w.end_map();
              }),
              "<T>&lt;a&gt;&amp;&quot;'&#13;\n\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD</"
              "T><_1_bad_name></_1_bad_name>");
}

}  // namespace
}  // namespace mill::wire
