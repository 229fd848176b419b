// SPDX-License-Identifier: Apache-2.0
// Page: the first (or last) events of a search, kept while the log is walked in ingestion order.
// Holds at most `events_max` events and `bytes_max` bytes of messages (or one event), however many
// are offered.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/logs/log_events.h"

namespace mill::logs {

struct Event {
    EventKey key = 0;
    StreamNumber stream = 0;
    std::int64_t timestamp_ms = 0;
    std::int64_t ingestion_ms = 0;
    std::string message;
};

class Page {
  public:
    Page(std::size_t events_max, std::size_t bytes_max, bool is_newest)
        : events_max_(events_max), bytes_max_(bytes_max), is_newest_(is_newest) {}

    // True if an event of this key would be kept.
    bool wants(EventKey key) const {
        if (!is_more_) return true;
        return is_newest_ ? key > events_.begin()->first : key < events_.rbegin()->first;
    }
    void offer(EventKey key, const EventView& event) {
        if (!wants(key)) return;
        bytes_ += event.message.size();
        events_[key] = {key, event.stream, event.timestamp_ms, event.ingestion_ms,
                        std::string(event.message)};
        while (is_overfull()) drop_one();
    }
    bool is_newest() const { return is_newest_; }
    bool is_more() const { return is_more_; }  // events were left out
    bool is_empty() const { return events_.empty(); }
    EventKey first_key() const { return events_.begin()->first; }
    EventKey last_key() const { return events_.rbegin()->first; }
    // In order of their keys.
    const std::map<EventKey, Event>& events() const { return events_; }

  private:
    bool is_overfull() const {
        return events_.size() > 1 && (events_.size() > events_max_ || bytes_ > bytes_max_);
    }
    void drop_one() {
        const auto last = is_newest_ ? events_.begin() : std::prev(events_.end());
        bytes_ -= last->second.message.size();
        events_.erase(last);
        is_more_ = true;
    }

    std::size_t events_max_;
    std::size_t bytes_max_;
    bool is_newest_;
    bool is_more_ = false;
    std::size_t bytes_ = 0;
    std::map<EventKey, Event> events_;
};

}  // namespace mill::logs
