// SPDX-License-Identifier: Apache-2.0
#include "base/assert.h"
#include "wire/encoded.h"

namespace mill::wire {
namespace {

constexpr std::size_t list_slack = 8;  // a comma, and a longer number or name than the first

void encode_structure(const Structure& structure, const void* object, Writer& writer,
                      bool only_body);

void encode_value(const Type& type, const void* object, Writer& writer, bool only_body);

void encode_map(const Type& type, const void* object, Writer& writer, bool only_body) {
    struct Context {
        const Type& element;
        Writer& writer;
        bool only_body;
    } context{*type.element, writer, only_body};
    writer.begin_entries();
    type.each(object, &context, [](void* into, std::string_view key, const void* value) {
        const auto& c = *static_cast<Context*>(into);
        c.writer.entry(key);
        encode_value(c.element, value, c.writer, c.only_body);
    });
    writer.end_entries();
}

// The elements of a list are much alike: what the first one took tells how much room the others
// need.
void encode_list(const Type& type, const void* object, Writer& writer, bool only_body) {
    const std::size_t elements = type.size(object);
    writer.begin_list();
    for (std::size_t i = 0; i < elements; ++i) {
        const std::size_t before = writer.written();
        encode_value(*type.element, type.at(object, i), writer, only_body);
        if (i == 0 && elements > 1)
            writer.expect((writer.written() - before + list_slack) * elements);
    }
    writer.end_list();
}

void encode_blob(const Type& type, const void* object, Writer& writer) {
    if (!type.is_view) return writer.blob(static_cast<const Blob*>(object)->bytes);
    const BytesView* bytes = static_cast<const BlobView*>(object)->bytes();
    MILL_ASSERT(bytes != nullptr);  // outputs hold bytes
    writer.blob(*bytes);
}

void encode_encoded(std::string_view json, Writer& writer) {
    if (auto* taker = dynamic_cast<EncodedWriter*>(&writer)) return taker->encoded(json);
    const auto document = parse_json(json);
    MILL_ASSERT(document.has_value());  // of our own making
    writer.value(*document);
}

void encode_value(const Type& type, const void* object, Writer& writer, bool only_body) {
    switch (type.kind) {
        case Kind::string:
            return writer.string(type.text(object));
        case Kind::blob:
            return encode_blob(type, object, writer);
        case Kind::boolean:
            return writer.boolean(*static_cast<const bool*>(object));
        case Kind::integer:
            return writer.integer(*static_cast<const std::int64_t*>(object));
        case Kind::real:
            return writer.real(*static_cast<const double*>(object));
        case Kind::timestamp:
            return writer.timestamp(*static_cast<const WallTime*>(object));
        case Kind::document:
            return writer.value(*static_cast<const Value*>(object));
        case Kind::structure:
            if (type.text) return encode_encoded(type.text(object), writer);
            return encode_structure(*type.structure(), object, writer, only_body);
        case Kind::map:
            return encode_map(type, object, writer, only_body);
        case Kind::list:
            break;
    }
    encode_list(type, object, writer, only_body);
}

void encode_structure(const Structure& structure, const void* object, Writer& writer,
                      bool only_body) {
    writer.begin_map();
    for (const Member& member : structure.members) {
        const void* value = member.find(object);
        if (value == nullptr || (only_body && member.location != Location::body)) continue;
        writer.key(member.name);
        if (!member.flat_name.empty())
            writer.flatten(member.flat_name, member.flat_key, member.flat_value);
        encode_value(*member.type, value, writer, only_body);
    }
    writer.end_map();
}

}  // namespace

void encode(const Structure& structure, const void* object, Writer& writer) {
    encode_structure(structure, object, writer, true);
}

// Stored objects keep every member: where REST would carry one does not matter here.
std::string to_json(const Structure& structure, const void* object) {
    std::string out;
    encode_structure(structure, object, *json_writer(out), false);
    return out;
}

}  // namespace mill::wire
