// What the program does with the rules.
#pragma once

#include <string>
#include <vector>

namespace rules {

struct RegisteredRule {
  const char *name;
  void (*check)();
};

std::vector<RegisteredRule> &registeredRules();

void usePrepared(const std::string &folder);

/** Empty when the rule holds. */
std::string checkInChild(const RegisteredRule &rule);

}  // namespace rules
