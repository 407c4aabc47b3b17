// rules-test <folder with prepared offline models>: prints one line a rule, and fails when one does not hold.
#include <cstdio>

#include "program.h"

int main(int count, char **words) {
  if (count != 2) {
    std::fprintf(stderr, "Use: rules-test <folder with static.om, gears.om and external.om>\n");
    return 2;
  }
  rules::usePrepared(words[1]);
  int broken = 0;
  for (const rules::RegisteredRule &rule : rules::registeredRules()) {
    const std::string problem = rules::checkInChild(rule);
    std::printf("%s %s%s%s\n", problem.empty() ? "ok" : "BROKEN", rule.name, problem.empty() ? "" : ": ",
                problem.c_str());
    broken += problem.empty() ? 0 : 1;
  }
  return broken == 0 ? 0 : 1;
}
