#include "runtime-table.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace simulator::runtime {

const ApiBase &stockBase() {
  static const ApiBase *const base = [] {
    void *library = dlopen(STOCK_ONNXRUNTIME, RTLD_NOW | RTLD_LOCAL);
    auto *getBase = library == nullptr ? nullptr
                                       : reinterpret_cast<const ApiBase *(*)()>(dlsym(library, "OrtGetApiBase"));
    if (getBase == nullptr) {
      std::fprintf(stderr, "The stand-in cannot load %s: %s\n", STOCK_ONNXRUNTIME, dlerror());
      std::abort();
    }
    return getBase();
  }();
  return *base;
}

const void *const *stockTable() {
  static const void *const *const table = stockBase().getApi(tableVersion);
  return table;
}

Status makeStatus(Code code, const std::string &message) {
  return stock<Status (*)(int, const char *)>(createStatus)(code, message.c_str());
}

}  // namespace simulator::runtime
