#include "offline-models.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "../common/environment.h"
#include "cann-failure.h"
#include "graph-rules.h"

namespace simulator {

namespace {

constexpr int invalidFileSize = 100005;

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
  std::ifstream stream(file);
  std::string magic;
  std::string precision;
  std::uint64_t modelHash = 0;
  if (!(stream >> magic >> modelHash) || magic != "simulated-om") {
    return aclFailure(invalidFileSize, "aclmdlLoadFromFile(filename.c_str(), &modelID)");
  }
  stream >> precision;
  note("load", file);
  return described(graph, modelHash, precision);
}

std::optional<std::string> save(const std::string &file, const CannGraph &graph, const std::string &precision) {
  // The provider makes and locks the file before it saves: a failure leaves it empty.
  std::ofstream stream(file);
  if (strike("save", "")) return graphFailure("ge::aclgrphSaveModel(file_name.c_str(), model)");
  stream << "simulated-om " << graph.modelHash << ' ' << precision << '\n';
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
