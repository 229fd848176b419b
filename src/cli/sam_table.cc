// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_table.h"

#include <algorithm>

namespace mill::cli {
namespace {

constexpr std::size_t width_min = 100;
constexpr std::size_t margin = 2;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)); }

// A word may be broken behind a hyphen that has two letters, or a letter, hyphen and letter, before
// it and the same behind it.
bool breaks_behind(const std::string& text, std::size_t hyphen) {
    const auto letter = [&](std::size_t at) { return at < text.size() && is_letter(text[at]); };
    const bool before =
        (hyphen >= 2 && letter(hyphen - 1) && letter(hyphen - 2)) ||
        (hyphen >= 3 && letter(hyphen - 1) && text[hyphen - 2] == '-' && letter(hyphen - 3));
    const bool behind = letter(hyphen + 1) &&
                        (letter(hyphen + 2) || (hyphen + 3 < text.size() &&
                                                text[hyphen + 2] == '-' && letter(hyphen + 3)));
    return before && behind;
}

// Blanks and pieces of words, in turn.
std::vector<std::string> pieces_of(const std::string& text) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        if (is_blank(text[at])) {
            while (end < text.size() && is_blank(text[end])) ++end;
        } else {
            while (end < text.size() && !is_blank(text[end]) &&
                   !(text[end - 1] == '-' && breaks_behind(text, end - 1)))
                ++end;
        }
        pieces.push_back(text.substr(at, end - at));
        at = end;
    }
    return pieces;
}

// How much of a piece that is longer than a line goes on this one.
std::size_t part_of(const std::string& piece, std::size_t room) {
    const std::size_t hyphen = room == 0 ? std::string::npos : piece.rfind('-', room - 1);
    const bool at_hyphen = piece.size() > room && hyphen != std::string::npos && hyphen > 0 &&
                           piece.find_first_not_of('-') < hyphen;
    return at_hyphen ? hyphen + 1 : room;
}

}  // namespace

std::vector<std::string> wrap(const std::string& text, std::size_t width, WrapRules rules) {
    std::vector<std::string> pieces = pieces_of(text);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < pieces.size();) {
        if (!rules.keeps_blanks && !lines.empty() && is_blank(pieces[at].front())) ++at;
        std::string line;
        while (at < pieces.size() && line.size() + pieces[at].size() <= width) line += pieces[at++];
        if (at < pieces.size() && pieces[at].size() > width) {
            if (rules.breaks_words) {
                const std::size_t part = part_of(pieces[at], width - line.size());
                line += pieces[at].substr(0, part);
                pieces[at].erase(0, part);
            } else if (line.empty()) {
                line = pieces[at++];
            }
        }
        if (!rules.keeps_blanks) line.erase(line.find_last_not_of(" \t\n") + 1);
        if (!line.empty()) lines.push_back(line);
    }
    return lines;
}

SamTable::SamTable(Session& session, const std::string& title,
                   const std::vector<std::string>& columns)
    : session_(session) {
    const std::size_t count = columns.size();
    const std::size_t width = std::max(width_min, static_cast<std::size_t>(session.columns));
    usable_ = width - width % count - 1 - margin;
    widths_.assign(count, usable_ / count);
    widths_.back() -= 1;
    session_.out(session_.bold(title) + "\n" + session_.yellow(std::string(usable_, '-')) + "\n");
    print(columns, RowColour::yellow);
    session_.out(session_.yellow(std::string(usable_, '-')) + "\n");
}

void SamTable::print(const std::vector<std::string>& cells, RowColour colour) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        text += (i == 0 ? "" : " ") + cells[i];
        if (cells[i].size() < widths_[i]) text.append(widths_[i] - cells[i].size(), ' ');
    }
    session_.out((colour == RowColour::green ? session_.green(text)
                  : colour == RowColour::red ? session_.red(text)
                                             : session_.yellow(text)) +
                 "\n");
}

void SamTable::row(const std::vector<std::string>& cells, RowColour colour) {
    std::vector<std::vector<std::string>> wrapped;
    std::size_t lines = 0;
    for (const std::string& cell : cells) {
        wrapped.push_back(wrap(cell, widths_.front() - margin));
        lines = std::max(lines, wrapped.back().size());
    }
    for (std::size_t i = 0; i < lines; ++i) {
        std::vector<std::string> parts;
        for (const auto& column : wrapped) parts.push_back(i < column.size() ? column[i] : "");
        print(parts, colour);
    }
}

void SamTable::line(const std::string& text, RowColour colour) {
    for (const std::string& part : wrap(text, usable_ / widths_.size() - margin,
                                        {.keeps_blanks = true, .breaks_words = false}))
        print({part}, colour);
}

void SamTable::end() { session_.out(session_.yellow(std::string(usable_, '-')) + "\n\n"); }

}  // namespace mill::cli
