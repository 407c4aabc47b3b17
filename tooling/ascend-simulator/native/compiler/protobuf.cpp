#include "protobuf.h"

#include <stdexcept>

namespace simulator {

namespace {

enum WireType : std::uint32_t { varint = 0, fixed64 = 1, lengthDelimited = 2, fixed32 = 5 };

std::string_view take(std::string_view &bytes, std::uint64_t count) {
  if (count > bytes.size()) throw std::runtime_error("it ends in the middle of a field");
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return taken;
}

std::uint64_t takeVarint(std::string_view &bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(bytes, 1).front());
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  throw std::runtime_error("a number in it is longer than 64 bits");
}

std::uint64_t takeFixed(std::string_view &bytes, unsigned size) {
  const std::string_view taken = take(bytes, size);
  std::uint64_t value = 0;
  for (unsigned index = 0; index < size; ++index) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(taken[index])) << (8 * index);
  }
  return value;
}

void writeVarint(std::string &message, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) message.push_back(static_cast<char>((value & 0x7f) | 0x80));
  message.push_back(static_cast<char>(value));
}

}  // namespace

void forEachField(std::string_view message, const std::function<void(const ProtobufField &)> &visit) {
  while (!message.empty()) {
    const std::string_view start = message;
    const std::uint64_t tag = takeVarint(message);
    ProtobufField field{static_cast<std::uint32_t>(tag >> 3), 0, {}, {}};
    switch (tag & 7) {
      case varint: field.value = takeVarint(message); break;
      case fixed64: field.value = takeFixed(message, 8); break;
      case fixed32: field.value = takeFixed(message, 4); break;
      case lengthDelimited: field.bytes = take(message, takeVarint(message)); break;
      default: throw std::runtime_error("it has a field of an unknown kind");
    }
    if (field.number == 0) throw std::runtime_error("it has a field with the number 0");
    field.encoded = start.substr(0, start.size() - message.size());
    visit(field);
  }
}

void appendIntegers(const ProtobufField &field, std::vector<std::int64_t> &numbers) {
  if (field.bytes.data() == nullptr) {
    numbers.push_back(static_cast<std::int64_t>(field.value));
    return;
  }
  std::string_view packed = field.bytes;
  while (!packed.empty()) numbers.push_back(static_cast<std::int64_t>(takeVarint(packed)));
}

void writeInteger(std::string &message, std::uint32_t number, std::uint64_t value) {
  writeVarint(message, (number << 3) | varint);
  writeVarint(message, value);
}

void writeBytes(std::string &message, std::uint32_t number, std::string_view bytes) {
  writeVarint(message, (number << 3) | lengthDelimited);
  writeVarint(message, bytes.size());
  message.append(bytes);
}

}  // namespace simulator
