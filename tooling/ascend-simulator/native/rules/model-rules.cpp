#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "rule.h"

using namespace rules;

namespace {

std::string readFile(const char *name) {
  std::ifstream file(prepared(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

aclError load(const std::string &bytes) {
  std::uint32_t id = 0;
  return aclmdlLoadFromMem(bytes.data(), bytes.size(), &id);
}

std::size_t freeBytes() {
  std::size_t free = 0;
  std::size_t total = 0;
  EXPECT_OK(aclrtGetMemInfo(ACL_HBM_MEM, &free, &total));
  return free;
}

}  // namespace

RULE("a model that is not there or is a folder answers 145002") {
  start();
  std::uint32_t id;
  EXPECT_CODE(145002, aclmdlLoadFromFile(prepared("missing.om").c_str(), &id));
  EXPECT_CODE(145002, aclmdlLoadFromFile(prepared("").c_str(), &id));
}

RULE("a model with the wrong magic, length or less than a header answers 145006") {
  start();
  const std::string good = readFile("static.om");
  EXPECT_OK(load(good));
  std::string magic = good;
  magic[0] = 'X';
  EXPECT_CODE(145006, load(magic));
  EXPECT_CODE(145006, load(good.substr(0, good.size() - 1)));
  EXPECT_CODE(145006, load(good + "x"));
  EXPECT_CODE(145006, load(good.substr(0, 255)));
  EXPECT_CODE(100000, load(""));
}

RULE("a model for another SoC is refused: 507008") {
  configure("SOC", "Ascend310P3");
  start();
  std::uint32_t id;
  EXPECT_CODE(507008, aclmdlLoadFromFile(prepared("static.om").c_str(), &id));
}

RULE("an unknown model id answers 145003") {
  start();
  LoadedModel model("static.om");
  EXPECT_CODE(145003, aclmdlGetDesc(model.description, 999));
  EXPECT_CODE(145003, aclmdlExecute(999, model.input, model.output));
  EXPECT_CODE(145003, aclmdlUnload(999));
  EXPECT_OK(aclmdlUnload(model.id));
  EXPECT_CODE(145003, aclmdlUnload(model.id));
}

RULE("weights and work memory of a model count against the device, and return with aclmdlUnload") {
  start();
  std::size_t work = 0;
  std::size_t weights = 0;
  EXPECT_OK(aclmdlQuerySize(prepared("static.om").c_str(), &work, &weights));
  EXPECT(work > 0 && weights > 0);
  const std::size_t before = freeBytes();
  std::uint32_t id;
  EXPECT_OK(aclmdlLoadFromFile(prepared("static.om").c_str(), &id));
  EXPECT(before - freeBytes() == work + weights);
  EXPECT_OK(aclmdlUnload(id));
  EXPECT(freeBytes() == before);
}

RULE("a model that does not fit into the device answers 245000") {
  configure("MEMORY_BYTES", "1024");
  start();
  std::uint32_t id;
  EXPECT_CODE(245000, aclmdlLoadFromFile(prepared("static.om").c_str(), &id));
}

RULE("memory that is brought along must be device memory that is large enough") {
  start();
  const std::string path = prepared("static.om");
  std::size_t work = 0;
  std::size_t weights = 0;
  EXPECT_OK(aclmdlQuerySize(path.c_str(), &work, &weights));
  std::uint32_t id;
  void *workMemory = deviceMemory(work);
  void *weightMemory = deviceMemory(weights);
  EXPECT_CODE(107000, aclmdlLoadFromFileWithMem(path.c_str(), &id, workMemory, work - 1, weightMemory, weights));
  EXPECT_CODE(107000, aclmdlLoadFromFileWithMem(path.c_str(), &id, &work, work, weightMemory, weights));
  const std::size_t before = freeBytes();
  EXPECT_OK(aclmdlLoadFromFileWithMem(path.c_str(), &id, workMemory, work, weightMemory, weights));
  EXPECT(freeBytes() == before);
}

RULE("external weights are looked for beside the model, or where the configuration says") {
  start();
  std::uint32_t id;
  EXPECT_OK(aclmdlLoadFromFile(prepared("external.om").c_str(), &id));
  const std::string bytes = readFile("external.om");
  EXPECT_CODE(500002, load(bytes));
  aclmdlConfigHandle *configuration = aclmdlCreateConfigHandle();
  const std::size_t type = ACL_MDL_LOAD_FROM_MEM;
  const char *memory = bytes.data();
  const std::size_t size = bytes.size();
  const std::string folder = prepared("weight");
  const char *folderPointer = folder.c_str();
  EXPECT_OK(aclmdlSetConfigOpt(configuration, ACL_MDL_LOAD_TYPE_SIZET, &type, sizeof type));
  EXPECT_OK(aclmdlSetConfigOpt(configuration, ACL_MDL_MEM_ADDR_PTR, &memory, sizeof memory));
  EXPECT_OK(aclmdlSetConfigOpt(configuration, ACL_MDL_MEM_SIZET, &size, sizeof size));
  EXPECT_OK(aclmdlSetConfigOpt(configuration, ACL_MDL_WEIGHT_PATH_PTR, &folderPointer, sizeof folderPointer));
  EXPECT_OK(aclmdlLoadWithConfig(configuration, &id));
  EXPECT_CODE(100000, aclmdlSetConfigOpt(configuration, ACL_MDL_MEM_SIZET, &size, 4));
  EXPECT_OK(aclmdlDestroyConfigHandle(configuration));
}

RULE("a model is unloaded in the context that it was loaded in: 107004") {
  start();
  const LoadedModel model("static.om");
  aclrtContext own;
  EXPECT_OK(aclrtGetCurrentContext(&own));
  aclrtContext other;
  EXPECT_OK(aclrtCreateContext(&other, 0));
  EXPECT_CODE(107004, aclmdlUnload(model.id));
  EXPECT_CODE(107004, aclmdlExecute(model.id, model.input, model.output));
  EXPECT_OK(aclrtSetCurrentContext(own));
  EXPECT_OK(aclmdlUnload(model.id));
}

RULE("a description tells names, types, sizes and dimensions") {
  start();
  const LoadedModel model("static.om");
  aclmdlDesc *description = model.description;
  EXPECT(aclmdlGetNumInputs(description) == 1 && aclmdlGetNumOutputs(description) == 1);
  EXPECT(std::strcmp(aclmdlGetInputNameByIndex(description, 0), "pixel_values") == 0);
  const std::string output = aclmdlGetOutputNameByIndex(description, 0);
  EXPECT(output.find(":0:last_hidden_state") != std::string::npos);
  EXPECT(aclmdlGetInputDataType(description, 0) == ACL_FLOAT && aclmdlGetOutputDataType(description, 0) == ACL_FLOAT);
  EXPECT(aclmdlGetInputFormat(description, 0) == ACL_FORMAT_ND);
  EXPECT(aclmdlGetInputSizeByIndex(description, 0) == 4 * 3 * 12 * 12 * 4);
  EXPECT(aclmdlGetOutputSizeByIndex(description, 0) == 4 * 10 * 12 * 4);
  aclmdlIODims dims;
  EXPECT_OK(aclmdlGetInputDims(description, 0, &dims));
  EXPECT(dims.dimCount == 4 && dims.dims[0] == 4 && dims.dims[3] == 12);
  std::size_t index = 9;
  EXPECT_OK(aclmdlGetInputIndexByName(description, "pixel_values", &index));
  EXPECT(index == 0);
  aclmdlBatch batch;
  EXPECT_OK(aclmdlGetDynamicBatch(description, &batch));
  EXPECT(batch.batchCount == 0);
}

RULE("a description answers 100000, 0 or undefined where it is asked for what is not there") {
  start();
  const LoadedModel model("static.om");
  aclmdlDesc *description = model.description;
  aclmdlIODims dims;
  std::size_t index;
  EXPECT(aclmdlGetNumInputs(nullptr) == 0 && aclmdlGetNumOutputs(nullptr) == 0);
  EXPECT(aclmdlGetInputSizeByIndex(description, 1) == 0 && aclmdlGetOutputSizeByIndex(description, 1) == 0);
  EXPECT(aclmdlGetInputDataType(description, 1) == ACL_DT_UNDEFINED);
  EXPECT_CODE(100000, aclmdlGetInputDims(description, 1, &dims));
  EXPECT_CODE(100000, aclmdlGetInputDims(description, 0, nullptr));
  EXPECT_CODE(100000, aclmdlGetInputIndexByName(description, "pixels", &index));
  EXPECT_OK(aclmdlDestroyDesc(description));
  EXPECT_CODE(100000, aclmdlDestroyDesc(description));
}

RULE("a description can be read from a file") {
  start();
  aclmdlDesc *description = aclmdlCreateDesc();
  EXPECT_CODE(145002, aclmdlGetDescFromFile(description, prepared("missing.om").c_str()));
  EXPECT_OK(aclmdlGetDescFromFile(description, prepared("gears.om").c_str()));
  EXPECT(aclmdlGetNumInputs(description) == 2);
}
