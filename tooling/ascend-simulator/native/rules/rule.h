// Rules of AscendCL, each checked in a process of its own: one rule is violated, and the documented answer expected.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ascendcl.h"

namespace rules {

/** Adds a rule to those that the program checks, in the order of definition. */
struct Rule {
  Rule(const char *name, void (*check)());
};

/** The check fails: it ends with a message. */
[[noreturn]] void fail(const std::string &message);

void expectTrue(const char *what, bool isTrue);
void expectCode(const char *call, aclError actual, aclError expected);

/** Runs the body in a process that is meant to crash. */
void expectCrash(const std::function<void()> &body);

/** Sets `WEBSSL_SIMULATOR_<name>`; before `start`. */
void configure(const char *name, const std::string &value);

/** Initialises, and sets device 0. */
void start();

/** Path of a file that the caller of the program prepared: static.om (batch 4), gears.om (1, 4, 8), external.om (4). */
std::string prepared(const char *name);

/** What this process left in the folder of prepared files, where `COUNTERS` says so. */
std::string ownCounters();

/** Device memory of the current device. */
void *deviceMemory(std::size_t bytes);

/** A loaded model with device memory for everything it takes and gives; the inputs are zeros. */
struct LoadedModel {
  explicit LoadedModel(const char *name);

  std::uint32_t id = 0;
  aclmdlDesc *description;
  aclmdlDataset *input;
  aclmdlDataset *output;
  std::size_t inputs;
};

aclmdlDataset *datasetOf(const std::vector<aclDataBuffer *> &buffers);

}  // namespace rules

#define RULE_NAME_(prefix, line) prefix##line
#define RULE_NAME(prefix, line) RULE_NAME_(prefix, line)
/** RULE("what AscendCL does") { ... } */
#define RULE(name)                                                                      \
  static void RULE_NAME(check, __LINE__)();                                             \
  static const rules::Rule RULE_NAME(rule, __LINE__)(name, RULE_NAME(check, __LINE__)); \
  static void RULE_NAME(check, __LINE__)()

#define EXPECT_CODE(expected, call) rules::expectCode(#call, call, expected)
#define EXPECT_OK(call) rules::expectCode(#call, call, 0)
#define EXPECT(condition) rules::expectTrue(#condition, condition)
