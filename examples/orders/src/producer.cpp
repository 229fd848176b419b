// Makes a sample product order and puts it on the stream.
#include <millrace/kinesis.h>
#include <millrace/lambda.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <random>

using millrace::json;

struct Product {
    const char* name;
    double price;
};
constexpr std::array<Product, 5> products{
    {{"Laptop", 1200}, {"Monitor", 340}, {"Keyboard", 75}, {"Mouse", 25}, {"Desk", 410}}};

json make_order(const json& event, const millrace::Context& context) {
    static std::mt19937 random(std::random_device{}());
    const Product& product = products[random() % products.size()];
    const int quantity = event.value("quantity", static_cast<int>(1 + random() % 5));
    return {{"orderId", context.request_id},
            {"product", event.value("product", product.name)},
            {"quantity", quantity},
            {"price", product.price},
            {"total", quantity * product.price}};
}

json produce(const json& event, const millrace::Context& context) {
    static millrace::Kinesis kinesis;
    const json order = make_order(event, context);
    const auto put = kinesis.put_record(std::getenv("STREAM_NAME"), order["product"], order.dump());
    std::cout << "Order sent: " << order.dump() << std::endl;
    return {{"statusCode", 200},
            {"order", order},
            {"shardId", put.shard_id},
            {"sequenceNumber", put.sequence_number}};
}

int main() { return millrace::run(produce); }
