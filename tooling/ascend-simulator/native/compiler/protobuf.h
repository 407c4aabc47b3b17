// The wire format of Protocol Buffers, as far as ONNX needs it: fields are read in place and can be copied unread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

struct ProtobufField {
  std::uint32_t number;
  /** Of a varint or a fixed number; 0 for bytes. */
  std::uint64_t value;
  /** Of a string, bytes or a message. */
  std::string_view bytes;
  /** The whole field, tag included. */
  std::string_view encoded;
};

/**
 * Calls `visit` for every field of a message, in order.
 * @throws std::runtime_error for bytes that are no message
 */
void forEachField(std::string_view message, const std::function<void(const ProtobufField &)> &visit);

/** The numbers of a repeated integer field in either encoding, packed or not. */
void appendIntegers(const ProtobufField &field, std::vector<std::int64_t> &numbers);

void writeInteger(std::string &message, std::uint32_t number, std::uint64_t value);
void writeBytes(std::string &message, std::uint32_t number, std::string_view bytes);

}  // namespace simulator
