// SPDX-License-Identifier: Apache-2.0
#include "wire/json_reader.h"

#include "base/assert.h"
#include "base/big_integers.h"
#include "wire/json_element.h"
#include "wire/json_scan.h"
#include "wire/notation.h"
#include "wire/shape_decode.h"

namespace mill::wire {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// A parser keeps about 14 times this for good; beyond it is given back after use.
constexpr std::size_t kept_capacity = 4 << 20;
constexpr std::size_t capacity_min = 4 << 10;

class ElementSource {
  public:
    ElementSource() = default;
    explicit ElementSource(element at) : at_(at) {}

    bool is_null() const { return at_.is_null(); }
    bool is_list() const { return at_.type() == element_type::ARRAY; }
    bool is_map() const { return at_.type() == element_type::OBJECT; }
    ElementSource as_text() const { return *this; }  // AWS JSON has nothing but its body
    Value take_value() const { return value_of(at_); }
    Scalar scalar() const;
    std::size_t item_count() const { return at_.get_array().value_unsafe().size(); }
    template <class Visit>
    Result<void> each_item(Visit visit) const {
        // A copy: what value_unsafe() refers to is gone before the loop begins.
        const simdjson::dom::array items = at_.get_array().value_unsafe();
        for (const element item : items) MILL_CHECK(visit(ElementSource(item)));
        return {};
    }
    template <class Visit>
    Result<void> each_member(Visit visit) const {
        std::vector<std::pair<std::string_view, element>> members;
        const simdjson::dom::object object = at_.get_object().value_unsafe();
        for (const auto field : object) members.emplace_back(field.key, field.value);
        keep_last_of_equal_keys(members);
        for (const auto& [key, value] : members) MILL_CHECK(visit(key, ElementSource(value)));
        return {};
    }

    // The first fields of an object are found once for all; of longer ones the rest is walked
    // through for each name.
    class Members {
      public:
        explicit Members(ElementSource map) : object_(map.at_.get_object().value_unsafe()) {
            for (auto field = object_.begin(); field != object_.end(); ++field) {
                if (count_ == fields_.size()) {
                    is_longer_ = true;
                    return;
                }
                fields_[count_++] = {field.key(), field.value()};
            }
        }
        // The last one of equal names.
        std::optional<ElementSource> find(std::string_view name) const {
            if (is_longer_) return find_in_all(name);
            for (std::size_t i = count_; i-- > 0;) {
                if (fields_[i].name == name) return ElementSource(fields_[i].value);
            }
            return std::nullopt;
        }

      private:
        std::optional<ElementSource> find_in_all(std::string_view name) const {
            std::optional<ElementSource> found;
            for (const auto field : object_) {
                if (field.key == name) found = ElementSource(field.value);
            }
            return found;
        }

        struct Field {
            std::string_view name;
            element value;
        };
        simdjson::dom::object object_;
        std::array<Field, 8> fields_;
        std::size_t count_ = 0;
        bool is_longer_ = false;
    };

  private:
    element at_;
};

// The types have been asked for, so value_unsafe() is safe, here and above.
Scalar ElementSource::scalar() const {
    using Found = Scalar::Found;
    switch (at_.type()) {
        case element_type::BOOL:
            return {Found::boolean, at_.get_bool().value_unsafe()};
        case element_type::INT64:
            return {.found = Found::integer, .integer = at_.get_int64().value_unsafe()};
        case element_type::UINT64:
            return {.found = Found::real,
                    .real = static_cast<double>(at_.get_uint64().value_unsafe())};
        case element_type::DOUBLE:
            return {.found = Found::real, .real = at_.get_double().value_unsafe()};
        case element_type::STRING:
            return {.found = Found::text, .text = at_.get_string().value_unsafe()};
        default:
            return {};
    }
}

}  // namespace

struct JsonReader::State {
    simdjson::error_code parse(const Bytes& text);
    void make_room(std::size_t size);

    std::unique_ptr<simdjson::dom::parser> parser;
    Bytes copy;  // of a text without room behind it
    element root;
    bool has_document = false;
    std::uint64_t document = 0;
};

const std::size_t JsonReader::spare = simdjson::SIMDJSON_PADDING;

JsonReader::JsonReader() : state_(std::make_unique<State>()) {}
JsonReader::~JsonReader() = default;

void JsonReader::State::make_room(std::size_t size) {
    if (parser && parser->capacity() >= size &&
        (parser->capacity() <= kept_capacity || size > kept_capacity / 4))
        return;
    parser = std::make_unique<simdjson::dom::parser>();
    if (copy.capacity() > kept_capacity) copy = Bytes();
}

simdjson::error_code JsonReader::State::parse(const Bytes& text) {
    make_room(text.size());
    if (parser->capacity() < std::max(text.size(), capacity_min)) {
        const std::size_t capacity = std::max(text.size() + text.size() / 4, capacity_min);
        if (const auto error = parser->allocate(capacity, depth_max)) return error;
    }
    const Bytes* padded = &text;
    if (text.capacity() - text.size() < JsonReader::spare) {
        copy.reserve(text.size() + JsonReader::spare);
        copy = text;
        padded = &copy;
    }
    return parser->parse(padded->data(), padded->size(), false).get(root);
}

Result<void> JsonReader::parse(const Bytes& text) {
    State& s = *state_;
    ++s.document;
    s.has_document = false;
    auto error = s.parse(text);
    if (error == simdjson::NUMBER_ERROR) error = s.parse(mark_big_integers(text));
    if (error != simdjson::SUCCESS)
        return fail("json", json_complaint(text, simdjson::error_message(error)));
    s.has_document = true;
    return {};
}

std::uint64_t JsonReader::document() const { return state_->document; }

Result<void> JsonReader::decode(const Structure& structure, void* object) const {
    MILL_ASSERT(state_->has_document);
    const ElementSource root(state_->root);
    if (!root.is_map() && !root.is_list()) return mistyped("");
    return decode_structure(structure, object, root);
}

}  // namespace mill::wire
