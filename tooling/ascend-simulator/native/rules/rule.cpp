#include "rule.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "program.h"

namespace rules {

namespace {

std::string preparedFolder;

/** Longer than any rule takes; a hang must not hold up the program. */
constexpr unsigned secondsForOneRule = 20;

int waitFor(pid_t process) {
  int status = 0;
  waitpid(process, &status, 0);
  return status;
}

std::string outcome(int status) {
  if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : "failed";
}

}  // namespace

std::vector<RegisteredRule> &registeredRules() {
  static std::vector<RegisteredRule> all;
  return all;
}

Rule::Rule(const char *name, void (*check)()) { registeredRules().push_back({name, check}); }

void usePrepared(const std::string &folder) { preparedFolder = folder; }

std::string checkInChild(const RegisteredRule &rule) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(secondsForOneRule);
    rule.check();
    std::fflush(nullptr);
    _exit(0);
  }
  return outcome(waitFor(child));
}

void fail(const std::string &message) {
  std::printf("# %s\n", message.c_str());
  std::fflush(nullptr);
  _exit(1);
}

void expectTrue(const char *what, bool isTrue) {
  if (!isTrue) fail(std::string("not true: ") + what);
}

void expectCode(const char *call, aclError actual, aclError expected) {
  if (actual == expected) return;
  const char *message = aclGetRecentErrMsg();
  fail(std::string(call) + " answered " + std::to_string(actual) + " instead of " + std::to_string(expected) +
       (message == nullptr ? "" : std::string(": ") + message));
}

void expectCrash(const std::function<void()> &body) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit noCoreFile = {0, 0};
    setrlimit(RLIMIT_CORE, &noCoreFile);
    body();
    _exit(0);
  }
  const int status = waitFor(child);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV) fail("there was no segmentation fault");
}

void configure(const char *name, const std::string &value) {
  setenv((std::string("WEBSSL_SIMULATOR_") + name).c_str(), value.c_str(), 1);
}

void start() {
  EXPECT_OK(aclInit(nullptr));
  EXPECT_OK(aclrtSetDevice(0));
}

std::string prepared(const char *name) { return preparedFolder + "/" + name; }

std::string ownCounters() {
  std::ifstream file(prepared((std::to_string(getpid()) + ".txt").c_str()));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void *deviceMemory(std::size_t bytes) {
  void *address = nullptr;
  EXPECT_OK(aclrtMalloc(&address, bytes, 0));
  return address;
}

LoadedModel::LoadedModel(const char *name)
    : description(aclmdlCreateDesc()), input(aclmdlCreateDataset()), output(aclmdlCreateDataset()) {
  EXPECT_OK(aclmdlLoadFromFile(prepared(name).c_str(), &id));
  EXPECT_OK(aclmdlGetDesc(description, id));
  inputs = aclmdlGetNumInputs(description);
  for (std::size_t index = 0; index < inputs; ++index) {
    const std::size_t size = aclmdlGetInputSizeByIndex(description, index);
    void *address = deviceMemory(size);
    EXPECT_OK(aclrtMemset(address, size, 0, size));
    EXPECT_OK(aclmdlAddDatasetBuffer(input, aclCreateDataBuffer(address, size)));
  }
  for (std::size_t index = 0; index < aclmdlGetNumOutputs(description); ++index) {
    const std::size_t size = aclmdlGetOutputSizeByIndex(description, index);
    EXPECT_OK(aclmdlAddDatasetBuffer(output, aclCreateDataBuffer(deviceMemory(size), size)));
  }
}

aclmdlDataset *datasetOf(const std::vector<aclDataBuffer *> &buffers) {
  aclmdlDataset *dataset = aclmdlCreateDataset();
  for (aclDataBuffer *buffer : buffers) EXPECT_OK(aclmdlAddDatasetBuffer(dataset, buffer));
  return dataset;
}

}  // namespace rules
