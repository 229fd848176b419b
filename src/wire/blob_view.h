// SPDX-License-Identifier: Apache-2.0
// BlobView: a blob where its owner keeps it, so that it is copied once, to where it goes: in an
// input the base64 of the request's text (checked already) or bytes, in an output bytes.
#pragma once

#include "base/base64.h"

namespace mill::wire {

class BlobView {
  public:
    BlobView() = default;
    explicit BlobView(BytesView bytes) : at_(bytes), size_(bytes.size()) {}
    // `text`: base64 that base64_check() has found to stand for `size` bytes.
    static BlobView of_base64(std::string_view text, std::size_t size) {
        BlobView view;
        view.at_ = text;
        view.size_ = size;
        view.is_base64_ = true;
        return view;
    }

    std::size_t size() const { return size_; }
    // Writes size() bytes to `to` and returns their end.
    char* copy_to(char* to) const {
        if (is_base64_) return base64_decode_to(at_, to);
        return to + at_.copy(to, size_);
    }
    // What it stands for; only of a view of bytes.
    const BytesView* bytes() const { return is_base64_ ? nullptr : &at_; }

  private:
    BytesView at_;
    std::size_t size_ = 0;
    bool is_base64_ = false;
};

}  // namespace mill::wire
