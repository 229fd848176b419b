// SPDX-License-Identifier: Apache-2.0
// Tables as SAM CLI prints them: columns of equal width, text wrapped within them.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace mill::cli {

enum class RowColour { yellow, green, red };

class SamTable {
  public:
    // Prints the title and the names of the columns.
    SamTable(Session& session, const std::string& title, const std::vector<std::string>& columns);
    void row(const std::vector<std::string>& cells, RowColour colour = RowColour::yellow);
    // A line in the first column whose blanks stay, and whose words are not broken.
    void line(const std::string& text, RowColour colour = RowColour::yellow);
    void empty_line() { session_.out("\n"); }
    void end();  // the line below

  private:
    void print(const std::vector<std::string>& cells, RowColour colour);

    Session& session_;
    std::size_t usable_;
    std::vector<std::size_t> widths_;
};

struct WrapRules {
    bool keeps_blanks = false;
    bool breaks_words = true;
};
// Lines of at most `width` characters: broken at blanks and behind hyphens between words.
std::vector<std::string> wrap(const std::string& text, std::size_t width, WrapRules rules = {});

}  // namespace mill::cli
