// Loading models.
#include "models.h"

#include <cstring>

#include "answer.h"
#include "error-codes.h"
#include "handle-table.h"

using namespace simulator;

namespace {

/** The options of `aclmdlLoadWithConfig`. */
struct LoadConfiguration {
  std::size_t loadType = 0;
  std::string path;
  std::string weightFolder;
  const void *memory = nullptr;
  std::size_t memorySize = 0;
  BroughtMemory work;
  BroughtMemory weights;
  std::vector<BroughtWeights> weightFiles;
};

HandleTable<LoadConfiguration> &configurations() {
  static HandleTable<LoadConfiguration> &table = *new HandleTable<LoadConfiguration>;
  return table;
}

std::shared_ptr<LoadConfiguration> findConfiguration(const aclmdlConfigHandle *handle) {
  auto configuration = configurations().find(handle);
  if (!configuration) throw Refusal(code::invalidParameter, "This is not a living configuration.");
  return configuration;
}

template <typename Value>
Value valueOf(const void *value, std::size_t size) {
  if (size != sizeof(Value)) throw Refusal(code::invalidParameter, "The value has the wrong size.");
  Value copy;
  std::memcpy(&copy, value, sizeof copy);
  return copy;
}

void setOption(LoadConfiguration &configuration, aclmdlConfigAttr attribute, const void *value, std::size_t size) {
  switch (attribute) {
    case ACL_MDL_LOAD_TYPE_SIZET: configuration.loadType = valueOf<std::size_t>(value, size); break;
    case ACL_MDL_PATH_PTR: configuration.path = valueOf<const char *>(value, size); break;
    case ACL_MDL_WEIGHT_PATH_PTR: configuration.weightFolder = valueOf<const char *>(value, size); break;
    case ACL_MDL_MEM_ADDR_PTR: configuration.memory = valueOf<const void *>(value, size); break;
    case ACL_MDL_MEM_SIZET: configuration.memorySize = valueOf<std::size_t>(value, size); break;
    case ACL_MDL_WEIGHT_ADDR_PTR: configuration.weights.address = valueOf<const void *>(value, size); break;
    case ACL_MDL_WEIGHT_SIZET: configuration.weights.size = valueOf<std::size_t>(value, size); break;
    case ACL_MDL_WORKSPACE_ADDR_PTR: configuration.work.address = valueOf<const void *>(value, size); break;
    case ACL_MDL_WORKSPACE_SIZET: configuration.work.size = valueOf<std::size_t>(value, size); break;
    case ACL_MDL_PRIORITY_INT32: valueOf<std::int32_t>(value, size); break;
    case ACL_MDL_WORKSPACE_MEM_OPTIMIZE: valueOf<std::size_t>(value, size); break;
    default: throw Refusal(code::invalidParameter, "The simulator does not have this option.");
  }
}

LoadRequest requestFromFile(const char *path) {
  requireArgument(path, "modelPath");
  LoadRequest request;
  request.file = readModelFile(path);
  request.weightFolder = weightFolderOf(path);
  return request;
}

LoadRequest requestFromMemory(const void *data, std::size_t size) {
  requireArgument(data, "model");
  if (size == 0) throw Refusal(code::invalidParameter, "The size is 0.");
  LoadRequest request;
  request.file.assign(static_cast<const char *>(data), size);
  return request;
}

LoadRequest requestFrom(const LoadConfiguration &configuration) {
  const std::size_t type = configuration.loadType;
  const bool isFile = type == ACL_MDL_LOAD_FROM_FILE || type == ACL_MDL_LOAD_FROM_FILE_WITH_MEM;
  const bool isMemory = type == ACL_MDL_LOAD_FROM_MEM || type == ACL_MDL_LOAD_FROM_MEM_WITH_MEM;
  if (!isFile && !isMemory) throw Refusal(code::invalidParameter, "The load type is missing or has no meaning here.");
  LoadRequest request = isFile ? requestFromFile(configuration.path.c_str())
                               : requestFromMemory(configuration.memory, configuration.memorySize);
  if (!configuration.weightFolder.empty()) request.weightFolder = configuration.weightFolder;
  if (type == ACL_MDL_LOAD_FROM_FILE_WITH_MEM || type == ACL_MDL_LOAD_FROM_MEM_WITH_MEM) {
    request.work = configuration.work;
    request.weights = configuration.weights;
  }
  request.weightFiles = configuration.weightFiles;
  return request;
}

}  // namespace

aclError aclmdlQuerySize(const char *path, std::size_t *workSize, std::size_t *weightSize) {
  return answer("aclmdlQuerySize", [&] {
    requireArgument(path, "fileName");
    requireArgument(workSize, "workSize");
    requireArgument(weightSize, "weightSize");
    const OfflineModel model = readOfflineModel(readModelFile(path));
    *workSize = model.workBytes();
    *weightSize = model.weightBytes;
  });
}

aclError aclmdlLoadFromFile(const char *path, std::uint32_t *model) {
  return answer("aclmdlLoadFromFile", [&] {
    requireArgument(model, "modelId");
    *model = loadModel(requestFromFile(path));
  });
}

aclError aclmdlLoadFromMem(const void *data, std::size_t size, std::uint32_t *model) {
  return answer("aclmdlLoadFromMem", [&] {
    requireArgument(model, "modelId");
    *model = loadModel(requestFromMemory(data, size));
  });
}

aclError aclmdlLoadFromFileWithMem(const char *path, std::uint32_t *model, void *work, std::size_t workSize,
                                   void *weights, std::size_t weightSize) {
  return answer("aclmdlLoadFromFileWithMem", [&] {
    requireArgument(model, "modelId");
    LoadRequest request = requestFromFile(path);
    request.work = {work, workSize};
    request.weights = {weights, weightSize};
    *model = loadModel(request);
  });
}

aclError aclmdlLoadFromMemWithMem(const void *data, std::size_t size, std::uint32_t *model, void *work,
                                  std::size_t workSize, void *weights, std::size_t weightSize) {
  return answer("aclmdlLoadFromMemWithMem", [&] {
    requireArgument(model, "modelId");
    LoadRequest request = requestFromMemory(data, size);
    request.work = {work, workSize};
    request.weights = {weights, weightSize};
    *model = loadModel(request);
  });
}

aclmdlConfigHandle *aclmdlCreateConfigHandle() {
  return answerValue<aclmdlConfigHandle *>("aclmdlCreateConfigHandle", nullptr, [] {
    return static_cast<aclmdlConfigHandle *>(configurations().add(std::make_shared<LoadConfiguration>()));
  });
}

aclError aclmdlDestroyConfigHandle(aclmdlConfigHandle *handle) {
  return answerRelease("aclmdlDestroyConfigHandle", [&] {
    findConfiguration(handle);
    configurations().remove(handle);
  });
}

aclError aclmdlSetConfigOpt(aclmdlConfigHandle *handle, aclmdlConfigAttr attribute, const void *value,
                            std::size_t valueSize) {
  return answer("aclmdlSetConfigOpt", [&] {
    requireArgument(value, "attrValue");
    setOption(*findConfiguration(handle), attribute, value, valueSize);
  });
}

aclError aclmdlSetExternalWeightAddress(aclmdlConfigHandle *handle, const char *fileName, void *address,
                                        std::size_t size) {
  return answer("aclmdlSetExternalWeightAddress", [&] {
    requireArgument(fileName, "weightFileName");
    requireArgument(address, "devPtr");
    findConfiguration(handle)->weightFiles.push_back({fileName, {address, size}});
  });
}

aclError aclmdlLoadWithConfig(const aclmdlConfigHandle *handle, std::uint32_t *model) {
  return answer("aclmdlLoadWithConfig", [&] {
    requireArgument(model, "modelId");
    *model = loadModel(requestFrom(*findConfiguration(handle)));
  });
}

aclError aclmdlUnload(std::uint32_t model) {
  return answerRelease("aclmdlUnload", [&] { unloadModel(model); });
}
