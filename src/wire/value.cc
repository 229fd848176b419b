// SPDX-License-Identifier: Apache-2.0
#include "wire/value.h"

#include "base/assert.h"

namespace mill::wire {

const Value* Value::find(std::string_view name) const {
    const Map* map = members();
    if (map == nullptr) return nullptr;
    for (const auto& [key, value] : *map) {
        if (key == name) return &value;
    }
    return nullptr;
}

Value* Value::find(std::string_view name) {
    return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Value::operator[](std::string_view name) {
    if (is_null()) data_ = Map{};
    if (Value* found = find(name)) return *found;
    Map* map = members();
    MILL_ASSERT(map != nullptr);
    return map->emplace_back(std::string(name), Value()).second;
}

bool Value::erase(std::string_view name) {
    Map* map = members();
    return map != nullptr &&
           std::erase_if(*map, [&](const auto& item) { return item.first == name; }) > 0;
}

void Value::push_back(Value item) {
    if (is_null()) data_ = List{};
    List* list = items();
    MILL_ASSERT(list != nullptr);
    list->push_back(std::move(item));
}

const Value::List& list_of(const Value& map, std::string_view name) {
    static const Value::List none;
    const Value* value = map.find(name);
    return value && value->items() ? *value->items() : none;
}

std::string text_of(const Value& map, std::string_view name, std::string fallback) {
    const Value* found = map.find(name);
    const std::string* text = found == nullptr ? nullptr : found->string();
    return text == nullptr ? std::move(fallback) : *text;
}

}  // namespace mill::wire
