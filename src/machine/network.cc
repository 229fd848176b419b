// SPDX-License-Identifier: Apache-2.0
#include "machine/network.h"

#include <charconv>

namespace mill::machine {

std::string Endpoint::text() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Endpoint> parse_endpoint(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const auto bad = [&] {
        return fail("net.endpoint", "'" + text + "' is not HOST:PORT, such as 127.0.0.1:4566");
    };
    if (colon == std::string::npos) return bad();
    std::string host = text.substr(0, colon);
    const std::string port_text = text.substr(colon + 1);
    unsigned short port = 0;
    const auto [end, error] =
        std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    if (error != std::errc() || end != port_text.data() + port_text.size()) return bad();
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) host = "127.0.0.1";
    if (host == "localhost") host = "127.0.0.1";
    return Endpoint{host, port};
}

}  // namespace mill::machine
