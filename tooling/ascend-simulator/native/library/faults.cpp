#include "faults.h"

#include <csignal>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace simulator {

namespace {

struct Rule {
  std::string place;
  /** 0: every use. */
  unsigned long use;
  Fault fault;
};

struct Plan {
  std::mutex mutex;
  std::string text;
  std::vector<Rule> rules;
  std::map<std::string, unsigned long> uses;
};

Plan &plan() {
  static Plan &instance = *new Plan;
  return instance;
}

[[noreturn]] void refuse(const std::string &rule) {
  throw std::invalid_argument("The fault '" + rule + "' is not of the form place[#n]=action.");
}

unsigned long number(const std::string &text, const std::string &rule) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) refuse(rule);
  return std::stoul(text);
}

Fault parseAction(const std::string &action, const std::string &rule) {
  const std::string delay = "delay:";
  if (action == "hang") return {Fault::Kind::hang, 0, {}};
  if (action == "crash") return {Fault::Kind::crash, 0, {}};
  if (action.compare(0, delay.size(), delay) == 0) {
    return {Fault::Kind::delay, 0, std::chrono::milliseconds(number(action.substr(delay.size()), rule))};
  }
  return {Fault::Kind::code, static_cast<int>(number(action, rule)), {}};
}

Rule parseRule(const std::string &text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) refuse(text);
  const std::string place = text.substr(0, equals);
  const std::size_t hash = place.find('#');
  const std::string use = hash == std::string::npos ? "1" : place.substr(hash + 1);
  return {place.substr(0, hash), use == "*" ? 0 : number(use, text), parseAction(text.substr(equals + 1), text)};
}

}  // namespace

void planFaults(const std::string &text) {
  std::vector<Rule> rules;
  std::istringstream stream(text);
  for (std::string rule; std::getline(stream, rule, ';');) {
    if (!rule.empty()) rules.push_back(parseRule(rule));
  }
  const std::lock_guard lock(plan().mutex);
  if (plan().text == text) return;
  plan().text = text;
  plan().rules = std::move(rules);
  plan().uses.clear();
}

std::optional<Fault> nextFault(const std::string &place) {
  const std::lock_guard lock(plan().mutex);
  if (plan().rules.empty()) return std::nullopt;
  const unsigned long use = ++plan().uses[place];
  for (const Rule &rule : plan().rules) {
    if (rule.place == place && (rule.use == 0 || rule.use == use)) return rule.fault;
  }
  return std::nullopt;
}

void crash() {
  // A handler of the host must not turn this into anything else.
  std::signal(SIGSEGV, SIG_DFL);
  std::raise(SIGSEGV);
  std::abort();
}

}  // namespace simulator
