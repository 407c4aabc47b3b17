import koffi from 'koffi';

/** The library of AscendCL, then the one that newer versions of CANN have it in. */
const libraries = ['libascendcl.so', 'libacl_rt.so'];

/** The system on chip that CANN sees, such as `Ascend910B4`; undefined where it does not say. */
export function socName(): string | undefined {
  for (const library of libraries) {
    try {
      const name: unknown = koffi.load(library).func('aclrtGetSocName', 'str', [])();
      if (typeof name === 'string' && name !== '') return name;
    } catch {
      // Not on the loader's search path, or without the function: the next one.
    }
  }
  return undefined;
}
