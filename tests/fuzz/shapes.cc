// SPDX-License-Identifier: Apache-2.0
// Requests of every protocol into a shape that has a member of every kind in every place: an input
// or an error that is the client's. What was taken is written as JSON, and read and written again
// is the same.
#include "fuzz.h"
#include "wire/protocol.h"

namespace mill::wire {
namespace {

struct Inner {
    std::optional<std::string> text;
    std::optional<Blob> blob;
    std::optional<std::vector<Inner>> inners;
    std::optional<std::map<std::string, std::int64_t>> numbers;

    static constexpr auto shape() {
        return structure("Inner", member<&Inner::text>("Text").pattern("[a-z]+").length(1, 8),
                         member<&Inner::blob>("Blob").length(0, 16),
                         member<&Inner::inners>("Inners").length(0, 3),
                         member<&Inner::numbers>("Numbers").length(0, 4));
    }
};

struct Everything {
    std::optional<std::string> name;
    std::optional<std::string> label;
    std::optional<std::string> header;
    std::optional<std::map<std::string, std::string>> headers;
    std::optional<std::vector<std::string>> queries;
    std::optional<std::int64_t> number;
    std::optional<double> real;
    std::optional<bool> flag;
    std::optional<WallTime> time;
    std::optional<Value> document;
    std::optional<Inner> inner;
    std::optional<std::vector<std::string>> texts;
    std::optional<std::map<std::string, Inner>> map;

    static constexpr std::string_view names[] = {"a", "b"};
    static constexpr auto shape() {
        using I = Everything;
        return structure(
            "Everything", member<&I::name>("Name").required().one_of(names),
            member<&I::label>("Label").uri(), member<&I::header>("Header").header("x-header"),
            member<&I::headers>("Headers").header("x-meta-"),
            member<&I::queries>("Queries").query("q"), member<&I::number>("Number").range(-5, 100),
            member<&I::real>("Real"), member<&I::flag>("Flag"), member<&I::time>("Time"),
            member<&I::document>("Document"), member<&I::inner>("Inner"),
            member<&I::texts>("Texts").item_length(1, 4), member<&I::map>("Map"),
            refused("Refused", "Leave it out."));
    }
};

struct Upload {
    std::optional<std::string> label;
    std::optional<Inner> body;

    static constexpr auto shape() {
        return structure("Upload", member<&Upload::label>("Label").uri(),
                         member<&Upload::body>("Body").payload());
    }
};

template <class T>
std::string written(const T& object) {
    return to_json(structure_of<T>(), &object);
}

template <class T>
void read(Protocol protocol, http::Request request) {
    const Operation operation{
        .name = "Op", .http = {.path = "/op/{Label}"}, .input = &structure_of<T>()};
    const Operation* const operations[] = {&operation};
    const Service service{.signing_name = "s", .protocol = protocol, .operations = operations};
    auto route = match_route(service, request);
    if (!route) route = Route{&operation, {}};
    JsonReader reader;
    auto input = read_input(service, *route, request, reader);
    MILL_ASSERT(input || input.error().status == 400);
    if (!input) return;
    T object;
    const auto decoded = input->decode(structure_of<T>(), &object);
    MILL_ASSERT(decoded || decoded.error().status == 400);
    if (!decoded) return;
    const auto checked = check(structure_of<T>(), &object);
    MILL_ASSERT(checked || checked.error().status == 400);
    // Members outside the body are not written, and bytes that are no UTF-8 are written as U+FFFD.
    const std::string once = written(object);
    const auto again = from_json<T>(once);
    MILL_ASSERT(again);
    const std::string twice = written(*again);
    const auto last = from_json<T>(twice);
    MILL_ASSERT(last && written(*last) == twice);
}

}  // namespace
}  // namespace mill::wire

void mill::fuzz::run(std::string_view bytes) {
    Input input(bytes);
    const auto protocol = static_cast<wire::Protocol>(input.below(4));
    const bool is_upload = input.flag();
    wire::http::Request request{.method = "POST", .target = std::string(input.until('\n'))};
    request.headers.set("content-type", "application/x-www-form-urlencoded");
    request.headers.set("x-header", std::string(input.until('\n')));
    request.headers.set("X-Meta-" + std::string(input.until('\n')), "value");
    request.body = input.rest();
    if (is_upload && protocol != wire::Protocol::aws_json)
        wire::read<wire::Upload>(protocol, std::move(request));
    else
        wire::read<wire::Everything>(protocol, std::move(request));
}
