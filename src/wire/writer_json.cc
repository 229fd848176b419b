// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/base64.h"
#include "base/extend.h"
#include "wire/encoded.h"
#include "wire/json_scan.h"
#include "wire/writer.h"

namespace mill::wire {
namespace {

// A comma is due before everything but the first item of a container and what follows a key.
class JsonWriter final : public Writer, public EncodedWriter {
  public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    void begin_map() override { open('{'); }
    void key(std::string_view name) override {
        separate();
        append_json_string(name, out_);
        out_.push_back(':');
        comma_ = false;
    }
    void end_map() override { close('}'); }
    void begin_list() override { open('['); }
    void end_list() override { close(']'); }
    void null() override { literal("null"); }
    void boolean(bool value) override { literal(value ? "true" : "false"); }
    void integer(std::int64_t value) override {
        const fmt::format_int text(value);
        literal({text.data(), text.size()});
    }
    void real(double value) override {
        separate();
        append_json_number(value, out_);
        comma_ = true;
    }
    void string(std::string_view value) override {
        separate();
        append_json_string(value, out_);
        comma_ = true;
    }
    void encoded(std::string_view json) override { literal(json); }
    void blob(BytesView value) override {
        char* to = extend(out_, base64_length(value.size()) + 2 + comma_);
        if (comma_) *to++ = ',';
        *to++ = '"';
        to = base64_encode_to(value, to);
        *to = '"';
        comma_ = true;
    }
    // Records of one batch arrived at one time: its text is made once.
    void timestamp(WallTime value) override {
        if (value != time_ || time_text_.empty()) {
            time_ = value;
            time_text_ = epoch_seconds(epoch_ms(value));
        }
        literal(time_text_);
    }
    // Room for the rest of a list whose first element has been written.
    void expect(std::size_t bytes) override {
        if (out_.capacity() - out_.size() < bytes) out_.reserve(out_.size() + bytes);
    }
    std::size_t written() const override { return out_.size(); }

  private:
    // 1545084650.987: digits are arranged, not computed, so that no millisecond is lost in
    // rounding.
    static std::string epoch_seconds(std::int64_t ms) {
        const auto magnitude =
            ms < 0 ? 0 - static_cast<std::uint64_t>(ms) : static_cast<std::uint64_t>(ms);
        std::string text =
            fmt::format("{}{}.{:03}", ms < 0 ? "-" : "", magnitude / 1000, magnitude % 1000);
        while (text.back() == '0') text.pop_back();
        if (text.back() == '.') text.pop_back();
        return text;
    }
    void separate() {
        if (comma_) out_ += ',';
    }
    void open(char bracket) {
        separate();
        out_.push_back(bracket);
        comma_ = false;
    }
    void close(char bracket) {
        out_.push_back(bracket);
        comma_ = true;
    }
    void literal(std::string_view text) {
        char* to = extend(out_, text.size() + comma_);
        if (comma_) *to++ = ',';
        text.copy(to, text.size());
        comma_ = true;
    }

    std::string& out_;
    bool comma_ = false;
    WallTime time_;
    std::string time_text_;
};

}  // namespace

std::unique_ptr<Writer> json_writer(std::string& out) { return std::make_unique<JsonWriter>(out); }

}  // namespace mill::wire
