// The function table of the ONNX Runtime that computes, and the places in it that matter here (onnxruntime_c_api.h, version 18).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace simulator::runtime {

/** OrtStatus*, null for success. */
using Status = void *;

constexpr std::uint32_t tableVersion = 18;
constexpr std::size_t tableLength = 280;

enum Slot : std::size_t {
  createStatus = 0,
  createSessionFromPath = 7,
  createSessionFromArray = 8,
  run = 9,
  setGraphOptimizationLevel = 23,
  getTensorMutableData = 51,
  getDimensionsCount = 61,
  getDimensions = 62,
  getTensorTypeAndShape = 65,
  releaseSession = 95,
  releaseTensorTypeAndShapeInfo = 99,
  releaseSessionOptions = 100,
  getAvailableProviders = 125,
  releaseAvailableProviders = 126,
  addSessionConfigEntry = 130,
  appendCannProvider = 220,
  createCannOptions = 221,
  updateCannOptions = 222,
  cannOptionsAsString = 223,
  releaseCannOptions = 224,
  getBuildInfo = 254,
  addExternalInitializersFromFilesInMemory = 279,
};

/** OrtApiBase. */
struct ApiBase {
  const void *const *(*getApi)(std::uint32_t version);
  const char *(*getVersionString)();
};

/** The base of the stock library, loaded on first use; ends the process where that fails. */
const ApiBase &stockBase();

/** The stock library's table. */
const void *const *stockTable();

template <typename Function>
Function stock(Slot slot) {
  return reinterpret_cast<Function>(const_cast<void *>(stockTable()[slot]));
}

/** ORT_FAIL, ORT_NOT_IMPLEMENTED. */
enum Code : int { fail = 1, notImplemented = 9 };

Status makeStatus(Code code, const std::string &message);

}  // namespace simulator::runtime
