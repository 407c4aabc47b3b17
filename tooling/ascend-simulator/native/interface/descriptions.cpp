// What a description tells of a model.
#include "descriptions.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "answer.h"
#include "error-codes.h"

using namespace simulator;

namespace {

using Tensors = std::vector<DescribedTensor> Description::*;

const DescribedTensor &tensorAt(const Description &description, Tensors tensors, std::size_t index) {
  if (index >= (description.*tensors).size()) {
    throw Refusal(code::invalidParameter, "The model has no tensor " + std::to_string(index) + " there.");
  }
  return (description.*tensors)[index];
}

std::size_t count(const char *function, const aclmdlDesc *handle, Tensors tensors) {
  return answerValue<std::size_t>(function, 0, [&] { return ((*findDescription(handle)).*tensors).size(); });
}

std::size_t sizeAt(const char *function, const aclmdlDesc *handle, Tensors tensors, std::size_t index) {
  return answerValue<std::size_t>(function, 0, [&] {
    const auto description = findDescription(handle);
    return tensorAt(*description, tensors, index).tensor.bytes(description->largestBatch);
  });
}

aclDataType typeAt(const char *function, const aclmdlDesc *handle, Tensors tensors, std::size_t index) {
  return answerValue<aclDataType>(function, ACL_DT_UNDEFINED,
                                  [&] { return tensorAt(*findDescription(handle), tensors, index).tensor.type; });
}

aclFormat formatAt(const char *function, const aclmdlDesc *handle, Tensors tensors, std::size_t index) {
  return answerValue<aclFormat>(function, ACL_FORMAT_UNDEFINED,
                                [&] { return tensorAt(*findDescription(handle), tensors, index).tensor.format; });
}

/** Valid as long as the description lives. */
const char *nameAt(const char *function, const aclmdlDesc *handle, Tensors tensors, std::size_t index) {
  return answerValue<const char *>(function, "",
                                   [&] { return tensorAt(*findDescription(handle), tensors, index).name.c_str(); });
}

/** @param batch what stands for a dynamic batch */
void fillDims(aclmdlIODims *dims, const DescribedTensor &tensor, std::int64_t batch) {
  *dims = {};
  std::snprintf(dims->name, sizeof dims->name, "%s", tensor.name.c_str());
  for (const std::int64_t dimension : tensor.tensor.dims) {
    dims->dims[dims->dimCount++] = dimension < 0 ? batch : dimension;
  }
}

aclError inputDims(const char *function, const aclmdlDesc *handle, std::size_t index, aclmdlIODims *dims) {
  return answer(function, [&] {
    requireArgument(dims, "dims");
    fillDims(dims, tensorAt(*findDescription(handle), &Description::inputs, index), -1);
  });
}

aclError indexByName(const char *function, const aclmdlDesc *handle, Tensors tensors, const char *name,
                     std::size_t *index) {
  return answer(function, [&] {
    requireArgument(name, "name");
    requireArgument(index, "index");
    const auto description = findDescription(handle);
    const auto &all = (*description).*tensors;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const DescribedTensor &tensor) { return tensor.name == name; });
    if (found == all.end()) throw Refusal(code::invalidParameter, std::string("No tensor is named ") + name + ".");
    *index = static_cast<std::size_t>(found - all.begin());
  });
}

}  // namespace

aclmdlDesc *aclmdlCreateDesc() {
  return answerValue<aclmdlDesc *>("aclmdlCreateDesc", nullptr, [] { return createDescription(); });
}

aclError aclmdlDestroyDesc(aclmdlDesc *description) {
  return answerRelease("aclmdlDestroyDesc", [&] { destroyDescription(description); });
}

aclError aclmdlGetDesc(aclmdlDesc *description, std::uint32_t model) {
  return answer("aclmdlGetDesc", [&] {
    requireArgument(description, "modelDesc");
    describeModel(description, model);
  });
}

aclError aclmdlGetDescFromFile(aclmdlDesc *description, const char *path) {
  return answer("aclmdlGetDescFromFile", [&] {
    requireArgument(description, "modelDesc");
    requireArgument(path, "modelPath");
    describeFile(description, path);
  });
}

std::size_t aclmdlGetNumInputs(aclmdlDesc *description) {
  return count("aclmdlGetNumInputs", description, &Description::inputs);
}

std::size_t aclmdlGetNumOutputs(aclmdlDesc *description) {
  return count("aclmdlGetNumOutputs", description, &Description::outputs);
}

std::size_t aclmdlGetInputSizeByIndex(aclmdlDesc *description, std::size_t index) {
  return sizeAt("aclmdlGetInputSizeByIndex", description, &Description::inputs, index);
}

std::size_t aclmdlGetOutputSizeByIndex(aclmdlDesc *description, std::size_t index) {
  return sizeAt("aclmdlGetOutputSizeByIndex", description, &Description::outputs, index);
}

aclError aclmdlGetInputDims(const aclmdlDesc *description, std::size_t index, aclmdlIODims *dims) {
  return inputDims("aclmdlGetInputDims", description, index, dims);
}

aclError aclmdlGetInputDimsV2(const aclmdlDesc *description, std::size_t index, aclmdlIODims *dims) {
  return inputDims("aclmdlGetInputDimsV2", description, index, dims);
}

aclError aclmdlGetOutputDims(const aclmdlDesc *handle, std::size_t index, aclmdlIODims *dims) {
  return answer("aclmdlGetOutputDims", [&] {
    requireArgument(dims, "dims");
    const auto description = findDescription(handle);
    fillDims(dims, tensorAt(*description, &Description::outputs, index), description->largestBatch);
  });
}

aclError aclmdlGetCurOutputDims(const aclmdlDesc *handle, std::size_t index, aclmdlIODims *dims) {
  return answer("aclmdlGetCurOutputDims", [&] {
    requireArgument(dims, "dims");
    const auto description = findDescription(handle);
    fillDims(dims, tensorAt(*description, &Description::outputs, index), description->currentBatch());
  });
}

aclDataType aclmdlGetInputDataType(const aclmdlDesc *description, std::size_t index) {
  return typeAt("aclmdlGetInputDataType", description, &Description::inputs, index);
}

aclDataType aclmdlGetOutputDataType(const aclmdlDesc *description, std::size_t index) {
  return typeAt("aclmdlGetOutputDataType", description, &Description::outputs, index);
}

aclFormat aclmdlGetInputFormat(const aclmdlDesc *description, std::size_t index) {
  return formatAt("aclmdlGetInputFormat", description, &Description::inputs, index);
}

aclFormat aclmdlGetOutputFormat(const aclmdlDesc *description, std::size_t index) {
  return formatAt("aclmdlGetOutputFormat", description, &Description::outputs, index);
}

const char *aclmdlGetInputNameByIndex(const aclmdlDesc *description, std::size_t index) {
  return nameAt("aclmdlGetInputNameByIndex", description, &Description::inputs, index);
}

const char *aclmdlGetOutputNameByIndex(const aclmdlDesc *description, std::size_t index) {
  return nameAt("aclmdlGetOutputNameByIndex", description, &Description::outputs, index);
}

aclError aclmdlGetInputIndexByName(const aclmdlDesc *description, const char *name, std::size_t *index) {
  return indexByName("aclmdlGetInputIndexByName", description, &Description::inputs, name, index);
}

aclError aclmdlGetOutputIndexByName(const aclmdlDesc *description, const char *name, std::size_t *index) {
  return indexByName("aclmdlGetOutputIndexByName", description, &Description::outputs, name, index);
}

const char *aclmdlGetTensorRealName(const aclmdlDesc *handle, const char *name) {
  return answerValue<const char *>("aclmdlGetTensorRealName", nullptr, [&]() -> const char * {
    requireArgument(name, "name");
    const auto description = findDescription(handle);
    for (const auto *tensors : {&description->inputs, &description->outputs}) {
      for (const DescribedTensor &tensor : *tensors) {
        if (tensor.name == name || tensor.tensor.name == name) return tensor.tensor.name.c_str();
      }
    }
    throw Refusal(code::invalidParameter, std::string("No tensor is named ") + name + ".");
  });
}

aclError aclmdlGetDynamicBatch(const aclmdlDesc *handle, aclmdlBatch *batch) {
  return answer("aclmdlGetDynamicBatch", [&] {
    requireArgument(batch, "batch");
    const auto description = findDescription(handle);
    *batch = {};
    for (const std::uint64_t gear : description->gears) batch->batch[batch->batchCount++] = gear;
  });
}
