// SPDX-License-Identifier: Apache-2.0
// JsonReader: reads one JSON document after the other with buffers that it keeps, and decodes it
// straight into C++ objects, without a Value between. What it says of a document is what
// parse_json() and decode() of shape.h say in Notation::typed. One thread at a time.
#pragma once

#include <memory>

#include "wire/shape.h"

namespace mill::wire {

class JsonReader {
  public:
    JsonReader();
    ~JsonReader();
    JsonReader(const JsonReader&) = delete;
    JsonReader& operator=(const JsonReader&) = delete;

    // How many bytes behind a text its string should have room for, lest the text be copied.
    static const std::size_t spare;

    // The present document goes, and with it what views of it saw. Error code "json"; then there
    // is none. The text is not needed any more when this returns.
    Result<void> parse(const Bytes& text);
    // Counts the documents: tells whether the one that somebody means is still here.
    std::uint64_t document() const;
    // Of the present document, as decode() of shape.h. Views see the reader's own memory.
    Result<void> decode(const Structure& structure, void* object) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace mill::wire
