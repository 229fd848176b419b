// SPDX-License-Identifier: Apache-2.0
// A structure of an output that was encoded before, as the JSON of `T`: for what is asked for often
// and changes seldom. Where JSON is written it costs a copy, elsewhere it is read again.
#pragma once

#include <memory>
#include <string>

#include "wire/shape.h"

namespace mill::wire {

template <class T>
struct Encoded {
    std::shared_ptr<const std::string> json;  // of to_json(T)
};

template <class T>
Encoded<T> encoded(const T& object) {
    return {std::make_shared<const std::string>(to_json(object))};
}

// What a writer of JSON is beside a Writer.
class EncodedWriter {
  public:
    virtual void encoded(std::string_view json) = 0;

  protected:
    ~EncodedWriter() = default;
};

namespace detail {

template <class T>
struct TypeOf<Encoded<T>> {
    static constexpr Type type{
        .kind = Kind::structure, .structure = &structure_of<T>, .text = [](const void* encoded) {
            return std::string_view(*static_cast<const Encoded<T>*>(encoded)->json);
        }};
};

}  // namespace detail
}  // namespace mill::wire
