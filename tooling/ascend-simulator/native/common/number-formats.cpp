#include "number-formats.h"

#include <cmath>
#include <cstring>

namespace simulator {

namespace {

std::uint32_t bitsOf(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float floatOf(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

float rounded(float value, Rounding rounding) {
  switch (rounding) {
    case Rounding::float16: return fromFloat16(toFloat16(value));
    case Rounding::hf32: return roundToHf32(value);
    case Rounding::none: break;
  }
  return value;
}

/** Replaces floats, which need not be aligned. */
template <typename Change>
void changeFloats(void *floats, std::size_t count, Change change) {
  auto *bytes = static_cast<unsigned char *>(floats);
  for (std::size_t index = 0; index < count; ++index, bytes += sizeof(float)) {
    float value;
    std::memcpy(&value, bytes, sizeof value);
    value = change(value);
    std::memcpy(bytes, &value, sizeof value);
  }
}

}  // namespace

std::uint16_t toFloat16(float value) {
  const std::uint32_t bits = bitsOf(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
  const std::uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 lies half-way between the largest float16 and the next power of two.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: multiples of 2^-24. The product is exact, and nearbyint rounds to even.
    const float multiples = std::nearbyint(floatOf(magnitude) * 16777216.0F);
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(multiples));
  }
  const std::uint32_t even = (magnitude >> 13) & 1;
  return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000 + 0xfff + even) >> 13));
}

float fromFloat16(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t magnitude = bits & 0x7fff;
  if (magnitude >= 0x7c00) return floatOf(sign | 0x7f800000 | (magnitude << 13));
  if (magnitude < 0x400) return floatOf(sign | bitsOf(static_cast<float>(magnitude) / 16777216.0F));
  return floatOf(sign | ((magnitude << 13) + 0x38000000));
}

float roundToHf32(float value) {
  const std::uint32_t bits = bitsOf(value);
  if ((bits & 0x7f800000) == 0x7f800000) return value;
  const std::uint32_t even = (bits >> 13) & 1;
  return floatOf((bits + 0xfff + even) & ~0x1fffU);
}

void roundFloats(void *floats, std::size_t count, Rounding rounding) {
  if (rounding == Rounding::none) return;
  changeFloats(floats, count, [&](float value) { return rounded(value, rounding); });
}

void scaleFloats(void *floats, std::size_t count, float factor) {
  changeFloats(floats, count, [&](float value) { return value * factor; });
}

}  // namespace simulator
