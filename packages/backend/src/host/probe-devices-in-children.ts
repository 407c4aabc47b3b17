import type { DeviceProblem, DeviceReport, DeviceSummary } from '../contract.js';
import { type ProbeOptions, probeInChild } from './probe-in-child.js';

type UsableReport = Extract<DeviceReport, { usable: true }>;

/** The devices that a probe uses, so that a bad one can hang or crash it: all of them, none, or the one of an index. */
export type TouchedDevices = 'all' | 'none' | number;

/** How a backend is probed whose devices can be bad. */
export interface DeviceProbeOptions extends Omit<ProbeOptions, 'setup'> {
  /** What the served `probe` gets, which lists all devices and touches these. */
  readonly setup: (touched: TouchedDevices) => unknown;
}

const defaultDeadline = 30_000;

/** Shares of the deadline: a child for all devices; where that is lost, one that lists them, then one for each at a time. */
const shares = { together: 0.4, listing: 0.2, apart: 0.4 };

/**
 * Asks a backend for its devices in child processes, so that a bad one takes no other along. Where no device can be used the report
 * says so with the reason of each. Never throws, as `probeInChild`, and takes no longer.
 */
export async function probeDevicesInChildren(options: DeviceProbeOptions): Promise<DeviceReport> {
  const { setup, deadlineMilliseconds = defaultDeadline, ...rest } = options;
  const ask = (touched: TouchedDevices, share: number) =>
    probeInChild({
      ...rest,
      setup: setup(touched),
      deadlineMilliseconds: Math.ceil(deadlineMilliseconds * share),
    });
  const together = await ask('all', shares.together);
  if (together.usable) return verdict(together);
  if (together.code !== 'BACKEND_LOST') return together;
  const listed = await ask('none', shares.listing);
  if (!listed.usable) return together;
  const devices = listed.devices.map(async (device) =>
    summaryOf(device, await ask(device.index, shares.apart)),
  );
  return verdict({ ...listed, devices: await Promise.all(devices) });
}

/** What a child of its own found out about one device. */
function summaryOf(listed: DeviceSummary, report: DeviceReport): DeviceSummary {
  if (report.usable) return report.devices.find(({ index }) => index === listed.index) ?? listed;
  const { code, reason, advice } = report;
  return { ...listed, unusable: { ...(code !== undefined && { code }), reason, advice } };
}

/** A library without a device to use is not usable. */
function verdict(report: UsableReport): DeviceReport {
  const problems = report.devices.flatMap(({ index, unusable }) =>
    unusable === undefined ? [] : [{ index, ...unusable }],
  );
  const [first] = problems;
  if (first === undefined || problems.length < report.devices.length) return report;
  return {
    ...report,
    usable: false,
    ...(first.code !== undefined && { code: first.code }),
    reason: `No device can be used. ${reasonsOf(problems)}`,
    advice: [...new Set(problems.map(({ advice }) => advice))].join(' '),
  };
}

/** Devices that have the same reason share it. */
function reasonsOf(problems: readonly (DeviceProblem & { readonly index: number })[]): string {
  const reasons = [...new Set(problems.map(({ reason }) => reason))];
  return reasons
    .map((reason) => {
      const indices = problems.filter((problem) => problem.reason === reason).map(({ index }) => index);
      return `Device ${indices.join(', ')}: ${reason}${/[.!?]$/.test(reason) ? '' : '.'}`;
    })
    .join(' ');
}
