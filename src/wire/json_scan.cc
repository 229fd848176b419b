// SPDX-License-Identifier: Apache-2.0
#include "wire/json_scan.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "wire/notation.h"

namespace mill::wire {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Walks a text by the grammar of RFC 8259 and stops at the first place that breaks it.
class Scan {
  public:
    explicit Scan(std::string_view text) : text_(text) {}

    // True if the text is right; else `at` and `complaint` tell.
    bool document() {
        if (!element(0)) return false;
        blank();
        return at_ == text_.size() || wrong("unexpected text after the document");
    }
    std::size_t at() const { return at_; }
    std::string_view complaint() const { return complaint_; }

  private:
    bool wrong(std::string_view complaint) {
        complaint_ = at_ < text_.size() ? complaint : "unexpected end of the text";
        return false;
    }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void blank() {
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
            ++at_;
    }
    bool word(std::string_view expected) {
        for (char c : expected) {
            if (!take(c)) return wrong("unexpected character");
        }
        return true;
    }
    bool element(std::size_t depth) {
        blank();
        switch (peek()) {
            case '{':
                return depth < depth_max ? object(depth + 1) : wrong("nested too deeply");
            case '[':
                return depth < depth_max ? array(depth + 1) : wrong("nested too deeply");
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }
    bool object(std::size_t depth) {
        take('{');
        blank();
        if (take('}')) return true;
        do {
            blank();
            if (peek() != '"') return wrong("expected a member's name in quotes");
            if (!string()) return false;
            blank();
            if (!take(':')) return wrong("expected ':'");
            if (!element(depth)) return false;
            blank();
        } while (take(','));
        return take('}') || wrong("expected ',' or '}'");
    }
    bool array(std::size_t depth) {
        take('[');
        blank();
        if (take(']')) return true;
        do {
            if (!element(depth)) return false;
            blank();
        } while (take(','));
        return take(']') || wrong("expected ',' or ']'");
    }
    bool string() {
        take('"');
        while (at_ < text_.size() && text_[at_] != '"') {
            if (static_cast<unsigned char>(text_[at_]) < 0x20)
                return wrong("control character in a string");
            if (text_[at_] == '\\') {
                if (!escape()) return false;
                continue;
            }
            const std::size_t length = utf8_length(text_.substr(at_));
            if (length == 0) return wrong("invalid UTF-8");
            at_ += length;
        }
        return take('"') || wrong("expected '\"'");
    }
    bool escape() {
        take('\\');
        if (take('u')) {
            for (int i = 0; i < 4; ++i) {
                if (!std::isxdigit(static_cast<unsigned char>(peek())))
                    return wrong("expected four hexadecimal digits");
                ++at_;
            }
            return true;
        }
        if (peek() == '\0' ||
            std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos) {
            return wrong("unknown escape");
        }
        ++at_;
        return true;
    }
    bool digits() {
        if (!is_digit(peek())) return wrong("unexpected character");
        while (is_digit(peek())) ++at_;
        return true;
    }
    bool number() {
        const std::size_t start = at_;
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (!take('+')) take('-');
            if (!digits()) return false;
        }
        if (std::isfinite(
                std::strtod(std::string(text_.substr(start, at_ - start)).c_str(), nullptr)))
            return true;
        at_ = start;
        return wrong("number out of range");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string_view complaint_;
};

}  // namespace

std::string json_complaint(std::string_view text, std::string_view otherwise) {
    Scan scan(text);
    if (scan.document()) return std::string(otherwise);
    std::size_t line = 1, column = 1;
    for (char c : text.substr(0, scan.at())) {
        ++column;
        if (c == '\n') {
            ++line;
            column = 1;
        }
    }
    return fmt::format("{} (line {}, column {})", scan.complaint(), line, column);
}

}  // namespace mill::wire
