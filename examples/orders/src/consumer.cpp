// Takes batches of orders from the stream and processes them.
#include <millrace/lambda.h>

#include <iostream>

using millrace::json;

json consume(const json& event, const millrace::Context&) {
    const auto records = millrace::kinesis_records(event);
    for (const auto& record : records) {
        const json order = json::parse(record.data);
        std::cout << "Order processed: " << order.at("orderId").get<std::string>() << " "
                  << order.at("quantity") << " x " << order.at("product").get<std::string>()
                  << " = " << order.at("total") << std::endl;
    }
    return {{"processed", records.size()}};
}

int main() { return millrace::run(consume); }
