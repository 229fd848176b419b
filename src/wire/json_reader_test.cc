// SPDX-License-Identifier: Apache-2.0
// The reader is held against parse_json() and decode(), over documents made at random: right ones,
// ones of the wrong type somewhere, and texts that are no JSON.
#include "wire/json_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "wire/input.h"

namespace mill::wire {
namespace {

struct Entry {
    std::optional<std::string> partition_key;
    std::optional<Blob> data;
    static constexpr auto shape() {
        return structure("Entry", member<&Entry::partition_key>("PartitionKey"),
                         member<&Entry::data>("Data"));
    }
};

struct Everything {
    std::optional<std::string> name;
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
        return structure("Everything", member<&E::name>("Name"), member<&E::records>("Records"),
                         member<&E::limit>("Limit"), member<&E::ratio>("Ratio"),
                         member<&E::enabled>("Enabled"), member<&E::timestamp>("Timestamp"),
                         member<&E::tags>("Tags"), member<&E::entries>("Entries"),
                         member<&E::names>("Names"), member<&E::document>("Document"),
                         member<&E::entry>("Entry"),
                         refused("Refused", "Leave it out.").unless("None"));
    }
};

struct EntryViews {
    std::optional<std::string_view> partition_key;
    std::optional<BlobView> data;
    static constexpr auto shape() {
        return structure("Entry", member<&EntryViews::partition_key>("PartitionKey").length(1, 3),
                         member<&EntryViews::data>("Data").length(0, 4));
    }
};
struct Views {
    std::optional<std::vector<EntryViews>> records;
    static constexpr auto shape() { return structure("Views", member<&Views::records>("Records")); }
};

// Documents that mean something to Everything, with something wrong now and then.
class Maker {
  public:
    explicit Maker(unsigned seed) : random_(seed) {}

    std::string document() {
        std::string text = chance(20) ? anything(0) : everything();
        if (chance(15)) text = spoilt(std::move(text));
        return text;
    }

  private:
    std::size_t below(std::size_t end) { return random_() % end; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }
    template <std::size_t N>
    std::string one_of(const char* const (&texts)[N]) {
        return texts[below(N)];
    }

    std::string text() {
        return one_of({R"("")", R"("a")", R"("true")", R"("FALSE")", R"("42")", R"("-1.5e3")",
                       R"("Zm9v")", R"("Zg==")", R"("Zh==")", R"("Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6")",
                       R"("Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6*mFyYmF6cXV4")", R"("Zm9")",
                       R"("2018-12-17T22:10:50.987Z")", R"("\u00fc\ud83d\ude00\n\"\\")",
                       "\"\xc3\xbc\"", R"("None")", R"("NaN")"});
    }
    std::string number() {
        return one_of({"0", "-1", "7", "3.9", "-0.0", "1e3", "1545084650.987",
                       "9223372036854775807", "9223372036854775808", "18446744073709551615",
                       "18446744073709551616", "-9223372036854775809", "1e308"});
    }
    std::string scalar() {
        switch (below(4)) {
            case 0:
                return number();
            case 1:
                return one_of({"true", "false", "null"});
            default:
                return text();
        }
    }
    template <class Make>
    std::string list(Make make) {
        std::string out = "[";
        for (std::size_t i = below(4); i > 0; --i) out += make() + (i > 1 ? "," : "");
        return out + "]";
    }
    template <class Make>
    std::string map(Make make) {
        std::string out = "{";
        const std::size_t count = chance(10) ? 12 : below(4);
        for (std::size_t i = count; i > 0; --i) {
            out += one_of({R"("a")", R"("b")", R"("c")", R"("PartitionKey")", R"("")"}) + ":" +
                   make() + (i > 1 ? "," : "");
        }
        return out + "}";
    }
    std::string anything(int depth) {
        if (depth < 3 && chance(3))
            return chance(2) ? list([&] { return anything(depth + 1); })
                             : map([&] { return anything(depth + 1); });
        return scalar();
    }
    // `right`, or anything else.
    std::string mostly(std::string right) { return chance(25) ? anything(0) : right; }
    std::string entry() {
        std::string out = "{";
        for (std::size_t i = below(4); i > 0; --i) {
            out += chance(2) ? R"("PartitionKey":)" + mostly(text())
                             : R"("Data":)" + mostly(one_of({R"("Zm9v")", R"("")", "null"}));
            if (i > 1) out += ", ";
        }
        return out + "}";
    }
    std::string member() {
        switch (below(12)) {
            case 0:
                return R"("Name": )" + mostly(text());
            case 1:
                return R"("Records":)" + mostly(list([&] { return mostly(entry()); }));
            case 2:
                return R"("Limit":)" + mostly(number());
            case 3:
                return R"("Ratio":)" + mostly(number());
            case 4:
                return R"("Enabled":)" + mostly(one_of({"true", "false", R"("True")"}));
            case 5:
                return R"("Timestamp":)" + mostly(number());
            case 6:
                return R"("Tags":)" + mostly(map([&] { return mostly(text()); }));
            case 7:
                return R"("Entries":)" + mostly(map([&] { return mostly(entry()); }));
            case 8:
                return R"("Names":)" + mostly(list([&] { return mostly(text()); }));
            case 9:
                return R"("Document":)" + anything(0);
            case 10:
                return R"("Entry":)" + mostly(entry());
            default:
                return chance(4) ? R"("Refused":)" + anything(0) : R"("Unknown":)" + anything(0);
        }
    }
    std::string everything() {
        std::string out = "{";
        for (std::size_t i = below(14); i > 0; --i) out += member() + (i > 1 ? "," : "");
        return out + "}";
    }
    std::string spoilt(std::string text) {
        const std::size_t at = below(text.size() + 1);
        if (chance(2)) return text.substr(0, at);
        return text.insert(at, one_of({"\xff", "\x01", "{", "]", "\"", "\\", "nul", ",", "99"}));
    }

    std::mt19937 random_;
};

std::string in_words(const Error& error) {
    return error.code + ": " + error.message + " " + std::to_string(error.status);
}

// What parse_json() and decode() make of it, as JSON.
template <class T>
std::string by_value(const std::string& text) {
    auto value = parse_json(text);
    if (!value) return in_words(value.error());
    auto object = decode_as<T>(*std::move(value), Notation::typed);
    return object ? to_json(*object) : in_words(object.error());
}

template <class T>
std::string by_reader(JsonReader& reader, const std::string& text) {
    if (const auto parsed = reader.parse(text); !parsed) return in_words(parsed.error());
    T object;
    const auto decoded = reader.decode(structure_of<T>(), &object);
    return decoded ? to_json(object) : in_words(decoded.error());
}

TEST(JsonReader, SaysOfEachDocumentWhatTheValueSays) {
    JsonReader reader;
    int accepted = 0;
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        const std::string text = Maker(seed).document();
        const std::string expected = by_value<Everything>(text);
        accepted += expected.starts_with('{');
        ASSERT_EQ(by_reader<Everything>(reader, text), expected) << seed << ": " << text;
    }
    EXPECT_GT(accepted, 2'000);
    EXPECT_LT(accepted, 18'000);
}

std::string copied(const Views& views) {
    struct Copies {
        std::optional<std::vector<Entry>> records;
        static constexpr auto shape() {
            return structure("Views", member<&Copies::records>("Records"));
        }
    } copies;
    if (!views.records) return to_json(copies);
    copies.records.emplace();
    for (const EntryViews& from : *views.records) {
        Entry& to = copies.records->emplace_back();
        if (from.partition_key) to.partition_key = std::string(*from.partition_key);
        if (!from.data) continue;
        to.data.emplace().bytes.resize(from.data->size());
        from.data->copy_to(to.data->bytes.data());
    }
    return to_json(copies);
}

// Of a Value too, where views see the Value.
TEST(JsonReader, ViewsSeeWhatCopiesHold) {
    struct Copies {
        std::optional<std::vector<Entry>> records;
        static constexpr auto shape() {
            return structure("Views", member<&Copies::records>("Records"));
        }
    };
    JsonReader reader;
    for (unsigned seed = 0; seed < 5'000; ++seed) {
        const std::string text = Maker(seed).document();
        const std::string expected = by_value<Copies>(text);
        auto value = parse_json(text);
        if (!value || !reader.parse(text)) continue;
        for (Input input : {Input(reader), Input(*std::move(value), Notation::typed)}) {
            Views views;
            const auto decoded = input.decode(structure_of<Views>(), &views);
            ASSERT_EQ(decoded ? copied(views) : in_words(decoded.error()), expected) << text;
        }
    }
}

TEST(JsonReader, ViewsAreCheckedAsCopiesAre) {
    JsonReader reader;
    ASSERT_TRUE(reader.parse(R"({"Records":[{"PartitionKey":"k"},{"PartitionKey":"\u00fc345",)"
                             R"("Data":"Zm9vYmFy"},{"PartitionKey":""}]})"));
    Views views;
    ASSERT_TRUE(reader.decode(structure_of<Views>(), &views));
    const auto verdict = check(structure_of<Views>(), &views);
    ASSERT_FALSE(verdict);
    EXPECT_EQ(
        verdict.error().message,
        "3 validation errors detected: Value '\u00fc345' at 'records.2.member.partitionKey' failed "
        "to satisfy constraint: Member must have length less than or equal to 3; Value "
        "'java.nio.HeapByteBuffer[pos=0 lim=6 cap=6]' at 'records.2.member.data' failed to satisfy "
        "constraint: Member must have length less than or equal to 4; Value '' at "
        "'records.3.member.partitionKey' failed to satisfy constraint: Member must have length "
        "greater than or equal to 1");
}

TEST(JsonReader, TakesTextsWithAndWithoutRoomBehindThem) {
    JsonReader reader;
    for (const std::size_t size : {0, 10, 5'000, 6'000'000, 20, 7'000'000, 30}) {
        const std::string text = R"({"Name":")" + std::string(size, 'x') + R"("})";
        std::string roomy;
        roomy.reserve(text.size() + JsonReader::spare);
        roomy = text;
        for (std::string body : {text, roomy}) {
            body.shrink_to_fit();
            EXPECT_EQ(by_reader<Everything>(reader, body), text);
        }
        EXPECT_EQ(by_reader<Everything>(reader, roomy), text);
    }
}

TEST(JsonReader, BoundsTheDepth) {
    JsonReader reader;
    const auto nested = [](std::size_t depth) {
        return R"({"Document":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    for (const std::size_t depth : {100, 126, 127, 128, 129, 100'000})
        EXPECT_EQ(by_reader<Everything>(reader, nested(depth)),
                  by_value<Everything>(nested(depth)));
}

TEST(InputDeath, KnowsThatItsDocumentHasGone) {
    JsonReader reader;
    ASSERT_TRUE(reader.parse("{}"));
    Input input(reader);
    ASSERT_TRUE(reader.parse("{}"));
    Everything everything;
    EXPECT_DEATH((void)input.decode(structure_of<Everything>(), &everything), "document");
}

}  // namespace
}  // namespace mill::wire
