// SPDX-License-Identifier: Apache-2.0
// Structured log of the server itself (not of functions). One line a message: level, event,
// key=value pairs. A Log is handed to whoever needs it; there is no global one. Thread-safe if its
// sink is.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace mill {

enum class LogLevel { debug, info, warning, error };

class Log {
  public:
    struct Field {
        std::string_view key;
        std::string value;
    };
    using Sink = std::function<void(LogLevel, const std::string& line)>;

    Log() = default;  // drops everything
    Log(LogLevel threshold, Sink sink) : threshold_(threshold), sink_(std::move(sink)) {}

    void write(LogLevel level, std::string_view event,
               std::initializer_list<Field> fields = {}) const;
    void debug(std::string_view event, std::initializer_list<Field> f = {}) const {
        write(LogLevel::debug, event, f);
    }
    void info(std::string_view event, std::initializer_list<Field> f = {}) const {
        write(LogLevel::info, event, f);
    }
    void warning(std::string_view event, std::initializer_list<Field> f = {}) const {
        write(LogLevel::warning, event, f);
    }
    void error(std::string_view event, std::initializer_list<Field> f = {}) const {
        write(LogLevel::error, event, f);
    }

  private:
    LogLevel threshold_ = LogLevel::warning;
    Sink sink_;
};

}  // namespace mill
