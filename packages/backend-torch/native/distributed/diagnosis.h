#pragma once
// Who is to blame for a collective that failed.
#include "distributed/heartbeat.h"
#include "distributed/store.h"

namespace awp {

struct Failure {
  int rank;
  int size;
  // 0 and no name where the ranks are still connecting.
  int64_t number;
  std::string collective;
  // What the transport says.
  std::string reason;
};

// Looks at the others' heartbeats for three seconds or so; the first rank to know tells all, so that all say the same.
// `store` is where the group's keys are.
Verdict diagnosis(const StorePlace& store, const Failure& failure);

// Whether such a look finds somebody to blame where nothing has failed yet, and it only takes long. Tells nobody.
bool trouble(const StorePlace& store, const Failure& failure);

// Waits, a few seconds at most, until every rank that is not to blame knows the verdict: the process that keeps the
// store must not end before.
void wait_until_all_know(const StorePlace& store, const Failure& failure, const Verdict& verdict);

}  // namespace awp
