// SPDX-License-Identifier: Apache-2.0
#include "services/logs/filter_pattern.h"

#include <algorithm>
#include <string>
#include <vector>

#include "services/logs/pattern_reader.h"
#include "wire/pattern.h"

namespace mill::logs {
namespace {

bool is_word(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

struct Term {
    std::string text;
    bool is_expression = false;
    bool occurs_in(std::string_view message) const {
        return is_expression ? wire::pattern_occurs(text, message) : message.contains(text);
    }
};

Result<Term> take_term(PatternReader& reader) {
    if (reader.next() == '"') {
        reader.take("\"");
        MILL_TRY(std::string phrase, reader.take_phrase());
        return Term{std::move(phrase)};
    }
    if (reader.next() == '%') {
        reader.take("%");
        MILL_TRY(std::string expression, reader.take_expression());
        return Term{std::move(expression), true};
    }
    std::string term(reader.take_until(""));
    if (!std::ranges::all_of(term, is_word)) {
        return fail("InvalidParameterException", "Invalid character(s) in term '" + term + "'",
                    400);
    }
    if (term.empty()) return invalid_pattern();
    return Term{std::move(term)};
}

class Terms final : public FilterPattern::Matcher {
  public:
    static Result<MatcherPointer> parse(std::string_view text) {
        auto terms = std::make_shared<Terms>();
        PatternReader reader(text);
        for (reader.skip_blanks(); !reader.is_at_end(); reader.skip_blanks()) {
            auto* to = reader.take("?") ? &terms->any_ : reader.take("-") ? &terms->none_ : nullptr;
            MILL_TRY(Term term, take_term(reader));
            if (term.text == " " && !to) continue;  // "matches everything", says the guide
            (to ? *to : terms->all_).push_back(std::move(term));
        }
        return terms;
    }

    bool matches(std::string_view message) const override {
        const auto occurs = [message](const Term& term) { return term.occurs_in(message); };
        if (std::ranges::any_of(none_, occurs)) return false;
        if (!all_.empty()) return std::ranges::all_of(all_, occurs);
        return any_.empty() || std::ranges::any_of(any_, occurs);
    }

  private:
    std::vector<Term> all_;
    std::vector<Term> any_;  // ignored where all_ has terms, as on AWS
    std::vector<Term> none_;
};

}  // namespace

Result<FilterPattern> FilterPattern::parse(std::string_view text) {
    PatternReader reader(text);
    reader.skip_blanks();
    MILL_TRY(auto matcher, reader.next() == '{'   ? parse_json_pattern(text)
                           : reader.next() == '[' ? parse_fields_pattern(text)
                                                  : Terms::parse(text));
    return FilterPattern(std::move(matcher));
}

}  // namespace mill::logs
