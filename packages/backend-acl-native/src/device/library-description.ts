import type { AscendCl } from '../ascendcl/ascendcl.js';
import { cannPackage, codes, packageVersionBytes, versionBytes } from '../ascendcl/enumerations.js';
import type { Out } from '../ascendcl/functions.js';
import { readText } from '../ascendcl/structures.js';

/** What the library says of itself and of the devices that it drives. */
export interface LibraryDescription {
  /** Such as `AscendCL 1.16.0, CANN 8.5.0`. */
  readonly library: string;
  readonly cannVersion: string | undefined;
  /** The SoC as compilers name it, such as `Ascend910B4`. */
  readonly soc: string;
  /** The SoC for people: says so where it is a simulated one. */
  readonly name: string;
  readonly isSimulator: boolean;
}

/** Asks the library; AscendCL must be initialised. */
export function describeLibrary(acl: AscendCl): LibraryDescription {
  const version: [Out<number>, Out<number>, Out<number>] = [[0], [0], [0]];
  acl.call('aclrtGetVersion', ...version);
  const cannVersion = readCannVersion(acl);
  const soc = acl.plain.aclrtGetSocName() ?? 'unknown Ascend NPU';
  const isSimulator = acl.plain.webssl_ascend_simulator_version !== undefined;
  return {
    library: `AscendCL ${version.flat().join('.')}${cannVersion === undefined ? '' : `, CANN ${cannVersion}`}`,
    cannVersion,
    soc,
    name: isSimulator ? `${soc} (simulator)` : soc,
    isSimulator,
  };
}

/** The version of CANN by whichever of the two functions the library has; undefined where neither tells. */
function readCannVersion(acl: AscendCl): string | undefined {
  const ways = [
    [
      'aclsysGetVersionStr',
      (text: Uint8Array) => acl.attempt('aclsysGetVersionStr', 'cann', text),
      versionBytes,
    ],
    [
      'aclsysGetVersionStr',
      (text: Uint8Array) => acl.attempt('aclsysGetVersionStr', 'runtime', text),
      versionBytes,
    ],
    [
      'aclsysGetCANNVersion',
      (text: Uint8Array) => acl.attempt('aclsysGetCANNVersion', cannPackage, text),
      packageVersionBytes,
    ],
  ] as const;
  for (const [name, ask, bytes] of ways) {
    if (!acl.has(name)) continue;
    let code: number = codes.success;
    const text = readText(bytes, (buffer) => {
      code = ask(buffer);
    });
    if (code === codes.success && text !== '') return text;
  }
  return undefined;
}
