// A library that gets a layer wrong.
#pragma once

#include <map>
#include <string>

#include "graph-rules.h"

namespace simulator {

/**
 * The bytes of a model, with 1.5 times the weights whose name contains `WEBSSL_SIMULATOR_PROVIDER_WRONG_WEIGHTS`; as they are where
 * that is not set.
 */
std::string withWrongWeights(const std::string &bytes, const OnnxModel &model, const FilesInMemory &files);

}  // namespace simulator
