// Rounding to the number formats of the device.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simulator {

enum class Rounding { none, float16, hf32 };

/** IEEE 754 binary16, round to nearest even; what is too large becomes infinite. */
std::uint16_t toFloat16(float value);
float fromFloat16(std::uint16_t bits);

/** HF32: a float32 with 10 explicit bits of mantissa instead of 23, round to nearest even. */
float roundToHf32(float value);

/** Rounds floats in place. They need not be aligned. */
void roundFloats(void *floats, std::size_t count, Rounding rounding);

/** Multiplies floats in place. They need not be aligned. */
void scaleFloats(void *floats, std::size_t count, float factor);

}  // namespace simulator
