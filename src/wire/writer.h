// SPDX-License-Identifier: Apache-2.0
// Writer: answers are written member by member, straight into the protocol's notation. One
// implementation per notation.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "wire/value.h"

namespace mill::wire {

class Writer {
  public:
    virtual ~Writer() = default;
    virtual void begin_map() = 0;  // a structure or map
    virtual void key(std::string_view name) = 0;
    virtual void end_map() = 0;
    // A map whose keys are data. In JSON it looks like a structure, in XML like
    // <entry><key/><value/></entry>.
    virtual void begin_entries() { begin_map(); }
    virtual void entry(std::string_view name) { key(name); }
    virtual void end_entries() { end_map(); }
    // The next list or map is flattened where the notation can do that: its elements (a map's with
    // this key and value) stand beside the other members.
    virtual void flatten(std::string_view, std::string_view, std::string_view) {}
    virtual void begin_list() = 0;
    virtual void end_list() = 0;
    virtual void null() = 0;
    virtual void boolean(bool value) = 0;
    virtual void integer(std::int64_t value) = 0;
    virtual void real(double value) = 0;
    virtual void string(std::string_view value) = 0;
    virtual void blob(BytesView value) = 0;
    virtual void timestamp(WallTime value) = 0;
    void value(const Value& value);  // a whole document
    // How much has been written, where the writer counts, and how much more is coming: lets it make
    // room once.
    virtual std::size_t written() const { return 0; }
    virtual void expect(std::size_t) {}
};

// JSON as the AWS JSON and REST-JSON protocols write it: blobs in base64, timestamps as seconds
// with milliseconds.
std::unique_ptr<Writer> json_writer(std::string& out);
// XML as Query and REST-XML write it: list members as <member>, timestamps in ISO 8601. The
// outermost structure has no element of its own: the caller writes <OpResult> around it.
std::unique_ptr<Writer> xml_writer(std::string& out);

}  // namespace mill::wire
