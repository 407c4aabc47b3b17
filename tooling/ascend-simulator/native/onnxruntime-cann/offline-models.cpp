#include "offline-models.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>

#include "../common/environment.h"
#include "cann-failure.h"
#include "graph-rules.h"

namespace simulator {

namespace {

constexpr int modelDataSizeInvalid = 145006;
constexpr int modelNotLoadable = 545001;

/** The documented ModelFileHeader, of which these places are filled and checked. */
constexpr std::size_t headerBytes = 256;
constexpr std::size_t lengthOffset = 76;
constexpr std::size_t longLengthOffset = 184;
const std::string magic = "IMOD";
const std::string signature = "simulated-om";

template <typename Number>
void put(std::string &bytes, std::size_t offset, Number value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

template <typename Number>
Number get(const std::string &bytes, std::size_t offset) {
  Number value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string withHeader(const std::string &content) {
  std::string header(headerBytes, '\0');
  header.replace(0, magic.size(), magic);
  put(header, lengthOffset, static_cast<std::uint32_t>(content.size()));
  put(header, longLengthOffset, static_cast<std::uint64_t>(content.size()));
  return header + content;
}

/** What follows the header; nothing where the header does not hold. */
std::optional<std::string> contentOf(const std::string &bytes) {
  if (bytes.size() < headerBytes || bytes.compare(0, magic.size(), magic) != 0) return std::nullopt;
  const auto longLength = get<std::uint64_t>(bytes, longLengthOffset);
  const std::uint64_t length = longLength != 0 ? longLength : get<std::uint32_t>(bytes, lengthOffset);
  if (length != bytes.size() - headerBytes) return std::nullopt;
  return bytes.substr(headerBytes);
}

/** What the graph engine takes for a precision, in both generations of its options. */
const std::map<std::string, Rounding> roundings = {
    {"", Rounding::float16},         {"fp16", Rounding::float16},          {"force_fp16", Rounding::float16},
    {"origin", Rounding::none},      {"mixed_float16", Rounding::float16}, {"allow_mix_precision", Rounding::float16},
    {"must_keep_origin_dtype", Rounding::none}};

std::mutex engineMutex;
/** Of the whole process, set by the first graph that is compiled. */
std::optional<std::string> enginePrecision;

void note(const std::string &what, const std::string &file) {
  const std::string log = environmentValue("PROVIDER_LOG");
  if (!log.empty()) std::ofstream(log, std::ios::app) << what << ' ' << file << '\n';
}

OfflineModelFor described(const CannGraph &graph, std::uint64_t modelHash, const std::string &precision) {
  return {roundings.at(precision), modelHash != graph.modelHash};
}

std::variant<OfflineModelFor, std::string> load(const CannGraph &graph, const std::string &file) {
  const std::string call = "aclmdlLoadFromFile(filename.c_str(), &modelID)";
  if (const auto failure = strike("load", call)) return *failure;
  std::ifstream stream(file, std::ios::binary);
  const auto content = contentOf({std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()});
  if (!content) return aclFailure(modelDataSizeInvalid, call);
  std::istringstream words(*content);
  std::string word;
  std::string precision;
  std::uint64_t modelHash = 0;
  if (!(words >> word >> modelHash >> precision) || word != signature) return aclFailure(modelNotLoadable, call);
  note("load", file);
  return described(graph, modelHash, precision);
}

std::optional<std::string> save(const std::string &file, const CannGraph &graph, const std::string &precision) {
  // The provider makes and locks the file before it saves: a failure leaves it empty.
  std::ofstream stream(file, std::ios::binary);
  if (strike("save", "")) return graphFailure("ge::aclgrphSaveModel(file_name.c_str(), model)");
  stream << withHeader(signature + ' ' + std::to_string(graph.modelHash) + ' ' + precision + '\n');
  return std::nullopt;
}

std::variant<OfflineModelFor, std::string> compile(const CannGraph &graph, const std::string &file) {
  const double limit = environmentNumber("PROVIDER_GRAPH_LIMIT", 2147483647);
  if (!graph.hasEveryWeight || static_cast<double>(graph.messageBytes) > limit) {
    return graphFailure("ge::aclgrphParseONNXFromMem(string_model.data(), string_model.size(), parser_params, graph)");
  }
  if (!enginePrecision) {
    if (roundings.count(graph.precision) == 0) return graphFailure("ge::aclgrphBuildInitialize(options)");
    enginePrecision = graph.precision;
  }
  if (const auto failure = strike("compile", "")) {
    return graphFailure("ge::aclgrphBuildModel(graph, options, model)");
  }
  note("compile", file);
  if (graph.dumpsOfflineModels) {
    if (auto failure = save(file, graph, *enginePrecision)) return *failure;
  }
  return described(graph, graph.modelHash, *enginePrecision);
}

}  // namespace

std::variant<OfflineModelFor, std::string> offlineModelFor(const CannGraph &graph, const std::string &shape) {
  std::ostringstream name;
  name << std::hex << "CANNExecutionProvider_" << graph.nameHash << "_0_0_" << hashOfText(shape) << ".om";
  const std::lock_guard lock(engineMutex);
  return std::filesystem::exists(name.str()) ? load(graph, name.str()) : compile(graph, name.str());
}

}  // namespace simulator
