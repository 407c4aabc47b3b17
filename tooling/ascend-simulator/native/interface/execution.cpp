// Data sets and execution.
#include "execution.h"

#include "answer.h"
#include "datasets.h"
#include "error-codes.h"

using namespace simulator;

aclmdlDataset *aclmdlCreateDataset() {
  return answerValue<aclmdlDataset *>("aclmdlCreateDataset", nullptr, [] { return createDataset(); });
}

aclError aclmdlDestroyDataset(const aclmdlDataset *dataset) {
  return answerRelease("aclmdlDestroyDataset", [&] { destroyDataset(dataset); });
}

aclError aclmdlAddDatasetBuffer(aclmdlDataset *dataset, aclDataBuffer *buffer) {
  return answer("aclmdlAddDatasetBuffer", [&] { addBuffer(dataset, buffer); });
}

std::size_t aclmdlGetDatasetNumBuffers(const aclmdlDataset *dataset) {
  return answerValue<std::size_t>("aclmdlGetDatasetNumBuffers", 0, [&] { return buffersOf(dataset).size(); });
}

aclDataBuffer *aclmdlGetDatasetBuffer(const aclmdlDataset *dataset, std::size_t index) {
  return answerValue<aclDataBuffer *>("aclmdlGetDatasetBuffer", nullptr, [&] {
    const auto buffers = buffersOf(dataset);
    if (index >= buffers.size()) throw Refusal(code::invalidParameter, "The data set has no such buffer.");
    return buffers[index];
  });
}

aclError aclmdlSetDynamicBatchSize(std::uint32_t model, aclmdlDataset *dataset, std::size_t index,
                                   std::uint64_t batchSize) {
  return answer("aclmdlSetDynamicBatchSize", [&] { setDynamicBatchSize(model, dataset, index, batchSize); });
}

aclError aclmdlExecute(std::uint32_t model, const aclmdlDataset *input, aclmdlDataset *output) {
  return answer("aclmdlExecute", [&] { executeNow(model, input, output, nullptr); });
}

aclError aclmdlExecuteAsync(std::uint32_t model, const aclmdlDataset *input, aclmdlDataset *output,
                            aclrtStream stream) {
  return answer("aclmdlExecuteAsync", [&] { executeLater(model, input, output, stream); });
}

aclError aclmdlExecuteV2(std::uint32_t model, const aclmdlDataset *input, aclmdlDataset *output, aclrtStream stream,
                         const aclmdlExecConfigHandle *) {
  return answer("aclmdlExecuteV2", [&] { executeNow(model, input, output, stream); });
}
