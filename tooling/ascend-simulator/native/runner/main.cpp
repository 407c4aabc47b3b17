// run-model <offline model> <input> <output> [batch]: one execution with everything that belongs to it, from a file
// with the values of the first input to one with those of all outputs. Ends at the first call that fails, leaving all
// as it is.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "ascendcl.h"

namespace {

constexpr std::int32_t patienceMilliseconds = 2000;

void check(const char *call, aclError code) {
  if (code == 0) return;
  const char *message = aclGetRecentErrMsg();
  std::printf("%s: %d %s\n", call, code, message == nullptr ? "" : message);
  std::exit(1);
}

#define CHECK(call) check(#call, call)

std::vector<char> readFile(const char *path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Tensor {
  void *address = nullptr;
  std::size_t size = 0;
  aclDataBuffer *buffer = nullptr;
};

Tensor addTensor(aclmdlDataset *dataset, std::size_t size) {
  Tensor tensor;
  tensor.size = size;
  CHECK(aclrtMalloc(&tensor.address, size, 0));
  tensor.buffer = aclCreateDataBuffer(tensor.address, size);
  CHECK(aclmdlAddDatasetBuffer(dataset, tensor.buffer));
  return tensor;
}

std::size_t currentBytes(const aclmdlDesc *description, std::size_t output) {
  aclmdlIODims dims;
  CHECK(aclmdlGetCurOutputDims(description, output, &dims));
  std::size_t bytes = aclDataTypeSize(aclmdlGetOutputDataType(description, output));
  for (std::size_t index = 0; index < dims.dimCount; ++index) bytes *= static_cast<std::size_t>(dims.dims[index]);
  return bytes;
}

void release(aclmdlDataset *dataset, const std::vector<Tensor> &tensors) {
  CHECK(aclmdlDestroyDataset(dataset));
  for (const Tensor &tensor : tensors) {
    CHECK(aclDestroyDataBuffer(tensor.buffer));
    CHECK(aclrtFree(tensor.address));
  }
}

}  // namespace

int main(int count, char **words) {
  if (count < 4) return 2;
  std::vector<char> values = readFile(words[2]);
  std::ofstream result(words[3], std::ios::binary);

  CHECK(aclInit(nullptr));
  CHECK(aclrtSetDevice(0));
  aclrtStream stream = nullptr;
  CHECK(aclrtCreateStream(&stream));
  std::uint32_t model = 0;
  CHECK(aclmdlLoadFromFile(words[1], &model));
  aclmdlDesc *description = aclmdlCreateDesc();
  CHECK(aclmdlGetDesc(description, model));
  aclmdlDataset *input = aclmdlCreateDataset();
  aclmdlDataset *output = aclmdlCreateDataset();
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  for (std::size_t index = 0; index < aclmdlGetNumInputs(description); ++index) {
    inputs.push_back(addTensor(input, aclmdlGetInputSizeByIndex(description, index)));
  }
  for (std::size_t index = 0; index < aclmdlGetNumOutputs(description); ++index) {
    outputs.push_back(addTensor(output, aclmdlGetOutputSizeByIndex(description, index)));
  }
  CHECK(aclrtMemcpy(inputs[0].address, inputs[0].size, values.data(), values.size(), ACL_MEMCPY_HOST_TO_DEVICE));
  if (count > 4) CHECK(aclmdlSetDynamicBatchSize(model, input, inputs.size() - 1, std::stoull(words[4])));
  CHECK(aclmdlExecuteAsync(model, input, output, stream));
  CHECK(aclrtSynchronizeStreamWithTimeout(stream, patienceMilliseconds));
  for (std::size_t index = 0; index < outputs.size(); ++index) {
    std::vector<char> bytes(currentBytes(description, index));
    CHECK(aclrtMemcpy(bytes.data(), bytes.size(), outputs[index].address, bytes.size(), ACL_MEMCPY_DEVICE_TO_HOST));
    result.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  release(input, inputs);
  release(output, outputs);
  CHECK(aclmdlDestroyDesc(description));
  CHECK(aclmdlUnload(model));
  CHECK(aclrtDestroyStream(stream));
  CHECK(aclrtResetDevice(0));
  CHECK(aclFinalize());
}
