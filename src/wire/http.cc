// SPDX-License-Identifier: Apache-2.0
// Header fields, and messages as text.
#include "wire/http.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace mill::wire::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equal_names(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    return std::memcmp(a.data(), b.data(), a.size()) == 0 ||
           std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

// The characters of a token, in lower case; 0 for all others.
// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
constexpr std::array<char, 256> token_characters = [] {
    std::array<char, 256> table{};
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = c;
    for (char c = 'a'; c <= 'z'; ++c) {
        table[static_cast<unsigned char>(c)] = c;
        table[static_cast<unsigned char>(c - ('a' - 'A'))] = c;
    }
    for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = c;
    return table;
}();

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_control(unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }

// The first control character but the tab; `end` if there is none.
const char* find_control(const char* at, const char* end) {
#if defined(__SSE2__)
    for (; end - at >= 16; at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
        const __m128i deleted = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
        const int found = _mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, below), deleted));
        if (found != 0) return at + std::countr_zero(static_cast<unsigned>(found));
    }
#endif
    return std::find_if(at, end, is_control);
}

void append_number(std::string& out, std::uint64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

std::string_view reason_of(int status) {
    struct Reason {
        int status;
        std::string_view text;
    };
    // https://www.rfc-editor.org/rfc/rfc9110#section-15
    static constexpr Reason reasons[] = {{100, "Continue"},
                                         {200, "OK"},
                                         {201, "Created"},
                                         {202, "Accepted"},
                                         {204, "No Content"},
                                         {206, "Partial Content"},
                                         {301, "Moved Permanently"},
                                         {302, "Found"},
                                         {303, "See Other"},
                                         {304, "Not Modified"},
                                         {307, "Temporary Redirect"},
                                         {308, "Permanent Redirect"},
                                         {400, "Bad Request"},
                                         {401, "Unauthorized"},
                                         {403, "Forbidden"},
                                         {404, "Not Found"},
                                         {405, "Method Not Allowed"},
                                         {406, "Not Acceptable"},
                                         {408, "Request Timeout"},
                                         {409, "Conflict"},
                                         {410, "Gone"},
                                         {411, "Length Required"},
                                         {412, "Precondition Failed"},
                                         {413, "Payload Too Large"},
                                         {414, "URI Too Long"},
                                         {415, "Unsupported Media Type"},
                                         {416, "Range Not Satisfiable"},
                                         {417, "Expectation Failed"},
                                         {422, "Unprocessable Entity"},
                                         {429, "Too Many Requests"},
                                         {431, "Request Header Fields Too Large"},
                                         {500, "Internal Server Error"},
                                         {501, "Not Implemented"},
                                         {502, "Bad Gateway"},
                                         {503, "Service Unavailable"},
                                         {504, "Gateway Timeout"},
                                         {505, "HTTP Version Not Supported"}};
    const auto at = std::ranges::lower_bound(reasons, status, {}, &Reason::status);
    return at != std::end(reasons) && at->status == status ? at->text : "Unknown Status";
}

bool is_bodiless(int status) { return status == 204 || status == 304 || status / 100 == 1; }

// Fields but those that the framing writes itself.
template <class... Names>
void append_fields(const Headers& headers, std::string& out, Names... written) {
    if (!(headers.contains(written) || ...)) {
        out += headers.lines();
        return;
    }
    for (const auto& [name, value] : headers) {
        if ((equal_names(name, written) || ...)) continue;
        out.append(name).append(": ").append(value).append("\r\n");
    }
}

}  // namespace

Headers::Headers(std::initializer_list<Field> fields) {
    for (const auto& [name, value] : fields) add(name, value);
}

Headers::Field Headers::operator[](std::size_t index) const {
    const Place& p = places_[index];
    return {name_of(p), std::string_view(text_).substr(p.value, p.value_end - p.value)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const Place& p : places_) {
        if (p.name_end - p.name == name.size() && equal_names(name_of(p), name)) {
            return std::string_view(text_).substr(p.value, p.value_end - p.value);
        }
    }
    return std::nullopt;
}

std::string_view Headers::view(std::string_view name) const {
    return find(name).value_or(std::string_view());
}

void Headers::set(std::string_view name, std::string_view value) {
    if (contains(name)) {
        const std::string copy(value);  // may be a view into this
        erase(name);
        add(name, copy);
    } else {
        add(name, value);
    }
}

void Headers::add(std::string_view name, std::string_view value) {
    constexpr std::size_t usual_bytes = 384;
    constexpr std::size_t usual_fields = 8;
    if (places_.empty()) {
        text_.reserve(usual_bytes);
        places_.reserve(usual_fields);
    }
    Place& p = places_.emplace_back();
    p.name = static_cast<std::uint32_t>(text_.size());
    text_ += name;
    p.name_end = static_cast<std::uint32_t>(text_.size());
    text_ += ": ";
    p.value = static_cast<std::uint32_t>(text_.size());
    text_ += value;
    p.value_end = static_cast<std::uint32_t>(text_.size());
    // A value with a line break would start a header of its own.
    if (find_control(value.data(), value.data() + value.size()) != value.data() + value.size()) {
        for (std::size_t i = p.value; i < p.value_end; ++i) {
            if (text_[i] == '\r' || text_[i] == '\n' || text_[i] == '\0') text_[i] = ' ';
        }
    }
    text_ += "\r\n";
}

void Headers::erase(std::string_view name) {
    for (std::size_t i = 0; i < places_.size();) {
        if (!equal_names(name_of(places_[i]), name)) {
            ++i;
            continue;
        }
        const std::uint32_t begin = places_[i].name;
        const auto end =
            i + 1 < places_.size() ? places_[i + 1].name : static_cast<std::uint32_t>(text_.size());
        text_.erase(begin, end - begin);
        places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(i));
        for (std::size_t later = i; later < places_.size(); ++later) {
            Place& p = places_[later];
            for (std::uint32_t* at : {&p.name, &p.name_end, &p.value, &p.value_end}) {
                *at -= end - begin;
            }
        }
    }
}

Result<void> Headers::assign_lines(std::string_view lines) {
    constexpr std::size_t usual_fields = 12;
    text_.assign(lines);
    places_.clear();
    places_.reserve(usual_fields);
    char* const begin = text_.data();
    char* const end = begin + text_.size();
    const auto position = [begin](const char* at) {
        return static_cast<std::uint32_t>(at - begin);
    };
    for (char* at = begin; at < end;) {
        char* const name = at;
        while (const char c = token_characters[static_cast<unsigned char>(*at)]) *at++ = c;
        if (at == name || *at != ':') {
            return fail("http.malformed", "a header's name is not a token followed by a colon");
        }
        char* const name_end = at++;
        char* const line_end = begin + (find_control(at, end) - begin);
        if (end - line_end < 2 || *line_end != '\r' || line_end[1] != '\n') {
            return fail("http.malformed", line_end != end && *line_end != '\r'
                                              ? "a header's value has a control character"
                                              : "a header's line does not end with CR LF");
        }
        char* value_end = line_end;
        while (at < value_end && is_blank(*at)) ++at;
        while (at < value_end && is_blank(value_end[-1])) --value_end;
        places_.push_back({position(name), position(name_end), position(at), position(value_end)});
        at = line_end + 2;
    }
    return {};
}

std::string_view Request::path() const {
    const std::string_view whole = target;
    return whole.substr(0, whole.find('?'));
}

std::string_view Request::query() const {
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view()
                                     : std::string_view(target).substr(mark + 1);
}

std::string serialize(const Request& request) {
    std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
    append_fields(request.headers, out, std::string_view("content-length"));
    const bool bodiless =
        request.method == "GET" || request.method == "HEAD" || request.method == "DELETE";
    if (!bodiless || !request.body.empty()) {
        out += "Content-Length: ";
        append_number(out, request.body.size());
        out += "\r\n";
    }
    if (!request.keep_alive) out += "Connection: close\r\n";
    return out + "\r\n" + request.body;
}

void serialize_head(const Response& response, bool keep_alive, std::string& out) {
    out.clear();
    if (response.status == 200) {
        out += "HTTP/1.1 200 OK\r\n";
    } else {
        out += "HTTP/1.1 ";
        append_number(out, static_cast<std::uint64_t>(response.status));
        out.append(" ").append(reason_of(response.status)).append("\r\n");
    }
    append_fields(response.headers, out, std::string_view("content-length"),
                  std::string_view("connection"));
    if (response.stream && !response.content_length) {
        out += "Transfer-Encoding: chunked\r\n";
    } else if (!is_bodiless(response.status)) {
        out += "Content-Length: ";
        append_number(out, response.content_length.value_or(response.body.size()));
        out += "\r\n";
    }
    out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

BytesView body_to_send(const Response& response) {
    return is_bodiless(response.status) ? BytesView() : BytesView(response.body);
}

// The size has a fixed width, so that the data need not be moved behind it; zeros may lead.
constexpr std::size_t chunk_size_digits = 8;

std::size_t begin_chunk(std::string& out) {
    out.append(chunk_size_digits, '0').append("\r\n");
    return out.size();
}

void end_chunk(std::string& out, std::size_t begun) {
    char* const line_end = out.data() + begun - 2;
    char digits[chunk_size_digits];
    const char* end = std::to_chars(digits, digits + sizeof digits, out.size() - begun, 16).ptr;
    std::copy(static_cast<const char*>(digits), end, line_end - (end - digits));
    out += "\r\n";
}

std::string serialize(const Response& response, bool keep_alive) {
    std::string out;
    serialize_head(response, keep_alive, out);
    out += body_to_send(response);
    return out;
}

}  // namespace mill::wire::http
