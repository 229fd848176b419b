// SPDX-License-Identifier: Apache-2.0
// Input: what a request says, whatever it was written in, on its way to the operation.
//
// AWS JSON stays in the gateway's JsonReader, whose document is the present one until the next
// request is read: it is decoded before anything is awaited, and views of it (shape.h) are good
// until the handler first suspends. Everything else is a Value.
#pragma once

#include "base/assert.h"
#include "wire/json_reader.h"

namespace mill::wire {

class Input {
  public:
    Input() = default;
    Input(Value value, Notation notation = Notation::text)
        : value_(std::move(value)), notation_(notation) {}
    // The reader's present document.
    explicit Input(const JsonReader& reader) : reader_(&reader), document_(reader.document()) {}

    // As decode() of shape.h.
    Result<void> decode(const Structure& structure, void* object) {
        if (!reader_) return wire::decode(structure, object, value_, notation_);
        MILL_ASSERT(reader_->document() == document_);
        return reader_->decode(structure, object);
    }

  private:
    Value value_;
    Notation notation_ = Notation::text;
    const JsonReader* reader_ = nullptr;
    std::uint64_t document_ = 0;
};

}  // namespace mill::wire
