// SPDX-License-Identifier: Apache-2.0
// "[ip, ..., request = *.html*, status = 4* || status = 5*, bytes > 1000]": the fields of a line
// are parted by blanks, what is in quotes or brackets is one. "..." stands for any number of them.
#include <span>

#include "services/logs/pattern_reader.h"

namespace mill::logs {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
        const std::size_t begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return fields;
        line.remove_prefix(begin);
        const char closing = line.front() == '"' ? '"' : line.front() == '[' ? ']' : '\0';
        const std::size_t close = closing ? line.find(closing, 1) : std::string_view::npos;
        if (close != std::string_view::npos) {
            fields.push_back(line.substr(1, close - 1));
            line.remove_prefix(close + 1);
        } else {
            fields.push_back(line.substr(0, line.find_first_of(blanks)));
            line.remove_prefix(fields.back().size());
        }
    }
}

struct Field {
    std::string name;
    Condition<std::string_view> condition;  // empty: anything
    bool holds(std::string_view text) const { return !condition || condition(text); }
};

// Of one field: each of its comparisons names it.
Result<Field> take_field(PatternReader& reader) {
    Field field;
    PatternReader ahead = reader;
    ahead.skip_blanks();
    field.name = ahead.take_name();
    ahead.skip_blanks();
    if (ahead.next() == ',' || ahead.next() == ']') {
        reader = ahead;
        if (field.name.empty()) return invalid_pattern();
        return field;
    }
    std::string& name = field.name;
    name.clear();
    const auto take_one = [&name](PatternReader& from) -> Result<Condition<std::string_view>> {
        from.skip_blanks();
        const std::string_view own = from.take_name();
        if (own.empty() || (!name.empty() && own != name)) return invalid_pattern();
        name = own;
        MILL_TRY(Comparison comparison, Comparison::take(from, ",]&|"));
        return [comparison = std::move(comparison)](std::string_view text) {
            return comparison.holds_for_field(text);
        };
    };
    MILL_TRY(field.condition, take_conditions<std::string_view>(reader, take_one));
    return field;
}

class FieldsMatcher final : public FilterPattern::Matcher {
  public:
    bool matches(std::string_view message) const override {
        const auto fields = fields_of(message);
        const bool fits =
            has_gap ? fields.size() >= first.size() + last.size() : fields.size() == first.size();
        if (!fits) return false;
        return std::ranges::equal(first, std::span(fields).first(first.size()), &holds) &&
               std::ranges::equal(last, std::span(fields).last(last.size()), &holds);
    }

    std::vector<Field> first;
    std::vector<Field> last;  // behind "..."
    bool has_gap = false;

  private:
    static bool holds(const Field& field, std::string_view text) { return field.holds(text); }
};

}  // namespace

Result<MatcherPointer> parse_fields_pattern(std::string_view text) {
    PatternReader reader(text);
    if (!reader.take("[")) return invalid_pattern();
    auto matcher = std::make_shared<FieldsMatcher>();
    do {
        if (reader.take("...")) {
            if (std::exchange(matcher->has_gap, true)) return invalid_pattern();
        } else {
            MILL_TRY(Field field, take_field(reader));
            (matcher->has_gap ? matcher->last : matcher->first).push_back(std::move(field));
        }
    } while (reader.take(","));
    if (!reader.take("]")) return invalid_pattern();
    reader.skip_blanks();
    if (!reader.is_at_end()) return invalid_pattern();
    return matcher;
}

}  // namespace mill::logs
