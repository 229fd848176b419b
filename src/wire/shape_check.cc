// SPDX-License-Identifier: Apache-2.0
// Constraints in the words and the order of AWS: for each member null, enum, pattern, length,
// range, then what is inside.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "wire/notation.h"
#include "wire/pattern.h"
#include "wire/shape.h"

namespace mill::wire {
namespace {

constexpr std::size_t violations_max = 10;

std::string lower_first(std::string_view name) {
    std::string text(name);
    if (!text.empty())
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

std::int64_t length_of(const Type& type, const void* object) {
    switch (type.kind) {
        case Kind::string:
            return static_cast<std::int64_t>(utf8_count(type.text(object)));
        case Kind::blob:
        case Kind::list:
        case Kind::map:
            return static_cast<std::int64_t>(type.size(object));
        default:
            return 0;
    }
}

std::string printed(const Type& type, const void* object);

std::string printed_list(const Type& type, const void* object) {
    std::string text = "[";
    for (std::size_t i = 0; i < type.size(object); ++i) {
        if (i > 0) text += ", ";
        text += printed(*type.element, type.at(object, i));
    }
    return text + "]";
}

std::string printed_map(const Type& type, const void* object) {
    struct Context {
        const Type& element;
        std::string text;
    } context{*type.element, {}};
    type.each(object, &context, [](void* into, std::string_view key, const void* value) {
        auto& [element, text] = *static_cast<Context*>(into);
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, printed(element, value));
    });
    return "{" + context.text + "}";
}

// As Java prints it.
std::string printed(const Type& type, const void* object) {
    switch (type.kind) {
        case Kind::string:
            return std::string(type.text(object));
        case Kind::blob:
            return fmt::format("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]",
                               length_of(type, object));
        case Kind::boolean:
            return *static_cast<const bool*>(object) ? "true" : "false";
        case Kind::integer:
            return std::to_string(*static_cast<const std::int64_t*>(object));
        case Kind::real:
            return number_text(*static_cast<const double*>(object));
        case Kind::timestamp:
            return iso8601_ms(*static_cast<const WallTime*>(object));
        case Kind::document:
            return write_json(*static_cast<const Value*>(object));
        case Kind::list:
            return printed_list(type, object);
        case Kind::map:
            return printed_map(type, object);
        case Kind::structure:
            break;
    }
    // Java adds the object's hash; ours is one of the type's name, so that answers can be repeated.
    const std::string_view name = type.structure()->name;
    return fmt::format("{}@{:x}", name, crc32c(name));
}

// Where the walk is: "records.3.member.data". Written out only for a violation.
struct Path {
    const Path* before = nullptr;
    std::string_view member = {};  // the name of one, or
    std::size_t element = 0;       // the number of a list's element, from 1, or
    std::string_view key = {};     // a map's key

    std::string text() const {
        const std::string start = before ? before->text() : "";
        if (member.empty())
            return fmt::format("{}.{}.member", start, element > 0 ? std::to_string(element) : key);
        return (start.empty() ? "" : start + ".") + lower_first(member);
    }
};

class Check {
  public:
    void structure(const Structure& table, const void* object, const Path* before) {
        for (const Member& member : table.members) {
            if (full()) return;
            one_member(member, member.find(object), {.before = before, .member = member.name});
        }
    }
    Result<void> verdict() const {
        if (violations_.empty()) return {};
        return fail("ValidationException",
                    fmt::format("{} validation error{} detected: {}", violations_.size(),
                                violations_.size() > 1 ? "s" : "", fmt::join(violations_, "; ")),
                    400);
    }

  private:
    bool full() const { return violations_.size() >= violations_max; }

    void one_member(const Member& member, const void* value, const Path& path) {
        if (value == nullptr) {
            if (member.is_required) violate("null", path, "Member must not be null");
            return;
        }
        text(member, value, path);
        sizes(member, value, path);
        items(member, value, path);
        inside(*member.type, value, path);
    }

    void text(const Member& member, const void* value, const Path& path) {
        if (member.type->kind != Kind::string) return;
        const std::string_view text = member.type->text(value);
        if (!is_allowed(member, *member.type, value)) {
            violate(member, value, path, enum_constraint(member));
        }
        if (!member.regex.empty() && !matches_pattern(member.regex, text)) {
            violate(
                member, value, path,
                fmt::format("Member must satisfy regular expression pattern: {}", member.regex));
        }
    }

    // What does not fit the Java Integer that AWS reads such a member into is cut down to it.
    static std::int64_t as_integer(const Member& member, std::int64_t number) {
        constexpr std::int64_t min = std::numeric_limits<std::int32_t>::min(),
                               max = std::numeric_limits<std::int32_t>::max();
        return member.value_max > max ? number : std::clamp(number, min, max);
    }

    void sizes(const Member& member, const void* value, const Path& path) {
        if (member.length_min != unbounded_below || member.length_max != unbounded_above) {
            within(member, value, path, length_of(*member.type, value), member.length_min,
                   member.length_max, "length");
        }
        if (member.type->kind == Kind::integer) {
            const std::int64_t number =
                as_integer(member, *static_cast<const std::int64_t*>(value));
            within(member, &number, path, number, member.value_min, member.value_max, "value");
        } else if (member.type->kind == Kind::real) {
            const double number = *static_cast<const double*>(value);
            within(member, value, path, number, member.value_min, member.value_max, "value");
        }
    }

    template <class Number>
    void within(const Member& member, const void* value, const Path& path, Number number,
                std::int64_t min, std::int64_t max, std::string_view what) {
        if (min != unbounded_below && number < static_cast<Number>(min)) {
            violate(member, value, path,
                    fmt::format("Member must have {} greater than or equal to {}", what, min));
        }
        if (max != unbounded_above && number > static_cast<Number>(max)) {
            violate(member, value, path,
                    fmt::format("Member must have {} less than or equal to {}", what, max));
        }
    }

    void items(const Member& member, const void* value, const Path& path) {
        const Type& type = *member.type;
        if (type.kind == Kind::map) return entries(member, value, path);
        if (type.kind != Kind::list) return;
        const Bounds bounds{member.item_length_min, member.item_length_max};
        for (std::size_t i = 0; i < type.size(value); ++i) {
            const void* item = type.at(value, i);
            if (!bounds.hold(*type.element, item)) {
                return violate(member, value, path,
                               "Member must satisfy constraint: " + bounds.text());
            }
            if (!is_allowed(member, *type.element, item)) {
                return violate(
                    member, value, path,
                    fmt::format("Member must satisfy constraint: [{}]", enum_constraint(member)));
            }
        }
    }

    void entries(const Member& member, const void* value, const Path& path) {
        struct Context {
            const Type& element;
            Bounds keys, values;
            bool are_keys_good = true, are_values_good = true;
        } context{*member.type->element,
                  {member.key_length_min, member.key_length_max},
                  {member.item_length_min, member.item_length_max}};
        member.type->each(value, &context, [](void* to, std::string_view key, const void* item) {
            auto& all = *static_cast<Context*>(to);
            all.are_keys_good &= all.keys.hold(static_cast<std::int64_t>(utf8_count(key)));
            all.are_values_good &= all.values.hold(all.element, item);
        });
        if (!context.are_keys_good) {
            violate(member, value, path,
                    "Map keys must satisfy constraint: " + context.keys.text());
        }
        if (!context.are_values_good) {
            violate(member, value, path,
                    "Map value must satisfy constraint: " + context.values.text());
        }
    }

    // Of the lengths of items, keys or values.
    struct Bounds {
        std::int64_t min, max;
        bool hold(std::int64_t length) const { return length >= min && length <= max; }
        bool hold(const Type& type, const void* item) const {
            if (min == unbounded_below && max == unbounded_above) return true;
            return hold(length_of(type, item));
        }
        std::string text() const {
            std::vector<std::string> parts;
            if (max != unbounded_above) {
                parts.push_back(
                    fmt::format("Member must have length less than or equal to {}", max));
            }
            if (min != unbounded_below) {
                parts.push_back(
                    fmt::format("Member must have length greater than or equal to {}", min));
            }
            return fmt::format("[{}]", fmt::join(parts, ", "));
        }
    };

    static bool is_allowed(const Member& member, const Type& type, const void* value) {
        if (member.allowed.empty() || type.kind != Kind::string) return true;
        const std::string_view text = type.text(value);
        return std::ranges::find(member.allowed, text) != member.allowed.end();
    }
    static std::string enum_constraint(const Member& member) {
        return fmt::format("Member must satisfy enum value set: [{}]",
                           fmt::join(member.allowed, ", "));
    }

    // Structures anywhere below have constraints of their own.
    void inside(const Type& type, const void* value, const Path& path) {
        if (type.kind == Kind::structure) return structure(*type.structure(), value, &path);
        if (type.kind == Kind::list) {
            for (std::size_t i = 0; i < type.size(value) && !full(); ++i) {
                inside(*type.element, type.at(value, i), {.before = &path, .element = i + 1});
            }
        }
        if (type.kind == Kind::map) map_values(type, value, path);
    }

    void map_values(const Type& type, const void* value, const Path& path) {
        struct Context {
            Check& check;
            const Type& element;
            const Path& path;
        } context{*this, *type.element, path};
        type.each(value, &context, [](void* into, std::string_view key, const void* item) {
            const auto& c = *static_cast<Context*>(into);
            if (!c.check.full()) c.check.inside(c.element, item, {.before = &c.path, .key = key});
        });
    }

    void violate(const Member& member, const void* value, const Path& path,
                 std::string_view constraint) {
        violate(fmt::format("'{}'", member.is_secret ? "***" : printed(*member.type, value)), path,
                constraint);
    }
    void violate(std::string_view value, const Path& path, std::string_view constraint) {
        if (full()) return;
        violations_.push_back(fmt::format("Value {} at '{}' failed to satisfy constraint: {}",
                                          value, path.text(), constraint));
    }

    std::vector<std::string> violations_;
};

}  // namespace

Result<void> check(const Structure& structure, const void* object) {
    Check check;
    check.structure(structure, object, nullptr);
    return check.verdict();
}

}  // namespace mill::wire
