// Handles of the C interface. A handle is an address that nobody may touch and that is never used again, so that one
// that was destroyed, or one of another kind, is always noticed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace simulator {

/** An address for a new handle. */
void *newHandle();

template <typename Thing>
class HandleTable {
 public:
  void *add(std::shared_ptr<Thing> thing) {
    void *handle = newHandle();
    const std::lock_guard lock(mutex);
    things.emplace(handle, std::move(thing));
    return handle;
  }

  /** Empty where the handle is not one of a living thing of this kind. */
  std::shared_ptr<Thing> find(const void *handle) const {
    const std::lock_guard lock(mutex);
    const auto found = things.find(handle);
    return found == things.end() ? nullptr : found->second;
  }

  /** What the handle stood for; empty where it stood for nothing. */
  std::shared_ptr<Thing> remove(const void *handle) {
    const std::lock_guard lock(mutex);
    const auto found = things.find(handle);
    if (found == things.end()) return nullptr;
    std::shared_ptr<Thing> thing = std::move(found->second);
    things.erase(found);
    return thing;
  }

  std::map<const void *, std::shared_ptr<Thing>> all() const {
    const std::lock_guard lock(mutex);
    return things;
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex);
    return things.size();
  }

 private:
  mutable std::mutex mutex;
  std::map<const void *, std::shared_ptr<Thing>> things;
};

}  // namespace simulator
