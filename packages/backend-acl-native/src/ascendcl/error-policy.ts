/**
 * What is to be done about an error of AscendCL.
 *
 * - `shed`: the device has no memory left. The session stays usable; ask for less at once.
 * - `renew`: the device, its driver or one execution failed. The session is lost; one retry on a fresh one makes sense.
 * - `give-up`: the hardware is defective. The session is lost, and a fresh one on the same device would be too.
 * - `refuse`: a mistake of the caller, of this package or of the installation. The same call would fail again.
 */
export type ErrorPolicy = 'shed' | 'renew' | 'give-up' | 'refuse';

/** What an error of AscendCL is about, where that decides its code. */
type ErrorSubject = 'model' | 'library';

/** One error code of AscendCL. */
export interface ErrorMeaning {
  /** As CANN names it, without the prefix `ACL_ERROR_`. */
  readonly name: string;
  readonly meaning: string;
  readonly policy: ErrorPolicy;
  readonly advice: string;
  readonly subject?: ErrorSubject;
  /** What differs once a model runs, for codes that stand for many things. */
  readonly running?: Pick<ErrorMeaning, 'policy' | 'advice'>;
}

/** A row of the tables: code, name, meaning, and what differs from the table's own policy, advice and subject. */
export type ErrorRow = readonly [
  code: number,
  name: string,
  meaning: string,
  own?: Partial<Pick<ErrorMeaning, 'policy' | 'advice' | 'subject' | 'running'>>,
];

/** Advice that many errors share. */
export const advice = {
  ourMistake: 'This should not happen: please report it with the whole message.',
  model: 'Compile the model again, with the CANN of this machine and for its SoC (`webssl export om`).',
  memory:
    'Use smaller batches or fewer outputs, or close other programs on the device (`npu-smi info` lists them).',
  fresh: 'Open a new session. If it happens again, look into the device log (`npu-smi info`, ~/ascend/log).',
  hardware: 'Take the device out of service and have it examined (`npu-smi info -t health`, ~/ascend/log).',
  installation: 'Check the installation of CANN and the driver, and that set_env.sh of CANN was sourced.',
  resources: 'Close other programs and sessions on the device (`npu-smi info` lists them).',
} as const;

/** A table of rows that share a policy and an advice unless they say otherwise. */
export function errorTable(
  shared: Pick<ErrorMeaning, 'policy' | 'advice' | 'subject'>,
  rows: readonly ErrorRow[],
): readonly (readonly [code: number, meaning: ErrorMeaning])[] {
  return rows.map(([code, name, meaning, own]) => [code, { name, meaning, ...shared, ...own }]);
}
