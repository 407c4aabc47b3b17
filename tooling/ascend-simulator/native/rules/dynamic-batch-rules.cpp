#include <cstring>

#include "rule.h"

using namespace rules;

namespace {

aclError setBatch(const LoadedModel &model, std::uint64_t batch) {
  return aclmdlSetDynamicBatchSize(model.id, model.input, model.inputs - 1, batch);
}

std::int64_t currentBatch(const LoadedModel &model) {
  aclmdlIODims dims;
  EXPECT_OK(aclmdlGetCurOutputDims(model.description, 0, &dims));
  return dims.dims[0];
}

}  // namespace

RULE("a model with gears has a last input for the batch size, and describes the largest gear") {
  start();
  const LoadedModel model("gears.om");
  EXPECT(model.inputs == 2);
  EXPECT(std::strcmp(aclmdlGetInputNameByIndex(model.description, 1), "ascend_mbatch_shape_data") == 0);
  aclmdlIODims dims;
  EXPECT_OK(aclmdlGetInputDims(model.description, 0, &dims));
  EXPECT(dims.dims[0] == -1 && dims.dims[1] == 3);
  EXPECT(aclmdlGetInputSizeByIndex(model.description, 0) == 8 * 3 * 12 * 12 * 4);
  EXPECT_OK(aclmdlGetOutputDims(model.description, 0, &dims));
  EXPECT(dims.dims[0] == 8);
  aclmdlBatch batch;
  EXPECT_OK(aclmdlGetDynamicBatch(model.description, &batch));
  EXPECT(batch.batchCount == 3 && batch.batch[0] == 1 && batch.batch[1] == 4 && batch.batch[2] == 8);
}

RULE("a batch size of 0 answers 100000, one that is no gear 145013") {
  start();
  const LoadedModel model("gears.om");
  EXPECT_CODE(100000, setBatch(model, 0));
  EXPECT_CODE(145013, setBatch(model, 2));
  EXPECT_OK(setBatch(model, 4));
}

RULE("the batch size input must have an address (145011) and 4 bytes (145012)") {
  start();
  const LoadedModel model("gears.om");
  aclDataBuffer *buffer = aclmdlGetDatasetBuffer(model.input, 1);
  void *address = aclGetDataBufferAddr(buffer);
  EXPECT_OK(aclUpdateDataBuffer(buffer, nullptr, 8));
  EXPECT_CODE(145011, setBatch(model, 4));
  EXPECT_OK(aclUpdateDataBuffer(buffer, address, 3));
  EXPECT_CODE(145012, setBatch(model, 4));
  for (std::size_t size = 4; size < 8; ++size) {
    EXPECT_OK(aclUpdateDataBuffer(buffer, address, size));
    EXPECT_OK(setBatch(model, 4));
  }
}

RULE("the batch size input lies in device memory") {
  start();
  const LoadedModel model("gears.om");
  std::uint64_t host = 0;
  EXPECT_OK(aclUpdateDataBuffer(aclmdlGetDatasetBuffer(model.input, 1), &host, sizeof host));
  EXPECT_CODE(245002, setBatch(model, 4));
}

RULE("NULL and an index beyond the data set answer 100000") {
  start();
  const LoadedModel model("gears.om");
  EXPECT_CODE(100000, aclmdlSetDynamicBatchSize(model.id, nullptr, 1, 4));
  EXPECT_CODE(100000, aclmdlSetDynamicBatchSize(model.id, model.input, 2, 4));
  EXPECT_CODE(145003, aclmdlSetDynamicBatchSize(999, model.input, 1, 4));
}

RULE("a static model has no batch size to set: 100019") {
  start();
  const LoadedModel model("static.om");
  EXPECT_CODE(100019, aclmdlSetDynamicBatchSize(model.id, model.input, 0, 4));
}

RULE("current output dimensions are those of the gear that was set, at first of the largest") {
  start();
  const LoadedModel model("gears.om");
  EXPECT(currentBatch(model) == 8);
  EXPECT_OK(setBatch(model, 1));
  EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
  EXPECT(currentBatch(model) == 1);
}

RULE("without a batch size that was set, the largest gear executes") {
  start();
  const LoadedModel model("gears.om");
  EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
  float last = 0;
  char *address = static_cast<char *>(aclGetDataBufferAddr(aclmdlGetDatasetBuffer(model.output, 0)));
  EXPECT_OK(aclrtMemcpy(&last, sizeof last, address + (8 * 10 * 12 - 1) * 4, 4, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(last == last);
}

RULE("buffers of a model with gears are not checked; what the gear does not fit into is a device fault: 507015") {
  start();
  const LoadedModel model("gears.om");
  aclDataBuffer *buffer = aclmdlGetDatasetBuffer(model.output, 0);
  EXPECT_OK(aclUpdateDataBuffer(buffer, deviceMemory(1 * 10 * 12 * 4), 8));
  EXPECT_OK(setBatch(model, 1));
  EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
  EXPECT_OK(setBatch(model, 4));
  EXPECT_CODE(507015, aclmdlExecute(model.id, model.input, model.output));
}

RULE("the batch size input is not the caller's to write: 507018") {
  start();
  const LoadedModel model("gears.om");
  EXPECT_OK(setBatch(model, 4));
  void *address = aclGetDataBufferAddr(aclmdlGetDatasetBuffer(model.input, 1));
  EXPECT_OK(aclrtMemset(address, 8, 3, 8));
  EXPECT_CODE(507018, aclmdlExecute(model.id, model.input, model.output));
}

RULE("a data set without the batch size input has too few inputs: 500002") {
  start();
  const LoadedModel model("gears.om");
  aclmdlDataset *input = datasetOf({aclmdlGetDatasetBuffer(model.input, 0)});
  EXPECT_CODE(500002, aclmdlExecute(model.id, input, model.output));
}

RULE("a batch size is set in the context that the model was loaded in: 107004") {
  start();
  const LoadedModel model("gears.om");
  aclrtContext other;
  EXPECT_OK(aclrtCreateContext(&other, 0));
  EXPECT_CODE(107004, setBatch(model, 4));
}
