// SPDX-License-Identifier: Apache-2.0
// What a request claims of its signature: any Authorization header or query is read or refused, and
// what we sign states the scope that we signed for.
#include "wire/sigv4.h"

#include <algorithm>

#include "fuzz.h"

namespace mill::wire {
namespace {

bool is_token(std::string_view text, std::string_view refused) {
    const bool is_printable = std::ranges::all_of(text, [](unsigned char c) { return c >= ' '; });
    return is_printable && !text.empty() && text.find_first_of(refused) == std::string_view::npos;
}

void read(fuzz::Input input) {
    http::Request request{.method = "GET", .target = "/?" + std::string(input.text())};
    if (input.flag()) request.headers.set("authorization", std::string(input.rest()));
    const auto scope = credential_scope(request);
    MILL_ASSERT(!scope || (!scope->access_key.empty() && !scope->service.empty()));
}

void write(fuzz::Input input) {
    const Credentials credentials{std::string(input.take(20)), std::string(input.take(40)),
                                  std::string(input.take(input.number<std::uint8_t>()))};
    const std::string region(input.take(9)), service(input.take(8));
    http::Request request{.method = "POST", .target = std::string(input.text())};
    request.headers.set(input.text(), std::string(input.text()));
    request.headers.set("host", "localhost");
    request.body = input.rest();
    sign(request, credentials, region, service, from_epoch_ms(1'700'000'000'000));
    if (!is_token(credentials.access_key, ", ") || !is_token(region, "/, ") ||
        !is_token(service, "/, "))
        return;
    const auto scope = credential_scope(request);
    MILL_ASSERT(scope && scope->access_key == credentials.access_key);
    MILL_ASSERT(scope->region == region && scope->service == service && scope->date == "20231114");
}

}  // namespace
}  // namespace mill::wire

void mill::fuzz::run(std::string_view bytes) {
    mill::wire::read(bytes);
    mill::wire::write(bytes);
}
