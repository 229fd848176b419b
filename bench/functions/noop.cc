// SPDX-License-Identifier: Apache-2.0
// Answers at once: what is left is the cost of Invoke.
#include <millrace/lambda.h>

int main() {
    return millrace::run([](const millrace::json&, const millrace::Context&) -> millrace::json {
        return {{"ok", true}};
    });
}
