#include "flags.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>

#include "compiler-error.h"

namespace simulator {

namespace {

using Values = std::map<std::string, std::string>;

// clang-format off
/** The flags of CANN 8.5. What is not named elsewhere in this file is accepted and changes nothing here. */
const std::set<std::string> knownFlags = {
    "mode", "framework", "model", "weight", "output", "soc_version", "core_type", "aicore_num", "input_format",
    "input_shape", "dynamic_batch_size", "dynamic_image_size", "dynamic_dims", "singleop", "insert_op_conf",
    "out_nodes", "output_type", "input_fp16_nodes", "is_input_adjust_hw_layout", "is_output_adjust_hw_layout",
    "disable_reuse_memory", "fusion_switch_file", "precision_mode", "precision_mode_v2", "op_precision_mode",
    "allow_hf32", "op_select_implmode", "optypelist_for_implmode", "keep_dtype", "customize_dtypes",
    "modify_mixlist", "enable_small_channel", "enable_compress_weight", "compression_optimize_conf",
    "buffer_optimize", "external_weight", "deterministic", "virtual_type", "op_debug_level",
    "op_compiler_cache_mode", "op_compiler_cache_dir", "display_model_info", "host_env_os", "host_env_cpu",
    "oo_level", "log", "dump_mode", "cluster_config", "debug_dir", "save_original_model", "status_check",
    "enable_scope_fusion_passes", "input_shape_range", "job_id", "mdl_bank_path", "op_bank_path",
    "tiling_schedule_optimize", "sparsity", "ac_parallel_enable", "quant_dumpable", "check_report", "json", "om",
    "op_name_map", "enable_single_stream", "auto_tune_mode", "distributed_cluster_build", "shard_model_dir",
    "model_relation_config", "optimization_switch", "export_compile_stat", "is_weight_clip"};

/** The SoC names in CANN 8.5's platform configuration. */
const std::set<std::string> knownSocs = {
    "Ascend310", "Ascend310B1", "Ascend310B2", "Ascend310B3", "Ascend310B4", "Ascend310P1", "Ascend310P3",
    "Ascend310P5", "Ascend310P7", "Ascend610", "Ascend910A", "Ascend910ProA", "Ascend910ProB",
    "Ascend910PremiumA", "Ascend910B", "Ascend910B1", "Ascend910B2", "Ascend910B2C", "Ascend910B3", "Ascend910B4",
    "Ascend910B4-1", "Ascend910_9362", "Ascend910_9372", "Ascend910_9381", "Ascend910_9382", "Ascend910_9391",
    "Ascend910_9392"};
// clang-format on

/** The documented values of both generations; those for BF16 and INT8 cubes keep the weights as they are here. */
const std::map<std::string, Precision> precisionModes = {
    {"force_fp16", Precision::float16},
    {"force_fp32", Precision::origin},
    {"cube_fp16in_fp32out", Precision::mixedFloat16},
    {"allow_fp32_to_fp16", Precision::float16},
    {"must_keep_origin_dtype", Precision::origin},
    {"allow_mix_precision", Precision::mixedFloat16},
    {"allow_mix_precision_fp16", Precision::mixedFloat16},
};
const std::map<std::string, Precision> precisionModesV2 = {
    {"fp16", Precision::float16},
    {"origin", Precision::origin},
    {"cube_fp16in_fp32out", Precision::mixedFloat16},
    {"mixed_float16", Precision::mixedFloat16},
};

[[noreturn]] void refuseValue(const std::string &flag, const std::string &value, const std::string &reason) {
  throw CompilerError("E10001", "The value '" + value + "' of --" + flag + " is not valid: " + reason + ".");
}

Values splitWords(const std::vector<std::string> &words) {
  Values values;
  for (const std::string &word : words) {
    const std::size_t equals = word.find('=');
    if (word.compare(0, 2, "--") != 0 || equals == std::string::npos) {
      // Plausible: the real compiler leaves this to its flag library, whose message has no code.
      throw CompilerError("E10001", "'" + word + "' is not of the form --flag=value.");
    }
    const std::string flag = word.substr(2, equals - 2);
    if (knownFlags.count(flag) == 0) throw CompilerError("E10001", "There is no flag --" + flag + ".");
    values[flag] = word.substr(equals + 1);
  }
  return values;
}

std::string valueOf(const Values &values, const std::string &flag, const std::string &fallback = "") {
  const auto found = values.find(flag);
  return found == values.end() ? fallback : found->second;
}

std::string required(const Values &values, const std::string &flag) {
  const std::string value = valueOf(values, flag);
  if (value.empty()) throw CompilerError("E10004", "--" + flag + " is required and has no value.");
  return value;
}

bool switchValue(const Values &values, const std::string &flag) {
  const std::string value = valueOf(values, flag, "0");
  if (value == "0" || value == "1") return value == "1";
  throw CompilerError("E10006", "The value '" + value + "' of --" + flag + " must be 0 or 1.");
}

Precision precisionOf(const Values &values) {
  const bool hasFirst = values.count("precision_mode") > 0;
  const bool hasSecond = values.count("precision_mode_v2") > 0;
  if (hasFirst && hasSecond) {
    throw CompilerError("E10047", "--precision_mode and --precision_mode_v2 exclude each other.");
  }
  if (!hasFirst && !hasSecond) return Precision::float16;
  const std::string flag = hasFirst ? "precision_mode" : "precision_mode_v2";
  const auto &modes = hasFirst ? precisionModes : precisionModesV2;
  const auto found = modes.find(values.at(flag));
  if (found == modes.end()) refuseValue(flag, values.at(flag), "it is none of the modes that the simulator has");
  return found->second;
}

/** The ini file of `--op_precision_mode`: the sections ByOpType and ByNodeName with `name=mode`. */
void checkOperatorPrecisions(const std::string &path) {
  static const std::set<std::string> modes = {"high_precision", "high_performance", "enable_float_32_execution",
                                              "enable_hi_float_32_execution", "support_out_of_bound_index"};
  std::ifstream file(path);
  if (!file) refuseValue("op_precision_mode", path, "the file cannot be read");
  bool hasSection = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      if (line != "[ByOpType]" && line != "[ByNodeName]") {
        refuseValue("op_precision_mode", path, "it has the section " + line);
      }
      hasSection = true;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!hasSection || equals == std::string::npos || equals == 0 || modes.count(line.substr(equals + 1)) == 0) {
      refuseValue("op_precision_mode", path, "the line '" + line + "' is not of the form name=mode");
    }
  }
}

void checkFixedFlags(const Values &values) {
  const std::string mode = valueOf(values, "mode", "0");
  if (mode != "0") refuseValue("mode", mode, "the simulator only compiles to offline models (0)");
  const std::string framework = required(values, "framework");
  if (framework != "5") refuseValue("framework", framework, "the simulator only knows ONNX (5)");
  static const std::set<std::string> levels = {"null", "debug", "info", "warning", "error"};
  const std::string level = valueOf(values, "log", "null");
  if (levels.count(level) == 0) throw CompilerError("E10010", "--log has no level '" + level + "'.");
  for (const char *flag : {"dynamic_image_size", "dynamic_dims", "input_shape_range"}) {
    if (values.count(flag) == 0) continue;
    if (values.count("dynamic_batch_size") > 0) {
      throw CompilerError("E10009", "--dynamic_batch_size and --" + std::string(flag) + " exclude each other.");
    }
    refuseValue(flag, values.at(flag), "the simulator only has dynamic batches");
  }
  for (const char *flag : {"insert_op_conf", "singleop", "out_nodes", "input_fp16_nodes", "output_type"}) {
    if (values.count(flag) > 0) refuseValue(flag, values.at(flag), "the simulator does not have this flag's effect");
  }
}

}  // namespace

CompilerFlags parseFlags(const std::vector<std::string> &words) {
  const Values values = splitWords(words);
  checkFixedFlags(values);
  CompilerFlags flags;
  flags.model = required(values, "model");
  flags.output = required(values, "output");
  if (flags.output.back() == '/') {
    throw CompilerError("E10022", "--output=" + flags.output + " names no file.");
  }
  flags.soc = required(values, "soc_version");
  if (knownSocs.count(flags.soc) == 0) refuseValue("soc_version", flags.soc, "there is no such SoC");
  flags.inputFormat = valueOf(values, "input_format", "NCHW");
  if (flags.inputFormat != "NCHW" && flags.inputFormat != "ND" && flags.inputFormat != "NCDHW") {
    refuseValue("input_format", flags.inputFormat, "for ONNX it is NCHW, ND or NCDHW");
  }
  flags.inputShape = valueOf(values, "input_shape");
  flags.dynamicBatchSize = valueOf(values, "dynamic_batch_size");
  flags.precision = precisionOf(values);
  if (values.count("op_precision_mode") > 0) checkOperatorPrecisions(values.at("op_precision_mode"));
  flags.hasExternalWeights = switchValue(values, "external_weight");
  return flags;
}

}  // namespace simulator
