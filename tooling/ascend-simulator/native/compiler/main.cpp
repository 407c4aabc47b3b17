// `atc` of the simulator: an ONNX model becomes a simulated offline model.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "compiler-error.h"
#include "environment.h"
#include "flags.h"
#include "offline-model.h"
#include "onnx-model.h"
#include "operators.h"
#include "shapes.h"
#include "weights.h"

namespace {

namespace fs = std::filesystem;
using namespace simulator;

std::string readFile(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw CompilerError("E10041", "The model " + path.string() + " cannot be read.");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/** External data is looked for beside the file that a symbolic link leads to. */
fs::path realPath(const std::string &path) {
  std::error_code failure;
  const fs::path real = fs::canonical(path, failure);
  if (failure) throw CompilerError("E10041", "The model " + path + " cannot be read: " + failure.message() + ".");
  return real;
}

OnnxModel parse(const std::string &bytes, const fs::path &path) {
  try {
    return parseOnnxModel(bytes);
  } catch (const std::runtime_error &failure) {
    throw CompilerError("E10041", path.string() + " is no ONNX model: " + failure.what() + ".");
  }
}

const char *precisionName(Precision precision) {
  switch (precision) {
    case Precision::float16: return "fp16";
    case Precision::mixedFloat16: return "mixed_float16";
    case Precision::origin: break;
  }
  return "origin";
}

/** Faults that tests ask for: see `compilerFault` in src/simulator.ts. */
void writeOfflineModel(const std::string &path, const std::string &bytes, const std::string &fault) {
  const bool isHalf = fault == "half-output" || fault == "truncated";
  std::ofstream file(path, std::ios::binary);
  const std::size_t written = isHalf ? bytes.size() / 2 : bytes.size();
  if (!file.write(bytes.data(), static_cast<std::streamsize>(written)).flush()) {
    throw CompilerError("E19999", "The file " + path + " cannot be written.");
  }
  if (fault == "half-output") std::raise(SIGKILL);
}

void compile(const std::vector<std::string> &words) {
  const CompilerFlags flags = parseFlags(words);
  const std::string fault = environmentValue("COMPILER_FAULT");
  if (fault == "fail") throw CompilerError("E19999", "A failure that the test asked for.");
  const fs::path modelFile = realPath(flags.model);
  const std::string bytes = readFile(modelFile);
  const OnnxModel source = parse(bytes, modelFile);
  checkOperators(source);
  OfflineModel target;
  target.soc = flags.soc;
  target.precision = precisionName(flags.precision);
  planShapes(flags, source, target);
  const fs::path output = flags.output + ".om";
  WeightRules rules;
  rules.precision = flags.precision;
  rules.wrongWeights = environmentValue("WRONG_WEIGHTS");
  if (output.has_parent_path()) fs::create_directories(output.parent_path());
  if (flags.hasExternalWeights) rules.folder = output.parent_path() / "weight";
  packWeights(source, modelFile, rules, target);
  while (fault == "hang") pause();
  writeOfflineModel(output, serializeOfflineModel(target, output.stem()), fault);
}

}  // namespace

int main(int count, char **words) {
  std::cout << "ATC start working now, please wait for a moment." << std::endl;
  try {
    compile({words + 1, words + count});
  } catch (const CompilerError &refusal) {
    std::cout << "ATC run failed, Please check the detail log, Try 'atc --help' for more information\n"
              << refusal.code << ": [PID: " << getpid() << "] " << refusal.what() << std::endl;
    return 1;
  } catch (const std::exception &failure) {
    std::cout << "ATC run failed, Please check the detail log, Try 'atc --help' for more information\n"
              << "E19999: [PID: " << getpid() << "] " << failure.what() << std::endl;
    return 1;
  }
  std::cout << "...\nATC run success, welcome to the next use." << std::endl;
  return 0;
}
