/**
 * The lines of an .npmrc for a registry that lets everybody publish: npm wants to see a token all the same.
 *
 * @param registry its address, with a `/` at the end
 */
export function npmSettings(registry: string): string {
  const { host, pathname } = new URL(registry);
  return `registry=${registry}\n//${host}${pathname}:_authToken=nobody\n`;
}
