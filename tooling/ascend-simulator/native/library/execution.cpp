#include "execution.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "answer.h"
#include "contexts.h"
#include "data-types.h"
#include "datasets.h"
#include "error-codes.h"
#include "models.h"
#include "settings.h"
#include "streams.h"

namespace simulator {

namespace {

/** An execution as it was submitted: the data sets may change or end before it runs. */
struct Execution {
  std::shared_ptr<Model> model;
  std::vector<BufferRange> inputs;
  std::vector<BufferRange> outputs;
};

/** @throws Refusal 507015, as a device does that meets an address which is not its own */
std::byte *deviceBytes(const Device &device, const void *address, std::size_t size) {
  std::byte *bytes = device.memory.find(address, size);
  if (bytes == nullptr) {
    throw Refusal(code::rtAiCoreException, "The execution touched " + std::to_string(size) +
                                               " bytes that do not lie in one living allocation of device " +
                                               std::to_string(device.number) + ".");
  }
  return bytes;
}

/** The batch that the device computes: what the batch size input says where there is one. */
std::int64_t batchOf(const Execution &execution, const Device &device) {
  const OfflineModel &offline = execution.model->offline;
  if (offline.gears.empty() || execution.model->batch == 0) return offline.largestBatch();
  std::uint64_t batch;
  std::memcpy(&batch, deviceBytes(device, execution.inputs[offline.inputs.size()].address, sizeof batch), sizeof batch);
  if (std::find(offline.gears.begin(), offline.gears.end(), batch) == offline.gears.end()) {
    throw Refusal(code::rtAiCpuException, "The batch size input holds " + std::to_string(batch) +
                                              ": only aclmdlSetDynamicBatchSize may write there.");
  }
  return static_cast<std::int64_t>(batch);
}

/** One input or output during an execution. */
struct BoundTensor {
  const TensorDescription *description;
  std::byte *bytes;
  std::vector<std::int64_t> dims;
  /** Bytes of what is computed at once: an image, or the whole batch. */
  std::size_t sliceBytes;

  TensorView slice(std::int64_t number, std::byte *memory) const {
    std::byte *start = memory == nullptr ? bytes + static_cast<std::size_t>(number) * sliceBytes : memory;
    return {description->tensor.c_str(), start, sliceBytes, description->type, dims};
  }
};

std::vector<BoundTensor> bind(const std::vector<TensorDescription> &descriptions,
                              const std::vector<BufferRange> &ranges, std::int64_t batch, bool isSliced,
                              const Device &device) {
  std::vector<BoundTensor> bound;
  for (std::size_t index = 0; index < descriptions.size(); ++index) {
    const TensorDescription &description = descriptions[index];
    const std::size_t bytes = description.bytes(batch);
    std::vector<std::int64_t> dims = description.dims;
    if (isSliced) dims.front() = 1;
    const std::size_t slices = isSliced ? static_cast<std::size_t>(batch) : 1;
    bound.push_back({&description, deviceBytes(device, ranges[index].address, bytes), dims, bytes / slices});
  }
  return bound;
}

void round(const TensorView &tensor) {
  if (tensor.type == ACL_FLOAT) roundFloats(tensor.bytes, tensor.size / sizeof(float), settings().rounding);
}

/** Every output value of an image is its first input value. */
void computeStub(const BoundTensor &input, const std::vector<BoundTensor> &outputs, std::int64_t slice) {
  const TensorView source = input.slice(slice, nullptr);
  for (const BoundTensor &output : outputs) {
    const TensorView target = output.slice(slice, nullptr);
    const std::size_t size = std::min(elementSize(source.type), elementSize(target.type));
    auto *bytes = static_cast<std::byte *>(target.bytes);
    for (std::size_t offset = 0; offset + size <= target.size; offset += size) {
      std::memcpy(bytes + offset, source.bytes, size);
    }
  }
}

/** Inputs are copied first: a device does not round the caller's memory. */
void computeSlice(const Model &model, const std::vector<BoundTensor> &inputs, const std::vector<BoundTensor> &outputs,
                  std::int64_t slice) {
  std::vector<std::vector<std::byte>> copies;
  std::vector<TensorView> inputViews;
  for (const BoundTensor &input : inputs) {
    const auto *start = static_cast<const std::byte *>(input.slice(slice, nullptr).bytes);
    auto &copy = copies.emplace_back(start, start + input.sliceBytes);
    inputViews.push_back(input.slice(slice, copy.data()));
    round(inputViews.back());
  }
  std::vector<TensorView> outputViews;
  for (const BoundTensor &output : outputs) outputViews.push_back(output.slice(slice, nullptr));
  try {
    model.session->run(inputViews, outputViews);
  } catch (const std::runtime_error &failure) {
    throw Refusal(code::rtModelExecute, failure.what());
  }
  for (const TensorView &view : outputViews) round(view);
}

/** One image after the other, so that an image gives the same bits in every batch. */
void compute(const Execution &execution, std::int64_t batch, const Device &device) {
  const Model &model = *execution.model;
  const OfflineModel &offline = model.offline;
  const auto inputs = bind(offline.inputs, execution.inputs, batch, offline.isSliced, device);
  const auto outputs = bind(offline.outputs, execution.outputs, batch, offline.isSliced, device);
  const std::int64_t slices = offline.isSliced ? batch : 1;
  for (std::int64_t slice = 0; slice < slices; ++slice) {
    if (model.session) {
      computeSlice(model, inputs, outputs, slice);
    } else {
      computeStub(inputs.front(), outputs, slice);
    }
  }
}

void run(const Execution &execution, Stream &stream) {
  Device &device = *stream.device;
  const Stream::ComputingTurn turn(stream);
  const auto start = Clock::now();
  stream.strike("task.execute");
  const std::int64_t batch = batchOf(execution, device);
  compute(execution, batch, device);
  const std::chrono::duration<double, std::milli> latency(settings().imageMilliseconds * static_cast<double>(batch));
  std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(latency));
  device.record.add(start, Clock::now(), static_cast<std::uint64_t>(batch));
}

std::vector<BufferRange> rangesOf(const aclmdlDataset *dataset) {
  std::vector<BufferRange> ranges;
  for (const aclDataBuffer *buffer : buffersOf(dataset)) ranges.push_back(bufferRange(buffer));
  return ranges;
}

/** Only static models have their buffers checked; up to 64 bytes less than needed pass, as in the graph engine. */
void checkSizes(const OfflineModel &offline, const std::vector<TensorDescription> &tensors,
                const std::vector<BufferRange> &ranges) {
  constexpr std::size_t tolerated = 64;
  if (!offline.gears.empty()) return;
  for (std::size_t index = 0; index < tensors.size(); ++index) {
    const std::size_t needed = tensors[index].bytes(0);
    if (ranges[index].size + tolerated >= needed) continue;
    throw Refusal(code::geFailure, "The buffer of '" + tensors[index].name + "' has " +
                                       std::to_string(ranges[index].size) + " bytes, " + std::to_string(needed) +
                                       " are needed.");
  }
}

/** A synchronous execution allocates outputs that have no address; the caller frees them. */
void allocateMissingOutputs(const Model &model, const aclmdlDataset *output) {
  const std::vector<aclDataBuffer *> buffers = buffersOf(output);
  for (std::size_t index = 0; index < buffers.size() && index < model.offline.outputs.size(); ++index) {
    if (bufferRange(buffers[index]).address != nullptr) continue;
    const std::size_t bytes = model.offline.outputs[index].bytes(model.offline.largestBatch());
    updateBuffer(buffers[index], {model.context->device->memory.allocate(bytes), bytes});
  }
}

Execution prepare(const std::shared_ptr<Model> &model, const aclmdlDataset *input, const aclmdlDataset *output) {
  const OfflineModel &offline = model->offline;
  Execution execution{model, rangesOf(input), rangesOf(output)};
  const std::size_t inputs = offline.inputsWithBatchSize().size();
  if (execution.inputs.size() < inputs) {
    throw Refusal(code::geFailure, "E13025: the model has " + std::to_string(inputs) + " inputs, the data set " +
                                       std::to_string(execution.inputs.size()) + " buffers.");
  }
  if (execution.outputs.size() != offline.outputs.size()) {
    throw Refusal(code::geFailure, "The model has " + std::to_string(offline.outputs.size()) +
                                       " outputs, the data set " + std::to_string(execution.outputs.size()) +
                                       " buffers.");
  }
  checkSizes(offline, offline.inputs, execution.inputs);
  checkSizes(offline, offline.outputs, execution.outputs);
  return execution;
}

std::uint64_t submit(Execution execution, Stream &stream) {
  const std::shared_ptr<Model> model = execution.model;
  model->beginExecution(&stream);
  try {
    return stream.submit({[execution = std::move(execution)](Stream &worker) { run(execution, worker); },
                          [model](aclError) { model->endExecution(); }});
  } catch (...) {
    model->endExecution();
    throw;
  }
}

}  // namespace

void setDynamicBatchSize(std::uint32_t id, const aclmdlDataset *dataset, std::size_t index, std::uint64_t batch) {
  requireArgument(dataset, "The data set");
  if (batch == 0) throw Refusal(code::invalidParameter, "The batch size is 0.");
  const std::vector<aclDataBuffer *> buffers = buffersOf(dataset);
  if (index >= buffers.size()) {
    throw Refusal(code::invalidParameter, "The data set has no buffer " + std::to_string(index) + ".");
  }
  const BufferRange range = bufferRange(buffers[index]);
  const auto model = findModelOfCurrentContext(id);
  const OfflineModel &offline = model->offline;
  // Which code the real library has for a static model is not documented; this one exists for the purpose.
  if (offline.gears.empty()) throw Refusal(code::modelNotDynamic, "The model has no gears.");
  if (range.address == nullptr) throw Refusal(code::geDynamicInputAddressInvalid, "The buffer has no address.");
  if (range.size < sizeof(std::uint32_t)) {
    throw Refusal(code::geDynamicInputLengthInvalid, "The buffer has " + std::to_string(range.size) + " bytes.");
  }
  if (std::find(offline.gears.begin(), offline.gears.end(), batch) == offline.gears.end()) {
    throw Refusal(code::geDynamicBatchSizeInvalid, "The model has no gear for " + std::to_string(batch) + ".");
  }
  std::byte *bytes = model->context->device->memory.find(range.address, sizeof batch);
  if (bytes == nullptr) {
    throw Refusal(code::geDeviceMemoryOperateFailed, "The buffer does not lie in device memory.");
  }
  std::memcpy(bytes, &batch, sizeof batch);
  model->batch = batch;
}

void executeNow(std::uint32_t id, const aclmdlDataset *input, const aclmdlDataset *output, const void *streamHandle) {
  requireArgument(input, "The input");
  requireArgument(output, "The output");
  const auto model = findModelOfCurrentContext(id);
  allocateMissingOutputs(*model, output);
  const auto stream = findStream(streamHandle);
  stream->waitFor(submit(prepare(model, input, output), *stream));
}

void executeLater(std::uint32_t id, const aclmdlDataset *input, const aclmdlDataset *output, const void *streamHandle) {
  requireArgument(input, "The input");
  requireArgument(output, "The output");
  const auto model = findModelOfCurrentContext(id);
  const auto stream = findStream(streamHandle);
  submit(prepare(model, input, output), *stream);
}

}  // namespace simulator
