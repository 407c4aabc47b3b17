// The graph engine: graphs become offline models, one for each input shape, kept as files in the working folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "../common/number-formats.h"

namespace simulator {

/** What a session knows of its graph. */
struct CannGraph {
  std::uint64_t nameHash;
  std::uint64_t modelHash;
  std::uint64_t messageBytes;
  bool hasEveryWeight;
  bool dumpsOfflineModels;
  std::string precision;
};

struct OfflineModelFor {
  Rounding rounding;
  /** The file was one of another model. */
  bool isAnother;
};

/** The offline model of a shape, from a file in the working folder or else compiled; or what went wrong. */
std::variant<OfflineModelFor, std::string> offlineModelFor(const CannGraph &graph, const std::string &shape);

}  // namespace simulator
