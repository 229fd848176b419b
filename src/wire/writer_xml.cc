// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/assert.h"
#include "wire/notation.h"
#include "wire/writer.h"

namespace mill::wire {
namespace {

// What XML 1.0 cannot say (control characters, U+FFFE, invalid UTF-8) becomes U+FFFD. A carriage
// return must be a reference: parsers turn a raw one into a line feed.
void append_xml_text(std::string_view text, std::string& out) {
    static constexpr std::string_view replacement = "\xEF\xBF\xBD";
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text.substr(i));
        const std::string_view one = text.substr(i, std::max<std::size_t>(length, 1));
        i += one.size();
        const auto c = static_cast<unsigned char>(one[0]);
        const bool unsayable = length == 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
                               one == "\xEF\xBF\xBE" || one == "\xEF\xBF\xBF";
        switch (unsayable ? '\0' : one[0]) {
            case '\0':
                out += replacement;
                break;
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\r':
                out += "&#13;";
                break;
            default:
                out += one;
        }
    }
}

// Names of documents' members may be anything; an element's name may not.
std::string element_name(std::string_view key) {
    std::string name(key);
    auto allowed = [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c >= 0x80;
    };
    std::replace_if(name.begin(), name.end(), [&](unsigned char c) { return !allowed(c); }, '_');
    const char first = name.empty() ? '-' : name[0];
    if (std::isdigit(static_cast<unsigned char>(first)) || first == '-' || first == '.')
        name.insert(0, "_");
    return name;
}

class XmlWriter final : public Writer {
  public:
    explicit XmlWriter(std::string& out) : out_(out) {}

    void begin_map() override { open(Container::structure); }
    void key(std::string_view name) override { name_ = element_name(name); }
    void end_map() override { close(); }
    void begin_entries() override { open(Container::entries); }
    void entry(std::string_view name) override {
        const Frame& frame = frames_.back();
        out_ += "<" + frame.item + "><" + frame.key + ">";
        append_xml_text(name, out_);
        out_ += "</" + frame.key + ">";
        name_ = frame.value;
    }
    void end_entries() override { close(); }
    void flatten(std::string_view element, std::string_view key, std::string_view value) override {
        flat_ = Flat{std::string(element), std::string(key), std::string(value)};
    }
    void begin_list() override { open(Container::list); }
    void end_list() override { close(); }
    void null() override {  // absent, except where it keeps a list's other members in their places
        const std::string name = next_name();
        if (!frames_.empty() && frames_.back().container == Container::list)
            out_ += "<" + name + "/>";
        finish_entry();
    }
    void boolean(bool value) override { text(value ? "true" : "false"); }
    void integer(std::int64_t value) override { text(std::to_string(value)); }
    void real(double value) override {
        if (std::isnan(value)) return text("NaN");
        if (std::isinf(value)) return text(value > 0 ? "Infinity" : "-Infinity");
        text(number_text(value));
    }
    void string(std::string_view value) override {
        std::string escaped;
        append_xml_text(value, escaped);
        text(escaped);
    }
    void blob(BytesView value) override { text(base64_encode(value)); }
    void timestamp(WallTime value) override { text(iso8601_ms(value)); }

  private:
    enum class Container { structure, entries, list };
    struct Flat {
        std::string item, key, value;
    };
    struct Frame {
        Container container;
        std::string name;     // of its element; empty: none (the outermost, or it is flattened)
        std::size_t content;  // where its content starts
        std::string item, key, value;  // names of what is in a list or map
    };

    std::string next_name() {
        if (!frames_.empty() && frames_.back().container == Container::list)
            return frames_.back().item;
        return std::exchange(name_, {});
    }
    void open(Container container) {
        std::string name = next_name();
        Flat items{container == Container::list ? "member" : "entry", "key", "value"};
        if (flat_) {
            name.clear();
            items = *std::exchange(flat_, std::nullopt);
        }
        if (!name.empty()) out_ += "<" + name + ">";
        frames_.push_back({container, std::move(name), out_.size(), std::move(items.item),
                           std::move(items.key), std::move(items.value)});
    }
    void close() {
        MILL_ASSERT(!frames_.empty());
        const Frame frame = std::move(frames_.back());
        frames_.pop_back();
        if (frame.name.empty()) return;
        if (out_.size() == frame.content) {
            out_.back() = '/';  // <Name> becomes <Name/>
            out_ += '>';
        } else {
            out_ += "</" + frame.name + ">";
        }
        finish_entry();
    }
    void text(std::string_view escaped) {
        const std::string name = next_name();
        if (name.empty()) return void(out_ += escaped);
        out_ += "<" + name + ">";
        out_ += escaped;
        out_ += "</" + name + ">";
        finish_entry();
    }
    void finish_entry() {
        if (!frames_.empty() && frames_.back().container == Container::entries)
            out_ += "</" + frames_.back().item + ">";
    }

    std::string& out_;
    std::string name_;  // of the next value in a structure
    std::optional<Flat> flat_;
    std::vector<Frame> frames_;
};

}  // namespace

std::unique_ptr<Writer> xml_writer(std::string& out) { return std::make_unique<XmlWriter>(out); }

}  // namespace mill::wire
