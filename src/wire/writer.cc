// SPDX-License-Identifier: Apache-2.0
#include "wire/writer.h"

namespace mill::wire {

void Writer::value(const Value& document) {
    if (const auto* map = document.members()) {
        begin_map();
        for (const auto& [name, member] : *map) {
            key(name);
            value(member);
        }
        return end_map();
    }
    if (const auto* list = document.items()) {
        begin_list();
        for (const Value& item : *list) value(item);
        return end_list();
    }
    if (const auto* text = document.string()) return string(*text);
    if (const auto* number = document.integer()) return integer(*number);
    if (const auto* number = document.real()) return real(*number);
    if (const auto* flag = document.boolean()) return boolean(*flag);
    if (const auto* bytes = document.blob()) return blob(bytes->bytes);
    null();
}

}  // namespace mill::wire
