// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <fmt/format.h>

namespace mill {
namespace {

struct Parts {
    int year;
    unsigned month, day, weekday;
    int hour, minute, second, ms;
};

Parts split(WallTime time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    return {.year = static_cast<int>(date.year()),
            .month = static_cast<unsigned>(date.month()),
            .day = static_cast<unsigned>(date.day()),
            .weekday = weekday(day).c_encoding(),
            .hour = static_cast<int>(clock.hours().count()),
            .minute = static_cast<int>(clock.minutes().count()),
            .second = static_cast<int>(clock.seconds().count()),
            .ms = static_cast<int>(clock.subseconds().count())};
}

}  // namespace

std::string iso8601_ms(WallTime time) {
    const Parts p = split(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", p.year, p.month, p.day, p.hour,
                       p.minute, p.second, p.ms);
}

std::string iso8601_s(WallTime time) {
    const Parts p = split(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", p.year, p.month, p.day, p.hour,
                       p.minute, p.second);
}

std::string iso8601_basic(WallTime time) {
    const Parts p = split(time);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute,
                       p.second);
}

namespace {

// Reads a text from the left; every step says whether it succeeded.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : rest_(text) {}
    bool at_end() const { return rest_.empty(); }
    bool skip(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool digits(std::size_t count, int& value) {
        if (rest_.size() < count) return false;
        value = 0;
        for (char c : rest_.substr(0, count)) {
            if (c < '0' || c > '9') return false;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return true;
    }
    // ".123456": milliseconds, further digits dropped.
    bool fraction(int& ms) {
        ms = 0;
        int scale = 100, count = 0;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
             ++count, scale /= 10) {
            ms += (rest_.front() - '0') * scale;
            rest_.remove_prefix(1);
        }
        return count > 0;
    }

  private:
    std::string_view rest_;
};

// "Z", "+01:00", "+0100", or nothing.
bool read_offset(Cursor& at, std::chrono::minutes& offset) {
    if (at.at_end() || at.skip('Z') || at.skip('z')) return true;
    const bool east = at.skip('+');
    if (!east && !at.skip('-')) return false;
    int hours = 0, minutes = 0;
    if (!at.digits(2, hours)) return false;
    at.skip(':');
    if (!at.digits(2, minutes) || hours > 23 || minutes > 59) return false;
    offset = std::chrono::minutes((east ? 1 : -1) * (hours * 60 + minutes));
    return true;
}

bool read_clock(Cursor& at, Parts& p) {
    if (!at.skip('T') && !at.skip('t') && !at.skip(' ')) return false;
    if (!at.digits(2, p.hour)) return false;
    const bool extended = at.skip(':');
    if (!at.digits(2, p.minute) || (extended && !at.skip(':')) || !at.digits(2, p.second))
        return false;
    if ((at.skip('.') || at.skip(',')) && !at.fraction(p.ms)) return false;
    return p.hour < 24 && p.minute < 60 && p.second <= 60;  // 60: a leap second
}

}  // namespace

std::optional<WallTime> parse_iso8601(std::string_view text) {
    using namespace std::chrono;
    Cursor at(text);
    Parts p{};
    int month = 0, day = 0;
    if (!at.digits(4, p.year)) return std::nullopt;
    const bool extended = at.skip('-');
    if (!at.digits(2, month) || (extended && !at.skip('-')) || !at.digits(2, day))
        return std::nullopt;
    const year_month_day date(year(p.year), std::chrono::month(static_cast<unsigned>(month)),
                              std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok()) return std::nullopt;
    minutes offset{};
    if (!at.at_end() && (!read_clock(at, p) || !read_offset(at, offset))) return std::nullopt;
    if (!at.at_end()) return std::nullopt;
    return sys_days(date) + hours(p.hour) + minutes(p.minute) + seconds(p.second) +
           milliseconds(p.ms) - offset;
}

std::string http_date(WallTime time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Parts p = split(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[p.weekday], p.day,
                       months[p.month - 1], p.year, p.hour, p.minute, p.second);
}

}  // namespace mill
