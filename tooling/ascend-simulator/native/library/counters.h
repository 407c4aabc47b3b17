// What the process holds and did.
#pragma once

namespace simulator {

/** Writes `<process id>.txt` into the folder of the settings; does nothing where there is none. */
void writeCounters();

/** From now on `writeCounters` is also called when the process exits by itself. */
void writeCountersAtExit();

}  // namespace simulator
