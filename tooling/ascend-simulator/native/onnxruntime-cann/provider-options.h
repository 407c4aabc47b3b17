// OrtCANNProviderOptions, and how the provider reads its options.
#pragma once

#include <optional>
#include <string>

namespace simulator {

struct ProviderOptions {
  int device = 0;
  bool cannGraph = true;
  bool dumpsOfflineModels = false;
  /** Empty: CANN's own default, which is float16. */
  std::string precision;
};

/**
 * Reads options as one generation of the provider does: the environment says which. Every call begins with the defaults, so what it does
 * not name is lost.
 * @return what is wrong with them, in the words of ONNX Runtime
 */
std::optional<std::string> readProviderOptions(const char *const *keys, const char *const *values,
                                               std::size_t count, ProviderOptions &options);

}  // namespace simulator
