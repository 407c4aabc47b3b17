const pickle = /\.(bin|ckpt|dill|joblib|nemo|pickle|pkl|pt|pt2|pth)(\.(bz2|gz|tar|tgz|xz|zip))*$/i;

/**
 * Whether a file name is that of a format that runs code when it is read, also inside an archive. NumPy's own are not among
 * them: its reader refuses pickled arrays.
 */
export function isPickle(name: string): boolean {
  return pickle.test(name);
}
