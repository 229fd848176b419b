// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "wire/notation.h"
#include "wire/yaml_scalar.h"

namespace mill::wire {
namespace {

// Readers give up on "key:" when the key is longer than 1024 bytes; "? key" has no such bound.
constexpr std::size_t simple_key_max = 1000;

bool printable(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text.substr(i));
        const std::string_view one = text.substr(i, length);
        const auto c = static_cast<unsigned char>(text[i]);
        const bool control =
            c < 0x20 || c == 0x7f || (c == 0xC2 && static_cast<unsigned char>(one[1]) < 0xA0);
        if (length == 0 || control) return false;
        if (one == "\xE2\x80\xA8" || one == "\xE2\x80\xA9" || one == "\xEF\xBB\xBF") return false;
        i += length;
    }
    return true;
}

// Other readers take 012, 12:30, 1_000 or y for something else than a string.
bool looks_special(std::string_view text) {
    static constexpr std::string_view words[] = {"y", "Y", "n", "N"};
    return std::ranges::find(words, text) != std::end(words) ||
           text.find_first_not_of("0123456789_.,:eExX+-") == std::string_view::npos;
}

bool may_be_plain(std::string_view text) {
    if (text.empty() || !printable(text) || looks_special(text)) return false;
    const auto first = static_cast<unsigned char>(text[0]);
    const bool starts_well =
        std::isalnum(first) || first >= 0x80 || std::string_view("_/.$(+^;").contains(text[0]);
    if (!starts_well || text.starts_with("...") || text.back() == ' ' || text.back() == ':')
        return false;
    if (text.contains(": ") || text.contains(" #")) return false;
    return resolve_plain_scalar(text).string() != nullptr;
}

// A literal block shows a text of several lines as it is; not for texts that it would change.
bool may_be_literal(std::string_view text) {
    if (!text.contains('\n') || text[0] == ' ' || text[0] == '\n' || text.ends_with("\n\n"))
        return false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        const bool blank = !line.empty() && line.find_first_not_of(' ') == std::string_view::npos;
        if (blank || !printable(line)) return false;
        at = end + 1;
    }
    return true;
}

class YamlWriter {
  public:
    std::string take(const Value& value) {
        if (is_block(value)) {
            block(value, 0, true);
        } else {
            scalar(value, std::nullopt);
            out_ += '\n';
        }
        return std::move(out_);
    }

  private:
    static bool is_block(const Value& value) {
        return (value.members() && !value.members()->empty()) ||
               (value.items() && !value.items()->empty());
    }

    // `inline_first`: the first line continues one that is begun ("- " or the start of the text).
    void block(const Value& value, std::size_t indent, bool inline_first) {
        if (const auto* map = value.members()) {
            for (const auto& [key, item] : *map) {
                if (!std::exchange(inline_first, false)) out_.append(indent, ' ');
                map_key(key, indent);
                child(item, indent + 2);
            }
            return;
        }
        for (const Value& item : *value.items()) {
            if (!std::exchange(inline_first, false)) out_.append(indent, ' ');
            out_ += '-';
            if (is_block(item)) {
                out_ += ' ';
                block(item, indent + 2, true);
            } else {
                child(item, indent + 2);
            }
        }
    }

    void map_key(const std::string& key, std::size_t indent) {
        const std::size_t begun = out_.size();
        if (may_be_plain(key)) {
            out_ += key;
        } else {
            append_json_string(key, out_);
        }
        const bool explicit_key = out_.size() - begun > simple_key_max;
        if (explicit_key) out_.insert(begun, "? ").append("\n").append(indent, ' ');
        out_ += ':';
    }

    void child(const Value& value, std::size_t indent) {
        if (is_block(value)) {
            out_ += '\n';
            return block(value, indent, false);
        }
        out_ += ' ';
        scalar(value, indent);
        out_ += '\n';
    }

    // Without an indent there is no room for a literal block.
    void scalar(const Value& value, std::optional<std::size_t> indent) {
        if (const auto* text = value.string()) {
            if (may_be_plain(*text)) return void(out_ += *text);
            if (indent && may_be_literal(*text)) return literal(*text, *indent);
            return append_json_string(*text, out_);
        }
        if (const auto* number = value.integer()) return void(out_ += std::to_string(*number));
        if (const auto* number = value.real()) return real(*number);
        if (const auto* flag = value.boolean()) return void(out_ += *flag ? "true" : "false");
        if (const auto* blob = value.blob()) {
            return void(out_ += fmt::format("!!binary \"{}\"", base64_encode(blob->bytes)));
        }
        out_ += value.members() ? "{}" : value.items() ? "[]" : "null";
    }

    void real(double value) {
        if (std::isnan(value)) return void(out_ += ".nan");
        if (std::isinf(value)) return void(out_ += value > 0 ? ".inf" : "-.inf");
        out_ += number_text(value);
    }

    void literal(std::string_view text, std::size_t indent) {
        const bool ended = text.ends_with('\n');
        out_ += ended ? "|" : "|-";
        if (ended) text.remove_suffix(1);
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            out_ += '\n';
            if (end > at) out_.append(indent, ' ').append(text.substr(at, end - at));
            at = end + 1;
        }
    }

    std::string out_;
};

}  // namespace

std::string write_yaml(const Value& value) { return YamlWriter().take(value); }

}  // namespace mill::wire
