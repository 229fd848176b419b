// SPDX-License-Identifier: Apache-2.0
// Shapes: what an operation's input and output look like, declared once as constexpr data.
//
//     struct PutRecordInput {
//         std::optional<std::string> partition_key;
//         std::optional<wire::Blob> data;
//         // Violations are reported in this order.
//         static constexpr auto shape() {
//             return wire::structure("PutRecordInput",
//                 wire::member<&PutRecordInput::partition_key>("PartitionKey").required().length(1,
//                 256), wire::member<&PutRecordInput::data>("Data").required().length(0,
//                 limits::record_bytes_max));
//         }
//     };
//
// Members are std::optional<T>, or plain T in outputs where they are always present. T is
// std::string, Blob, bool, std::int64_t, double, WallTime (a timestamp), Value (a document), a
// struct with shape(), std::vector<T> or std::map<std::string, T>. The codecs are ordinary
// functions that walk the tables (decode, violations, encode).
//
// Where there are many of them, T may also be std::string_view or BlobView, or in outputs
// FixedText<N>. Views of an input are good until its handler first suspends (wire/input.h); an
// output keeps what its views point into, in a member beside those of the shape.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fixed_text.h"
#include "base/result.h"
#include "base/time.h"
#include "wire/blob_view.h"
#include "wire/value.h"
#include "wire/writer.h"

namespace mill::wire {

enum class Kind : std::uint8_t {
    string,
    blob,
    boolean,
    integer,
    real,
    timestamp,
    document,
    structure,
    list,
    map
};
// Where a REST protocol carries a member. `payload`: the raw body (Blob), or the body's root
// (others).
enum class Location : std::uint8_t { body, uri, query, header, payload, status };

struct Structure;

// How one C++ type is reached through void*; one static instance per type.
struct Type {
    Kind kind;
    const Type* element = nullptr;  // of lists and maps
    const Structure* (*structure)() = nullptr;
    std::string_view (*text)(const void* string) = nullptr;
    void (*set_view)(void* string, std::string_view text) = nullptr;  // of strings that are views
    bool is_view = false;                                             // of strings and blobs
    void* (*push)(void* list) = nullptr;  // appends an empty element, returns it
    void (*reserve)(void* list, std::size_t elements) = nullptr;
    std::size_t (*size)(const void* container) = nullptr;  // also of blobs
    const void* (*at)(const void* list, std::size_t index) = nullptr;
    void* (*insert)(void* map, std::string_view key) = nullptr;
    void (*each)(const void* map, void* context,
                 void (*visit)(void*, std::string_view key, const void* value)) = nullptr;
};

constexpr std::int64_t unbounded_below = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t unbounded_above = std::numeric_limits<std::int64_t>::max();

struct Member {
    std::string_view name;  // on the wire, UpperCamel as in the service model
    const Type* type = nullptr;
    void* (*emplace)(void* object) = nullptr;  // makes the member present, returns its value
    const void* (*find)(const void* object) = nullptr;  // nullptr when absent
    bool is_required = false;
    bool is_secret = false;
    std::int64_t length_min = unbounded_below,
                 length_max = unbounded_above;  // characters, bytes, or elements
    std::int64_t value_min = unbounded_below, value_max = unbounded_above;
    std::string_view regex = {};  // as AWS prints it; matched against the whole text
    std::span<const std::string_view> allowed = {};  // enum values, of a list's elements too
    // Constraints of a list's string elements, of a map's keys and values.
    std::int64_t item_length_min = unbounded_below, item_length_max = unbounded_above;
    std::int64_t key_length_min = unbounded_below, key_length_max = unbounded_above;
    Location location = Location::body;
    std::string_view location_name = {};  // header or query name
    // A member that is refused unless it says nothing: what to do instead. See refused().
    std::string_view refusal = {};
    std::string_view refusal_code = {};  // AWS refuses it too: under this code, in these words
    std::string_view harmless = {};      // the one other value of it that changes nothing
    // Query, of lists and maps that are flattened: what each element is called; of a map also what
    // its keys and values are. See flat() and keyed().
    std::string_view flat_name = {}, flat_key = {}, flat_value = {};

    constexpr bool is_refused() const { return !refusal.empty(); }
    // Of a refused member: AWS refuses it as well, under that code. The text is AWS's, with {} for
    // the member's name.
    constexpr Member as_aws_does(std::string_view code) const {
        Member m = *this;
        m.refusal_code = code;
        return m;
    }
    std::string refusal_text() const;
    constexpr Member required() const {
        Member m = *this;
        m.is_required = true;
        return m;
    }
    // The value is a secret: messages show it as ***.
    constexpr Member secret() const {
        Member m = *this;
        m.is_secret = true;
        return m;
    }
    constexpr Member length(std::int64_t min, std::int64_t max) const {
        Member m = *this;
        m.length_min = min;
        m.length_max = max;
        return m;
    }
    constexpr Member range(std::int64_t min, std::int64_t max) const {
        Member m = *this;
        m.value_min = min;
        m.value_max = max;
        return m;
    }
    constexpr Member pattern(std::string_view p) const {
        Member m = *this;
        m.regex = p;
        return m;
    }
    // The span must have static storage: static constexpr std::string_view types[] = {...}.
    constexpr Member one_of(std::span<const std::string_view> values) const {
        Member m = *this;
        m.allowed = values;
        return m;
    }
    constexpr Member item_length(std::int64_t min, std::int64_t max) const {
        Member m = *this;
        m.item_length_min = min;
        m.item_length_max = max;
        return m;
    }
    constexpr Member key_length(std::int64_t min, std::int64_t max) const {
        Member m = *this;
        m.key_length_min = min;
        m.key_length_max = max;
        return m;
    }
    // Query: elements stand beside the other members, "Attribute.1.Name", not below the list.
    constexpr Member flat(std::string_view element, std::string_view key = {},
                          std::string_view value = {}) const {
        Member m = *this;
        m.flat_name = element;
        m.flat_key = key;
        m.flat_value = value;
        return m;
    }
    // Query, of a map: what key and value are called in each entry.
    constexpr Member keyed(std::string_view key, std::string_view value) const {
        return flat({}, key, value);
    }
    // A refused member's default, as text: "None", "1".
    constexpr Member unless(std::string_view value) const {
        Member m = *this;
        m.harmless = value;
        return m;
    }
    constexpr Member uri() const {
        Member m = *this;
        m.location = Location::uri;
        return m;
    }
    constexpr Member query(std::string_view n) const {
        Member m = *this;
        m.location = Location::query;
        m.location_name = n;
        return m;
    }
    constexpr Member header(std::string_view n) const {
        Member m = *this;
        m.location = Location::header;
        m.location_name = n;
        return m;
    }
    constexpr Member payload() const {
        Member m = *this;
        m.location = Location::payload;
        return m;
    }
    constexpr Member status() const {
        Member m = *this;
        m.location = Location::status;
        return m;
    }
};

struct Structure {
    std::string_view name;
    std::span<const Member> members;
};

template <std::size_t N>
struct StructureTable {
    std::string_view name;
    std::array<Member, N> members;
};
template <class... M>
constexpr auto structure(std::string_view name, M... members) {
    return StructureTable<sizeof...(M)>{name, {members...}};
}

namespace detail {

template <class T>
inline constexpr auto table_of = T::shape();
template <class T>
const Structure* structure_of() {
    static constexpr Structure structure{table_of<T>.name, table_of<T>.members};
    return &structure;
}

template <class T>
struct TypeOf {  // a struct with shape()
    static constexpr Type type{.kind = Kind::structure, .structure = &structure_of<T>};
};
template <Kind K>
struct Scalar {
    static constexpr Type type{.kind = K};
};
template <>
struct TypeOf<std::string> {
    static constexpr Type type{.kind = Kind::string, .text = [](const void* s) {
                                   return std::string_view(*static_cast<const std::string*>(s));
                               }};
};
template <>
struct TypeOf<std::string_view> {
    static constexpr Type type{
        .kind = Kind::string,
        .text = [](const void* s) { return *static_cast<const std::string_view*>(s); },
        .set_view = [](void* s,
                       std::string_view text) { *static_cast<std::string_view*>(s) = text; },
        .is_view = true};
};
template <std::size_t N>
struct TypeOf<FixedText<N>> {
    static constexpr Type type{.kind = Kind::string, .text = [](const void* s) {
                                   return static_cast<const FixedText<N>*>(s)->view();
                               }};
};
template <>
struct TypeOf<Blob> {
    static constexpr Type type{.kind = Kind::blob, .size = [](const void* b) {
                                   return static_cast<const Blob*>(b)->bytes.size();
                               }};
};
template <>
struct TypeOf<BlobView> {
    static constexpr Type type{.kind = Kind::blob, .is_view = true, .size = [](const void* b) {
                                   return static_cast<const BlobView*>(b)->size();
                               }};
};
template <>
struct TypeOf<bool> : Scalar<Kind::boolean> {};
template <>
struct TypeOf<std::int64_t> : Scalar<Kind::integer> {};
template <>
struct TypeOf<double> : Scalar<Kind::real> {};
template <>
struct TypeOf<WallTime> : Scalar<Kind::timestamp> {};
template <>
struct TypeOf<Value> : Scalar<Kind::document> {};
template <class T>
struct TypeOf<std::vector<T>> {
    using V = std::vector<T>;
    static constexpr Type type{
        .kind = Kind::list,
        .element = &TypeOf<T>::type,
        .push = [](void* v) -> void* { return &static_cast<V*>(v)->emplace_back(); },
        .reserve = [](void* v, std::size_t n) { static_cast<V*>(v)->reserve(n); },
        .size = [](const void* v) { return static_cast<const V*>(v)->size(); },
        .at = [](const void* v, std::size_t i) -> const void* {
            return &(*static_cast<const V*>(v))[i];
        }};
};
template <class T>
struct TypeOf<std::map<std::string, T>> {
    using M = std::map<std::string, T>;
    static constexpr Type type{
        .kind = Kind::map,
        .element = &TypeOf<T>::type,
        .size = [](const void* m) { return static_cast<const M*>(m)->size(); },
        .insert = [](void* m, std::string_view k) -> void* {
            return &(*static_cast<M*>(m))[std::string(k)];
        },
        .each =
            [](const void* m, void* context, void (*visit)(void*, std::string_view, const void*)) {
                for (const auto& [k, v] : *static_cast<const M*>(m)) visit(context, k, &v);
            }};
};

template <class Class, class T>
struct Accessor;
template <class P>
struct PointerParts;
template <class C, class T>
struct PointerParts<T C::*> {
    using Class = C;
    using Field = T;
};
template <class T>
struct Unwrapped {
    using type = T;
    static constexpr bool optional = false;
};
template <class T>
struct Unwrapped<std::optional<T>> {
    using type = T;
    static constexpr bool optional = true;
};

}  // namespace detail

template <auto Pointer>
constexpr Member member(std::string_view name) {
    using Parts = detail::PointerParts<decltype(Pointer)>;
    using Class = typename Parts::Class;
    using Field = detail::Unwrapped<typename Parts::Field>;
    Member m;
    m.name = name;
    m.type = &detail::TypeOf<typename Field::type>::type;
    if constexpr (Field::optional) {
        m.emplace = [](void* object) -> void* {
            return &(static_cast<Class*>(object)->*Pointer).emplace();
        };
        m.find = [](const void* object) -> const void* {
            const auto& field = static_cast<const Class*>(object)->*Pointer;
            return field ? &*field : nullptr;
        };
    } else {
        m.emplace = [](void* object) -> void* {
            auto& field = static_cast<Class*>(object)->*Pointer;
            field = typename Field::type{};  // a default is replaced, not added to
            return &field;
        };
        m.find = [](const void* object) -> const void* {
            return &(static_cast<const Class*>(object)->*Pointer);
        };
    }
    return m;
}

// A member of AWS's model that Millrace does not carry out: it has no field. A request that gives
// it a value is answered "Millrace does not support <name> yet. <instead>", so that nothing is
// accepted and ignored. What changes nothing passes: null, false, empty texts, lists and maps, and
// the value of unless().
//
//     wire::refused("KMSKeyArn", "Leave it out: code is not encrypted.")
constexpr Member refused(std::string_view name, std::string_view instead) {
    Member m;
    m.name = name;
    m.type = &detail::TypeOf<Value>::type;
    m.find = [](const void*) -> const void* { return nullptr; };
    m.refusal = instead;
    return m;
}
// The code of that error inside Millrace; write_error() says it in each service's own.
inline constexpr std::string_view unsupported_member = "UnsupportedMember";

template <class T>
const Structure& structure_of() {
    return *detail::structure_of<T>();
}

// What texts may stand for. JSON has numbers of its own, and a text is none. Query, XML, URIs,
// headers and CloudFormation's properties have nothing but texts: there they are read as numbers
// and times too.
enum class Notation : std::uint8_t { typed, text };

// Fills `object` (of the structure's C++ type) from a decoded body. Unknown members are ignored,
// null means absent. SerializationException (400) in AWS's words when a value is of the wrong type,
// without words for a typed document that is a scalar. UnsupportedMember (400) for a member that is
// refused(). Strings are taken out of `from`. Members that a REST protocol carries outside the body
// are texts in either notation.
Result<void> decode(const Structure& structure, void* object, Value& from,
                    Notation notation = Notation::text);
// ValidationException (400) listing up to ten violations in the table's order, or nothing.
Result<void> check(const Structure& structure, const void* object);
// Writes the structure as a map. REST members outside the body are left out.
void encode(const Structure& structure, const void* object, Writer& writer);

template <class T>
Result<T> decode_as(Value from, Notation notation = Notation::text) {
    T object;
    MILL_CHECK(decode(structure_of<T>(), &object, from, notation));
    return object;
}
// A struct as the JSON that the Table keeps, and back. Used for metadata: members may be added,
// never renamed.
std::string to_json(const Structure& structure, const void* object);
template <class T>
std::string to_json(const T& object) {
    return to_json(structure_of<T>(), &object);
}
template <class T>
Result<T> from_json(std::string_view text) {
    MILL_TRY(Value value, parse_json(text));
    return decode_as<T>(std::move(value));
}

}  // namespace mill::wire
